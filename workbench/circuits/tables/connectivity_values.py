"""The numbers behind a connectivity pattern table, from the synapses that exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..elements import Circuit, Edge, Node


@dataclass(frozen=True)
class TableEntry:
    """One projection's value of one measure."""

    edge: Edge
    value: float
    unit: str


@dataclass(frozen=True)
class Panel:
    """One measure for every pair of populations that a projection joins.

    cells  : (source, target) -> the projections between them
    scales : unit -> largest magnitude in it; values of different units cannot be compared
    """

    key: str
    title: str
    cells: dict[tuple[str, str], tuple[TableEntry, ...]]
    scales: dict[str, float]

    def largest(self, edge: Edge) -> float:
        """The value that the darkest shade stands for, in the unit of this projection."""
        entries = self.cells[edge.source, edge.target]
        unit = next(entry.unit for entry in entries if entry.edge.name == edge.name)
        return self.scales[unit]


def panels_of(circuit: Circuit) -> list[Panel]:
    """Probability, weight and in-degree, each a mean; a measure that no projection has is left out.

    p : synapses over pairs of neurons; more than 1 where pairs are joined more than once
    w : mean weight, in the unit of the model
    K : synapses that a target neuron receives, on average
    """
    nodes = {n.name: n for n in circuit.nodes}
    measures: tuple[
        tuple[str, str, Callable[[Edge, Node, Node], tuple[float, str] | None]], ...
    ] = (
        ("p", "probability p", _probability),
        ("w", "weight w", _weight),
        ("K", "in-degree K", _in_degree),
    )
    found = []
    for key, title, measure in measures:
        cells: dict[tuple[str, str], tuple[TableEntry, ...]] = {}
        for e in circuit.edges:
            if e.kind == "recording" or not {e.source, e.target} <= nodes.keys():
                continue
            got = measure(e, nodes[e.source], nodes[e.target])
            if got is not None:
                entry = TableEntry(e, *got)
                cells[e.source, e.target] = (*cells.get((e.source, e.target), ()), entry)
        if cells:
            found.append(_panel(key, title, _zeros_in(cells)))
    return found


def _zeros_in(
    cells: dict[tuple[str, str], tuple[TableEntry, ...]],
) -> dict[tuple[str, str], tuple[TableEntry, ...]]:
    """Nothing is nothing in any unit: a weight still to be learned takes that of the others."""
    units = [e.unit for entries in cells.values() for e in entries if e.value]
    if not units:
        return cells
    usual = max(units, key=units.count)
    return {
        key: tuple(e if e.value else replace(e, unit=usual) for e in entries)
        for key, entries in cells.items()
    }


def _panel(key: str, title: str, cells: dict[tuple[str, str], tuple[TableEntry, ...]]) -> Panel:
    scales: dict[str, float] = {}
    for entries in cells.values():
        for entry in entries:
            scales[entry.unit] = max(scales.get(entry.unit, 0.0), abs(entry.value))
    units = [u for u in scales if u]
    return Panel(key, f"{title} ({units[0]})" if len(units) == len(scales) == 1 else title,
                 cells, scales)  # fmt: skip


def _probability(e: Edge, source: Node, target: Node) -> tuple[float, str] | None:
    if source.name == e.projection:  # private sources of every neuron: there are no pairs
        return None
    pairs = source.size * target.size
    return (e.n_synapses / pairs, "") if pairs and e.n_synapses else None


def _in_degree(e: Edge, _source: Node, target: Node) -> tuple[float, str] | None:
    return (e.n_synapses / target.size, "") if target.size and e.n_synapses else None


def _weight(e: Edge, _source: Node, _target: Node) -> tuple[float, str] | None:
    if e.weight is None or e.weight.value is None:
        return None
    return e.weight.value, "" if e.weight.unit == "1" else e.weight.unit
