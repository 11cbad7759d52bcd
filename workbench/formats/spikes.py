"""Spike trains from elsewhere: shown beside a run, replayed as an input, measured as a run is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ParameterError, StoreError, unknown
from ..network import NetworkInfo, Population
from ..run import Run
from . import read_trains

if TYPE_CHECKING:
    from ..engine.frames import Frame
    from ..model.model import Model

STEP_MS = 0.001  # in which spike times from elsewhere are counted
TICK_MS = 1.0


def read_spikes(
    path: str | Path,
    *,
    time: str | None = None,
    neuron: str | None = None,
    population: str | None = None,
    unit: str | None = None,
) -> RecordedSpikes:
    """Read spike trains from an NWB file, a CSV table, or a file that Neo reads.

    A population for each value of the column, or annotation of Neo, "population", where there is
    one; else one population with the name of the file.

    path       : ".nwb" is read by PyNWB, ".csv", ".tsv" and ".txt" by pandas, all else by Neo
    time       : of a table, the column of the spike times; by default one of the usual names
    neuron     : of a table, the column that says whose spike it is; as above
    population : column of the units table, or of the table, or annotation, that names populations
    unit       : of the times of a table, "ms" or "s"; by default as the column's name ends, _ms, _s
    raises     : StoreError if there is no such file, or it cannot be read; ParameterError, with the
                 columns that there are; NotInstalled without the package that reads it
    """
    path = Path(path)
    if not path.exists():
        raise StoreError(f"There is no file {path}: give an NWB, CSV or Neo file of spike trains.")
    ending = path.suffix.lower()
    if ending in read_trains.TABLES:
        found = read_trains.of_table(path, time, neuron, population, unit)
    elif ending == ".nwb":
        found = read_trains.of_nwb(path, population)
    else:
        found = read_trains.of_neo(path, population)
    if not found.trains:
        raise ParameterError(f"{path} has no spike trains: give a file that has some.")
    read_trains.check_populations(path, len(found.trains))
    return RecordedSpikes(found.trains, found.start_ms, found.stop_ms, str(path))


@dataclass(frozen=True)
class RecordedSpikes:
    """Spike trains that no simulation of the workbench made.

    trains            : population -> spike times of each neuron, ms, in order
    start_ms, stop_ms : when the recording began and ended
    source            : where they come from
    """

    trains: Mapping[str, list[np.ndarray]]
    start_ms: float
    stop_ms: float
    source: str = ""

    @property
    def populations(self) -> dict[str, int]:
        """Population name -> number of neurons."""
        return {name: len(trains) for name, trains in self.trains.items()}

    @property
    def duration_ms(self) -> float:
        return self.stop_ms - self.start_ms

    def spikes(self, population: str) -> tuple[np.ndarray, np.ndarray]:
        """Spikes of one population: (t_ms, i), both (S,), ordered by time; raises UnknownName."""
        if population not in self.trains:
            raise unknown("population", population, self.trains, owner=self.source)
        trains = self.trains[population]
        t_ms = np.concatenate([np.empty(0), *trains])
        i = np.repeat(np.arange(len(trains)), [len(t) for t in trains])
        order = np.argsort(t_ms, kind="stable")
        return t_ms[order], i[order]

    def part(self, start_ms: float, stop_ms: float) -> RecordedSpikes:
        """The spikes from ``start_ms`` until before ``stop_ms``, whose times begin at 0.

        raises : ParameterError unless the stretch has a length and lies within the recording
        """
        if not self.start_ms <= start_ms < stop_ms <= self.stop_ms + 1e-9:
            raise ParameterError(
                f"From {start_ms:g} to {stop_ms:g} ms is not possible: the recording goes from "
                f"{self.start_ms:g} to {self.stop_ms:g} ms."
            )
        trains = {
            name: [t[(t >= start_ms) & (t < stop_ms)] - start_ms for t in each]
            for name, each in self.trains.items()
        }
        return RecordedSpikes(trains, 0.0, stop_ms - start_ms, self.source)

    def as_input(
        self,
        model: Model | type[Model],
        population: str | None = None,
        until_ms: float | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Spikes for ``input_spikes``: (t_ms, i), with the recording's beginning as 0.

        An input population spikes at ticks: times are rounded down to those, and spikes of a neuron
        within one tick become one.

        model      : whose ticks these are
        population : of the recording; may be left out where there is one alone
        until_ms   : leave out what comes at this time of the run or later
        raises     : UnknownName; ParameterError where several populations leave open which
        """
        if population is None:
            if len(self.trains) > 1:
                raise ParameterError(
                    f"{self.source} has several populations: say which, {' or '.join(self.trains)}."
                )
            population = next(iter(self.trains))
        t_ms, i = self.spikes(population)
        ticks = np.floor((t_ms - self.start_ms) / model.tick_ms + 1e-6).astype(np.int64)
        pairs = np.unique(np.stack([ticks, i], axis=1), axis=0)
        if until_ms is not None:
            pairs = pairs[pairs[:, 0] * model.tick_ms < until_ms]
        return pairs[:, 0] * model.tick_ms, pairs[:, 1]

    def as_run(self) -> Run:
        """A run that has these spikes alone, from the recording's beginning on, in steps of 1 µs.

        Figures, measures and exports take it as any other.
        """
        info = NetworkInfo(STEP_MS, TICK_MS, (), (), {}, {})
        empty = Run(
            model=Path(self.source).stem or "recording", parameters={}, info=info,
            duration_ms=self.duration_ms, seed=0, engine="recorded",
            steps=np.empty(0, np.int64), units=np.empty(0, np.int32),
            state_t=np.empty(0), states={}, weights={}, provenance={"source": self.source},
        )  # fmt: skip
        return beside(empty, self)


def beside(run: Run, recorded: RecordedSpikes, at_ms: float = 0.0) -> Run:
    """A run with the populations of a recording after its own, so that plots show both.

    Their spikes are moved so that the recording begins at ``at_ms`` of the run, and rounded to its
    time steps; what lies outside of the run is left out. A population of a name that the run has
    already is called NAME_recorded. The run itself stays as it is.

    run, recorded : what is shown together
    """
    info, steps, units = _joined(run.info, recorded, at_ms)
    inside = (steps >= 0) & (run.times(steps) < run.duration_ms)
    all_steps = np.concatenate([run.steps, steps[inside]])
    all_units = np.concatenate([run.units, units[inside]])
    order = np.argsort(all_steps, kind="stable")
    return dataclasses.replace(run, info=info, steps=all_steps[order], units=all_units[order])


class LiveBeside:
    """A recording beside a simulation that runs: its spikes come when the simulation is there.

    info     : of the simulated network, with the recording's populations after its own
    recorded : the recording
    """

    def __init__(self, info: NetworkInfo, recorded: RecordedSpikes):
        self.recorded = recorded
        self.info, steps, units = _joined(info, recorded, 0.0)
        order = np.argsort(steps, kind="stable")
        self._steps, self._units = steps[order], units[order]
        self._next = 0

    def reset(self) -> None:
        """A new run: the recording begins anew."""
        self._next = 0

    def frames(self, frames: list[Frame]) -> list[Frame]:
        """The frames with the spikes that the recording has until each of them."""
        return [self._frame(frame) for frame in frames]

    def _frame(self, frame: Frame) -> Frame:
        first = self._next
        end = round(frame.t_ms / self.info.dt_ms)
        self._next = max(first, int(np.searchsorted(self._steps, end)))
        steps = np.concatenate([frame.steps, self._steps[first : self._next]])
        units = np.concatenate([frame.units, self._units[first : self._next]])
        order = np.argsort(steps, kind="stable")
        return dataclasses.replace(frame, steps=steps[order], units=units[order])


def _joined(
    info: NetworkInfo, recorded: RecordedSpikes, at_ms: float
) -> tuple[NetworkInfo, np.ndarray, np.ndarray]:
    """The network with the recording's populations, and the steps and units of its spikes."""
    first = max((p.offset + p.size for p in info.populations), default=0)
    populations = list(info.populations)
    steps, units = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
    taken = {p.name for p in populations}
    for name, size in recorded.populations.items():
        label = name
        while label in taken:
            label += "_recorded"
        taken.add(label)
        populations.append(Population(label, size, first, "neurons"))
        t_ms, i = recorded.spikes(name)
        times = t_ms - recorded.start_ms + at_ms
        steps.append(np.rint(times / info.dt_ms).astype(np.int64))
        units.append((i + first).astype(np.int32))
        first += size
    joined = dataclasses.replace(info, populations=tuple(populations))
    return joined, np.concatenate(steps), np.concatenate(units)
