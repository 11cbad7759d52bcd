"""Neuronal avalanches, and the power law of their sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ParameterError

MOST = 1_000_000  # upper limit of the sum over sizes if ``largest`` is not given


@dataclass(frozen=True)
class Avalanches:
    """Sizes (n,) in spikes and durations (n,) in bins."""

    sizes: np.ndarray
    durations: np.ndarray


def avalanches(counts: np.ndarray, *, threshold: float = 0.0) -> Avalanches:
    """Find runs of consecutive bins with counts above ``threshold``.

    counts    : (T,) spikes in each bin
    threshold : 0 to separate avalanches by silent bins; larger for a network that is never
                silent, in which case the size is the summed excess over the threshold
    returns   : complete avalanches only; those cut off at either end are left out
    source    : Beggs & Plenz 2003, J. Neurosci. 23:11167; threshold as in Poil et al. 2012
    """
    counts = np.asarray(counts, dtype=float)
    up = np.concatenate([[False], counts > threshold, [False]]).astype(int)
    starts, ends = np.flatnonzero(np.diff(up) == 1), np.flatnonzero(np.diff(up) == -1)
    whole = (starts > 0) & (ends < len(counts))
    starts, ends = starts[whole], ends[whole]
    total = np.concatenate([[0.0], np.cumsum(counts - threshold)])
    return Avalanches(total[ends] - total[starts], ends - starts)


def power_law_exponent(
    sizes: np.ndarray, *, smallest: int = 1, largest: int | None = None
) -> tuple[float, float]:
    """Maximum-likelihood exponent alpha of p(s) ~ s^-alpha for integer sizes in a range.

    returns : (alpha, standard error from the curvature of the likelihood)
    raises  : ParameterError for fewer than two sizes in the range
    source  : Clauset, Shalizi & Newman 2009, SIAM Rev. 51:661, section 3.3 (discrete, exact sum);
              bounded above as in Langlois et al. 2014
    """
    chosen = _chosen(sizes, smallest, largest)
    values = np.arange(smallest, (largest or MOST) + 1, dtype=float)
    log_values, mean_log = np.log(values), np.log(chosen).mean()

    def moments(alpha: float) -> tuple[float, float]:
        p = np.exp(-alpha * (log_values - log_values[0]))
        p /= p.sum()
        mean = float((p * log_values).sum())
        return mean, float((p * log_values**2).sum() - mean**2)

    low, high = 0.01, 20.0  # the mean logarithm decreases with alpha, so bisection converges
    for _ in range(80):
        middle = (low + high) / 2
        if moments(middle)[0] > mean_log:
            low = middle
        else:
            high = middle
    alpha = (low + high) / 2
    return alpha, float(1 / np.sqrt(len(chosen) * moments(alpha)[1]))


def power_law_likelihood_ratio(sizes: np.ndarray, *, smallest: int = 1) -> float:
    """Log-likelihood ratio of the best power law and the best geometric distribution.

    returns : positive if the power law is the more likely of the two
    source  : Clauset et al. 2009, section 5; the alternative is the discrete exponential
    """
    chosen = _chosen(sizes, smallest, None)
    alpha, _ = power_law_exponent(sizes, smallest=smallest)
    values = np.arange(smallest, MOST + 1, dtype=float)
    power = -alpha * np.log(chosen).sum() - len(chosen) * np.log((values**-alpha).sum())
    mean = chosen.mean() - smallest
    if mean <= 0:
        return float("-inf")
    q = mean / (1 + mean)
    geometric = ((chosen - smallest) * np.log(q)).sum() + len(chosen) * np.log1p(-q)
    return float(power - geometric)


def _chosen(sizes: np.ndarray, smallest: int, largest: int | None) -> np.ndarray:
    sizes = np.rint(np.asarray(sizes, dtype=float))
    chosen = sizes[(sizes >= smallest) & (sizes <= (largest or np.inf))]
    if len(chosen) < 2:
        raise ParameterError(
            f"A power law needs at least two sizes from {smallest} to {largest or 'infinity'}; "
            f"there are {len(chosen)}."
        )
    return chosen
