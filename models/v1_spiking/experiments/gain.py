"""Two ways to set the gain of the ring: its background, and the slow gain of a reconstruction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, Stopped, no_progress, part
from workbench.model.model import Comparison, Experiment

from ..._shared.error_bars import THIN, with_bars
from ..._shared.fi_curves import scale_fit
from ..measures import BINS, near, preferences, profile, run_rates_hz
from ..protocol import Engine, HoldMs, Seeds, play
from .suppression import NO_ORACLE, counted, mean_and_error, sign_line

if TYPE_CHECKING:
    import xarray

CENTRE = 90.0
RECONSTRUCTION = "sign only; the slow gain is a reconstruction, its paper was not at hand"


def run_background(
    model: Any,
    progress: Progress = no_progress,
    levels: Annotated[tuple[float, ...], Option("levels of the background of all neurons")] = (
        1.0,
        2.0,
        3.0,
    ),
    contrasts: Annotated[
        tuple[float, ...], Option("contrasts, %; in full 7,12,25,100", "Contrasts (%)")
    ] = (
        9.0,
        100.0,
    ),
    seeds: Seeds = 3,
    hold_ms: HoldMs = 500,
    engine: Engine = "auto",
) -> xarray.Dataset:
    """Contrast responses at several levels of the background of all neurons.

    returns : e (seed, level, contrast, preference) mean excitatory rate, Hz; nan where not run
    """
    import xarray as xr

    shows = [{"contrast": c} for c in contrasts]
    e = np.full((int(seeds), len(levels), len(contrasts), BINS), np.nan)
    jobs = [(s, k) for s in range(int(seeds)) for k in range(len(levels))]
    for done, (s, k) in enumerate(jobs):
        report = f"network {s + 1}, background {levels[k]:g}"
        if progress(done / len(jobs), report) is False:
            break
        at = type(model)(**{**model.values(), "X": levels[k]})
        try:
            shown = play(
                at, shows, seed=s + 1, hold_ms=float(hold_ms), engine=engine,
                progress=part(progress, done / len(jobs), (done + 1) / len(jobs), report),
            )  # fmt: skip
        except Stopped:
            break
        e[s, k] = [one.e for one in shown]
    progress(1.0, "done")
    return xr.Dataset(
        {"e": (("seed", "level", "contrast", "preference"), e, {"units": "Hz"})},
        coords={
            "seed": np.arange(1, int(seeds) + 1),
            "level": list(levels),
            "contrast": ("contrast", list(contrasts), {"units": "%"}),
            "preference": ("preference", preferences(BINS), {"units": "degrees"}),
        },
    )


def factors(data: xarray.Dataset) -> np.ndarray:
    """(seed, level) factor from the lowest level's rates to each level's."""
    return np.array([[scale_fit(s[0].ravel(), x.ravel())[0] for x in s] for s in data.e.values])


def compare_background(data: xarray.Dataset) -> list[Comparison]:
    """The highest level divides most: its sign; the other factors are in its note."""
    mean, error = mean_and_error(factors(data))
    others = ", ".join(f"{x:g}: × {m:.2f}" for x, m in zip(data.level.values, mean, strict=True))
    what = f"factor of all responses at background {data.level.values[-1]:g}, minus 1"
    line = sign_line(what, -1, mean[-1] - 1, error[-1], f"levels {others}; {NO_ORACLE}")
    return counted([line], data)


def figure_background(data: xarray.Dataset) -> Any:
    """Contrast response and profile at each level."""
    import holoviews as hv

    from workbench.palette import DISTINCT
    from workbench.plots import load_backend, style

    load_backend()
    kind: Any = {"bokeh": {"responsive": True, "min_height": 320}, "mpl": {"aspect": 1.1}}
    x = hv.Dimension("contrast", label="Contrast", unit="%")
    o = hv.Dimension("preference", label="Preferred orientation", unit="degrees")
    y = hv.Dimension("rate", label="Rate", unit="Hz")
    left, right = [], []
    for k, level in enumerate(data.level.values):
        color = {"color": DISTINCT[k]}
        peak = np.apply_along_axis(near, -1, data.e.values[:, k], CENTRE)
        mean, error = mean_and_error(peak)
        left += with_bars(data.contrast.values, mean, error, x, y, DISTINCT[k], f"X = {level:g}")
        mean, _ = mean_and_error(data.e.values[:, k, -1])
        right.append(style(hv.Curve((data.preference.values, mean), o, y), color, mpl=THIN))
    message = " and ".join(f"× {m:.2f}" for m in mean_and_error(factors(data))[0][1:])
    return hv.Layout([
        style(hv.Overlay(left), {"title": f"More background: {message}",
                                 "legend_position": "top_left"}, **kind),
        style(hv.Overlay(right), {"title": f"At {data.contrast.values[-1]:g} %"}, **kind),
    ]).cols(2)  # fmt: skip


def run_adaptation(
    model: Any,
    progress: Progress = no_progress,
    bias: Annotated[float, Option("share of the frames that show the adapter")] = 0.4,
    seeds: Annotated[
        int, Option("networks, each drawn anew with its own noise; in full 5", "Networks")
    ] = 2,
    seconds: Annotated[
        float,
        Option(
            "simulated time of each run, s, the last third measured; in full 12",
            "Simulated time (s)",
        ),
    ] = 6.0,
    engine: Engine = "auto",
) -> xarray.Dataset:
    """Random gratings, uniform or biased, with slow gains on; and biased without.

    returns : gain and rate (seed, ensemble, preference) over the last third; nan where not run
    """
    import xarray as xr

    ensembles = {"uniform": (0.0, 1), "biased": (float(bias), 1), "biased, gains held": (bias, 0)}
    gain, rate = (np.full((int(seeds), len(ensembles), BINS), np.nan) for _ in range(2))
    jobs = [(s, k) for s in range(int(seeds)) for k in range(len(ensembles))]
    duration_ms = 1000.0 * float(seconds)
    for done, (s, k) in enumerate(jobs):
        name, (b, on) = list(ensembles.items())[k]
        report = f"network {s + 1}, {name}"
        if progress(done / len(jobs), report) is False:
            break
        # Ten frames a second and a faster gain than by default: it settles within the run.
        own = {"frame": 100.0, "bias": b, "adapt": on, "adapter": CENTRE, "tau_g": 1500.0}
        run = type(model)(**{**model.values(), **own}).run(
            duration_ms, seed=s + 1, engine=engine, record={"excitatory.gain": "all"},
            progress=part(progress, done / len(jobs), (done + 1) / len(jobs), report),
        )  # fmt: skip
        if run.outcome != "finished":
            break
        late = 2 * duration_ms / 3
        gain[s, k] = profile(run.state("gain")[run.state_t >= late].mean(axis=0))[1]
        rate[s, k] = profile(run_rates_hz(run, "excitatory", late, duration_ms))[1]
    progress(1.0, "done")
    dims = ("seed", "ensemble", "preference")
    return xr.Dataset(
        {"gain": (dims, gain), "rate": (dims, rate, {"units": "Hz"})},
        coords={
            "seed": np.arange(1, int(seeds) + 1),
            "ensemble": list(ensembles),
            "preference": ("preference", preferences(BINS), {"units": "degrees"}),
        },
    )


def compare_adaptation(data: xarray.Dataset) -> list[Comparison]:
    """Gain 1 under the uniform ensemble, less at the adapter, and more even rates."""
    gain, error = mean_and_error(data.gain.values)
    at, at_error = mean_and_error(np.apply_along_axis(near, -1, data.gain.values, CENTRE))
    relative = np.apply_along_axis(near, -1, data.rate.values, CENTRE) / data.rate.values.mean(-1)
    less, less_error = mean_and_error(relative[:, 1] - relative[:, 2])
    lines = [
        Comparison("mean gain under the uniform ensemble", 1.0, float(gain[0].mean()), 0.1,
                   note="the fixed point of the rule; r_0 is known to some 5 %",
                   error=float(error[0].mean())),
        sign_line("gain at the adapter, minus 1", -1, at[1] - 1, at_error[1], RECONSTRUCTION),
        sign_line("relative rate at the adapter, adapted minus held", -1, float(less),
                  float(less_error), RECONSTRUCTION),
    ]  # fmt: skip
    return counted(lines, data)


def figure_adaptation(data: xarray.Dataset) -> Any:
    """Slow gains and mean rates around the ring."""
    import holoviews as hv

    from workbench.palette import DISTINCT
    from workbench.plots import load_backend, style

    load_backend()
    x = hv.Dimension("preference", label="Preferred orientation", unit="degrees")
    panels = []
    for name, label, unit in (("gain", "Slow gain", None), ("rate", "Mean rate", "Hz")):
        y = hv.Dimension(name, label=label, **({"unit": unit} if unit else {}))
        layers = []
        for k, ensemble in enumerate(data.ensemble.values):
            mean, error = mean_and_error(data[name].values[:, k])
            layers += with_bars(
                data.preference.values, mean, error, x, y, DISTINCT[k], str(ensemble)
            )
        panels.append(
            style(
                hv.Overlay(layers), {"title": "Reconstruction of Duong et al."},
                bokeh={"responsive": True, "min_height": 320}, mpl={"aspect": 1.1},
            )
        )  # fmt: skip
    return hv.Layout(panels).cols(2)


BACKGROUND = Experiment(
    name="background",
    title="Background: more of it, balanced, turns the responses of the ring down",
    source="after Chance, Abbott & Reyes (2002) Neuron 35:773; no published numbers for a network",
    run=run_background,
    compare=compare_background,
    figure=figure_background,
)
ADAPTATION = Experiment(
    name="adaptation",
    title="Adaptation: slow gains under a biased ensemble (a reconstruction)",
    source="local rule of a reconstruction of Duong et al. (2023) arXiv:2305.19869; no oracle",
    run=run_adaptation,
    compare=compare_adaptation,
    figure=figure_adaptation,
)
