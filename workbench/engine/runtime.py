"""The runtime engine: one long ``net.run()`` of a Brian2 network, with a hook at every tick."""

from __future__ import annotations

import contextlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..brian.constants import write_constant
from ..brian.errors import NotBuilt, NotRun, said_plainly, sentence
from ..brian.internals import empty, take_out
from ..errors import BuildError
from ..model.operation import Operation, Write
from ..model.units import brian_unit
from ..network import NetworkInfo
from .cells import state_variables
from .recordable import computed
from .simulation import FOREVER_MS, Simulation, spike_monitors
from .state import State, state_of
from .streams import Stream, Streams

if TYPE_CHECKING:
    from ..model.model import Model


class StopRun(Exception):
    """Raised at a tick to end the run exactly there, before the next step begins."""


class Runtime(Simulation):
    """A Brian2 network in this process that runs tick by tick and applies writes at exact ticks.

    target  : Brian2 code generation target, "numpy" or "cython"
    on_tick : called with the tick number at the start of each tick, after sampling and before
              the writes due at that tick; may block, and may raise ``StopRun``
    on_part : called after each run of a model that has several, while its spikes are there
    """

    def __init__(self, model: Model, seed: int, target: str):
        super().__init__(model, seed, target)
        self.on_tick: Callable[[int], None] = lambda tick: None
        self.on_part: Callable[[], None] = lambda: None
        self._began = False
        self._due: dict[int, list[Write]] = defaultdict(list)
        self._agenda: dict[int, list[Operation | tuple[str, float]]] = defaultdict(list)

    # -- building --------------------------------------------------------------------------

    def build(self) -> NetworkInfo:
        """Build the network and its monitors; raises BuildError with the reason."""

        self.build_network()
        self.read_network()
        self._first_tick = round(self.info.warm_up_ms / self.info.tick_ms)
        found = spike_monitors(list(self.slices.values()))
        self.monitors, self.events, self._offsets = found
        self._ours = [*self.monitors.values(), *self.events.values(), *self._operations()]
        self.net.add(*self._ours)
        return self.info

    def _operations(self) -> list[Any]:
        """What samples the streams: an operation a clock, before everything else; and the ticks."""
        import brian2

        self.streams = Streams()
        clocks = {t.recordable.dt_ms: t.owner.clock for t in reversed(self.targets.values())}
        shared = self._shared_with_ticks()
        ticks = brian2.NetworkOperation(
            self._at_clock_of_ticks if shared is None else self._stepping(shared, clocks[shared]),
            clock=brian2.Clock(self.info.tick_ms * brian2.ms, name="workbench_tick_clock")
            if shared is None
            else clocks[shared],
            when="start",
            order=-1000,
            name="workbench_tick",
        )
        self._tick_clock = ticks.clock
        samplers = [
            brian2.NetworkOperation(
                partial(self._sample, dt_ms, clock.variables["timestep"]), clock=clock,
                when="start", order=-1001, name=f"workbench_sampler_{k}",
            )
            for k, (dt_ms, clock) in enumerate(clocks.items()) if dt_ms != shared
        ]  # fmt: skip
        return [*samplers, ticks]

    def _shared_with_ticks(self) -> float | None:
        """Time step in ms of the clock that the ticks share with what they step, or None.

        Brian2's loop takes a quicker path where there is one clock. Not where a script has runs
        of its own, between which it may change the time step.
        """
        clock = min((s.group.clock for s in self.slices.values()), key=lambda c: float(c.dt))
        dt_ms = round(float(clock.dt) * 1e3, 9)
        ratio = self.info.tick_ms / dt_ms
        whole = ratio > 0.5 and abs(ratio - round(ratio)) < 1e-9
        known = any(t.recordable.dt_ms == dt_ms for t in self.targets.values())
        return dt_ms if whole and known and self.model.run_length_s() is None else None

    def _stepping(self, dt_ms: float, clock: Any) -> Callable[[], None]:
        """What is called at every step of a clock that the ticks share."""
        timestep = clock.variables["timestep"].get_value()  # Brian2 counts in this array
        sampled = self.streams.on_clock(dt_ms)
        first, steps = self._first(dt_ms), round(self.info.tick_ms / dt_ms)

        def at_step() -> None:
            step = timestep.item() - first
            for each in sampled:
                each.at(step)
            if step % steps == 0:
                self._at_tick(step // steps)

        return at_step

    def _sample(self, dt_ms: float, timestep: Any) -> None:
        step = int(timestep.get_value()[0]) - self._first(dt_ms)
        for each in self.streams.on_clock(dt_ms):
            each.at(step)

    def _first(self, dt_ms: float) -> int:
        """The time step of the network, of this length, at which the simulation has its 0."""
        return round(self._first_tick * self.info.tick_ms / dt_ms)

    def record(self, streams: list[Stream], now_ms: float | None = None) -> None:
        self.streams.start(streams, now_ms)

    def build_network(self) -> Any:
        """The model's network as it is when a run begins: seeded, live parameters written."""
        import brian2

        from ..circuits.read.declared_rule import watched

        brian2.prefs.codegen.target = self.target
        brian2.seed(self.seed)
        # R18: a network must not pick up objects that a notebook left lying about.
        with watched(), said_plainly(self.model):
            self.net = self.model.build()
        if not isinstance(self.net, brian2.Network):
            raise BuildError(
                f"{type(self.model).__name__}.build() must return a brian2.Network, "
                f"not {type(self.net).__name__}."
            )
        self._objects = {o.name: o for o in self.net.sorted_objects}
        self.write_live_parameters()
        return self.net

    # -- running ---------------------------------------------------------------------------

    def run(self, duration_ms: float | None = None) -> None:
        """Run until ``duration_ms`` of simulated time, or until ``on_tick`` raises StopRun.

        A model that has runs of its own ends with the last of them.
        """
        wanted = FOREVER_MS if duration_ms is None else duration_ms
        with (
            self._failing_plainly(),
            contextlib.suppress(StopRun),
            np.errstate(all="ignore"),
        ):
            self._run_parts(wanted)

    def _run_parts(self, wanted: float) -> None:
        import brian2

        done = 0.0
        while True:
            own_s = self.model.run_length_s()
            length_ms = wanted - done if own_s is None else own_s * 1e3
            ends = own_s is not None and length_ms <= wanted - done
            duration = own_s * brian2.second if ends else (wanted - done) * brian2.ms
            began = float(self.net.t)
            self.net.run(duration, namespace=self.model.run_namespace())
            ran_ms = (float(self.net.t) - began) * 1e3
            # Ctrl-C makes Brian2 return early, without an exception; so does a script's stop().
            early = ran_ms < min(length_ms, wanted - done) * (1 - 1e-9)
            if early and not ends:
                return
            done = done + (ran_ms if early else length_ms) if ends else wanted
            self.ended_at = done
            if not ends or not self._next_part(done):
                return
            self.ended_at = None

    def _next_part(self, done_ms: float) -> bool:
        """Take over the network of the next run; False where there is none.

        What the workbench added is taken out meanwhile, so that a program can store and restore
        its network. Where that set back its time, the simulation's own goes on.
        """
        left_at = float(self.net.t)
        self.on_part()
        take_out(self.net, self._ours)
        net = self.model.next_network()
        if net is None:
            return False
        self.net = net
        self.net.add(*self._ours)
        if float(net.t) != left_at:
            tick_ms = self.info.tick_ms
            steps, ticks = (math.ceil(round(t / tick_ms, 6)) for t in (float(net.t) * 1e3, done_ms))
            self._first_tick = steps - ticks
        for name in self.model.constants:
            value = getattr(self.model, name)
            if value != self.model.parameter(name).default:
                self.set_parameter(name, value)
        return True

    @contextlib.contextmanager
    def _failing_plainly(self) -> Iterator[None]:
        """What goes wrong before the first step is a fault of the network as it was built."""
        try:
            with said_plainly(self.model, built=True, net=self.net):
                yield
        except NotRun as error:
            if self._began:
                self.check_finite()  # some solvers stop at what is no number, and do not say where
                raise
            assert error.__cause__ is not None
            raise NotBuilt(sentence(error.__cause__, self.model, False)) from error.__cause__

    def _at_clock_of_ticks(self) -> None:
        step = int(self._tick_clock.variables["timestep"].get_value()[0])
        self._at_tick(step - self._first_tick)

    def _at_tick(self, tick: int) -> None:
        self._began = True
        self.tick = tick
        self.on_tick(tick)
        if self._agenda:
            for what in self._agenda.pop(self.tick, ()):
                if isinstance(what, Operation):
                    self.perform(what)
                else:
                    self.model.set(*what)
                    self.set_parameter(*what)
        if self._due:
            for write in self._due.pop(self.tick, ()):
                self.write(write)

    # -- acting on the network ---------------------------------------------------------------

    def set_parameter(self, name: str, value: float) -> None:
        """Write one live parameter, in its unit, into the shared variables of its name."""
        si = float(value * brian_unit(self.model.parameter(name).unit))
        for variable in self.live_variables(name):
            variable.get_value()[:] = si
        if name in self.model.constants:
            write_constant(self.net, self.model.run_namespace(), name, si)

    def perform(self, operation: Operation) -> None:
        """Make an operation happen from the current tick on; to be called within ``on_tick``."""
        operation.check(self.model)
        writes = operation.writes(self.model, self.tick)
        for write in writes:
            self._check(write)
        for write in writes:
            self._due[write.tick].append(write)

    def plan(self, tick: int, operation: Operation) -> None:
        """Make an operation happen from a later tick on; refused now if it does not fit."""
        operation.check(self.model)
        for write in operation.writes(self.model, tick):
            self._check(write)
        self._agenda[tick].append(operation)

    def plan_change(self, tick: int, name: str, value: float) -> None:
        """Change a live parameter at a later tick."""
        self._agenda[tick].append((name, value))

    def write(self, write: Write) -> None:
        """Apply one write now."""
        self._array(write.target, write.variable)[write.index] = write.value

    # -- what another engine goes on with ------------------------------------------------------

    def state(self) -> State:
        """The network's state; to be called within ``on_tick``."""
        return state_of(self.net, self.tick, self.model.run_namespace())

    def still_to_come(self) -> tuple[list[Write], list[tuple[int, Operation | tuple[str, float]]]]:
        """Writes of operations that have begun, and (tick, planned operation or change)."""
        begun = [write for tick in sorted(self._due) for write in self._due[tick]]
        return begun, [(tick, what) for tick in sorted(self._agenda) for what in self._agenda[tick]]

    # -- reading from the network --------------------------------------------------------------

    def drain_spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Spikes since the last call as (steps, global unit numbers), ordered by time.

        Other events are among them, with numbers beyond all units.

        The monitors are emptied, so that they do not grow for ever.
        """
        steps, units = [], []
        dt = self.info.dt_ms / 1e3
        first = self._first(self.info.dt_ms)
        for name, monitor in (*self.monitors.items(), *self.events.items()):
            n = int(monitor.variables["N"].get_value().item())
            if not n:
                continue
            t = monitor.variables["t"].get_value()[:n]
            steps.append(np.rint(t / dt).astype(np.int64) - first)
            units.append(monitor.variables["i"].get_value()[:n] + self._offsets[name])
            empty(monitor)
        if not steps:
            return np.empty(0, np.int64), np.empty(0, np.int32)
        all_steps, all_units = np.concatenate(steps), np.concatenate(units).astype(np.int32)
        order = np.argsort(all_steps, kind="stable")
        return all_steps[order], all_units[order]

    def sampler(self, watched: Mapping[str, Iterable[int]]) -> Callable[[], dict[str, np.ndarray]]:
        """A function that samples some neurons' states now, in display units."""
        plan = self.sampling_plan(watched)

        def sample() -> dict[str, np.ndarray]:
            return {
                name: self._values(group, variable)[index] * scale
                for name, group, variable, index, scale in plan
            }

        return sample

    def _values(self, group: Any, variable: str) -> np.ndarray:
        v = group.variables[variable]
        if hasattr(v, "get_value"):
            with contextlib.suppress(TypeError):
                return v.get_value()
        return computed(group, variable, self.model.run_namespace())

    def check_finite(self) -> None:
        """Raise SimulationError, naming the variable, if a state is no longer a number."""
        for part in self.slices.values():
            for variable in state_variables(part.group):
                values = part.group.variables[variable].get_value()[part.start : part.stop]
                bad = ~np.isfinite(values)
                if bad.any():
                    first = int(np.flatnonzero(bad)[0])
                    raise self._not_finite(part.name, variable, int(bad.sum()), first)


@contextlib.contextmanager
def brian_settings_kept(target: str = "numpy") -> Iterator[None]:
    """Use a code generation target, and put the old one back afterwards.

    So too NumPy's global random state. Brian2's own choice of a target would compile for a minute.
    """
    import brian2

    from ..brian.cache_keys import quick_keys_meanwhile

    before, state = brian2.prefs.codegen.target, np.random.get_state()  # noqa: NPY002
    brian2.prefs.codegen.target = target
    try:
        with quick_keys_meanwhile():
            yield
    finally:
        brian2.prefs.codegen.target = before
        np.random.set_state(state)  # noqa: NPY002
