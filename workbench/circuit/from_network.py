"""A Brian2 network read as a circuit. Runs where Brian2 is; what it returns needs no Brian2."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from .effect import Sign, input_sign, is_plastic, projection_sign, weight_variable
from .form import Circuit, Edge, Node
from .infer import infer
from .rule import Param, Rule
from .values import whole

__all__ = ["from_network", "is_plastic", "projection_sign", "weight_variable"]

MAX_PIECES = 8  # more pieces of one group than this are wiring, not populations


def from_network(
    net: Any,
    title: str = "",
    namespace: dict[str, Any] | None = None,
    order: Sequence[str] = (),
) -> Circuit:
    """The circuit of a network: its populations, inputs and projections.

    A group that is used in pieces (``P[:3200]``) is drawn in these pieces.

    namespace : values of names that the network leaves to ``run(namespace=...)``
    order     : populations in the order wanted; those not named follow by name
    returns   : Circuit, plain data, picklable
    """
    import brian2
    from brian2.core.spikesource import SpikeSource

    objects = sorted(net.objects, key=lambda o: o.name)
    synapses = [o for o in objects if isinstance(o, brian2.Synapses)]
    inputs = [o for o in objects if isinstance(o, brian2.PoissonInput)]
    groups = {
        o.name: o
        for o in objects
        if isinstance(o, SpikeSource) and not isinstance(o, brian2.Subgroup)
    }
    for s in synapses:  # a network may hold the synapses and still miss nothing it needs
        for end in (s.source, s.target):
            if isinstance(whole(end), SpikeSource):
                groups.setdefault(whole(end).name, whole(end))
    ends = [end for s in synapses for end in (s.source, s.target)]
    ends += [p._group for p in inputs]
    pieces = {name: _pieces(group, ends) for name, group in groups.items()}

    edges: list[Edge] = []
    for s in synapses:
        edges += _edges(s, pieces, namespace)
    nodes = []
    for name, group in groups.items():
        fed = any(whole(s.target) is group or _same(whole(s.target), group) for s in synapses)
        for piece in pieces[name]:
            nodes.append(_node(group, piece, fed, edges))
    for k, p in enumerate(inputs):
        node, more = _poisson_input(p, k, pieces, namespace)
        nodes.append(node)
        edges += more
    place = {name: k for k, name in enumerate(order)}
    nodes.sort(key=lambda n: place.get(n.name, len(place)))
    return Circuit(nodes=tuple(nodes), edges=_distinct(edges), title=title)


def _distinct(edges: list[Edge]) -> tuple[Edge, ...]:
    """The edges, each under a name of its own."""
    taken: set[str] = set()
    found = []
    for e in edges:
        name = e.name if e.name not in taken else f"{e.projection}_{e.name}"
        taken.add(name)
        found.append(replace(e, name=name))
    return tuple(found)


def _pieces(group: Any, ends: list[Any]) -> list[tuple[str, int, int]]:
    """``(name, start, stop)`` of the parts in which a group is used; one part if it is whole."""
    undivided = [(group.name, 0, int(group.N))]
    names: dict[tuple[int, int], str] = {}
    for end in ends:
        if hasattr(end, "start") and _same(whole(end), group):
            given = "" if re.search(r"_subgroup(_\d+)?$", end.name) else end.name
            names[(end.start, end.stop)] = given or names.get((end.start, end.stop), "")
    cuts = sorted({0, int(group.N), *(c for span in names for c in span)})
    spans = list(pairwise(cuts))
    if len(spans) == 1 or len(spans) > MAX_PIECES:
        return undivided
    return [(names.get(s) or _slice(group.name, s, group.N), *s) for s in spans]


def _slice(name: str, span: tuple[int, int], size: int) -> str:
    start, stop = span
    return f"{name}[{start or ''}:{'' if stop == size else stop}]"


def _edges(s: Any, pieces: dict[str, Any], namespace: dict[str, Any] | None) -> list[Edge]:
    """One edge for each pair of nodes that the synapses join."""
    target = s.target
    while hasattr(target, "_pathways"):  # synapses onto synapses: drawn to where those lead
        target = target.target
    onto_synapses = target is not s.target
    sources = _spans(s.source, pieces)
    targets = _spans(target, pieces)
    if not sources or not targets:
        return []
    if not len(s):
        return []
    i = np.asarray(s.variables["_synaptic_pre"].get_value())
    j = np.asarray(s.variables["_synaptic_post"].get_value())
    single = len(sources) == 1 and (len(targets) == 1 or onto_synapses)
    plastic = is_plastic(s)
    found = []
    for source_name, a, b in sources:
        for target_name, c, d in targets[:1] if onto_synapses else targets:
            mine = None
            if not single:
                mine = np.flatnonzero((i >= a) & (i < b) & (j >= c) & (j < d))
                if not mine.size:
                    continue
            ii, jj = (i, j) if mine is None else (i[mine], j[mine])
            same = source_name == target_name
            found.append(
                Edge(
                    name=s.name,
                    source=source_name,
                    target=target_name,
                    sign=projection_sign(s, namespace, mine),
                    plastic=plastic,
                    n_synapses=len(ii),
                    delay=_delay(s, mine),
                    rule=None if onto_synapses else infer(ii - a, jj - c, b - a, d - c, same),
                    projection=s.name,
                )
            )
    if len(sources) * len(targets) > 1 and not onto_synapses:  # as the engine names projections
        found = [replace(e, name=f"{e.source}_to_{e.target}") for e in found]
    return found


def _node(group: Any, piece: tuple[str, int, int], fed: bool, edges: list[Edge]) -> Node:
    name, start, stop = piece
    equations = getattr(group, "equations", None)
    driven = equations is not None and len(equations.diff_eq_names) > 0
    return Node(
        name=name,
        label=name.replace("_", " "),
        size=stop - start,
        kind="population" if driven or (fed and equations is not None) else "input",
        sign=_node_sign({e.sign for e in edges if e.source == name}),
        equations=_equations(group),
        group=group.name,
        start=start,
    )


def _poisson_input(
    p: Any, k: int, pieces: dict[str, Any], namespace: dict[str, Any] | None
) -> tuple[Node, list[Edge]]:
    """A ``PoissonInput`` has no group of its own: every target neuron has N private sources."""
    sign = input_sign(p, namespace)
    rate = p.rate if isinstance(p.rate, str) else f"{float(np.median(np.asarray(p.rate))):g} Hz"
    targets = _spans(p._group, pieces)
    edges = [
        Edge(
            name=p.name if len(targets) == 1 else f"{p.name}_to_{name}",
            source=p.name,
            target=name,
            sign=sign,
            n_synapses=int(p.N) * (stop - start),
            rule=Rule("K_in", int(p.N), source="declared"),
            projection=p.name,
        )
        for name, start, stop in targets
    ]
    node = Node(
        name=p.name,
        label="Poisson input" + (f" {k + 1}" if k else ""),
        size=int(p.N),
        kind="input",
        sign=_node_sign({sign}),
        equations=f"{int(p.N)} Poisson sources at {rate} onto every neuron, on {p.target_var}",
        group=p.name,
    )
    return node, edges


def _spans(end: Any, pieces: dict[str, Any]) -> list[tuple[str, int, int]]:
    """The pieces that one end of a projection covers."""
    start, stop = getattr(end, "start", 0), getattr(end, "stop", None)
    spans = pieces.get(whole(end).name, [])
    if len(spans) == 1:
        return spans
    return [s for s in spans if s[1] >= start and (stop is None or s[2] <= stop)]


def _delay(s: Any, select: np.ndarray | None) -> Param | None:
    pathway = getattr(s, "pre", None)
    if pathway is None:
        return None
    delay = np.atleast_1d(np.asarray(pathway.variables["delay"].get_value(), dtype=float)) * 1e3
    if select is not None and delay.size == len(s):
        delay = delay[select]
    if not delay.size:
        return None
    low, high = round(float(delay.min()), 9), round(float(delay.max()), 9)
    form: Any = "constant" if low == high else "distributed"
    return Param(form, float(delay.mean()), "ms", float(delay.std()), low, high, variable="delay")


def _equations(group: Any) -> str:
    lines = []
    equations = getattr(group, "equations", None)
    if equations is not None:
        lines.append(str(equations).strip())
    events = getattr(group, "events", None) or {}
    codes = getattr(group, "event_codes", None) or {}
    if isinstance(events.get("spike"), str):
        lines.append(f"spike when {events['spike']}")
    if codes.get("spike"):
        lines.append("then " + "; ".join(str(codes["spike"]).strip().splitlines()))
    if not lines:
        lines.append({"PoissonGroup": "Poisson spikes"}.get(type(group).__name__, "given spikes"))
    return "\n".join(line for line in lines if line)


def _node_sign(signs: set[Sign]) -> Any:
    signs = signs - {"unknown"}
    if not signs:
        return "none"
    return signs.pop() if len(signs) == 1 else "mixed"


def _same(a: Any, b: Any) -> bool:
    return getattr(a, "name", None) == getattr(b, "name", None)
