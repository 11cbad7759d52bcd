"""Growth of a small perturbation: estimates of the largest Lyapunov exponent."""

from __future__ import annotations

import numpy as np

from ..errors import ParameterError


def hamming(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Number of units whose spikes differ at each step, (T,); a, b: (T, n) bool."""
    a, b = np.asarray(a, dtype=bool), np.asarray(b, dtype=bool)
    if a.shape != b.shape:
        raise ParameterError(f"Two rasters of one shape are compared; got {a.shape}, {b.shape}.")
    return (a != b).sum(axis=1)


def spike_distance(a: np.ndarray, b: np.ndarray, tau_steps: float = 20.0) -> np.ndarray:
    """Euclidean distance (T,) of two states, with exponentially filtered spike trains.

    a, b      : (T, n) bool
    tau_steps : time constant of the filter, in steps
    source    : the distance of Maass et al. 2002, Neural Comput. 14:2531, with a causal filter
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ParameterError(f"Two rasters of one shape are compared; got {a.shape}, {b.shape}.")
    decay = np.exp(-1 / tau_steps)
    state = np.zeros(a.shape[1])
    found = np.empty(len(a))
    for t, difference in enumerate(a - b):
        state = state * decay + difference
        found[t] = np.sqrt((state**2).sum())
    return found


def growth_rate(distance: np.ndarray, dt_ms: float = 1.0) -> float:
    """Growth rate of a distance in 1/ms: least-squares slope of its logarithm.

    distance : (T,) or (trials, T), averaged geometrically over trials; zeros are left out
    returns  : > 0 chaotic, < 0 ordered, 0 at the edge of chaos; -inf if all distances are 0, nan
               if fewer than two are above 0
    source   : definition of the largest Lyapunov exponent; for liquids Legenstein & Maass 2007
    """
    distance = np.atleast_2d(np.asarray(distance, dtype=float))
    if not (distance > 0).any():
        return float("-inf") if distance.size else float("nan")
    logs = np.full(distance.shape, np.nan)
    np.log(distance, where=distance > 0, out=logs)
    there = ~np.isnan(logs)
    seen = there.any(axis=0)
    mean = np.nansum(logs, axis=0)[seen] / there.sum(axis=0)[seen]
    t = np.flatnonzero(seen) * dt_ms
    if len(t) < 2:
        return float("nan")
    return float(np.polyfit(t, mean, 1)[0])
