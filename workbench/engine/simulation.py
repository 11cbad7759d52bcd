"""`Simulation`: a model that runs and is acted upon at ticks, whatever runs it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import SimulationError, unknown
from ..model.operation import Operation, Write
from ..model.units import brian_unit
from ..network import NetworkInfo
from .cells import compartments, units_of
from .describe import Slice, WeightReader, describe, first_units
from .live_variables import live_variables
from .recordable import Target, targets
from .streams import Stream

if TYPE_CHECKING:
    from ..model.model import Model

# Brian2 doubts its clocks from 2**40 steps on; this is eleven days of simulated time.
FOREVER_MS = 1e9


class Simulation(ABC):
    """A network of a model, built and run on one engine.

    model    : the declaration; its live parameters may be changed through ``set_parameter``
    target   : the engine: "numpy", "cython" or "compiled"
    tick     : the tick reached
    ended_at : ms, once the whole duration was simulated
    info, slices, weights : what the network consists of, its populations, and a reader of the
               weights of each projection; there after ``build``, as is
    targets  : what can be recorded
    """

    net: Any
    info: NetworkInfo
    slices: dict[str, Slice]
    weights: dict[str, WeightReader]
    monitors: dict[str, Any]
    events: dict[str, Any]
    targets: dict[str, Target]

    def __init__(self, model: Model, seed: int, target: str):
        self.model = model
        self.seed = seed
        self.target = target
        self.tick = 0
        self.ended_at: float | None = None
        self._objects: dict[str, Any] = {}
        self._offsets: dict[str, int] = {}

    # -- what an engine does its own way -------------------------------------------------------

    @abstractmethod
    def build(self) -> NetworkInfo:
        """Build the network and its monitors; raises BuildError with the reason."""

    @abstractmethod
    def set_parameter(self, name: str, value: float) -> None:
        """Write one live parameter into every variable of that name; value in its unit."""

    @abstractmethod
    def perform(self, operation: Operation) -> None:
        """Make an operation happen from the current tick on."""

    @abstractmethod
    def plan(self, tick: int, operation: Operation) -> None:
        """Make an operation happen from a later tick on; refused now if it does not fit."""

    @abstractmethod
    def plan_change(self, tick: int, name: str, value: float) -> None:
        """Change a live parameter at a later tick."""

    @abstractmethod
    def sampler(self, watched: Mapping[str, Iterable[int]]) -> Callable[[], dict[str, np.ndarray]]:
        """A function that samples some neurons' states now, in display units."""

    @abstractmethod
    def record(self, streams: list[Stream], now_ms: float | None = None) -> None:
        """Sample these streams and no others; ``now_ms``: from this moment of the run on."""

    # -- what is the same on every engine --------------------------------------------------------

    @property
    def t_ms(self) -> float:
        """Simulated time reached."""
        return self.tick * self.info.tick_ms if self.ended_at is None else self.ended_at

    @property
    def finished(self) -> bool:
        """True when the whole duration was simulated."""
        return self.ended_at is not None

    def read_network(self) -> None:
        """Find out what the built network consists of."""
        self.info, self.slices, self.weights = describe(self.net, self.model)
        self.targets = targets(self.net, self.info, self.model, self.slices, self.weights)
        message = tuple(t.recordable for t in self.targets.values())
        self.info = replace(self.info, recordables=message)

    @property
    def n_units(self) -> int:
        """How many units there are: numbers from here on stand for events that are no spikes."""
        return min((self._offsets[name] for name in self.events), default=2**31 - 1)

    def first_of(self, event: str) -> int:
        """The number that stands for an event, "group.event", of the group's neuron 0."""
        return self._offsets[event]

    def write_live_parameters(self) -> None:
        """Give the variables of all live parameters the model's values."""
        for name, parameter in self.model.parameters().items():
            if parameter.live:
                self.set_parameter(name, getattr(self.model, name))

    def live_variables(self, name: str) -> list[Any]:
        """The variables that a live parameter writes; raises BuildError where that cannot be."""
        return live_variables(self.model, self._objects.values(), name)

    def _array(self, target: str, variable: str) -> np.ndarray:
        return self._variable(target, variable).get_value()

    def _variable(self, target: str, variable: str) -> Any:
        if target not in self._objects:
            raise unknown("object", target, self._objects, owner=self.model.slug)
        variables = self._objects[target].variables
        if variable not in variables and variable == "drive":
            raise self._takes_no_spikes(target)
        if variable not in variables:
            raise unknown("variable", variable, variables, owner=target)
        return variables[variable]

    def _takes_no_spikes(self, population: str) -> SimulationError:
        takes = [p.name for p in self.info.populations if self._has_drive(p.name)]
        others = (
            f"{' and '.join(map(repr, takes))} {'does' if len(takes) == 1 else 'do'}"
            if takes
            else "no population of this model does"
        )
        kind = type(self._objects[population]).__name__
        return SimulationError(
            f"{population!r} takes no input spikes, being a {kind} without a variable 'drive'; "
            f"{others}. One that takes them has 'drive : 1' in its equations, threshold='drive > "
            "0' and reset='drive = 0'."
        )

    def _has_drive(self, population: str) -> bool:
        return population in self._objects and "drive" in self._objects[population].variables

    def _check(self, write: Write) -> None:
        from brian2.core.variables import ArrayVariable

        variable = self._variable(write.target, write.variable)
        # Of an array that cannot grow the size is known: a compiled simulation need not be asked.
        fixed = type(variable) is ArrayVariable
        size = variable.size if fixed else len(variable.get_value())
        index = np.asarray(write.index)
        if index.size and (index.min() < 0 or index.max() >= size):
            raise SimulationError(
                f"{write.target}.{write.variable} has the entries 0 to {size - 1}; "
                f"{int(index.max() if index.max() >= size else index.min())} is not one of them."
            )

    def sampling_plan(
        self, watched: Mapping[str, Iterable[int]]
    ) -> list[tuple[str, Any, str, np.ndarray, float]]:
        """(name, group, variable, indices, factor from SI into display units) for each name.

        raises : UnknownName for what the network has not, SimulationError for neurons out of range
        """
        plan = []
        for name, neurons in watched.items():
            population, _, variable = name.partition(".")
            if population not in self.slices:
                raise unknown("population", population, self.slices, owner=self.model.slug)
            part = self.slices[population]
            allowed = self.info.population(population).variables
            if variable not in part.group.variables:
                raise unknown("variable", variable, allowed, owner=population)
            index = np.asarray(list(neurons), dtype=int)
            if index.size and not (index.min() >= 0 and index.max() < part.size):
                what = "compartments" if compartments(part.group) else "neurons"
                raise SimulationError(
                    f"{population} has the {what} 0 to {part.size - 1}; "
                    f"{index.max()} cannot be sampled."
                )
            known = self.info.traces | self.info.maps
            unit = known.get(name)
            scale = 1.0 if unit is None else 1.0 / float(brian_unit(unit))
            plan.append((name, part.group, variable, index + part.start, scale))
        return plan

    def _not_finite(self, population: str, variable: str, n: int, first: int) -> SimulationError:
        part = self.slices[population]
        one = "compartment" if compartments(part.group) else "neuron"
        return SimulationError(
            f"{population}.{variable} is not a finite number any more in {n} of "
            f"{part.size} {one}s (the first is {one} {first}), noticed at "
            f"t = {self.t_ms:g} ms. Undo the last change or use a smaller time step."
        )

    def states(self) -> dict[str, dict[str, np.ndarray]]:
        """A copy of every state array of the network, in SI units."""
        return {
            name: {
                k: np.array(v)
                for k, v in states.items()
                if isinstance(v, np.ndarray | np.generic | float | int)
            }
            for name, states in self.net.get_states(units=False, read_only_variables=False).items()
            if not name.startswith("workbench_")
        }


def spike_monitors(
    slices: list[Slice],
) -> tuple[dict[str, Any], dict[str, Any], dict[str, int]]:
    """One monitor a spiking group, one an event, and the number that stands for their neuron 0.

    Spikes are counted from the global number of the group's first unit on; other events, named
    "group.event", beyond all units.
    """
    import brian2

    blocks = first_units(slices)
    groups = {s.group.name: s.group for s in slices}
    events = {name: getattr(group, "events", {"spike": ""}) for name, group in groups.items()}
    monitors = {
        name: brian2.SpikeMonitor(group, record=True, name=f"workbench_spikes_{name}")
        for name, group in groups.items()
        if "spike" in events[name]
    }
    offsets = {name: blocks[name] for name in monitors}
    free = sum(units_of(group) for group in groups.values())
    others = {}
    for name, group in groups.items():
        for event in sorted(set(events[name]) - {"spike"}):
            key = f"{name}.{event}"
            others[key] = brian2.EventMonitor(
                group, event, record=True, name=f"workbench_events_{name}_{event}"
            )
            offsets[key] = free
            free += int(group.N)
    return monitors, others, offsets
