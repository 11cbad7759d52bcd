"""Pairs of spikes of two trains, and what it costs to turn one train into the other.

A pair costs the distance of its spikes, a spike without a pair D + 1. By dynamic programming, the
cheapest pairs are found among all; the live network finds its pairs while the spikes come (see
``network.py``), which leaves nearly the same spikes without one.

With pairs of at most D, as in the source, the cost of two trains is 0 only if they are equal, and
symmetric, but no metric: from a spike at 0 to one at 2D it is 2D + 2, and by way of D only 2D.
Without that limit it is D + 1 times the distance of Victor & Purpura (1996), which is one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Pairing(NamedTuple):
    """cost in steps; extra (n,) and missed (m,) bool: spikes without a pair in either train."""

    cost: float
    extra: np.ndarray
    missed: np.ndarray


def pair(ours: np.ndarray, theirs: np.ndarray, D: float, limit: float | None = None) -> Pairing:
    """The cheapest pairs of two trains.

    ours, theirs : (n,) and (m,) times in steps, sorted
    D            : a spike without a pair costs D + 1
    limit        : largest distance of a pair; None: D, inf: none but the cost
    raises       : ValueError if a train is not sorted
    """
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    for train in (ours, theirs):
        if (np.diff(train) < 0).any():
            raise ValueError("The spikes of a train are not in the order of their times.")
    limit = D if limit is None else limit
    n, m, alone = len(ours), len(theirs), D + 1.0
    apart = np.abs(ours[:, None] - theirs[None, :])
    pairs = np.where(apart <= limit, apart, np.inf)
    cost = np.zeros((n + 1, m + 1))
    cost[:, 0], cost[0] = alone * np.arange(n + 1), alone * np.arange(m + 1)
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost[i, j] = min(
                cost[i - 1, j - 1] + pairs[i - 1, j - 1], cost[i - 1, j] + alone,
                cost[i, j - 1] + alone,
            )  # fmt: skip
    extra, missed = np.ones(n, bool), np.ones(m, bool)
    i, j = n, m
    while i and j:
        if cost[i, j] == cost[i - 1, j - 1] + pairs[i - 1, j - 1]:
            i, j = i - 1, j - 1
            extra[i] = missed[j] = False
        elif cost[i, j] == cost[i - 1, j] + alone:
            i -= 1
        else:
            j -= 1
    return Pairing(float(cost[n, m]), extra, missed)


def unpaired(ours: np.ndarray, theirs: np.ndarray, D: float) -> tuple[np.ndarray, np.ndarray]:
    """(steps, N) bool each: extra spikes of ours, and theirs that were missed.

    ours, theirs : (steps, N) bool
    """
    extra, missed = np.zeros(ours.shape, bool), np.zeros(theirs.shape, bool)
    neuron, step = np.nonzero((ours | theirs).T)
    # No pair reaches over a gap of more than D: what lies between two gaps is by itself.
    begins = (np.diff(neuron, prepend=-1) > 0) | (np.diff(step, prepend=0) > D)
    part = np.cumsum(begins) - 1
    mine, other = ours[step, neuron], theirs[step, neuron]
    count = np.array([np.bincount(part[which], minlength=begins.sum()) for which in (mine, other)])
    alone = (count == 0).any(axis=0)[part]
    extra[step, neuron], missed[step, neuron] = mine & alone, other & alone
    # One spike of each is a pair; only where there are more, there is something to choose.
    starts = np.flatnonzero(begins)
    for p in np.flatnonzero((count.min(axis=0) > 0) & (count.max(axis=0) > 1)):
        one = slice(starts[p], starts[p + 1] if p + 1 < len(starts) else None)
        k, a, b = neuron[starts[p]], step[one][mine[one]], step[one][other[one]]
        found = pair(a, b, D)
        extra[a[found.extra], k] = missed[b[found.missed], k] = True
    return extra, missed
