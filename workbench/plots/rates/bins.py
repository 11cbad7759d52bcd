"""How wide the bins of rates have to be, so that a rhythm of the data is seen as it is.

Bins of half a period or more show beats between the rhythm and the bins instead (aliasing).
"""

from __future__ import annotations

import numpy as np

IN_A_PERIOD = 4  # bins
CERTAIN = 6.0  # a rhythm exceeds the peaks that chance gives by so many times the mean power
SHARED_BY = 3  # spikes in a period
OVER_NOISE = 2.0  # variance within a period, over that of as many spikes at random


def fitting(counts: np.ndarray, coarse: int, most: int) -> int:
    """How many short bins to draw together.

    counts : (populations, n) spikes in short bins;  coarse : as many as the width of the plot asks
             for;  most : bins that the plot can show

    Fewer where there is a rhythm faster than that. Where it is too fast for the plot as well, as
    many as whole periods of it have, over which its beats vanish. A rhythm that would drown in the
    noise of such short bins leaves them as they are.
    """
    period = shortest_period(counts, IN_A_PERIOD * coarse)
    if period is None or not _stands_out(counts, max(1, int(period / IN_A_PERIOD))):
        return coarse
    for fine in (int(period / IN_A_PERIOD), int(np.ceil(period / 2)) - 1):
        if fine >= 1 and counts.shape[1] / fine <= most:
            return min(fine, coarse)
    return max(1, round(period * np.ceil(coarse / period)))


def _stands_out(counts: np.ndarray, fine: int) -> bool:
    """Whether a rhythm of four bins of ``fine`` is more than the noise of counting in them.

    Cells that fire regularly by themselves give a sharp line in the spectrum, many of them, and
    hardly move the rate. What changes from one half of a period to the other is compared with
    what chance gives, so that a slow change of the rate does not count.
    """
    n = counts.shape[1] // fine
    half = IN_A_PERIOD // 2
    if n <= half:
        return False
    sums = counts[:, : n * fine].reshape(len(counts), n, fine).sum(axis=2)
    changes = np.square(sums[:, half:] - sums[:, :-half]).mean(axis=1) / 2
    return bool((changes >= OVER_NOISE * sums.mean(axis=1))[sums.any(axis=1)].any())


def shortest_period(counts: np.ndarray, below: float) -> float | None:
    """Period of the strongest rhythm that is faster than ``below``, in bins; None without one.

    The power spectrum of each population, over that of as many spikes at random (a Poisson
    process, whose spectrum is flat), has to exceed the largest peak that chance would give. Of
    peaks half as high as the highest one, overtones among them, the slowest counts. Fewer than
    three spikes in a period are single cells that fire regularly, and no rhythm of a population.
    """
    n = counts.shape[1]
    fastest = 2  # bins: the shortest period that they can show
    if n < 4 * fastest or below <= fastest:
        return None
    spikes = counts.sum(axis=1)
    busy = counts[spikes > 0]
    if not len(busy):
        return None
    power = np.abs(np.fft.rfft(busy - busy.mean(axis=1, keepdims=True), axis=1)) ** 2
    total = busy.sum(axis=1, keepdims=True)
    shared = np.arange(power.shape[1]) <= total / SHARED_BY
    relative = np.where(shared, power / total, 0).max(axis=0)
    first = int(n / below) + 1  # the slowest one that matters
    band = relative[first:]
    if not len(band):
        return None
    chance = np.log(len(band) * len(busy)) + CERTAIN
    highest = float(band.max())
    if highest <= chance:
        return None
    return n / (first + int(np.flatnonzero(band >= highest / 2)[0]))
