"""Branching factor: descendants of a spike per ancestor spike. 1 is critical."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ParameterError


@dataclass(frozen=True)
class Links:
    """Adjacency lists: the partners of unit k are ``partner[start[k]:start[k + 1]]``."""

    start: np.ndarray
    partner: np.ndarray

    @classmethod
    def of(cls, unit: np.ndarray, partner: np.ndarray, n: int) -> Links:
        """Build the lists from pairs (``unit``, ``partner``), both from 0 to n - 1.

        raises : ParameterError for a unit out of range
        """
        unit, partner = np.asarray(unit), np.asarray(partner)
        for found in (unit, partner):
            if found.size and not (found.min() >= 0 and found.max() < n):
                raise ParameterError(f"Units are numbered from 0 to {n - 1}; got {found.max()}.")
        order = np.argsort(unit, kind="stable")
        start = np.concatenate([[0], np.cumsum(np.bincount(unit, minlength=n))])
        return cls(start, partner[order])


def branching_factor(
    step: np.ndarray,
    unit: np.ndarray,
    pre: np.ndarray,
    post: np.ndarray,
    n: int,
    n_steps: int,
    *,
    window: int = 4,
    margin: int = 25,
) -> float:
    """Ratio of descendants to ancestors, averaged over spikes, then over neurons.

    For every spike of unit k at t: (spikes of the units that k projects to, in t+1 to t+window) /
    max(1, spikes of the units that project to k, in t-window to t-1). Spikes within ``margin`` of
    either end are ignored, and spikes whose windows overlap the margin are not averaged.

    step, unit : (S,) int, spikes of the recurrent network, step from 0 to n_steps - 1
    pre, post  : (K,) int, pre- and postsynaptic units of its synapses
    returns    : float; nan if no spike remains
    source     : as computed by the program of Ivanov & Michmizos 2021, compute_branching_factor.py
    """
    step, unit = np.asarray(step), np.asarray(unit)
    raster = np.zeros((n_steps + 2 * window + 1, n), dtype=np.int32)
    inside = (step >= margin) & (step < n_steps - margin)
    raster[step[inside] + window, unit[inside]] = 1
    total = np.concatenate([np.zeros((1, n), np.int32), raster.cumsum(axis=0, dtype=np.int32)])
    counts = (step >= margin + window) & (step < n_steps - margin - window)
    t, k = step[counts] + window, unit[counts]
    if not t.size:
        return float("nan")
    after = _summed(total[t + window + 1] - total[t + 1], k, Links.of(pre, post, n))
    before = _summed(total[t] - total[t - window], k, Links.of(post, pre, n))
    ratio = after / np.maximum(1, before)
    spikes = np.bincount(k, minlength=n)
    mean = np.bincount(k, weights=ratio, minlength=n)[spikes > 0] / spikes[spikes > 0]
    return float(mean.mean())


def _summed(rows: np.ndarray, units: np.ndarray, links: Links) -> np.ndarray:
    """Sum each row over the partners of its unit; (S, n) and (S,) -> (S,)."""
    length = links.start[units + 1] - links.start[units]
    row = np.repeat(np.arange(len(units)), length)
    first = np.concatenate([[0], np.cumsum(length)[:-1]])
    at = np.arange(len(row)) - np.repeat(first, length) + np.repeat(links.start[units], length)
    return np.bincount(row, weights=rows[row, links.partner[at]], minlength=len(units))


def branching_of_counts(counts: np.ndarray, *, lags: int = 1) -> float:
    """Branching parameter m from activity, by regression of activity on earlier activity.

    The slope at lag k is b m^k. Where all neurons are counted, b = 1, and the slope at lag 1 is the
    estimate with the smallest error. Where only some are, b < 1 would be taken for a small m; it is
    fitted together with m if several lags are given.

    counts  : (T,) spikes per step
    lags    : 1, or the number of lags to fit, from 1 on; some multiple of -1/log(m), below T - 1
    returns : m with <A(t + k) | A(t)> = b m^k A(t) + drive; nan for constant activity
    raises  : ParameterError for too many lags
    source  : Wilting & Priesemann 2018, Nat. Commun. 9:2325, eq. 4 and Methods
    """
    counts = np.asarray(counts, dtype=float)
    if not 1 <= lags < max(2, len(counts) - 1):
        raise ParameterError(
            f"lags = {lags} is not allowed: from 1 to {max(1, len(counts) - 2)}, as there are "
            f"{len(counts)} counts."
        )
    steps = np.arange(1, lags + 1)
    slopes = np.array([_slope(counts[:-k], counts[k:]) for k in steps])
    if not np.isfinite(slopes).all():
        return float("nan")
    if lags == 1:
        return float(slopes[0])
    from scipy.optimize import curve_fit  # late: the web process measures nothing of it

    (_, m), _ = curve_fit(
        lambda k, b, m: b * m**k, steps, slopes, p0=(1.0, 0.9), bounds=([0, 0], [np.inf, 1.5])
    )
    return float(m)


def _slope(early: np.ndarray, late: np.ndarray) -> float:
    """Slope of the linear regression of ``late`` on ``early``; nan if that is constant."""
    spread = early.var()
    if not spread:
        return float("nan")
    return float(((early - early.mean()) * (late - late.mean())).mean() / spread)
