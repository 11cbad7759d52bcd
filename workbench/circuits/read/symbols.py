"""Assign model symbols to the sizes, weights, delays and probabilities of a circuit."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..elements import Circuit, Edge, Node
from ..rules import Param, Rule

if TYPE_CHECKING:
    from ...model.model import Model

_COUNTS = ("N_syn", "K_in", "K_out")


def named(circuit: Circuit, model: Model) -> Circuit:
    """Return the circuit with the model's labels, and the symbols of parameters that set numbers.

    A parameter is used if its name is that of the variable, or if it is the only one with a
    matching value; several parameters of the same value are ambiguous and not used.
    """
    book = _Book(model)
    return replace(
        circuit,
        nodes=tuple(
            replace(_node(n, book), label=model.labels.get(n.name, n.label)) for n in circuit.nodes
        ),
        edges=tuple(_edge(e, book) for e in circuit.edges),
    )


class _Book:
    """Lookup of model parameters by name or by value."""

    def __init__(self, model: Model):
        self._known = [
            (name, q.symbol or name, q.unit, float(getattr(model, name)), bool(q.integer))
            for name, q in model.parameters().items()
        ]

    def by_name(self, name: str) -> str:
        return next((s for n, s, *_ in self._known if n == name), "")

    def count(self, value: float) -> str:
        return self._only(s for _, s, _, v, whole in self._known if whole and v == value)

    def parameter(self, value: float, unit: str, letters: str) -> str:
        """Symbol by value; ``letters``: initials allowed, to exclude time constants as delays."""
        return self._only(
            s for n, s, u, v, whole in self._known
            if u == unit and not whole and n[0] in letters
            and math.isclose(v, value, rel_tol=1e-9, abs_tol=0.0)
        )  # fmt: skip

    @staticmethod
    def _only(found: Any) -> str:
        found = list(found)
        return found[0] if len(found) == 1 else ""


def _node(n: Node, book: _Book) -> Node:
    return replace(n, symbol=book.count(n.size)) if n.size > 1 and n.kind != "recorder" else n


def _edge(e: Edge, book: _Book) -> Edge:
    return replace(
        e,
        rule=_rule(e.rule, book),
        weight=_param(e.weight, book, "wJgjk"),
        delay=_param(e.delay, book, "dD"),
    )


def _rule(rule: Rule | None, book: _Book) -> Rule | None:
    if rule is None or rule.value is None:
        return rule
    if rule.name:
        return replace(rule, name=book.by_name(rule.name) or rule.name)
    if rule.source == "inferred" and rule.symbol == "p":  # an estimate matches no parameter
        return rule
    found = (
        book.count(rule.value) if rule.symbol in _COUNTS else book.parameter(rule.value, "1", "pc")
    )
    return replace(rule, name=found)


def _param(p: Param | None, book: _Book, letters: str) -> Param | None:
    if p is None:
        return None
    found = book.by_name(p.variable) if p.variable not in ("", "w", "delay") else ""
    if not found and p.form == "constant" and p.value and p.unit:  # 1 without a unit is ambiguous
        found = book.parameter(p.value, p.unit, letters)
    return replace(p, name=found or p.name, factor=book.by_name(p.factor) or p.factor)
