"""Converts a Brian2 network to a circuit. Needs Brian2; the result does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ...brian import internals
from ...engine.cells import spikes
from ..elements import Circuit, Edge
from ..ncd.derive.derive import term_to_draw
from .description import read_notes
from .edges import edges_of, links, modulations
from .effect import is_plastic, projection_sign, weight_variable
from .group_values import whole
from .nodes import node, pieces_of, poisson_input, recorders, same, timed_arrays
from .symbols import named

if TYPE_CHECKING:
    from ...model.model import Model

__all__ = ["from_network", "is_plastic", "projection_sign", "weight_variable"]

_MONITORS = ("SpikeMonitor", "EventMonitor", "StateMonitor", "PopulationRateMonitor")


def from_network(
    net: Any,
    title: str = "",
    namespace: dict[str, Any] | None = None,
    order: Sequence[str] = (),
    model: Model | None = None,
) -> Circuit:
    """Return the circuit of a network: its populations, projections, inputs and recorders.

    Subgroups (``P[:3200]``) are drawn separately. Rules are exact if the network was built under
    `declared_rule.watched`; otherwise they are inferred from the synapses.

    namespace : values of names that the network leaves to ``run(namespace=...)``
    order     : order of the populations; others follow by name
    model     : its parameters provide symbols for sizes, weights, delays and probabilities
    returns   : Circuit; plain data except its term, which is derived when it is first drawn
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
    ends = [end for s in synapses for end in (s.source, s.target)]
    for end in ends:  # a network may contain synapses without the groups that they connect
        if isinstance(whole(end), SpikeSource):
            groups.setdefault(whole(end).name, whole(end))
    ends += [internals.driven_by(p) for p in inputs]
    pieces = {name: pieces_of(group, ends) for name, group in groups.items()}

    spiking = {piece.name for name, g in groups.items() if spikes(g) for piece in pieces[name]}
    edges: list[Edge] = []
    for s in synapses:
        edges += edges_of(s, pieces, namespace, synapses)
    edges += links(list(groups.values()), pieces, namespace)
    edges = modulations(edges, synapses)
    nodes = []
    for name, group in groups.items():
        fed = any(same(whole(s.target), group) for s in synapses)
        nodes += [node(group, piece, fed, edges, spiking) for piece in pieces[name]]
    for k, p in enumerate(inputs):
        made, more = poisson_input(p, k, pieces, namespace)
        nodes.append(made)
        edges += more
    for found, more in (
        timed_arrays(list(groups.values()), pieces, namespace),
        recorders([o for o in objects if type(o).__name__ in _MONITORS], pieces),
    ):
        nodes += found
        edges += more
    place = {name: k for k, name in enumerate(order)}
    last = len(place)
    nodes.sort(key=lambda n: place.get(n.name, last + (n.kind == "recorder")))
    signs = {e.projection: e.sign for e in edges if e.projection}
    circuit = Circuit(
        nodes=tuple(nodes), edges=_distinct(edges), title=title,
        term=partial(term_to_draw, net, namespace, model, signs), notes=read_notes(net, model),
    )  # fmt: skip
    return circuit if model is None else named(circuit, model)


def _distinct(edges: list[Edge]) -> tuple[Edge, ...]:
    """Make the names of edges unique."""
    taken: set[str] = set()
    found = []
    for e in edges:
        name, k = e.name, 1
        while name in taken:
            name = f"{e.projection}_{e.name}" + (f"_{k}" if k > 1 else "")
            k += 1
        taken.add(name)
        found.append(replace(e, name=name))
    return tuple(found)
