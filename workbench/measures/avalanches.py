"""Neuronal avalanches, and the power law of their sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ParameterError

FLATTEST, STEEPEST = 1.001, 20.0  # at 1, the sum over all sizes diverges


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

    returns : (alpha, standard error from the curvature of the likelihood); alpha is from 1.001 to
              20, and from 0.01 on where there is a largest size
    raises  : ParameterError for fewer than two sizes in the range
    source  : Clauset, Shalizi & Newman 2009, SIAM Rev. 51:661, section 3.3 and appendix B;
              bounded above as in Langlois et al. 2014
    """
    from scipy.optimize import minimize_scalar  # late: the web process measures nothing of it
    from scipy.special import zeta

    chosen = _chosen(sizes, smallest, largest)
    mean_log = np.log(chosen).mean()

    least = FLATTEST if largest is None else 0.01
    within = None if largest is None else np.arange(smallest, largest + 1.0)

    def log_sum(alpha: float) -> float:
        """Logarithm of the sum of s^-alpha over the range."""
        return float(np.log(zeta(alpha, smallest) if within is None else (within**-alpha).sum()))

    found = minimize_scalar(
        lambda alpha: alpha * mean_log + log_sum(alpha),
        bounds=(least, STEEPEST), method="bounded", options={"xatol": 1e-8},
    )  # fmt: skip
    alpha, h = float(found.x), 1e-4
    low, middle, high = map(log_sum, (alpha - h, alpha, alpha + h))
    curvature = (low - 2 * middle + high) / h**2
    return alpha, float(1 / np.sqrt(len(chosen) * curvature))


def power_law_likelihood_ratio(sizes: np.ndarray, *, smallest: int = 1) -> float:
    """Log-likelihood ratio of the best power law and the best geometric distribution.

    returns : positive if the power law is the more likely of the two
    source  : Clauset et al. 2009, section 5; the alternative is the discrete exponential
    """
    from scipy.special import zeta

    chosen = _chosen(sizes, smallest, None)
    alpha, _ = power_law_exponent(sizes, smallest=smallest)
    power = -alpha * np.log(chosen).sum() - len(chosen) * np.log(zeta(alpha, smallest))
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
