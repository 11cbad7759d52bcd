"""The spikes of a run as one train for each neuron, as files of spike trains hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..run import Run


@dataclass(frozen=True)
class Trains:
    """Spike trains of the neurons of all spiking populations, population by population.

    population : (N,) name of the population of each;  neuron : (N,) its number therein
    t_ms       : (N,) spike times of each, (S_k,) in order
    """

    population: list[str]
    neuron: np.ndarray
    t_ms: list[np.ndarray]


def trains(run: Run) -> Trains:
    """The trains of a run; a neuron of nested populations is in the smallest one alone."""
    last = max((p.offset + p.size for p in run.info.populations), default=0)
    owner = np.full(last, -1)
    spikers = run.info.spikers
    for k in sorted(range(len(spikers)), key=lambda k: -spikers[k].size):
        p = spikers[k]
        owner[p.offset : p.offset + p.size] = k
    order = np.argsort(run.units, kind="stable")  # spikes are ordered by time
    units, times = np.asarray(run.units)[order], run.times(np.asarray(run.steps)[order])
    ends = np.searchsorted(units, np.arange(last + 1))
    found = Trains([], np.empty(0, np.int64), [])
    numbers = []
    for k, p in enumerate(spikers):
        mine = np.flatnonzero(owner == k)
        found.population.extend([p.name] * len(mine))
        found.t_ms.extend(times[ends[u] : ends[u + 1]] for u in mine)
        numbers.append(mine - p.offset)
    return Trains(found.population, np.concatenate([found.neuron, *numbers]), found.t_ms)
