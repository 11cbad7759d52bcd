"""The boxes of a network as nodes that are joined by streams: arrays with an axis of time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from workbench.brian import internals

from ...read.effect import is_plastic
from ..term.arrays import Array, Axis
from ..term.formula import renamed
from ..term.operators import Add, Elementwise, Linear, Operator, Sparse
from ..term.program import Action, Keys, Machine, increments
from ..term.terms import Reindex
from .actions import Actions, Step
from .axes import Axes
from .boxes import Box, boxes, is_plain, maps_of
from .linear_maps import Map

Stream = tuple[str, Keys]  # (node that makes it, "" for the outside; key, or keys of a stack)


@dataclass
class Use:
    """One array that a node takes: which stream, and how it is read."""

    stream: Stream
    array: Array
    lag: int = 0
    reindexings: tuple[Reindex, ...] = ()


@dataclass
class StreamNode:
    """One glyph: an operator, what it takes and what it gives."""

    name: str
    operator: Operator
    takes: list[Use]
    gives: list[tuple[Stream, Array]] = field(default_factory=list)
    alone: bool = False  # its neurons do not look at one another: it is broadcast over them
    early: bool = True  # stands as far left as it can; otherwise as far right

    @property
    def reindexings(self) -> tuple[Reindex, ...]:
        return tuple(r for u in self.takes for r in u.reindexings)


class Graph:
    """Nodes of a network.

    nodes   : in no special order
    outside : streams that come from outside -> their arrays
    values  : everything the term needs for its evaluation
    """

    def __init__(self, actions: Actions, axes: Axes):
        self.actions, self.axes = actions, axes
        self.values = dict(actions.values)
        self.outside: dict[Stream, Array] = {}
        self.nodes: list[StreamNode] = []
        made = boxes(actions)
        self._home = {k: b for b in made for k in b.steps}
        self._gave: dict[str, Stream] = {}
        self._shows = self._showing(made)
        spiking = [b for b in made if self._is_map(b)]
        graded = maps_of(actions)
        for box in spiking:
            self._linear(actions.steps[box.steps[0]])
        for box in made:
            if box.steps[0] in graded:
                self._graded(box, graded[box.steps[0]])
            elif box not in spiking:
                self._machine(box, [actions.steps[k] for k in box.steps])
        for total, keys in actions.sums.items():
            self._add(total, keys)

    def _showing(self, made: list[Box]) -> dict[str, Box]:
        """The box in which each state can be seen as it is at the start of a step."""
        found = {key: box for box in made for key in box.state if key in self.actions.values}
        for box in made:
            for key, (_, lag) in box.reads.items():
                # What another box made early in this very step is not what was there at its start.
                if lag and key in self.actions.values:
                    found.setdefault(key, box)
        for k, step in enumerate(self.actions.steps):  # the last to write late in the step
            for key in step.writes & self.actions.values.keys() if step.action.late else ():
                found[key] = self._home[k]
        return found

    def _is_map(self, box: Box) -> bool:
        step = self.actions.steps[box.steps[0]]
        return len(box.steps) == 1 and bool(step.added) and is_plain(step, self.actions.steps)

    # -- nodes --------------------------------------------------------------------------------

    def _machine(self, box: Box, steps: list[Step]) -> None:
        uses: list[Use] = []
        reads: list[str] = []
        program: list[Action] = []
        n = 0

        def take(use: Use, key: str) -> None:
            nonlocal n
            use.reindexings = tuple(_moved(r, n) for r in use.reindexings)
            uses.append(use)
            reads.append(key)
            n += 1

        for step in steps:
            for key in sorted(step.added):
                program.append(
                    Action(name=f"{key} cleared", kind="clear", size=0, target=key, late=True)
                )
            if step.pathway is not None:
                take(self._spikes(step), f"{step.action.name}<")
            program.append(step.action)
        program = [a for a in program if a.kind == "clear"] + [
            a for a in program if a.kind != "clear"
        ]
        for key, (home, lag) in box.reads.items():
            stream = ("" if home is None else home.name, key)
            take(self._use(stream, key, lag), key)
        for key in box.sums:
            take(self._use(("+", key), key, 0), key)
        gives: list[tuple[Stream, Array]] = [
            ((box.name, key), self.axes.array(key)) for key in box.writes
        ]
        single = tuple(k for k in box.writes if len(self.axes.array(k).axes) == 1)
        group = self.actions.objects.get(box.owner)
        synapses = internals.is_synapses(group)
        takes_axes = {a.uid for u in uses for a in u.array.axes}
        gives_axes = {a.uid for _, array in gives for a in array.axes}
        over = takes_axes | gives_axes
        each = [{a.uid for a in x.axes} for x in (*(u.array for u in uses), *(g for _, g in gives))]
        alone = (
            not synapses and len(over) == 2 and all(len(e) == 2 for e in each)
            and not self._mixes(program)
        )  # fmt: skip
        cores = [self._core(u, alone) for u in uses]
        op = Machine(
            name=self.axes.title(box.owner, synapses),
            inputs=tuple(cores),
            outputs=tuple(self._bare(array, alone) for _, array in gives),
            learned=synapses and is_plastic(group),
            title=box.name.replace("_", " "),
            program=tuple(program),
            state=tuple(box.state),
            constants=tuple(box.constants),
            reads=tuple(reads),
            writes=tuple(box.writes),
            single=single,
            shows=tuple(k for k, b in self._shows.items() if b is box),
            kind="synapses" if synapses else "neurons",
            equations=str(getattr(group, "user_equations", getattr(group, "equations", ""))),
        )
        self.nodes.append(StreamNode(box.name, op, uses, gives, alone))

    def _mixes(self, program: list[Action]) -> bool:
        """True if one neuron's step looks at another neuron."""
        return any(
            a.functions or a.products or a.kind in ("pathway", "sum")
            or any(ref.index for s in a.statements for _, ref in s.refs)
            for a in program
        )  # fmt: skip

    def _linear(self, step: Step) -> None:
        spikes = self._spikes(step)
        source = self.actions.objects[step.events.partition("!")[0]]
        part = step.pathway.source
        whole_axis = self.axes.of_group(source.name, int(source.N))
        axis, start = whole_axis, int(getattr(part, "start", 0))
        if int(part.N) != int(source.N):
            axis = self.axes.part(part, source)
            spikes.reindexings += (
                Reindex(
                    0,
                    whole_axis,
                    (axis,),
                    offset=start,
                    label=self.axes.part_label(part),
                    title=f"{self.axes.name(part.name)}, {part.N} of {source.N}",
                ),
            )
        window = spikes.reindexings[0].by
        i = np.asarray(self.values[step.action.source]) - start
        if window is not None:
            i = i + np.asarray(self.values[step.action.window]) * (axis.size or 0)
        per_synapse = increments(step.action, self.values, tuple(step.added))
        for n, (key, variable) in enumerate(step.added.items()):
            target = self.axes.array(variable)
            index = next(
                s.ref.index[0] for s in step.action.statements if s.ref and s.ref.key == key
            )
            weight = f"{key} weight"
            shape = ((axis.size or 0) * (1 if window is None else len(window_table(spikes))),
                     len(self.values[variable]))  # fmt: skip
            self.values[weight] = Sparse(i, np.asarray(self.values[index]), per_synapse[key], shape)
            core_in = Array((axis,) if window is None else (window, axis), "bool")
            op = Linear(
                name=self.axes.weight(step.owner, n if len(step.added) > 1 else None),
                inputs=(core_in,),
                outputs=(Array(target.axes[1:]),),
                title=step.owner.replace("_", " "),
                weight=weight,
                sign=self.axes.sign(step.owner),
            )
            self.nodes.append(StreamNode(key, op, [spikes], [((key, key), target)], early=False))
            self._gave[key] = (key, key)

    def _graded(self, box: Box, found: Map) -> None:
        """A linear map of what the source computes, and before it what is made of that."""
        step = self.actions.steps[box.steps[0]]
        projection = step.owner
        uses = []
        for n, (_, key) in enumerate(found.inputs):
            home, lag = box.reads[key]
            use = self._use(("" if home is None else home.name, key), key, lag)
            use.reindexings = tuple(_moved(r, n) for r in use.reindexings)
            uses.append(use)
        source = uses[0].array
        axes = source.axes[1:]
        target = self.axes.array(found.target)
        if not found.plain:
            constants = []
            for name, value in found.constants:
                key = f"{projection} {name}"
                self.values[key] = value
                constants.append((name, key))
            names = {n: f"x{k}" if len(uses) > 1 else "x" for k, (n, _) in enumerate(found.inputs)}
            before = Elementwise(
                self.axes.function(projection),
                (Array(),) * len(uses), (Array(),), formula=renamed(found.formula, names),
                constants=tuple(constants), title=f"what {projection} passes on",
            )  # fmt: skip
            made = (f"{box.name} of", "x")
            self.nodes.append(StreamNode(made[0], before, uses, [(made, source)]))
            uses = [Use(made, source)]
        (core,) = axes
        again = uses[0].reindexings
        if found.size != core.size:
            part = self.actions.objects[projection].source
            axis = self.axes.part(part, self.actions.objects[core.uid])
            label = self.axes.part_label(part)
            title = f"{self.axes.name(part.name)}, {part.N} of {core.size}"
            again = (
                *again,
                Reindex(0, core, (axis,), offset=found.start, label=label, title=title),
            )
            core = axis
        weight = f"{projection} weight"
        self.values[weight] = found.weight
        op = Linear(
            name=self.axes.weight(projection, None), inputs=(Array((core,), source.datatype),),
            outputs=(Array(target.axes[1:]),), title=projection.replace("_", " "), weight=weight,
            sign=self.axes.sign(projection),
        )  # fmt: skip
        use = Use(uses[0].stream, source, uses[0].lag, again)
        self.nodes.append(
            StreamNode(box.name, op, [use], [((box.name, found.target), target)], early=False)
        )

    def _add(self, total: str, keys: list[str]) -> None:
        array = self.axes.array(total)
        op = Add("+", (Array(),) * len(keys), (Array(),), title=f"sum onto {total.rstrip('+')}")
        uses = [Use(self._made(key), array) for key in keys]
        self.nodes.append(StreamNode(total, op, uses, [(("+", total), array)], early=False))

    # -- streams ------------------------------------------------------------------------------

    def _made(self, key: str) -> Stream:
        if key in self._gave:
            return self._gave[key]
        for k, step in enumerate(self.actions.steps):
            if key in step.added:
                return (self._home[k].name, key)
        raise KeyError(key)

    def _use(self, stream: Stream, key: str, lag: int) -> Use:
        if stream[0] and key in self._gave:
            stream = self._gave[key]
        array = self.axes.array(key)
        if not stream[0]:
            self.outside[stream] = array
        again: tuple[Reindex, ...] = ()
        if lag:
            t = self.axes.time
            again = (
                Reindex(
                    0,
                    t,
                    (t,),
                    offset=-lag,
                    label=self.axes.lag_label((lag,)),
                    before=key,
                    title="ms",
                ),
            )
        return Use(stream, array, lag, again)

    def _spikes(self, step: Step) -> Use:
        """The spikes that drive a pathway, late by its delays."""
        key = step.events
        writers = [k for k, s in enumerate(self.actions.steps) if key in s.writes]
        stream: Stream = (self._home[writers[-1]].name if writers else "", key)
        array = self.axes.array(key)
        if not writers:
            self.outside[stream] = array
        lags = tuple(lag + step.spiked for lag in step.lags)
        t, label = self.axes.time, self.axes.lag_label(lags)
        if len(lags) == 1:
            r = Reindex(0, t, (t,), offset=-lags[0], label=label, title="ms")
        else:
            by = Axis(f"{step.action.name} delays", "d", len(lags))
            r = Reindex(0, t, (t,), by=by, table=tuple(-x for x in lags), label=label, title="ms")
        return Use(stream, array, min(lags), (r,))

    # -- shapes -------------------------------------------------------------------------------

    def _core(self, use: Use, alone: bool) -> Array:
        by = tuple(r.by for r in use.reindexings if r.by is not None)
        if alone:
            return Array(use.array.axes[:1], use.array.datatype)
        t, *rest = use.array.axes
        return Array((t, *by, *rest), use.array.datatype)

    def _bare(self, array: Array, alone: bool) -> Array:
        return Array(array.axes[:1], array.datatype) if alone else array


def window_table(use: Use) -> tuple[int, ...]:
    return next((r.table for r in use.reindexings if r.by is not None), (0,))


def _moved(r: Reindex, source: int) -> Reindex:
    from dataclasses import replace

    return replace(r, source=source)
