"""The term of a network, derived from it: what `Model.term` gives unless a model knows better."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.brian import internals
from workbench.errors import message

from ..term.arrays import TermError
from ..term.program import Draw, Keys
from ..term.terms import Term

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Computation:
    """A term, and what it takes to evaluate it beside a running model.

    term    : what is drawn, plain data
    values  : weights, first states and functions that the term names
    inputs  : what each array it takes is: "population!spike" for the spikes of a population,
              "population.variable" for a variable at the start of each step, "object?function" for
              the random numbers that an object of the network draws; several of them for an array
              in which they are stacked, along the axis after that of time
    outputs : what each array it gives is: "population!spike", or "population.variable" for the
              variable at the end of each step; "" for what the model does not hold
    draws   : for inputs that are random numbers: who draws them
    """

    term: Term
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    inputs: tuple[Keys, ...] = ()
    outputs: tuple[str, ...] = ()
    draws: dict[str, Draw] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for what, names, arrays in (
            ("takes", self.inputs, self.term.domain), ("gives", self.outputs, self.term.codomain),
        ):  # fmt: skip
            if len(names) != len(arrays):
                raise TermError(f"The term {what} {len(arrays)} arrays; {len(names)} are named.")


def term_of(
    net: Any,
    namespace: Mapping[str, Any] | None = None,
    *,
    model: Any = None,
    signs: Mapping[str, str] | None = None,
    traces: Sequence[str] = (),
) -> Computation:
    """The term that computes what a Brian2 network computes, from its present state on.

    namespace : values of names that the network leaves to ``run(namespace=...)``
    model     : its model, for the symbols of sizes and for the states worth seeing
    signs     : projection -> "excitatory" or "inhibitory", for the drawing
    traces    : "population.variable" that are given where a population has no spikes
    raises    : TermError for what cannot be derived, and says what to do
    """
    from .actions import Actions
    from .arrange import arrange
    from .axes import Axes
    from .gather import gather
    from .streams import Graph

    actions = Actions(net, namespace)
    axes = Axes(actions, _symbols(model), _signs(net, namespace) if signs is None else signs)
    graph = Graph(actions, axes)
    traces = traces or tuple(getattr(model, "traces", ()))
    wanted = _ends(graph, traces)
    if not wanted:
        raise TermError("Nothing happens in this network: there is no population that computes.")
    gather(graph, wanted)
    term, given, made = arrange(graph, wanted)
    late = {key for s in actions.steps if s.action.late for key in s.writes}
    names = [str(key) for _, key in made]
    return Computation(
        term,
        graph.values,
        tuple(key for _, key in given),
        # A state leaves its box before what arrives late in the step, and spikes that are found
        # late are those of the step before: these are compared in their box.
        tuple(key if key.endswith("!spike") and key not in late else "" for key in names),
        actions.draws,
    )


def term_to_draw(
    net: Any, namespace: Mapping[str, Any] | None, model: Any, signs: Mapping[str, str]
) -> tuple[Term | None, str]:
    """The term of a network or of its model, and ""; None and why where there is none.

    A diagram must never stop a simulation: what is no reason of ours goes to the log too.
    """
    from workbench.model.model import Model

    try:
        if model is not None and type(model).term is not Model.term:
            return model.term(net).term, ""
        return term_of(net, namespace, model=model, signs=signs).term, ""
    except Exception as error:
        _log.debug("no term of %s: %s", net.name, error, exc_info=True)
        return None, message(error)


def _ends(graph: Any, traces: Sequence[str]) -> list[tuple[str, str]]:
    """The streams that are worth giving: of populations that nobody else listens to.

    Populations that listen to one another are as one in this.
    """
    from ..term.program import Machine

    makers = {s: n.name for n in graph.nodes for s, _ in n.gives}
    heard: dict[str, set[str]] = {n.name: set() for n in graph.nodes}
    for n in graph.nodes:
        for u in n.takes:
            if u.stream in makers:
                heard[makers[u.stream]].add(n.name)
    neurons = {
        n.name: n for n in graph.nodes
        if isinstance(n.operator, Machine) and n.operator.kind == "neurons"
    }  # fmt: skip
    reach = {name: _reached(name, heard) & neurons.keys() for name in neurons}
    ends = [n for name, n in neurons.items() if all(name in reach[by] for by in reach[name])]
    return [stream for node in ends for stream in _given(graph, node, traces)]


def _reached(name: str, heard: Mapping[str, set[str]]) -> set[str]:
    """All that depends on a node."""
    found: set[str] = set()
    front = [name]
    while front:
        new = heard[front.pop()] - found
        found |= new
        front += new
    return found


def _given(graph: Any, node: Any, traces: Sequence[str]) -> list[tuple[str, str]]:
    """The streams of what a population shows, which it gives from now on."""
    keys = sorted(_shown(node.operator, traces))
    for key in keys:
        if (node.name, key) not in [s for s, _ in node.gives]:
            _give(graph, node, key)
    return [(node.name, key) for key in keys]


def _shown(op: Any, traces: Sequence[str]) -> list[str]:
    written = {
        *(s.ref.key for a in op.program for s in a.statements if s.ref is not None),
        *(a.target for a in op.program if a.kind == "threshold"),
    }
    spikes = [k for k in written if k.endswith("!spike")]
    if spikes:
        return spikes
    return [k for k in traces if k in written] or sorted(
        k for k in written if "." in k and not k.endswith(("lastspike", "not_refractory"))
    )[:1]


def _give(graph: Any, node: Any, key: str) -> None:
    """Let a node give one more of the arrays it keeps."""
    from dataclasses import replace

    from ..term.arrays import Array

    array = graph.axes.array(key)
    node.gives.append(((node.name, key), array))
    op = node.operator
    one = len(array.axes) == 1
    inputs, outputs = op.inputs, (*op.outputs, array)
    if node.alone and one:  # one number for all neurons: no more broadcast over them
        node.alone = False
        inputs, outputs = tuple(u.array for u in node.takes), tuple(a for _, a in node.gives)
    elif node.alone:
        outputs = (*op.outputs, Array(array.axes[:1], array.datatype))
    node.operator = replace(
        op, inputs=inputs, outputs=outputs, writes=(*op.writes, key),
        single=(*op.single, key) if one else op.single,
    )  # fmt: skip


def _signs(net: Any, namespace: Mapping[str, Any] | None) -> dict[str, str]:
    """What each projection does to its targets, as far as it can be read."""
    from ...read.effect import projection_sign

    found = [o for o in net.sorted_objects if internals.is_synapses(o) and len(o)]
    return {s.name: projection_sign(s, dict(namespace or {})) for s in found}


def _symbols(model: Any) -> dict[int, str]:
    """Length -> symbol, where exactly one whole-numbered parameter of the model has that value."""
    if model is None:
        return {}
    found: dict[int, list[str]] = {}
    for name, parameter in model.parameters().items():
        if getattr(parameter, "integer", False) and not parameter.live:
            found.setdefault(int(getattr(model, name)), []).append(parameter.symbol or name)
    return {size: names[0] for size, names in found.items() if len(names) == 1 and size > 1}
