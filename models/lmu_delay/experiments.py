"""The experiments on the delay line: how exact it is in theory, and with how many neurons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, no_progress
from workbench.model.model import Comparison, Experiment

from .._shared.error_bars import with_bars
from .._shared.figures import COLORS, lines
from .._shared.legendre import readout, state_space, transfer
from .._shared.variants import fast_engine, varied
from .facts import PADE, nrmse
from .network import POISSON, REGULAR

if TYPE_CHECKING:
    import xarray

    from workbench.model.model import Model

# (order, cycles within theta) -> error, and half of its last printed digit
KNOWN = {(4, 1.0): (0.344, 5e-4), (6, 1.0): (0.00704, 5e-6), (8, 1.0): (2.3e-5, 5e-7),
         (4, 0.5): (0.0048, 5e-5)}  # fmt: skip
ROOT = "a mean of independent spikes: the error falls with the root of their number"
ROUNDED = 1e-14  # errors below it are those of rounding, not of the delay
KINDS = {"regular": REGULAR, "Poisson": POISSON}


def _pade(
    model: Model,
    progress: Progress = no_progress,
    orders: Annotated[tuple[int, ...], Option("numbers of Legendre coefficients")] = (2, 4, 6, 8),
    most: Annotated[float, Option("up to so many cycles within theta", "Cycles, at most")] = 2.0,
) -> xarray.Dataset:
    """Error of the delay against frequency; returns error (order, cycles)."""
    import xarray as xr

    cycles = np.arange(1, round(most * 40) + 1) / 40
    rows = []
    for k, order in enumerate(orders):
        progress(k / len(orders), f"order {order}")
        found = transfer(*state_space(order), readout(order, np.ones(1))[0], cycles)
        rows.append(np.abs(1 - found * np.exp(2j * np.pi * cycles)))
    return xr.Dataset(
        {"error": (("order", "cycles"), np.array(rows))},
        coords={"order": list(orders), "cycles": cycles}, attrs={"model": model.slug},
    )  # fmt: skip


def _compare_pade(data: xarray.Dataset) -> list[Comparison]:
    return [
        Comparison(f"error, order {order}, {cycles:g} cycles within theta", value,
                   float(data.error.sel(order=order, cycles=cycles, method="nearest")), tol,
                   note=PADE)
        for (order, cycles), (value, tol) in KNOWN.items()
        if order in data.order and cycles <= float(data.cycles[-1])
    ]  # fmt: skip


def _figure_pade(data: xarray.Dataset) -> Any:
    percent = (100 * data.error).where(data.error > ROUNDED)
    return lines(
        [(data.cycles, percent.sel(order=k), f"{k} coefficients") for k in data.order.values],
        "Cycles within θ", "Error of the delay (%)", logy=True,
    )  # fmt: skip


def _neurons(
    model: Model,
    progress: Progress = no_progress,
    sizes: Annotated[tuple[int, ...], Option("neurons of each ensemble", "Ensemble sizes")] = (
        25,
        50,
        100,
        200,
        400,
    ),
    seconds: Annotated[float, Option("simulated time of a run, s", "Simulated time (s)")] = 12.0,
    seeds: Annotated[int, Option("networks and inputs, each drawn anew", "Networks")] = 3,
    seed: Annotated[int, Option("the first of these draws", "First draw")] = 1,
) -> xarray.Dataset:
    """Error of the delay for ensembles of several sizes; returns nrmse (kind, neurons, draw)."""
    import xarray as xr

    found = np.full((len(KINDS), len(sizes), int(seeds)), np.nan)
    jobs = [(k, n, s) for n in range(len(sizes)) for s in range(int(seeds)) for k in range(2)]
    for number, (k, n, s) in enumerate(jobs):
        kind = list(KINDS)[k]
        if progress(number / len(jobs), f"{sizes[n]} {kind} neurons") is False:
            break
        drawn = int(seed) + s
        line = varied(
            model, n_neurons=sizes[n], neurons=KINDS[kind], neuron_seed=drawn, input_seed=drawn
        )
        found[k, n, s] = nrmse(line, seconds, seed=drawn, engine=fast_engine())
    return xr.Dataset(
        {"nrmse": (("kind", "neurons", "draw"), found)},
        coords={"kind": list(KINDS), "neurons": list(sizes)},
        attrs={"model": model.slug, "seconds": float(seconds)},
    )  # fmt: skip


def slope(data: xarray.Dataset, kind: str) -> tuple[float, float]:
    """Exponent of the error against the number of neurons, and its standard error over draws."""
    x = np.log(data.neurons.values.astype(float))
    y = np.log(data.nrmse.sel(kind=kind).values)
    found = np.array([np.polyfit(x, y[:, k], 1)[0] for k in range(y.shape[1])])
    spread = found.std(ddof=1) / np.sqrt(len(found)) if len(found) > 1 else np.nan
    return float(found.mean()), float(spread)


def _compare_neurons(data: xarray.Dataset) -> list[Comparison]:
    if np.isnan(data.nrmse).any() or data.sizes["neurons"] < 2:
        return []
    ours, error = slope(data, "Poisson")
    return [
        Comparison("exponent of the error with Poisson neurons", -0.5, ours, 0.1, note=ROOT,
                   error=error),
    ]  # fmt: skip


def _figure_neurons(data: xarray.Dataset) -> Any:
    import holoviews as hv

    from workbench.plots import style

    x, y = (
        hv.Dimension("neurons", label="Neurons of an ensemble"),
        hv.Dimension("nrmse", label="Error of the delay (NRMSE)"),
    )
    made = []
    n = data.neurons.values.astype(float)
    for k, kind in enumerate(KINDS):
        values = data.nrmse.sel(kind=kind)
        mean, sd = values.mean("draw").values, values.std("draw", ddof=1).values
        made += with_bars(n, mean, sd, x, y, COLORS[k], label=kind)
        if kind == "Poisson":
            root = hv.Curve((n, mean[0] * np.sqrt(n[0] / n)), x, y, label="1/√N")
            made.append(style(root, {"color": "#6B6B6B"}, mpl={"linestyle": ":", "linewidth": 0.9},
                              bokeh={"line_dash": "dotted"}))  # fmt: skip
    return style(
        hv.Overlay(made), {"logx": True, "logy": True, "show_legend": True},
        bokeh={"responsive": True, "min_height": 300},
    )  # fmt: skip


EXPERIMENTS = (
    Experiment(
        name="neurons",
        title="Neurons: the error falls with the root of their number",
        source=f"Voelker, Kajić & Eliasmith 2019, scaling with Poisson neurons; {ROOT}",
        run=_neurons,
        compare=_compare_neurons,
        figure=_figure_neurons,
    ),
    Experiment(
        name="pade",
        title="Padé: how fast an input a few coefficients can hold",
        source=PADE,
        run=_pade,
        compare=_compare_pade,
        figure=_figure_pade,
    ),
)
