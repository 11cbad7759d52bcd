"""The check of diagrams: what is drawn computes what the model computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model.model import Model
from .check import CheckFailed, check, need
from .network import built, drivable

if TYPE_CHECKING:
    from ..circuits.ncd.derive.derive import Computation
    from ..engine.runtime import Runtime

STEPS = 400  # steps compared, unless that is less than MIN_TICKS or more than MAX_TICKS
MIN_TICKS, MAX_TICKS = 3, 24
# Sums are taken in another order than Brian2 takes them, which costs a few parts in 10^16 a step;
# 400 steps of a state that is not chaotic stay far below this. A wrong sign, weight, delay or
# order of two statements is off by parts in 10 to 10^4.
RTOL = 1e-9


@check("computes what its diagram says")
def term_computes_the_model(cls: type[Model]) -> None:
    """Evaluate the model's term with NumPy beside the model, with the same inputs.

    The inputs are the spikes of the populations that only send, and every random number that the
    model draws: noise is supplied, not switched off, so the two must agree number by number.
    """
    model = cls()
    with built(model) as runtime:
        term = model.term(runtime.net)
        need_equal(term, record(runtime, term))


@dataclass
class Recording:
    """What a model did, step by step.

    spikes : group -> (steps, n) bool
    states : "object.variable" -> (ticks, n): at the start of each tick
    fed    : what the inputs of a term were: key -> (steps, ...)
    tick   : steps a tick
    """

    steps: int
    tick: int
    spikes: dict[str, np.ndarray] = field(default_factory=dict)
    states: dict[str, list[np.ndarray]] = field(default_factory=dict)
    fed: dict[str, np.ndarray] = field(default_factory=dict)


def record(runtime: Runtime, term: Computation) -> Recording:
    """Run the model for a short time, with input where it takes any, and keep everything."""
    step_ms = min(float(o.clock.dt) for o in runtime.net.sorted_objects) * 1e3
    tick = round(runtime.info.tick_ms / step_ms)
    ticks = int(np.clip(STEPS // tick, MIN_TICKS, MAX_TICKS))
    kept = Recording(ticks * tick, tick)
    _drive(runtime, ticks)
    first = round(runtime.info.warm_up_ms / step_ms)
    draws = _Draws(runtime.net, term.draws, kept.steps, step_ms, first)
    variables = dict(_variables(runtime.net))
    kept.states = {key: [] for key in variables}

    def look(number: int) -> None:
        if number == 0:
            draws.listen()
        for key, variable in variables.items():
            kept.states[key].append(np.array(variable.get_value()).reshape(-1))

    runtime.on_tick = look
    runtime.run(ticks * runtime.info.tick_ms)
    for name, monitor in runtime.monitors.items():
        spikes = np.zeros((kept.steps, int(runtime.net[name].N)), bool)
        t = np.asarray(monitor.variables["t"].get_value()) * 1e3
        spikes[np.rint(t / step_ms).astype(int) - first, monitor.variables["i"].get_value()] = True
        kept.spikes[name] = kept.fed[f"{name}!spike"] = spikes
    kept.fed |= draws.drawn
    return kept


def need_equal(term: Computation, kept: Recording) -> None:
    """Raise `CheckFailed` unless the term gives what was recorded."""
    from ..circuits.ncd import evaluate
    from ..circuits.ncd.term.program import watched

    parts = [(name,) if isinstance(name, str) else name for name in term.inputs]
    missing = [name for names in parts for name in names if name not in kept.fed]
    if missing:
        raise CheckFailed(f"The term wants the input {missing[0]!r}, which the model has not.")
    keys = {f"{name}!spike": 1 for name in kept.spikes} | dict.fromkeys(kept.states, kept.tick)
    values, lists = watched(term.values, keys)
    inputs = [
        kept.fed[name] if isinstance(name, str) else np.stack([kept.fed[k] for k in name], axis=1)
        for name in term.inputs
    ]
    given = evaluate(term.term, inputs, values, sizes={"t": kept.steps})
    compared = 0
    for name, x in zip(term.outputs, given, strict=True):
        group, _, event = name.partition("!")
        if event == "spike":
            _need_spikes(group, x, kept.spikes[group])
            compared += 1
        elif name:
            need(name in kept.states, f"The term gives {name!r}, which the model has not.")
            # At the end of a step is at the start of the next, where the model is looked at.
            ends = np.asarray(x)[kept.tick - 1 :: kept.tick][:-1].reshape(
                -1, len(kept.states[name][0])
            )
            _need_states(name, ends, np.array(kept.states[name][1:]), kept)
            compared += 1
    for key, found in lists.items():
        if not found:
            continue
        if key.endswith("!spike"):
            group = key.partition("!")[0]  # what is found at the start of a step is the last one's
            _need_spikes(group, np.array(found[1:]), kept.spikes[group][:-1])
        else:
            _need_states(key, np.array(found), np.array(kept.states[key]), kept)
        compared += 1
    need(compared > 0, "The term gives nothing that the model has: name its outputs.")


def _need_spikes(group: str, ours: np.ndarray, theirs: np.ndarray) -> None:
    wrong = np.argwhere(ours != theirs[: len(ours)])
    if len(wrong):
        k, i = wrong[0]
        raise CheckFailed(
            f"The term and the model differ in {len(wrong)} spikes of {group}; the first is of "
            f"neuron {i} in step {k}: the {'term' if ours[k, i] else 'model'} alone has it."
        )


def _need_states(key: str, ours: np.ndarray, theirs: np.ndarray, kept: Recording) -> None:
    theirs = theirs[: len(ours)].astype(float)
    scale = np.abs(theirs[np.isfinite(theirs)]).max(initial=0.0)
    with np.errstate(invalid="ignore"):
        off = np.abs(ours.astype(float) - theirs)
    off[(ours == theirs) | (np.isnan(theirs) & np.isnan(ours.astype(float)))] = 0
    if not np.all(off <= RTOL * scale):
        k, i = np.argwhere(~(off <= RTOL * scale))[0]
        raise CheckFailed(
            f"The term gives {key} = {ours[k, i]:.9g} for element {i} at step {k * kept.tick}, "
            f"the model {theirs[k, i]:.9g}."
        )


def _drive(runtime: Runtime, ticks: int) -> None:
    """Make half of every input spike at every other tick, another half each time."""
    from ..model.operation import Inject

    rng = np.random.default_rng(5)
    for population, size in drivable(runtime).items():
        for tick in range(0, ticks, 2):
            units = np.flatnonzero(rng.random(size) < 0.5)
            runtime.plan(tick, Inject(None, population, tuple(int(u) for u in units)))


def _variables(net: Any) -> Iterator[tuple[str, Any]]:
    """The numbers that a network holds: states of groups, weights and traces of synapses."""
    from brian2.core.variables import ArrayVariable

    for o in net.sorted_objects:
        for name, v in getattr(o, "variables", {}).items():
            mine = isinstance(v, ArrayVariable) and getattr(v.owner, "name", "") == o.name
            if mine and not v.read_only and not name.startswith("_") and hasattr(o, "equations"):
                yield f"{o.name}.{name}", v


class _Draws:
    """Listens to the random numbers that the objects of a network draw."""

    def __init__(self, net: Any, wanted: Mapping[str, Any], steps: int, step_ms: float, first: int):
        self.objects = {o.name: o for o in net.sorted_objects}
        self.wanted = wanted
        self.step_ms = step_ms
        self.drawn = {key: np.zeros((steps + 1, d.size)) for key, d in wanted.items()}
        self.steps, self.first = steps, first
        self.calls: dict[tuple[str, str], tuple[int, int]] = {}

    def listen(self) -> None:
        """Put ourselves between the code and its random functions; to be called within the run."""
        for name, function in {(d.object, d.function) for d in self.wanted.values()}:
            for code in self.objects[name].code_objects:
                if function in code.namespace:
                    code.namespace[function] = self._heard(name, function, code.namespace[function])
        self.drawn = {k: x[: self.steps] for k, x in self.drawn.items()}

    def _heard(self, name: str, function: str, draw: Any) -> Any:
        clock = self.objects[name].clock
        by_call = {
            d.call: (key, d)
            for key, d in self.wanted.items()
            if (d.object, d.function) == (name, function)
        }

        def heard(*args: Any) -> Any:
            numbers = draw(*args)
            t_ms = float(clock.variables["t"].get_value()[0]) * 1e3
            step = round(t_ms / self.step_ms) - self.first
            last, call = self.calls.get((name, function), (-1, 0))
            call = call + 1 if last == step else 0
            self.calls[name, function] = (step, call)
            key, d = by_call[call]
            if step + d.late < self.steps:
                row = self.drawn[key][step + d.late]
                if np.ndim(numbers) == 0:
                    row[...] = numbers
                else:
                    row[np.asarray(args[-1])] = numbers
            return numbers

        return heard


__all__ = ["need_equal", "record", "term_computes_the_model"]
