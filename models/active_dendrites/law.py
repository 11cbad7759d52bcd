"""Closed forms of how often a segment is wrong, and the numbers that the authors print.

A segment with s synapses onto cells of one pattern is active when at least theta of them are. All
counts are without replacement, so overlaps are hypergeometric.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.stats import binom, hypergeom, norm

# The authors' table, s = 24 and theta = 12: (n, a) -> (share observed, share predicted).
TABLE: dict[tuple[int, int], tuple[float, float]] = {
    (300, 64): (1.09318e-3, 1.09462e-3), (300, 128): (0.292048, 0.292078),
    (300, 256): (0.997368, 0.999998), (500, 64): (5.74e-6, 5.6957e-6),
    (500, 128): (7.37836e-3, 7.36788e-3), (500, 256): (0.629267, 0.629373),
    (700, 64): (1.1e-7, 1.4125e-7), (700, 128): (3.2014e-4, 3.2011e-4),
    (700, 256): (0.121048, 0.121088), (900, 128): (2.585e-5, 2.5026e-5),
    (900, 256): (1.93688e-2, 1.93598e-2), (1100, 128): (2.95e-6, 2.9964e-6),
    (1100, 256): (3.50879e-3, 3.50550e-3),
}  # fmt: skip
SYNAPSES, THRESHOLD = 24, 12  # of the table
# Further printed values: (n, a, s, theta) -> share predicted.
ANCHORS: dict[tuple[int, int, int, int], float] = {
    (10_000, 300, 24, 12): 8.37585e-13,
    (100_000, 2000, 6, 6): 6.353e-11,
    (100_000, 2000, 8, 8): 2.525e-14,
    (100_000, 2000, 10, 10): 1.002e-17,
    (100_000, 2000, 12, 6): 5.294e-8,
    (100_000, 2000, 16, 8): 2.817e-10,
    (100_000, 2000, 20, 10): 1.542e-12,
    (100_000, 2000, 24, 12): 8.587e-15,
}


def overlaps(n: int, a: int, s: int) -> np.ndarray:
    """Probability that 0 to s synapses are active when a of n cells are, (s + 1,)."""
    return np.asarray(hypergeom.pmf(np.arange(s + 1), n, s, a), dtype=float)


@lru_cache(maxsize=4096)  # a page draws the same curve again and again
def false_match(n: int, a: int, s: int, theta: float) -> float:
    """Probability that a random pattern activates a segment.

    n, a  : input cells, and how many of them are active at once
    s     : synapses of the segment;  theta: how many have to be active
    source: Ahmad & Hawkins (2016), false positives
    """
    return float(overlaps(n, a, s)[max(0, int(np.ceil(theta))) :].sum())


@lru_cache(maxsize=4096)
def missed_match(a: int, s: int, theta: float, v: int) -> float:
    """Probability that a stored pattern is not recognised when v of its a cells are displaced.

    source: Ahmad & Hawkins (2016), false negatives
    """
    lost = np.asarray(hypergeom.pmf(np.arange(s + 1), a, v, s), dtype=float)
    return float(lost[max(0, s - int(np.ceil(theta)) + 1) :].sum())


def any_of(count: int, share: float) -> float:
    """Probability that at least one of so many independent segments is active."""
    return float(-np.expm1(count * np.log1p(-share))) if share < 1 else 1.0


def union_synapses(n: int, s: int, patterns: int) -> float:
    """Synapses that a segment has on average after storing s cells of each of some patterns."""
    return float(n * -np.expm1(patterns * np.log1p(-s / n)))


def union_false_match(n: int, a: int, s: int, theta: float, patterns: int) -> float:
    """Probability of a false match of a segment that stores several patterns.

    Exact: averaged over how many synapses coincide, where the source takes their mean number.
    """
    return _union(n, a, s, theta, patterns)[0]


def union_spread(n: int, a: int, s: int, theta: float, patterns: int) -> float:
    """Standard deviation of that probability from segment to segment.

    A segment keeps its number of synapses for all volleys, so that its matches are not independent.
    """
    return _union(n, a, s, theta, patterns)[1]


@lru_cache(maxsize=256)
def _union(n: int, a: int, s: int, theta: float, patterns: int) -> tuple[float, float]:
    """Mean and standard deviation over segments of the probability of a false match."""
    counts = np.zeros(patterns * s + 1)
    counts[0] = 1.0
    for k in range(patterns):  # distribution of the number of distinct synapses
        grown = np.zeros_like(counts)
        for c in np.flatnonzero(counts[: k * s + 1]):
            fresh = np.asarray(hypergeom.pmf(np.arange(s + 1), n, n - c, s), dtype=float)
            grown[c : c + s + 1] += counts[c] * fresh
        counts = grown
    known = np.flatnonzero(counts)
    share = np.array([false_match(n, a, int(c), theta) for c in known])
    mean = float(counts[known] @ share)
    return mean, float(np.sqrt(counts[known] @ (share - mean) ** 2))


def allowed(share: float, trials: float, errors: float = 3.0) -> float:
    """How far a counted share may be from the expected one.

    The binomial interval that has the probability of so many standard errors of a normal one: where
    many counts are expected it is that number of standard errors, where few are it is counts.
    """
    tail = float(norm.sf(errors))
    ends = binom.ppf([tail, 1 - tail], int(trials), share) / trials
    return float(np.abs(ends - share).max())
