"""Two figures for a notebook: background divides a neuron's curve; a ring of spiking neurons."""

from __future__ import annotations

from typing import Any

import numpy as np


def background_figure(seconds: float = 1.0, seeds: int = 1) -> Any:
    """f-I curves at three levels of background, with both controls; some ten processor seconds.

    seconds : simulated time of each curve;  seeds : repeats, which give the error bars
    returns : a HoloViews layout
    """
    from models.background_gain import BackgroundGain

    (experiment,) = BackgroundGain.experiments
    return experiment.figure(experiment.run(BackgroundGain(), seeds=seeds, seconds=seconds))


def ring_figure(contrast: float = 50.0, hold_ms: float = 250.0, seed: int = 1) -> Any:
    """The spiking ring is shown nothing, a grating, and the grating with an orthogonal mask.

    contrast : of grating and mask, %;  hold_ms : how long each is shown
    returns  : a HoloViews layout: raster by preferred orientation, and the profiles of the rates.
               The first 100 ms of each stimulus are left out of the profiles
    """
    import holoviews as hv

    from models.v1_spiking import V1Spiking
    from models.v1_spiking.measures import preferences, profile, run_rates_hz
    from models.v1_spiking.operations import Show
    from workbench.palette import EXCITATORY, INHIBITORY
    from workbench.plots import load_backend, style

    load_backend()
    shows = {
        "nothing": {"contrast": 0.0},
        "grating": {"contrast": contrast},
        "with mask": {"contrast": contrast, "mask": contrast},
    }
    operations = [Show(hold_ms * k, **show) for k, show in enumerate(shows.values())]
    run = V1Spiking().run(hold_ms * len(shows), seed=seed, operations=operations, record={})
    t = hv.Dimension("t", label="Time", unit="ms")
    theta = hv.Dimension("theta", label="Preferred orientation", unit="degrees")
    rate = hv.Dimension("rate", label="Rate", unit="Hz")
    layers = [style(hv.VLines(hold_ms * np.arange(len(shows))), {"color": "#cccccc"})]
    for name, color in (("excitatory", EXCITATORY), ("inhibitory", INHIBITORY)):
        t_ms, i = run.spikes(name)
        dots = hv.Points((t_ms, preferences(run.populations[name])[i]), [t, theta])
        layers.append(
            style(dots.relabel(name), {"color": color, "alpha": 0.5}, bokeh={"size": 1.5},
                  mpl={"s": 0.4})
        )  # fmt: skip
    curves = []
    for k, name in enumerate(shows):
        rates = run_rates_hz(run, "excitatory", hold_ms * k + 100, hold_ms * (k + 1))
        look = {"color": ("#999999", "#332288", "#CC6677")[k]}
        curves.append(style(hv.Curve(profile(rates), theta, rate).relabel(name), look))
    kind: Any = {"bokeh": {"responsive": True, "min_height": 320}, "mpl": {"aspect": 1.3}}
    return hv.Layout([
        style(
            hv.Overlay(layers),
            {"title": "Spikes", "show_legend": False, "xlabel": "Time (ms)",
             "ylabel": "Preferred orientation (degrees)"},
            **kind,
        ),
        style(hv.Overlay(curves), {"title": "Excitatory neurons"}, **kind),
    ]).cols(2)  # fmt: skip
