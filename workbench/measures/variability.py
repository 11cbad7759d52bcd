"""Variability of spike trains: CV of the intervals and Fano factor of the counts."""

from __future__ import annotations

import numpy as np


def isi_cv(t_ms: np.ndarray, i: np.ndarray, n: int, at_least: int = 2) -> np.ndarray:
    """Coefficient of variation of the inter-spike intervals of each neuron.

    t_ms     : (S,) spike times, ms, in any order
    i        : (S,) neuron of each spike, 0 to n - 1
    at_least : neurons with fewer intervals than this are nan
    returns  : (n,) standard deviation over mean. 0 is regular, 1 a Poisson process. For k
               intervals the estimate is biased low, by about 1/k for a Poisson process
    """
    order = np.lexsort((t_ms, i))
    t, who = np.asarray(t_ms, dtype=float)[order], np.asarray(i)[order]
    same = who[1:] == who[:-1]
    gaps, whose = np.diff(t)[same], who[1:][same]
    count = np.bincount(whose, minlength=n)
    mean = np.bincount(whose, gaps, minlength=n) / np.maximum(count, 1)
    variance = np.bincount(whose, (gaps - mean[whose]) ** 2, minlength=n) / np.maximum(count, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count >= max(at_least, 1), np.sqrt(variance) / mean, np.nan)


def fano_factor(
    t_ms: np.ndarray, i: np.ndarray, n: int, start_ms: float, stop_ms: float, window_ms: float
) -> np.ndarray:
    """Fano factor: variance over mean of each neuron's spike count in adjacent windows.

    t_ms, i   : (S,) spike times, ms, and their neurons, 0 to n - 1
    start_ms, stop_ms : range of the windows; a remainder shorter than a window is left out
    returns   : (n,) Fano factors, nan for silent neurons and for fewer than two windows. The
                variance is the unbiased estimate, so a Poisson process has 1 on average
    """
    k = int((stop_ms - start_ms) / window_ms + 1e-9)
    t = np.asarray(t_ms, dtype=float)
    used = (t >= start_ms) & (t < start_ms + k * window_ms)
    window = np.minimum(((t[used] - start_ms) / window_ms).astype(int), max(k - 1, 0))
    if k < 2:
        return np.full(n, np.nan)
    counts = np.bincount(np.asarray(i)[used] * k + window, minlength=n * k).reshape(n, k)
    mean = counts.mean(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(mean > 0, counts.var(axis=1, ddof=1) / mean, np.nan)
