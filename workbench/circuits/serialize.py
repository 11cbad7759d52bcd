"""A circuit as plain dicts and lists, and back: what a stored run keeps of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from . import description as notes
from .elements import Circuit, Edge, Node
from .rules import Evidence, Param, Pathway, Rule


def to_plain(circuit: Circuit) -> dict[str, Any]:
    """Dicts, lists, numbers and text. The term is left out: it is derived anew from a model."""
    plain = dataclasses.asdict(dataclasses.replace(circuit, term=None))
    del plain["term"]
    return plain


def from_plain(plain: Mapping[str, Any]) -> Circuit:
    """The other way.

    raises : TypeError or KeyError when something is missing or unknown
    """
    rest = {k: v for k, v in plain.items() if k not in ("nodes", "edges", "positions", "notes")}
    return Circuit(
        nodes=tuple(Node(**_tuples(n)) for n in plain["nodes"]),
        edges=tuple(_edge(e) for e in plain["edges"]),
        positions=_tuple(plain.get("positions", ())),
        notes=notes.from_plain(plain.get("notes")),
        **rest,
    )


def _edge(plain: Mapping[str, Any]) -> Edge:
    given = _tuples(plain)
    if "delay_ms" in given:  # stored before rules and delays were objects
        low, high = given.pop("delay_ms") or (None, None)
        given["delay"] = _delay(low, high)
        given.pop("evidence", None)
        given["rule"] = None
    for name, kind in (("delay", Param), ("weight", Param)):
        if isinstance(given.get(name), dict):
            given[name] = kind(**given[name])
    given["pathways"] = tuple(_pathway(p) for p in given.get("pathways", ()))
    if isinstance(given.get("rule"), dict):
        rule = dict(given["rule"])
        if rule.get("evidence") is not None:
            rule["evidence"] = Evidence(**rule["evidence"])
        given["rule"] = Rule(**rule)
    return Edge(**given)


def _pathway(plain: Mapping[str, Any]) -> Pathway:
    delay = plain.get("delay")
    return Pathway(
        **{
            **plain,
            "delay": Param(**delay) if isinstance(delay, Mapping) else delay,
            "adds": tuple((name, Param(**p)) for name, p in plain.get("adds", ())),
        }
    )


def _delay(low: float | None, high: float | None) -> Param | None:
    if low is None or high is None:
        return None
    form: Any = "constant" if low == high else "distributed"
    return Param(form, (low + high) / 2, "ms", low=low, high=high, variable="delay")


def _tuples(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _tuple(v) if isinstance(v, list | tuple) else v for k, v in plain.items()}


def _tuple(value: Any) -> Any:
    return tuple(_tuple(v) for v in value) if isinstance(value, list | tuple) else value
