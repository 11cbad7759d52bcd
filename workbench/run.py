"""`Run`: a finished or stopped simulation, with everything needed to trust and redo it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import unknown
from .interventions import Intervention
from .network import NetworkInfo

if TYPE_CHECKING:
    import xarray

    from .catalogue.entry import RunEntry
    from .model.model import Model


@dataclass
class Run:
    """One simulation.

    model         : registry name;  parameters : parameter -> value at t = 0
    info          : populations and projections of the network
    duration_ms   : simulated time reached
    steps, units  : (S,) time step and global unit number of every spike, in order of time
    state_t       : (T,) ms;  states : "population.variable" -> (T, n), in display units
    weights       : projection -> {"i", "j": (n_syn,), "t_ms": (K,), "w": (K, n_syn)}
    interventions : what was done to it, in order: `Intervention`
    outcome       : "finished", "stopped" or "failed"; ``message`` says why
    provenance    : versions, engine, date, git commit where there is one
    files         : file of the model -> SHA-256 of what it held
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

    @property
    def populations(self) -> dict[str, int]:
        """Population name -> number of neurons."""
        return {p.name: p.size for p in self.info.populations}

    def spikes(self, population: str) -> tuple[np.ndarray, np.ndarray]:
        """Spikes of one population: (t_ms, i), both (S,), ordered by time."""
        if population not in self.populations:
            raise unknown("population", population, self.populations, owner=self.model)
        p = self.info.population(population)
        mine = (self.units >= p.offset) & (self.units < p.offset + p.size)
        return self.times(self.steps[mine]), self.units[mine] - p.offset

    def times(self, steps: np.ndarray) -> np.ndarray:
        """Time of each step in ms, rounded to what the step can mean (no 0.30000000000000004)."""
        return np.round(np.asarray(steps) * self.info.dt_ms, 9)

    def rate(self, population: str) -> float:
        """Mean rate of one population over the whole run, in Hz."""
        t, _ = self.spikes(population)
        neurons = self.populations[population]
        return len(t) / neurons / (self.duration_ms / 1000) if self.duration_ms else float("nan")

    def state(self, name: str) -> np.ndarray:
        """Samples of one recorded state, (T, n): "population.variable" or just "variable"."""
        if name in self.states:
            return self.states[name]
        hits = [k for k in self.states if k.split(".")[-1] == name]
        if len(hits) != 1:
            raise unknown("recorded state", name, self.states, owner=self.model)
        return self.states[hits[0]]

    def weight_matrix(self, projection: str, at: int = -1) -> np.ndarray:
        """Weights of one projection as (post, pre), NaN where there is no synapse."""
        if projection not in self.weights:
            raise unknown("projection with weights", projection, self.weights, owner=self.model)
        p = self.info.projection(projection)
        w = self.weights[projection]
        shape = (self.info.population(p.target).entries, self.info.population(p.source).entries)
        matrix = np.full(shape, np.nan)
        matrix[w["j"], w["i"]] = w["w"][at]
        return matrix

    def replay(self, progress: Any = None, *, model: type[Model] | Model | None = None) -> Run:
        """Simulate again, with the same parameters, seed, engine and interventions.

        The spikes are the same ones; ``workbench.replay.differences`` counts those that are not.

        model : what to simulate; by default the class at hand, or the registry's, of that name
        """
        import workbench

        return workbench.replay_run(self, progress, model)

    def to_xarray(self) -> xarray.Dataset:
        """The run as one Dataset: spikes, states, weights; provenance in ``attrs``."""
        import workbench

        return workbench.run_to_xarray(self)

    def save(self, path: str | Path, overwrite: bool = False) -> Path:
        """Write the run as a Zarr folder; raises StoreError when it exists or cannot be written."""
        import workbench

        return workbench.save_run(self, Path(path), overwrite=overwrite)

    def keep(self, name: str | None = None, tags: Iterable[str] = (), notes: str = "") -> RunEntry:
        """Put a copy of the run into the catalogue of saved runs; returns its entry.

        name   : None makes one from model, date and time
        raises : ParameterError for a name or tag that cannot be; StoreError when there is a run
                 of that name, or the folder cannot be written
        """
        import workbench

        return workbench.Catalogue().keep(self, name, tags, notes)
