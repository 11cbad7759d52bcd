"""Is the ring stabilised by inhibition? More drive of the inhibitory neurons lets them fire less.

The paradoxical effect (Tsodyks et al. 1997; Ozeki et al. 2009): where excitation alone would be
unstable, driving the inhibitory neurons harder takes so much excitation from the network that
they end up firing less, and the inhibition that the excitatory neurons receive falls as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, Stopped, no_progress, part
from workbench.model.model import Comparison, Experiment

from ..._shared.error_bars import with_bars
from ..protocol import Engine, HoldMs, Seeds, play
from .suppression import counted, mean_and_error, sign_line

if TYPE_CHECKING:
    import xarray

NAMES = ("e", "i", "g_exc", "g_inh")
UNITS = {"e": "Hz", "i": "Hz", "g_exc": "nS", "g_inh": "nS"}


def run(
    model: Any,
    progress: Progress = no_progress,
    contrasts: Annotated[
        tuple[float, ...], Option("contrasts, %; in full 0,5,8,12,25,50", "Contrasts (%)")
    ] = (
        0.0,
        8.0,
        50.0,
    ),
    push_nS: Annotated[
        float,
        Option(
            "extra excitatory conductance of every inhibitory neuron, nS", "Extra conductance (nS)"
        ),
    ] = 0.5,
    seeds: Seeds = 3,
    hold_ms: HoldMs = 500,
    engine: Engine = "auto",
) -> xarray.Dataset:
    """Each contrast without and with ``push_nS`` of extra conductance of the inhibitory neurons.

    returns : change of e, i (Hz) and of g_exc, g_inh (nS) by the push, means over all neurons,
              each (seed, contrast); nan where not run
    """
    import xarray as xr

    shows = [{"contrast": c, "g_extra": g} for c in contrasts for g in (0.0, float(push_nS))]
    change = {name: np.full((int(seeds), len(contrasts)), np.nan) for name in NAMES}
    for s in range(int(seeds)):
        report = f"network {s + 1} of {seeds}"
        if progress(s / seeds, report) is False:
            break
        try:
            shown = play(
                model, shows, seed=s + 1, hold_ms=float(hold_ms), engine=engine,
                progress=part(progress, s / int(seeds), (s + 1) / int(seeds), report),
            )  # fmt: skip
        except Stopped:
            break
        for name in NAMES:
            means = np.array([getattr(one, name).mean() for one in shown]).reshape(-1, 2)
            change[name][s] = means[:, 1] - means[:, 0]
    progress(1.0, "done")
    return xr.Dataset(
        {k: (("seed", "contrast"), v, {"units": UNITS[k]}) for k, v in change.items()},
        coords={
            "seed": np.arange(1, int(seeds) + 1),
            "contrast": ("contrast", list(contrasts), {"units": "%"}),
        },
        attrs={"push_nS": float(push_nS)},
    )


def compare(data: xarray.Dataset) -> list[Comparison]:
    """Signs of the changes, clear of twice their standard errors over networks."""
    lines = []
    for k, inhibition in ((0, 1), (-1, -1)):
        at = f"at {float(data.contrast[k]):g} %"
        for name, what, wanted in (
            ("i", "rate of the inhibitory neurons", inhibition),
            ("e", "rate of the excitatory neurons", -1),
            ("g_inh", "inhibition onto excitatory neurons", inhibition),
        ):
            mean, error = mean_and_error(data[name].values)
            if name != "g_inh" or k:
                lines.append(sign_line(f"{what}, pushed, {at}", wanted, mean[k], error[k]))
    return counted(lines, data)


def figure(data: xarray.Dataset) -> Any:
    """Change of both rates, and of both conductances, by the push, against contrast."""
    import holoviews as hv

    from workbench.palette import EXCITATORY, INHIBITORY
    from workbench.plots import load_backend, style

    load_backend()
    x = hv.Dimension("contrast", label="Contrast", unit="%")
    panels = []
    for names, label, unit in (
        (("e", "i"), "Change of rate", "Hz"),
        (("g_exc", "g_inh"), "Change of conductance", "nS"),
    ):
        y = hv.Dimension(f"change_{unit}", label=label, unit=unit)
        layers = []
        for name, color, message in zip(
            names, (EXCITATORY, INHIBITORY), ("excitatory", "inhibitory"), strict=True
        ):
            mean, error = mean_and_error(data[name].values)
            layers += with_bars(data.contrast.values, mean, error, x, y, color, message)
        layers.append(style(hv.HLine(0.0), {"color": "#999999"}, mpl={"linewidth": 0.7}))
        panels.append(
            style(
                hv.Overlay(layers),
                {"xlabel": "Contrast (%)", "ylabel": f"{label} ({unit})",
                 "title": f"{data.attrs['push_nS']:g} nS more onto inhibition"},
                bokeh={"responsive": True, "min_height": 320}, mpl={"aspect": 1.1},
            )
        )  # fmt: skip
    return hv.Layout(panels).cols(2)


STABILISED = Experiment(
    name="stabilised",
    title="Stabilised by inhibition: drive the inhibitory neurons, and they fire less",
    source="sign as in Ozeki et al. (2009) Neuron 62:578 and Tsodyks et al. (1997) J. Neurosci. "
    "17:4382; no published numbers",
    run=run,
    compare=compare,
    figure=figure,
)
