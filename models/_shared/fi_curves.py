"""Firing rate against current: measured from a run, fitted, and in closed form without noise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.palette import Unsigned, population_colors

if TYPE_CHECKING:
    from workbench.run import Run

FAMILIES = ("low", "medium", "high")
WARM_UP_MS = 200.0
FITTED_BELOW_HZ = 100.0  # points at which the reference family fires faster are left out of fits


def family_colors(dark: bool = False) -> dict[str, str]:
    """Colour of each family, as in the raster: they are the populations without an output."""
    return population_colors([Unsigned(f) for f in FAMILIES], dark)


def curves(run: Run, n_copies: int, from_ms: float = WARM_UP_MS) -> np.ndarray:
    """(3, n_currents) mean rate of each family under each current after ``from_ms``, Hz."""
    seconds = (run.duration_ms - from_ms) / 1000
    rows = []
    for family in FAMILIES:
        t_ms, i = run.spikes(family)
        counts = np.bincount(i[t_ms >= from_ms] // n_copies, minlength=run.populations[family])
        rows.append(counts[: run.populations[family] // n_copies] / (n_copies * seconds))
    return np.array(rows)


def scale_fit(reference: Any, other: Any, below_hz: float = FITTED_BELOW_HZ) -> tuple[float, float]:
    """The factor that maps one curve best onto another, and the share of variance it explains.

    reference, other : (n,) rates under the same currents, Hz
    below_hz         : points at which the reference fires faster are left out
    returns          : (factor, R^2); nan where there is nothing to fit
    """
    x, y = (np.asarray(a, dtype=float) for a in (reference, other))
    used = np.isfinite(x) & np.isfinite(y) & (x < below_hz)
    x, y = x[used], y[used]
    if len(x) < 2 or not (x > 0).any():
        return math.nan, math.nan
    factor = float((x * y).sum() / (x * x).sum())
    return factor, _explained(y, factor * x)


def _explained(y: np.ndarray, fitted: np.ndarray) -> float:
    total = float(((y - y.mean()) ** 2).sum())
    return 1 - float(((y - fitted) ** 2).sum()) / total if total else math.nan


def slopes(current_nA: Any, rate_hz: Any, low: float = 5, high: float = 50) -> float:
    """Slope of the straight line through the points that fire between ``low`` and ``high`` Hz."""
    i, f = (np.asarray(a, dtype=float) for a in (current_nA, rate_hz))
    used = (f >= low) & (f <= high)
    return float(np.polyfit(i[used], f[used], 1)[0]) if used.sum() >= 2 else math.nan


def current_at(rate_hz: float, current: Any, rates: Any) -> float:
    """The current at which a rising curve reaches a rate, interpolated; nan if it does not."""
    i, f = (np.asarray(a, dtype=float) for a in (current, rates))
    above = np.flatnonzero(f >= rate_hz)
    if not len(above) or above[0] == 0:
        return math.nan
    k = above[0]
    return float(np.interp(rate_hz, f[k - 1 : k + 1], i[k - 1 : k + 1]))


def quiet_rate_hz(model: Any, level: float, current_nA: float) -> float:
    """Rate without noise, closed form: 1/(t_ref + tau ln((V_inf - V_r)/(V_inf - V_t))).

    tau = C_m/(g_L + B_e + B_i), and V_inf is where the mean conductances and the current pull to.
    """
    v_inf, tau_s = _pull(model, level, current_nA)
    if v_inf <= model.V_t:
        return 0.0
    climb = tau_s * math.log((v_inf - model.V_r) / (v_inf - model.V_t))
    return 1 / (model.t_ref * 1e-3 + climb)


def quiet_current_nA(model: Any, level: float, rate_hz: float) -> float:
    """The current for a rate without noise: `quiet_rate_hz` solved for the current."""
    v_0, tau_s = _pull(model, level, 0.0)
    ratio = math.exp((1 / rate_hz - model.t_ref * 1e-3) / tau_s)
    v_inf = (ratio * model.V_t - model.V_r) / (ratio - 1)
    return (v_inf - v_0) * model.C_m / tau_s * 1e-6  # mV pF/s is 1e-6 nA


def _pull(model: Any, level: float, current_nA: float) -> tuple[float, float]:
    """(mV, s): where v goes and how fast, with mean conductances only."""
    b_e, b_i = model.mean_conductances_nS(level)
    total = model.g_L + b_e + b_i
    v_inf = (
        model.g_L * model.E_L + b_e * model.E_e + b_i * model.E_i + current_nA * 1e3
    ) / total  # pA/nS is mV
    return v_inf, model.C_m / total * 1e-3  # pF/nS is ms
