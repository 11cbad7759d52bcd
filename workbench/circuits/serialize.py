"""Convert a circuit to plain dicts and lists, as saved with a run, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from . import description as notes
from .elements import Circuit, Edge, Node
from .rules import Evidence, Param, Pathway, Rule


def to_plain(circuit: Circuit) -> dict[str, Any]:
    """Convert to dicts, lists, numbers and text, without the term, which a model derives anew."""
    plain = dataclasses.asdict(dataclasses.replace(circuit, term=None))
    del plain["term"]
    return plain


def from_plain(plain: Mapping[str, Any]) -> Circuit:
    """Convert the output of `to_plain` to a circuit.

    raises : TypeError or KeyError for missing or unknown fields
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
    if "delay_ms" in given:  # format of runs saved before rules and delays were objects
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
