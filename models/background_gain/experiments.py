"""Background gain with its two controls, over several seeds, against the expected numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, no_progress
from workbench.model.model import Comparison, Experiment

from .._shared.error_bars import with_bars
from .._shared.fi_curves import (
    FAMILIES,
    current_at,
    family_colors,
    quiet_current_nA,
    quiet_rate_hz,
    scale_fit,
    slopes,
)
from .facts import CONTROLS, RESIM, measured

if TYPE_CHECKING:
    import xarray


Measured = Callable[[np.ndarray], tuple[float, ...]]  # of the curves (family, point) of a seed

FACTORS = {1: 0.62, 2: 0.39}  # family -> factor to the lowest
SLOPES = {0: 189.0, 1: 139.0, 2: 110.0}  # Hz/nA between 5 and 50 Hz
RATES = {0: (0.6, 12, 58.5, 121), 1: (1.1, 8.9, 35.5, 85.6), 2: (1.1, 5.7, 21.5, 55.1)}
AT_NA = (0.0, 0.2, 0.4, 0.6)


def run(
    model: Any,
    progress: Progress = no_progress,
    seeds: Annotated[
        int, Option("repeats with other background spikes; they give the error bars", "Repeats")
    ] = 3,
    seconds: Annotated[
        float, Option("simulated time of each curve, s", "Simulated time (s)")
    ] = 2.0,
) -> xarray.Dataset:
    """f-I curves of the three families: balanced, without noise, unbalanced, recalled sizes.

    returns : rate (condition, family, point, seed) in Hz, nan where not run; current (condition,
              point) in nA
    """
    import xarray as xr

    names = list(CONTROLS)
    jobs = [(c, s) for s in range(int(seeds)) for c in range(len(names))]
    n = int(model.n_currents)
    rate = np.full((len(names), len(FAMILIES), n, int(seeds)), np.nan)
    current = np.full((len(names), n), np.nan)
    for done, (c, s) in enumerate(jobs):
        if progress(done / len(jobs), f"{names[c]}, seed {s + 1}") is False:
            break
        # Without noise all neurons under one current do the same.
        sizes = {"n_copies": 2} if names[c] == "noise-free" else {}
        current[c], rate[c, :, :, s] = measured(model, names[c], s + 1, float(seconds), **sizes)
    progress(1.0, "done")
    fine = np.linspace(CONTROLS["noise-free"]["I_min"], CONTROLS["noise-free"]["I_max"], 161)
    return xr.Dataset(
        {"rate": (("condition", "family", "point", "seed"), rate, {"units": "Hz"}),
         "current": (("condition", "point"), current, {"units": "nA"}),
         "closed": (("family", "fine"), _closed(model, fine), {"units": "Hz"})},
        coords={"condition": names, "family": list(FAMILIES), "seed": np.arange(int(seeds)) + 1,
                "fine": ("fine", fine, {"units": "nA"})},
        attrs={
            "levels": [model.X_low, model.X_medium, model.X_high],
            "quiet_current_nA": [quiet_current_nA(model, x, 60.0)
                                 for x in (model.X_low, model.X_medium, model.X_high)],
        },
    )  # fmt: skip


def _closed(model: Any, current: np.ndarray) -> list[list[float]]:
    """Rates without noise of the three families, from the closed form."""
    levels = (model.X_low, model.X_medium, model.X_high)
    return [[quiet_rate_hz(model, x, nA) for nA in current.tolist()] for x in levels]


def compare(data: xarray.Dataset) -> list[Comparison]:
    """Factors, slopes and controls; the error is the standard deviation between seeds."""
    current = data.current.sel(condition="balanced").values
    rates = {str(c): data.rate.sel(condition=c).values for c in data.condition.values}
    balanced = rates["balanced"]
    lines = []
    for k, factor in FACTORS.items():
        fits = _each(balanced, _fit(k))
        label = f"factor of the curve, {FAMILIES[k]} background"
        lines.append(_line(label, factor, fits[:, 0], 0.05, note=RESIM))
        lines.append(_line(f"R² of that factor, {FAMILIES[k]}", 1.0, fits[:, 1], 0.02,
                           note="above 0.98: one factor describes the whole curve"))  # fmt: skip
    for k, slope in SLOPES.items():
        found = _each(balanced, _of(k, lambda f: slopes(current, f)))
        lines.append(_line(f"slope from 5 to 50 Hz, {FAMILIES[k]}", slope, found[:, 0],
                           0.1 * slope, "Hz/nA", f"{RESIM}; another grid"))  # fmt: skip
    for k, expected in RATES.items():
        for nA, hz in zip(AT_NA, expected, strict=True):
            found = _each(balanced, _of(k, _interpolated(nA, current)))
            lines.append(_line(f"rate at {nA:g} nA, {FAMILIES[k]}", hz, found[:, 0],
                               1 + 0.1 * hz, "Hz", RESIM))  # fmt: skip
    return lines + _controls(data, rates)


def _controls(data: xarray.Dataset, rates: dict[str, np.ndarray]) -> list[Comparison]:
    quiet, tilted, recalled = (rates[c] for c in ("noise-free", "unbalanced", "recalled"))
    current = data.current.sel(condition="noise-free").values
    lines = []
    for k, family in enumerate(FAMILIES):
        found = _each(quiet, _of(k, lambda f: current_at(60.0, current, f)))
        lines.append(_line(f"no noise: current at 60 Hz, {family}",
                           data.attrs["quiet_current_nA"][k], found[:, 0],
                           float(np.diff(current)[0]) / 2, "nA",
                           "closed form; tolerance: half of the grid of currents"))  # fmt: skip
    scale = _each(quiet, lambda r: (np.nan_to_num(scale_fit(r[0], r[2])[1], nan=0.0),))
    poor = _each(recalled, _fit(1))
    gain = _each(tilted, _fit(2))
    rest = _each(tilted, lambda r: (r[2, 0],))
    return [
        *lines,
        _line("no noise: one factor explains nothing (R² of high, at most 0)", 0.0,
              np.maximum(scale[:, 0], 0), 0.1, note="subtractive: a shift, no factor"),
        _line("unbalanced: factor of the curve, high", 1.0, gain[:, 0], 0.1,
              note=f"{RESIM}: about 1, gain control is lost"),
        _line("unbalanced: rate without current, high", 8.0, rest[:, 0], 3.0, "Hz",
              f"{RESIM}; 0.6 Hz when balanced"),
        _line("recalled sizes: share that one factor leaves, medium", 0.13, 1 - poor[:, 1], 0.08,
              note="mostly a shift: too little noise. Our own number; the reference says it in "
              "words"),
    ]  # fmt: skip


def _fit(k: int) -> Measured:
    return lambda rates: scale_fit(rates[0], rates[k])


def _of(k: int, measure: Callable[[np.ndarray], float]) -> Measured:
    return lambda rates: (measure(rates[k]),)


def _interpolated(nA: float, current: np.ndarray) -> Callable[[np.ndarray], float]:
    return lambda rates: float(np.interp(nA, current, rates))


def _each(rates: np.ndarray, measure: Measured) -> np.ndarray:
    """``measure`` of the curves of each finished seed: (seeds, values)."""
    done = [s for s in range(rates.shape[-1]) if np.isfinite(rates[..., s]).all()]
    found = [np.atleast_1d(measure(rates[..., s])) for s in done]
    return np.array(found) if found else np.empty((0, 2))


def _line(
    what: str, expected: float, found: np.ndarray, tol: float, unit: str = "1", note: str = ""
) -> Comparison:
    if not len(found):
        return Comparison(what, expected, float("nan"), tol, unit, "not run")
    error = float(np.std(found, ddof=1)) if len(found) > 1 else float("nan")
    return Comparison(what, expected, float(np.mean(found)), tol, unit, note, error)


def figure(data: xarray.Dataset) -> Any:
    """The four conditions side by side: rates with error bars, the lowest one scaled over them."""
    import holoviews as hv

    from workbench.plots import load_backend, style

    load_backend()
    x = hv.Dimension("current", label="Current", unit="nA")
    y = hv.Dimension("rate", label="Rate", unit="Hz")
    colors = family_colors()
    top = float(np.nanmax(data.rate.values)) * 1.05
    panels = []
    for condition in data.condition.values:
        mine, at = data.rate.sel(condition=condition), data.current.sel(condition=condition).values
        mean, spread = mine.mean("seed").values, mine.std("seed").values
        layers = []
        for k, family in enumerate(FAMILIES):
            color = {"color": colors[family]}
            level = f"X = {data.attrs['levels'][k]:g}"
            layers += with_bars(at, mean[k], spread[k], x, y, colors[family], level, dots=True)
            if condition == "noise-free":
                line = hv.Curve((data.fine.values, data.closed.values[k]), x, y)
                layers.append(style(line, color, mpl={"linewidth": 0.9}, bokeh={"line_width": 1}))
            elif k and condition != "recalled":
                factor, _ = scale_fit(mean[0], mean[k])
                line = hv.Curve((at, factor * mean[0]), x, y)
                layers.append(style(line, color, mpl={"linewidth": 0.9}, bokeh={"line_width": 1}))
        factors = " and ".join(f"× {scale_fit(mean[0], mean[k])[0]:.2f}" for k in (1, 2))
        factors = "shifted" if condition in ("noise-free", "recalled") else factors
        panels.append(
            style(
                hv.Overlay(layers),
                {"title": f"{condition}: {factors}", "legend_position": "top_left",
                 "ylim": (-0.02 * top, top)},
                bokeh={"responsive": True, "min_height": 320}, mpl={"aspect": 1.0},
            )
        )  # fmt: skip
    return hv.Layout(panels).cols(2)


EXPERIMENTS = (
    Experiment(
        name="gain",
        title="Gain: balanced background divides the f-I curve; its controls do not",
        source=f"after Chance, Abbott & Reyes (2002) Neuron 35:773; numbers: {RESIM}",
        run=run,
        compare=compare,
        figure=figure,
    ),
)
