"""The compiled engine: Brian2's standalone binary, live.

The binary calls into ``cpp/live.cpp`` at every time step through a user function with a C++
implementation, which one neuron's ``run_regularly`` evaluates before everything else. Everything
that touches the network happens there, on a tick: so the same commands at the same ticks give the
same spikes.

Doors of Brian2 that are used: user functions, ``device.insert_code``, additional source files,
``codegen.cpp.headers``.
"""

from __future__ import annotations

import math
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...brian.errors import explained, said_plainly
from ...brian.fast.numbers import read_at_start
from ...disk_errors import failing
from ...errors import BuildError, SimulationError, WorkbenchError
from ...model.operation import Operation, Write
from ...network import NetworkInfo
from ...recordings import Block, joined, rows_in_chunk
from ..cells import state_variables
from ..describe import grid_ms, populations_of, warm_up_ms
from ..simulation import FOREVER_MS, Simulation, spike_monitors
from ..state import State, constants_of, owners_of, variables_of
from ..streams import Stream
from . import cache as binary_cache
from .called import hook, only_what_cpp_can, table, without_files_and_arguments
from .link import Begun, BinaryLink, Data, Wanted
from .makefile import make

if TYPE_CHECKING:
    from ...model.model import Model

_CPP = Path(__file__).parent


class NotCompiled(Exception):
    """There is no binary yet, and nobody wants to wait for one."""


class CannotGoOn(WorkbenchError):
    """A binary cannot go on where another engine stands; the message says why."""


class Compiled(Simulation):
    """A simulation in a binary of its own that the worker talks to; it sends its spikes itself.

    say      : called with a sentence when something takes long
    patient  : compile if need be; else build() raises NotCompiled
    build()  : generates, compiles (or finds) and starts the binary; it stands at tick 0
    go_on()  : the same, in the state of a simulation on another engine
    raises   : BuildError where the model needs what standalone C++ does not offer
    """

    def __init__(
        self, model: Model, seed: int, report: Callable[[str], Any] = lambda text: None,
        patient: bool = True,
    ):  # fmt: skip
        super().__init__(model, seed, "compiled")
        self.report = report
        self.patient = patient
        self.jobs: int | None = None  # compilers at a time; None: one a processor
        self.link: BinaryLink | None = None
        self.key = ""  # name of the binary in the cache
        self._streams: dict[int, Stream] = {}  # every one that was ever sampled, by its id
        self.begun: dict[str, Begun] = {}  # streams that another engine has sampled, by their key
        self.changes: dict[int, list[tuple[str, float]]] = defaultdict(list)
        self._planned: list[tuple[int, int, Any]] = []  # (tick, order, change or operation)
        with failing(Path(tempfile.gettempdir())):
            self._folder = Path(tempfile.mkdtemp(prefix="workbench-"))

    # -- building --------------------------------------------------------------------------

    def build(self) -> NetworkInfo:
        self.prepare()
        self._start()
        self.write_live_parameters()
        self._know_network()
        return self.info

    def go_on(self, state: State, seed: int) -> NetworkInfo:
        """Build, and stand where a simulation of the same model stands on another engine.

        seed   : of the random numbers from there on
        raises : CannotGoOn for a network that differs from this one, or whose state is not known
        """
        from ...brian.fast.device import suitable

        if not suitable():
            raise CannotGoOn(
                "with this version of Brian2, spikes under way cannot be handed to compiled code."
            )
        self.prepare()
        arrays = self._arrays_from(state)
        self._start()
        for number, values in arrays:
            self._link.put(number, values)
        for number, (name, _, _) in enumerate(self._pathways):
            self._link.arriving(number, state.arriving[name])
        t_ms = state.tick * self.model.tick_ms
        steps = [math.floor(t_ms / dt_ms + 1e-6) for dt_ms in self._clocks]
        self._link.jump(state.tick, seed, steps)
        self.tick = state.tick
        self._know_network()
        return self.info

    def _start(self) -> None:
        self.link = BinaryLink(self._binary, self._folder, self.seed)
        _, self.tick = self.link.standing()
        self.device.show_values(self.link.read)

    def _know_network(self) -> None:
        self.read_network()
        self._link.check(self._finite())

    def _arrays_from(self, state: State) -> list[tuple[int, np.ndarray]]:
        """(number, values) of every array of the binary; raises CannotGoOn."""
        from brian2.core.variables import DynamicArrayVariable

        owners, found = owners_of(self.net), []
        for key, variable in variables_of(owners).items():
            name, number = ".".join(key), self.device.number(variable)
            values = state.arrays.get(key)
            if values is None:
                raise CannotGoOn(f"{name} is not known outside of the compiled code.")
            if number is None:
                raise CannotGoOn(f"{name} cannot be set in the compiled code.")
            if not isinstance(variable, DynamicArrayVariable) and values.size != variable.size:
                raise CannotGoOn(
                    f"{name} has {values.size:,} entries, and {variable.size:,} in the compiled "
                    "code."
                )
            found.append((number, values.astype(variable.dtype, copy=False)))
        for key, constant in constants_of(owners, self.model.run_namespace()).items():
            theirs = state.constants.get(key)
            if theirs is None or not np.array_equal(theirs, constant, equal_nan=True):
                raise CannotGoOn(
                    f"{'.'.join(filter(None, key))} came out differently when the code was made."
                )
        paths = {name for name, _, _ in self._pathways}
        if paths != set(state.arriving):
            raise CannotGoOn(
                f"the pathways {', '.join(sorted(paths ^ set(state.arriving)))} are not in both."
            )
        return found

    def prepare(self) -> str:
        """Generate the code and find or make its binary; returns its name in the cache."""
        if binary_cache.compiler() is None:
            raise BuildError(
                "The compiled engine needs a C++ compiler and make, and this machine has none: "
                "install g++ and make, or use engine='auto'."
            )
        self.generate()
        self._binary = self._compiled()
        return self.key

    def generate(self) -> None:
        """Write the C++ code of the model."""
        import brian2

        from ...brian.constants import become_variables
        from ...brian.device import activate
        from ...circuits.read.declared_rule import watched

        self.device = activate()
        brian2.prefs.codegen.cpp.headers = ['"live.h"']
        np.random.seed(self.seed)  # noqa: NPY002  models may draw with NumPy while they build
        with watched(), said_plainly(self.model):
            self.net = self.model.build()
        if not isinstance(self.net, brian2.Network):
            raise BuildError(
                f"{type(self.model).__name__}.build() must return a brian2.Network, "
                f"not {type(self.net).__name__}."
            )
        only_what_cpp_can(self.net, self.model)
        become_variables(self.net, self.model.run_namespace(), self.model.constants)
        slices = populations_of(self.net, self.model.populations)
        if not slices:
            raise BuildError(f"The network of {self.model.slug} has no neurons.")
        self._slices = slices
        self.monitors, self.events, self._offsets = spike_monitors(slices)
        clock = min((s.group.clock for s in slices), key=lambda c: float(c.dt))
        self._objects = {o.name: o for o in self.net.sorted_objects}
        self._first_step = round(warm_up_ms(self.net, self.model.tick_ms) / (float(clock.dt) * 1e3))
        ours = [
            *self.monitors.values(), *self.events.values(), hook(clock, self._first_step),
            *self._other_clocks(clock),
        ]  # fmt: skip
        # The model's own network stays as it is: its objects and ours run in another one. Where
        # ``build`` has run them they can be in no other one, so ours are taken out again.
        running, began = self.net, self.net.t_
        if self._first_step:
            running.add(*ours)
        else:
            running = brian2.Network(*self.net.objects, *ours, name="workbench_network")
        with said_plainly(self.model):
            try:
                running.run(FOREVER_MS * brian2.ms, namespace=self.model.run_namespace())
            except NotImplementedError as error:
                if explained(error) is not None:
                    raise
                raise BuildError(
                    f"{self.model.title or self.model.slug} cannot be compiled: {error} "
                    "Use engine='numpy'."
                ) from error
        self._need_open_constants()
        if self._first_step:
            running.remove(*ours)
            running.t_ = began
        self._write_sources(float(clock.dt) * 1e3)

    def _need_open_constants(self) -> None:
        """Raise BuildError where the code contains the number of a live constant."""
        from ...brian.constants import constants_of

        closed = sorted(set(constants_of(self.net)) & set(self.model.constants))
        if closed:
            raise BuildError(
                f"{self.model.title or self.model.slug} cannot be compiled: {closed[0]!r} is used "
                "where C++ needs it as a fixed number. Use engine='numpy'."
            )

    def _other_clocks(self, fastest: Any) -> list[Any]:
        """A hook for each further clock, whose variables are sampled at its steps."""
        self._clocks = {round(float(fastest.dt) * 1e3, 9): 0}
        hooks = []
        for thing in self.net.sorted_objects:
            dt_ms = round(float(thing.clock.dt) * 1e3, 9)
            if dt_ms not in self._clocks and hasattr(thing, "variables"):
                number = self._clocks[dt_ms] = len(self._clocks)
                first = round(warm_up_ms(self.net, self.model.tick_ms) / dt_ms)
                hooks.append(hook(thing.clock, first, number))
        return hooks

    def _write_sources(self, dt_ms: float) -> None:
        arrays = self.device.number_arrays()
        self._pathways = self.device.pathways(self.net)
        steps = round(self.model.tick_ms / dt_ms)
        text = table(
            arrays,
            self._pathways,
            {**self.monitors, **self.events},
            self._offsets,
            self.device,
            steps,
            grid_ms(self._slices) / 1e3,
            round(dt_ms / grid_ms(self._slices)),
            self._first_step,
            len(self._clocks),
            self.device.suitable,
        )
        self.device.insert_code("after_start", "workbench::start();")
        sources = self._folder
        with failing(sources):
            sources.mkdir(parents=True, exist_ok=True)
            for name in ("live.h", "live.cpp"):
                shutil.copy2(_CPP / name, sources / name)
            (sources / "live_table.h").write_text(text)
            self.device.build(
                directory=str(sources), compile=False, run=False, with_output=False,
                additional_source_files=["live.cpp"],
            )  # fmt: skip
            without_files_and_arguments(sources)
            read_at_start(sources, table="live_table.h")

    def _compiled(self) -> Path:
        """Find what the sources compile to, or compile them."""
        self.key = key = binary_cache.key_of(self._folder)
        binary = binary_cache.find(key)
        if binary is not None:
            return binary
        if not self.patient:
            raise NotCompiled("its code came out differently from what was compiled.")
        with binary_cache.building(key):
            binary = binary_cache.find(key)  # another process may just have built it
            if binary is None:
                self.report("Compiling: some ten seconds, once")
                binary = binary_cache.keep(
                    key, make(self._folder, self.model.slug, self.jobs), self.model.slug
                )
        return binary

    def _finite(self) -> list[tuple[int, int, int]]:
        self._checked: list[tuple[str, str]] = []
        ranges = []
        for part in self.slices.values():
            for name in state_variables(part.group):
                variable = part.group.variables[name]
                number = self.device.number(variable)
                if number is not None and np.dtype(variable.dtype) == np.float64:
                    self._checked.append((part.name, name))
                    ranges.append((number, part.start, part.stop))
        return ranges

    # -- acting: while the simulation stands -----------------------------------------------------

    def set_parameter(self, name: str, value: float) -> None:
        for number, si in self._parameter_writes(name, value):
            self._link.write(number, np.array([0]), np.array([si]))

    def _parameter_writes(self, name: str, value: float) -> list[tuple[int, float]]:
        from ...model.units import brian_unit

        si = float(value * brian_unit(self.model.parameter(name).unit))
        return [(self.device.numbers[v], si) for v in self.live_variables(name)]

    def perform(self, operation: Operation) -> None:
        """Make an operation happen from the tick on at which the simulation stands."""
        operation.check(self.model)
        for write in self._checked_writes(operation, self.tick, self.model):
            self._write(write, self.tick)

    def plan(self, tick: int, operation: Operation) -> None:
        operation.check(self.model)
        self._checked_writes(operation, tick, self.model)
        self._planned.append((tick, len(self._planned), operation))

    def plan_change(self, tick: int, name: str, value: float) -> None:
        self._planned.append((tick, len(self._planned), (name, value)))

    def send_plan(self) -> None:
        """Hand over everything that is to happen at later ticks; from now on it is fixed."""
        later = type(self.model)(**self.model.values())  # operations see values of their time
        for tick, _, what in sorted(self._planned, key=lambda p: p[:2]):
            if isinstance(what, Operation):
                for write in what.writes(later, tick):
                    self._write(write, tick)
            else:
                name, value = what
                later.set(name, value)
                for number, si in self._parameter_writes(name, value):
                    self._link.write(number, np.array([0]), np.array([si]), at=tick, kind=0)
        for tick, _, what in self._planned:
            if not isinstance(what, Operation):
                self.changes[tick].append(what)
        self._planned = []

    def _checked_writes(self, operation: Operation, tick: int, model: Model) -> list[Write]:
        writes = operation.writes(model, tick)
        for write in writes:
            self._check(write)
        return writes

    def write(self, write: Write) -> None:
        """Have a write of an operation that began earlier happen at its tick."""
        self._write(write, -1)

    def _write(self, write: Write, since: int) -> None:
        variable = self._objects[write.target].variables[write.variable]
        number = self.device.numbers[variable]
        index = np.atleast_1d(np.asarray(write.index))
        values = np.broadcast_to(np.asarray(write.value, float), index.shape)
        at = write.tick if write.tick >= self.tick else self.tick
        self._link.write(number, index, values, at=at, kind=1, since=since)

    @property
    def _link(self) -> BinaryLink:
        assert self.link is not None  # only used once it was built
        return self.link

    # -- reading ---------------------------------------------------------------------------------

    def entries(self, watched: Mapping[str, Iterable[int]]) -> list[tuple[str, int, float, Any]]:
        """(name, array, factor into display units, indices) of what is to be sampled.

        raises : UnknownName or SimulationError for what cannot be
        """
        found = []
        for name, group, variable, index, scale in self.sampling_plan(watched):
            number = self.device.number(group.variables[variable])
            if number is None:
                raise SimulationError(
                    f"{name} is computed from other variables; the compiled engine samples only "
                    "variables that are stored. Use engine='numpy' to see it."
                )
            found.append((name, number, scale, index))
        return found

    def sampler(self, watched: Mapping[str, Iterable[int]]) -> Callable[[], dict[str, np.ndarray]]:
        plan = self.entries(watched)

        def sample() -> dict[str, np.ndarray]:
            return {
                name: self._link.read(number, np.dtype(float))[index] * scale
                for name, number, scale, index in plan
            }

        return sample

    def record(self, streams: list[Stream], now_ms: float | None = None) -> None:
        wanted = []
        for stream in streams:
            variable, places = stream.target.array(stream.index)
            number = None if variable is None else self.device.number(variable)
            if number is None:
                raise SimulationError(
                    f"{stream.key} is computed from other variables; the compiled engine records "
                    "only variables that are stored. Use engine='numpy' to record it."
                )
            known = next((k for k, s in self._streams.items() if s is stream), len(self._streams))
            self._streams[known] = stream
            wanted.append(
                Wanted(
                    known, self._clocks[stream.dt_ms], number, stream.every, stream.extremes,
                    stream.single, stream.target.scale,
                    rows_in_chunk(len(stream.index), stream.single), stream.rows,
                    _runs(places), self.begun.pop(stream.key, None),
                )
            )  # fmt: skip
        self._link.streams(wanted)

    def blocks(self, data: Data) -> dict[str, Block]:
        """The samples of recordings among the data, by recording."""
        found: dict[str, Block] = {}
        for number, steps, samples in data.streams:
            stream = self._streams[number]
            n, samples = len(stream.index), stream.kept(samples)
            parts = (samples[:, :n], samples[:, n : 2 * n], samples[:, 2 * n :])
            block = Block(stream.times(steps), *parts[: 3 if stream.extremes else 1])
            before = found.get(stream.key)
            found[stream.key] = block if before is None else joined([before, block])
        return found

    def report_bad(self, data: Data) -> None:
        """Raise SimulationError if the data say that a state is no number any more."""
        if data.bad is not None:
            which, count, first = data.bad
            raise self._not_finite(*self._checked[which], count, first)

    def close(self) -> None:
        if self.link is not None:
            self.device.hide_values()
            self.link.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _runs(places: Any) -> list[tuple[int, int]]:
    """Entries as stretches: (first, how many)."""
    if isinstance(places, slice):
        return [(places.start, places.stop - places.start)]
    cuts = np.flatnonzero(np.diff(places) != 1) + 1
    return [(int(part[0]), len(part)) for part in np.split(np.asarray(places), cuts)]
