"""Convert groups, inputs and monitors of a Brian2 network to nodes of a circuit."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ...brian import internals
from ...engine.cells import compartments, equations_said, state_variables
from ...network import Projection
from ..elements import Edge, Node
from ..rules import Param, Rule
from .effect import Sign, input_sign
from .group_values import GroupState, whole

MAX_PIECES = 8  # a group with more pieces than this is drawn whole
_MOST_CONSTANTS = 60

_DEVICES = {
    "PoissonGroup": "Poisson",
    "SpikeGeneratorGroup": "spike times",
    "SpikeMonitor": "spikes",
    "PopulationRateMonitor": "rate",
    "EventMonitor": "events",
}


class Piece(NamedTuple):
    """Neurons ``start`` to ``stop`` of a group, with a name."""

    name: str
    start: int
    stop: int


Pieces = dict[str, list[Piece]]  # group -> its pieces, as used by projections


def pieces_of(group: Any, ends: list[Any]) -> list[Piece]:
    """Split a group at the ends of all its subgroups; one piece if there are none."""
    undivided = [Piece(group.name, 0, int(group.N))]
    names: dict[tuple[int, int], str] = {}
    for end in ends:
        if hasattr(end, "start") and same(whole(end), group):
            given = "" if re.search(r"_subgroup(_\d+)?$", end.name) else end.name
            names[(end.start, end.stop)] = given or names.get((end.start, end.stop), "")
    cuts = sorted({0, int(group.N), *(c for span in names for c in span)})
    spans = list(pairwise(cuts))
    if len(spans) == 1 or len(spans) > MAX_PIECES or compartments(group):
        return undivided
    return [Piece(names.get(s) or _slice(group.name, s, group.N), *s) for s in spans]


def covered(end: Any, pieces: Pieces) -> list[Piece]:
    """Pieces covered by one end of a projection."""
    start, stop = getattr(end, "start", 0), getattr(end, "stop", None)
    parts = pieces.get(whole(end).name, [])
    if len(parts) == 1:
        return parts
    return [p for p in parts if p.start >= start and (stop is None or p.stop <= stop)]


def node(group: Any, piece: Piece, fed: bool, edges: list[Edge], spiking: Container[str]) -> Node:
    """Node of a piece of a group.

    fed     : it is the target of a projection
    spiking : names of the nodes that spike
    """
    equations = getattr(group, "equations", None)
    driven = bool(state_variables(group))
    out = [e for e in edges if e.source == piece.name and e.kind != "recording"]
    kind: Any = "population" if driven or (fed and equations is not None) else "input"
    if kind == "population" and out and all(e.kind == "modulation" for e in out):
        kind = "modulator"
    events = getattr(group, "events", None) or {}
    codes = getattr(group, "event_codes", None) or {}
    threshold, refractory = events.get("spike"), internals.refractory(group)
    return Node(
        name=piece.name,
        label=piece.name.replace("_", " "),
        size=1 if compartments(group) else piece.stop - piece.start,
        kind=kind,
        sign=node_sign(effects([e for e in out if e.sign != "modulatory"], spiking)),
        equations=_equations(group),
        group=group.name,
        start=piece.start,
        device=_DEVICES.get(type(group).__name__, "threshold units") if kind == "input" else "",
        model=equations_said(group),
        threshold=threshold if isinstance(threshold, str) else "",
        reset=str(codes.get("spike") or "").strip(),
        refractory=_refractory(refractory),
        constants=constants(group),
        compartments=compartments(group),
    )


def poisson_input(
    p: Any, k: int, pieces: Pieces, namespace: dict[str, Any] | None
) -> tuple[Node, list[Edge]]:
    """Node and edges of a ``PoissonInput``: every target neuron has N private sources."""
    sign = input_sign(p, namespace)
    rate = p.rate if isinstance(p.rate, str) else f"{float(np.median(np.asarray(p.rate))):g} Hz"
    targets = covered(internals.driven_by(p), pieces)
    edges = [
        Edge(
            name=p.name if len(targets) == 1 else f"{p.name}_to_{t.name}",
            source=p.name,
            target=t.name,
            sign=sign,
            n_synapses=int(p.N) * (t.stop - t.start),
            rule=Rule("K_in", int(p.N), multapses="no", source="declared"),
            projection=p.name,
            weight=_input_weight(p),
            channel=p.target_var,
        )
        for t in targets
    ]
    unnamed = re.fullmatch(r"poissoninput(_\d+)?", p.name)
    made = Node(
        name=p.name,
        label=f"Poisson input{f' {k + 1}' if k else ''}" if unnamed else p.name.replace("_", " "),
        size=int(p.N),
        kind="input",
        sign=node_sign({sign}),
        equations=f"{int(p.N)} Poisson sources at {rate} onto every neuron, on {p.target_var}",
        group=p.name,
        device="Poisson",
        constants=(("rate", rate),),
    )
    return made, edges


def timed_arrays(
    groups: list[Any], pieces: Pieces, namespace: dict[str, Any] | None
) -> tuple[list[Node], list[Edge]]:
    """Nodes and edges of ``TimedArray`` inputs used in equations."""
    nodes: dict[str, Node] = {}
    edges = []
    for group in groups:
        equations = getattr(group, "equations", None)
        if equations is None or not equations.diff_eq_names:
            continue
        known = {**(namespace or {}), **(group.namespace or {})}
        for name in sorted(equations.identifiers & set(known)):
            array = known[name]
            if type(array).__name__ != "TimedArray":
                continue
            sign = _array_sign(group, name, array, namespace)
            values = np.asarray(array.values)
            columns = values.shape[1] if values.ndim > 1 else 1
            nodes.setdefault(
                array.name,
                Node(array.name, name.replace("_", " "), columns, "input", node_sign({sign}),
                     f"given values, one every {float(array.dt) * 1e3:g} ms", array.name,
                     device="timed array"),
            )  # fmt: skip
            for piece in pieces[group.name]:
                edges.append(
                    Edge(f"{array.name}_to_{piece.name}", array.name, piece.name, sign,
                         projection=array.name, kind="continuous", channel=name,
                         rule=Rule("Ω" if columns == 1 else "δ", source="declared"))
                )  # fmt: skip
    return list(nodes.values()), edges


def recorders(monitors: list[Any], pieces: Pieces) -> tuple[list[Node], list[Edge]]:
    """Nodes of monitors, with an edge from every recorded piece."""
    nodes, edges = [], []
    for m in monitors:
        onto = ""
        source = m.source
        while internals.is_synapses(source):  # the weights of a projection
            onto = onto or source.name
            source = source.source
        parts = covered(source, pieces)
        if not parts:
            continue
        device = _DEVICES.get(type(m).__name__) or ", ".join(sorted(m.record_variables))
        nodes.append(Node(m.name, device, 1, "recorder", group=m.name, device=device))
        edges += [
            Edge(m.name if len(parts) == 1 else f"{p.name}_to_{m.name}", p.name, m.name,
                 kind="recording", projection=m.name, onto=onto)
            for p in parts
        ]  # fmt: skip
    return nodes, edges


def constants(owner: Any) -> tuple[tuple[str, str], ...]:
    """Scalar constants in the equations and code of a group, with their values."""
    from brian2 import Quantity

    found: dict[str, str] = {}
    for name, variable in owner.variables.items():
        shared = getattr(variable, "scalar", False) and hasattr(variable, "get_value")
        if not shared or name.startswith("_") or name in ("N", "t", "dt", "t_in_timesteps"):
            continue
        if getattr(variable, "array", False) and getattr(variable.owner, "name", "") == owner.name:
            value = float(np.asarray(variable.get_value()).ravel()[0])
            found[name] = _written(Quantity(value, dim=variable.dim))
    text = " ".join([str(getattr(owner, "equations", "") or ""), *_codes(owner)])
    named = set(re.findall(r"[A-Za-z_]\w*", text))
    for name, value in sorted((getattr(owner, "namespace", None) or {}).items()):
        if name in named and name not in found and np.shape(value) == () and not callable(value):
            found[name] = _written(value)
    return tuple(found.items())[:_MOST_CONSTANTS]


def effects(sent: Sequence[Edge | Projection], spiking: Container[str]) -> set[Any]:
    """Signs of what a population sends; of neurons that spike, onto such neurons if there are any.

    What listens to spikes without spiking tells nothing of the sender: an astrocyte may rise with
    those of excitatory and of inhibitory neurons.
    """
    known = [s for s in sent if s.sign != "unknown"]
    neurons = [s for s in known if s.source in spiking and s.target in spiking]
    return {s.sign for s in neurons or known}


def node_sign(signs: set[Sign]) -> Any:
    """Sign of a node, from the signs of its outgoing edges."""
    signs = signs - {"unknown"}
    if not signs:
        return "none"
    return signs.pop() if len(signs) == 1 else "mixed"


def same(a: Any, b: Any) -> bool:
    """True if these are the same group; proxies of a group are not identical to it."""
    return getattr(a, "name", None) == getattr(b, "name", None)


def _array_sign(group: Any, name: str, array: Any, namespace: dict[str, Any] | None) -> Sign:
    """Sign of a ``TimedArray`` input, from its effect on the membrane and its values."""
    values = np.asarray(array.values, dtype=float)
    values = values[np.isfinite(values) & (values != 0)]
    scale = float(np.abs(values).max()) if values.size else 1.0
    effects = set()
    for size in (float(values.max(initial=0.0)), float(values.min(initial=0.0))):
        if size or not values.size:
            step = size or scale
            state = GroupState(group, namespace)
            try:
                effects.add(state.response(name, step))
            except Exception:  # a diagram must never stop a simulation
                return "unknown"
    effects.discard("none")
    if effects == {"rise"}:
        return "excitatory"
    return "inhibitory" if effects == {"fall"} else "mixed" if effects else "unknown"


def _input_weight(p: Any) -> Param | None:
    from .weights import in_unit

    name = ""
    if isinstance(p.weight, str):
        name = p.weight.strip()
        variable = internals.driven_by(p).variables.get(name)
        if variable is None or not variable.scalar or not hasattr(variable, "get_value"):
            return Param("function", text=p.weight)
        value = float(np.asarray(variable.get_value()).ravel()[0])
    else:
        value = float(np.asarray(p.weight))
    scale, unit = in_unit(np.array([value]), internals.driven_by(p).variables[p.target_var].dim)
    value /= scale
    return Param("constant", value, unit, 0.0, value, value, variable=name)


def _codes(owner: Any) -> list[str]:
    codes = [str(c) for c in (getattr(owner, "event_codes", None) or {}).values()]
    codes += [str(c) for c in (getattr(owner, "events", None) or {}).values()]
    codes += [str(getattr(p, "code", "")) for p in internals.pathways(owner)]
    return codes


def _written(value: Any) -> str:
    text = str(value) if hasattr(value, "dim") else f"{float(value):g}"
    return re.sub(r"(\d)\.(?=\s|$)", r"\1", text)


def _refractory(given: Any) -> str:
    """Refractoriness as code; a period such as ``2*ms`` is given as a quantity."""
    if given is False or given is None:
        return ""
    return given if isinstance(given, str) else _written(given).replace(" ", "*")


def _slice(name: str, span: tuple[int, int], size: int) -> str:
    start, stop = span
    return f"{name}[{start or ''}:{'' if stop == size else stop}]"


def _equations(group: Any) -> str:
    lines = []
    lines += [f"{n} compartments"] if (n := compartments(group)) else []
    lines.append(equations_said(group))
    events = getattr(group, "events", None) or {}
    codes = getattr(group, "event_codes", None) or {}
    if isinstance(events.get("spike"), str):
        lines.append(f"spike when {events['spike']}")
    if codes.get("spike"):
        lines.append("then " + "; ".join(str(codes["spike"]).strip().splitlines()))
    if not any(lines):
        lines.append({"PoissonGroup": "Poisson spikes"}.get(type(group).__name__, "given spikes"))
    return "\n".join(line for line in lines if line)
