"""`Run`: results of a simulation, with all data needed to verify and repeat it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import unknown
from .interventions import Intervention
from .network import NetworkInfo
from .recordings import Samples

if TYPE_CHECKING:
    import neo
    import pandas
    import xarray

    from .catalogue.entry import RunEntry
    from .circuits.tables import Document
    from .formats.spikes import RecordedSpikes
    from .model.model import Model


@dataclass
class Run:
    """Results of one simulation.

    model         : registry name;  parameters : parameter -> value at t = 0
    info          : populations and projections of the network
    duration_ms   : simulated time reached
    steps, units  : (S,) time step and global unit index of every spike, ordered by time
    state_t       : (T,) ms;  states : "population.variable" -> (T, n), in display units
    weights       : projection -> {"i", "j": (n_syn,), "t_ms": (K,), "w": (K, n_syn)}
    interventions : log of interventions, in order: `Intervention`
    outcome       : "finished", "stopped" or "failed"; ``message`` says why
    provenance    : versions, engine, date, git commit if there is one
    files         : file of the model -> SHA-256 of its content
    recordings    : name -> `Samples`, each with its own times; for a few watched neurons also the
                    extremes between two ticks
    changed_circuit : the circuit with the values at the end, where parameters were set during
                    the run; else None
    """

    model: str
    parameters: dict[str, float]
    info: NetworkInfo
    duration_ms: float
    seed: int
    engine: str
    steps: np.ndarray
    units: np.ndarray
    state_t: np.ndarray
    states: dict[str, np.ndarray]
    weights: dict[str, dict[str, np.ndarray]]
    interventions: list[Intervention] = field(default_factory=list)
    outcome: str = "finished"
    message: str = ""
    provenance: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    path: Path | None = None
    recordings: dict[str, Samples] = field(default_factory=dict)
    changed_circuit: Any = None

    @property
    def circuit(self) -> Any:
        """The circuit with the values at the end of the run; None if it was stored without."""
        return self.info.circuit if self.changed_circuit is None else self.changed_circuit

    @property
    def last_parameters(self) -> dict[str, float]:
        """Parameter -> value at the end of the run, after all that was set."""
        later = {e.name: e.value for e in self.interventions if e.is_change}
        return {**self.parameters, **{k: v for k, v in later.items() if v is not None}}

    @property
    def populations(self) -> dict[str, int]:
        """Population name -> number of neurons."""
        return {p.name: p.size for p in self.info.populations}

    def spikes(
        self, population: str, t_ms: tuple[float, float] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Spikes of one population: (t_ms, i), both (S,), ordered by time.

        t_ms : from when to when, both included; of a large stored run only these are read
        """
        if population not in self.populations:
            raise unknown("population", population, self.populations, owner=self.model)
        p = self.info.population(population)
        steps, units = (self.steps, self.units) if t_ms is None else self.between(*t_ms)
        mine = (units >= p.offset) & (units < p.offset + p.size)
        return self.times(steps[mine]), units[mine] - p.offset

    def load(self) -> Run:
        """Read into memory what is read when it is asked for: the folder may go. Returns itself."""
        for samples in self.recordings.values():
            samples.load()
        return self

    def pieces(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """All spikes, (S,) time steps and (S,) global units, in parts that follow one another."""
        yield self.steps, self.units

    def between(self, low_ms: float, high_ms: float) -> tuple[np.ndarray, np.ndarray]:
        """(S,) time step and global unit of the spikes from ``low_ms`` to ``high_ms``."""
        first, last = self._steps_of(low_ms, high_ms)
        part = slice(*np.searchsorted(self.steps, (first, last + 1)))
        return self.steps[part], self.units[part]

    def _steps_of(self, low_ms: float, high_ms: float) -> tuple[int, int]:
        """The first and the last time step from ``low_ms`` to ``high_ms``."""
        dt_ms = self.info.dt_ms
        return math.ceil(low_ms / dt_ms - 1e-6), math.floor(high_ms / dt_ms + 1e-6)

    def times(self, steps: np.ndarray) -> np.ndarray:
        """Time of each step in ms, rounded to avoid values such as 0.30000000000000004."""
        return np.round(np.asarray(steps) * self.info.dt_ms, 9)

    def rate(self, population: str) -> float:
        """Mean rate of one population over the whole run, in Hz."""
        t, _ = self.spikes(population)
        neurons = self.populations[population]
        return len(t) / neurons / (self.duration_ms / 1000) if self.duration_ms else float("nan")

    def state(self, name: str) -> np.ndarray:
        """Samples of one recorded state, (T, n): "population.variable" or just "variable".

        Those at ticks, at the times ``state_t``, where there are some; else those of a recording,
        whose times ``samples`` has.
        """
        if name in self.states:
            return self.states[name]
        hits = [k for k in self.states if k.split(".")[-1] == name]
        if len(hits) == 1:
            return self.states[hits[0]]
        return self.samples(name).values

    def samples(self, name: str) -> Samples:
        """A recording with its own times, or what was sampled at ticks; raises UnknownName.

        name : "population.variable", "projection.variable", or just "variable"
        """
        known = {**self._at_ticks(), **self.recordings}
        if name in known:
            return known[name]
        hits = [k for k in known if k.split(".")[-1] == name]
        if len(hits) != 1:
            raise unknown("recorded state", name, known, owner=self.model)
        return known[hits[0]]

    def sampled(self) -> list[str]:
        """Names of everything that ``samples`` knows but events."""
        known = {**self._at_ticks(), **self.recordings}
        return [name for name, s in known.items() if s.of != "events"]

    def options(self) -> dict[str, Any]:
        """What ``record`` of ``Model.run`` must be to record the same again."""
        own = {k: s.option() for k, s in self.recordings.items() if k not in self.info.watched}
        return {**self.info.watched, **own}

    @property
    def engines(self) -> str:
        """The engine and, if another one went on, from when on it did."""
        later = [f"{e.name} from {e.t_ms:g} ms" for e in self.interventions if e.is_engine]
        return ", ".join([self.engine, *later])

    def events(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """A recorded event that is no spike, "population.event": (t_ms, i), both (E,)."""
        known = {k: s for k, s in self.recordings.items() if s.of == "events"}
        if name not in known:
            raise unknown("recorded event", name, known, owner=self.model)
        return known[name].t_ms, known[name].values[:, 0].astype(np.int64)

    def _at_ticks(self) -> dict[str, Samples]:
        found = {}
        for name, values in self.states.items():
            index = np.asarray(self.info.watched.get(name, ()), np.int64)
            population = self.info.populations_by_name.get(name.rpartition(".")[0])
            found[name] = Samples(
                name,
                index=index if len(index) == values.shape[1] else np.arange(values.shape[1]),
                unit=self.info.unit_of(name),
                of="compartments" if population and population.compartments else "neurons",
                every_ms=self.info.tick_ms,
                load=partial(dict, t_ms=self.state_t, values=values),
            )
        return found

    def weight_matrix(self, projection: str, at: int = -1) -> np.ndarray:
        """Weight matrix of one projection, (post, pre), NaN where there is no synapse."""
        if projection not in self.weights:
            raise unknown("projection with weights", projection, self.weights, owner=self.model)
        p = self.info.projection(projection)
        w = self.weights[projection]
        shape = (self.info.population(p.target).entries, self.info.population(p.source).entries)
        matrix = np.full(shape, np.nan)
        matrix[w["j"], w["i"]] = w["w"][at]
        return matrix

    def replay(self, progress: Any = None, *, model: type[Model] | Model | None = None) -> Run:
        """Simulate again with the same parameters, seed, engine and interventions.

        With the same engine, versions and model on the same machine the spikes are the same,
        every one; ``workbench.replay.differences`` counts those that are not.

        model : model class or instance; by default the defined or registered class of that name
        """
        import workbench

        return workbench.replay_run(self, progress, model)

    def to_xarray(self) -> xarray.Dataset:
        """Convert to one Dataset with spikes, states and weights; provenance in ``attrs``."""
        import workbench

        return workbench.run_to_xarray(self)

    def to_frames(self) -> dict[str, pandas.DataFrame]:
        """Convert to tables of spikes, each recorded state, weights and interventions."""
        import workbench

        return workbench.run_to_frames(self)

    def to_csv(self, folder: str | Path, overwrite: bool = False) -> Path:
        """Write the tables of `to_frames` as CSV files; raises ParameterError, StoreError."""
        import workbench

        return workbench.run_to_csv(self, folder, overwrite)

    def to_parquet(self, folder: str | Path, overwrite: bool = False) -> Path:
        """Write them as Parquet files; raises NotInstalled, ParameterError, StoreError."""
        import workbench

        return workbench.run_to_parquet(self, folder, overwrite)

    def to_neo(self, path: str | Path | None = None, overwrite: bool = False) -> neo.Block:
        """Convert to a Neo block, which is written to ``path`` ("my_run.mat") if one is given.

        raises : NotInstalled without Neo; ParameterError, StoreError
        """
        import workbench

        return workbench.run_to_neo(self, path, overwrite)

    def to_nwb(self, path: str | Path, overwrite: bool = False) -> Path:
        """Write as an NWB file; raises NotInstalled without PyNWB; ParameterError, StoreError."""
        import workbench

        return workbench.run_to_nwb(self, path, overwrite)

    def beside(self, recorded: RecordedSpikes, at_ms: float = 0.0) -> Run:
        """This run with the populations of a recording after its own, for plots and measures.

        recorded : what ``wb.read_spikes`` read;  at_ms : when it begins in the run
        """
        import workbench

        return workbench.beside_run(self, recorded, at_ms)

    def methods(self, format: str = "markdown", document: bool = False) -> Document:
        """A paragraph on how the run was made, and tables of its network, for a paper.

        format   : "markdown", "html" or "latex";  document : a complete file
        raises   : UnknownName for another format
        """
        import workbench

        return workbench.run_methods(self, format, document)

    def save(self, path: str | Path, overwrite: bool = False) -> Path:
        """Write the run as a Zarr folder; raises StoreError if it exists or cannot be written."""
        import workbench

        return workbench.save_run(self, Path(path), overwrite=overwrite)

    def keep(self, name: str | None = None, tags: Iterable[str] = (), notes: str = "") -> RunEntry:
        """Save a copy of the run in the catalogue; return its entry.

        name   : None generates a name from model, date and time
        raises : ParameterError for an invalid name or tag; StoreError if a run of that name exists
                 or the folder cannot be written
        """
        import workbench

        return workbench.Catalogue().keep(self, name, tags, notes)
