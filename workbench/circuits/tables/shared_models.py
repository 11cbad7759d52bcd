"""Group populations that share a neuron model, and projections that share a synapse model."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..elements import Circuit, Edge, Node
from .equations import equations


@dataclass(frozen=True)
class NeuronModel:
    """One neuron model and its populations.

    key    : label in the other tables: "N1", "N2", ...
    groups : names of the Brian2 groups
    """

    key: str
    type: str
    names: tuple[str, ...]
    groups: tuple[str, ...]
    equations: str
    threshold: str
    reset: str
    refractory: str


@dataclass(frozen=True)
class SynapseModel:
    """One synapse model and its projections; ``described``: their sources and targets."""

    key: str
    type: str
    names: tuple[str, ...]
    described: tuple[str, ...]
    projections: tuple[str, ...]
    equations: str
    on_pre: str
    on_post: str
    plastic: bool
    channel: str


def neuron_models(circuit: Circuit) -> list[NeuronModel]:
    """Return the distinct neuron models, in the order of the populations."""
    same: dict[tuple[str, ...], list[Node]] = {}
    for n in circuit.nodes:
        if n.kind in ("population", "modulator") or (n.model and n.kind == "input"):
            key = (_folded(n.model), _folded(n.threshold), _folded(n.reset), n.refractory)
            same.setdefault(key, []).append(n)
    return [
        NeuronModel(
            key=f"N{k}",
            type=_neuron_type(nodes[0]),
            names=tuple(n.name for n in nodes),
            groups=tuple(dict.fromkeys(n.group or n.name for n in nodes)),
            equations=nodes[0].model,
            threshold=nodes[0].threshold,
            reset=nodes[0].reset,
            refractory=nodes[0].refractory,
        )
        for k, nodes in enumerate(same.values(), 1)
    ]


def synapse_models(circuit: Circuit) -> list[SynapseModel]:
    """Return the distinct synapse models, static ones first."""
    same: dict[tuple[object, ...], list[Edge]] = {}
    for e in circuit.edges:
        if e.kind != "recording" and (e.model or e.on_pre or e.on_post):
            code = (_folded(e.model), _folded(e.on_pre), _folded(e.on_post))
            key = (e.plastic, *code, e.kind, e.channel)
            same.setdefault(key, []).append(e)
    in_order = sorted(same.values(), key=lambda edges: (edges[0].plastic, edges[0].kind))
    return [
        SynapseModel(
            key=f"S{k}",
            type=_synapse_type(edges[0]),
            names=tuple(e.name for e in edges),
            described=tuple(
                dict.fromkeys(f"{e.source} → {e.target}".replace("_", " ") for e in edges)
            ),
            projections=tuple(dict.fromkeys(e.projection or e.name for e in edges)),
            equations=edges[0].model,
            on_pre=edges[0].on_pre,
            on_post=edges[0].on_post,
            plastic=edges[0].plastic,
            channel=edges[0].channel,
        )
        for k, edges in enumerate(in_order, 1)
    ]


def _ends(e: Edge) -> str:
    return f"{e.source} {'→' if e.directed else '↔'} {e.target}".replace("_", " ")


def _folded(code: str) -> str:
    """Normalise whitespace in code."""
    return re.sub(r"[ \t]+", " ", "\n".join(line.strip() for line in code.strip().splitlines()))


def _neuron_type(n: Node) -> str:
    """Type of a neuron model: number of differential equations, and if it spikes."""
    if n.compartments:
        return "cell with compartments" + (", spiking" if n.threshold else ", not spiking")
    lines = equations(n.model)
    states = [line.name for line in lines if line.kind == "differential"]
    if not states:
        return "spikes when driven" if n.threshold else "no dynamics"
    order = f"{len(states)} differential equation{'' if len(states) == 1 else 's'}"
    noisy = ", with noise" if re.search(r"\bxi(_\w+)?\b", n.model) else ""
    return order + (", spiking" if n.threshold else ", not spiking") + noisy


def _synapse_type(e: Edge) -> str:
    kinds = {"continuous": "continuous coupling", "gap junction": "gap junction"}
    return kinds.get(e.kind, "plastic" if e.plastic else "static")
