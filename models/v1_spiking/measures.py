"""What is measured in the spiking ring: rates of stretches of time, profiles, suppression."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .network import preferences

if TYPE_CHECKING:
    from workbench.run import Run


def rates_hz(
    t_ms: np.ndarray, i: np.ndarray, n: int, start_ms: float, stop_ms: float
) -> np.ndarray:
    """(n,) rate of each neuron between two moments, Hz."""
    used = (t_ms >= start_ms) & (t_ms < stop_ms)
    return np.bincount(i[used], minlength=n) / (stop_ms - start_ms) * 1e3


def run_rates_hz(run: Run, population: str, start_ms: float, stop_ms: float) -> np.ndarray:
    """(n,) rate of each neuron of a population of a run between two moments, Hz."""
    return rates_hz(*run.spikes(population), run.populations[population], start_ms, stop_ms)


BINS = 20  # of a profile, 9 degrees each


def profile(values: Any, bins: int = BINS) -> tuple[np.ndarray, np.ndarray]:
    """Mean over neurons of like preference: (orientation, degrees; mean), both (bins,)."""
    v = np.asarray(values, dtype=float)
    bin_of = (preferences(len(v)) * bins / 180).astype(int)
    with np.errstate(invalid="ignore"):  # a bin without neurons has no mean
        mean = np.bincount(bin_of, v, minlength=bins) / np.bincount(bin_of, minlength=bins)
    return preferences(bins), mean


def near(values: Any, orientation_deg: float, within_deg: float = 15.0) -> float:
    """Mean over the neurons that prefer about this orientation."""
    v = np.asarray(values, dtype=float)
    return float(v[np.abs(distance(preferences(len(v)), orientation_deg)) <= within_deg].mean())


def mean_near(values: np.ndarray, orientation_deg: float) -> float:
    """The same, of those that have a value; nan when none of them has."""
    share = near(np.isfinite(values), orientation_deg)
    return near(np.nan_to_num(values), orientation_deg) / share if share else math.nan


def distance(a: Any, b: Any) -> Any:
    """From orientation ``b`` to ``a``, the short way round, in [-90, 90) degrees."""
    return (np.asarray(a, dtype=float) - b + 90) % 180 - 90


def selectivity(values: Any) -> float:
    """Length of the mean vector on the doubled angle: 0 flat, 1 all in one orientation."""
    v = np.asarray(values, dtype=float)
    total = v.sum()
    if total <= 0:
        return math.nan
    return float(np.abs((v * np.exp(2j * np.deg2rad(preferences(len(v))))).sum()) / total)


def half_width_deg(values: Any) -> float:
    """Width of the peak: standard deviation of a wrapped normal of this `selectivity`, degrees."""
    length = selectivity(values)
    if not 0 < length < 1:
        return math.nan
    return float(np.rad2deg(math.sqrt(-2 * math.log(length))) / 2)


def plaid_weight(one: Any, other: Any, both: Any) -> float:
    """w of both = w (one + other), of the sums over all preferences.

    A ratio of sums, not a fit: what is noise in the profiles would pull a fit towards 0.
    """
    total = float(np.sum(one) + np.sum(other))
    return float(np.sum(both) / total) if total else math.nan
