"""What passes between a simulation and whoever watches it: plain data, no Brian2."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from ..recordings import Block
from ..sparse import Spread

State = Literal[
    "building", "compiling", "ready", "running", "paused", "stopped", "finished", "failed"
]

COUNTED = ("real_time_factor", "behind_ms", "dropped_spikes", "spikes")


@dataclass
class Frame:
    """Everything that happened since the previous frame.

    t_ms    : simulated time reached; every spike in the frame is earlier
    steps   : (S,) int64, time step of each spike (time = step * dt_ms)
    units   : (S,) int32, global unit number of each spike
    state_t : (T,) float, ms, when the states were sampled
    states  : "population.variable" -> (T, n) float, in display units
    weights : projection -> (post bins, pre bins) float32, NaN where there is no synapse
    sparse  : of those that are sparse, projection -> `Spread`
    followed: projection -> ((T,) ms, (T, post bins, pre bins)), its weights between two frames at
              moments that lie evenly in simulated time; fewer where there are too many to send
    recorded: recording -> its samples, thinned where there are too many to show: what lies between
              two samples that are sent is in their extremes, but for recordings of more than
              ``workbench.recordings.WIDE`` entries
    entries : recording -> which entries its columns are, ``index``, and of synapses ``pre`` and
              ``post``; sent once, with the first frame after they changed
    counters: `COUNTED`
    missing : spikes of these steps, from the first to before the last, are not all here: there were
              too many to be sent, and the record alone has them; (0, 0) where none is missing
    """

    tick: int
    t_ms: float
    steps: np.ndarray
    units: np.ndarray
    state_t: np.ndarray
    states: dict[str, np.ndarray]
    weights: dict[str, np.ndarray]
    counters: dict[str, float]
    recorded: dict[str, Block] = field(default_factory=dict)
    sparse: dict[str, Spread] = field(default_factory=dict)
    followed: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    entries: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    missing: tuple[int, int] = (0, 0)

    def lacks(self, first: int, last: int) -> bool:
        """Whether spikes of steps from ``first`` to before ``last`` are missing."""
        return self.missing[0] < last and first < self.missing[1]


def state_is_over(state: str) -> bool:
    """True when a simulation, or a pair of them, will do nothing more."""
    return state in ("stopped", "finished", "failed")


class Ending:
    """Whatever has a ``state`` knows when it is over."""

    state: State

    @property
    def over(self) -> bool:
        return state_is_over(self.state)


@dataclass
class Status(Ending):
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
    silent_s: float = 0.0  # how long nothing was heard of it, though it runs
    next_engine: str = ""  # a faster engine that the next run would take
    compiling_s: float = 0.0  # for how long a faster one is being compiled; 0: it is not
    goes_on: bool = False  # it is compiled, and what runs is about to go on so
    compiled_since_ms: float | None = None  # simulated time at which the compiled one went on
    stays: str = ""  # why it does not: one sentence
    progress: float = 0.0  # 0..1 of the requested duration; 0 when there is none


def state_is_live(state: State) -> bool:
    """True while there is a worker that can take commands."""
    return state in ("ready", "running", "paused")
