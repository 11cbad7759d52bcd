"""What passes between a simulation and whoever watches it: plain data, no Brian2."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

State = Literal[
    "building", "compiling", "ready", "running", "paused", "stopped", "finished", "failed"
]


@dataclass(frozen=True)
class Population:
    """A group of neurons or inputs. Its unit ``k`` has the global number ``offset + k``.

    size         : units that spike, rows of a raster
    compartments : of a cell that has some, whose arrays have one entry for each of them; else 0
    """

    name: str
    size: int
    offset: int
    kind: Literal["neurons", "input"]
    sign: Literal["excitatory", "inhibitory", "mixed", "none"] = "none"
    variables: dict[str, str] = field(default_factory=dict)  # per-neuron variable -> unit
    spiking: bool = True  # False for units that have a rate and no spikes
    compartments: int = 0

    @property
    def label(self) -> str:
        return self.name.replace("_", " ")

    @property
    def entries(self) -> int:
        """Length of the arrays of its variables: numbers of neurons, or of compartments."""
        return self.compartments or self.size


@dataclass(frozen=True)
class Projection:
    """One ``Synapses``: from ``source`` to ``target``, ``n_synapses`` of them.

    onto     : of synapses onto synapses, whose; ``target`` is then the target of those
    parallel : another projection has the same ends, so that only the name tells them apart
    delay_ms : (shortest, longest) of all pathways from the source
    weight : name of the weight variable, or None when the synapses carry none
    unit   : unit of the weight; ``scale`` turns the stored SI value into it
    bins   : (rows, columns) of the weight matrix as sent: post x pre, at most ``MAX_BINS`` a side
    """

    name: str
    source: str
    target: str
    n_synapses: int
    weight: str | None = None
    unit: str = "1"
    plastic: bool = False
    sign: Literal["excitatory", "inhibitory", "mixed", "unknown"] = "unknown"
    delay_ms: tuple[float, float] | None = None
    bins: tuple[int, int] = (0, 0)
    limits: tuple[float, float] | None = None  # (w_min, w_max) for colours, if the model knows
    onto: str = ""
    parallel: bool = False

    @property
    def label(self) -> str:
        ends = f"{self.source} → {self.target}"
        if self.onto:
            ends += f" (onto {self.onto})"
        return (f"{self.name}: {ends}" if self.parallel else ends).replace("_", " ")


@dataclass(frozen=True)
class NetworkInfo:
    """What a built network consists of; sent once, before the first frame."""

    dt_ms: float
    tick_ms: float
    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]
    traces: dict[str, str]  # "population.variable" -> unit, sampled once a tick
    watched: dict[str, tuple[int, ...]]  # "population.variable" -> neurons that are sampled
    circuit: Any = None  # workbench.circuits.Circuit
    maps: dict[str, str] = field(default_factory=dict)  # the same, of every neuron, shown as a map

    @property
    def n_units(self) -> int:
        return sum(p.size for p in self.populations)

    @property
    def spiking(self) -> bool:
        """Whether any population of the network spikes."""
        return bool(self.spikers)

    @property
    def spikers(self) -> tuple[Population, ...]:
        """The populations that spike: what a raster and rates show."""
        return tuple(p for p in self.populations if p.spiking)

    def population(self, name: str) -> Population:
        return next(p for p in self.populations if p.name == name)

    def projection(self, name: str) -> Projection:
        return next(p for p in self.projections if p.name == name)


@dataclass
class Frame:
    """Everything that happened since the previous frame.

    t_ms    : simulated time reached; every spike in the frame is earlier
    steps   : (S,) int64, time step of each spike (time = step * dt_ms)
    units   : (S,) int32, global unit number of each spike
    state_t : (T,) float, ms, when the states were sampled
    states  : "population.variable" -> (T, n) float, in display units
    weights : projection -> (post bins, pre bins) float32, NaN where there is no synapse
    counters: real_time_factor, behind_ms, dropped_spikes, spikes, frames, custom model values
    """

    tick: int
    t_ms: float
    steps: np.ndarray
    units: np.ndarray
    state_t: np.ndarray
    states: dict[str, np.ndarray]
    weights: dict[str, np.ndarray]
    counters: dict[str, float]


@dataclass
class Status:
    """What a session is doing now. Never a lie: set by the worker, or by its death."""

    state: State = "building"
    engine: str = ""
    t_ms: float = 0.0
    seed: int = 0
    message: str = ""  # one sentence for people
    details: str = ""  # the traceback, one click away
    real_time_factor: float = 0.0  # simulated seconds per wall second, over the last second
    behind_ms: float = 0.0  # wall time by which the simulation trails the requested pace
    dropped_spikes: int = 0  # spikes recorded but left out of a frame
    warning: str = ""
    waits: str = ""  # it stands still by itself because of ``warning``: what to do about it
    next_engine: str = ""  # a faster engine that the next run would take
    progress: float = 0.0  # 0..1 of the requested duration; 0 when there is none

    @property
    def over(self) -> bool:
        return self.state in ("stopped", "finished", "failed")


def state_is_live(state: State) -> bool:
    """True while there is a worker that can take commands."""
    return state in ("ready", "running", "paused")
