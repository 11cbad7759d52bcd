"""Suppression by a mask and by a surround, at rising contrast.

Two orthogonal gratings together drive a stabilised network less than their sum when they are
strong; a surround lowers the response to its centre, the more the higher the contrast. In a network
that inhibition stabilises it lowers excitation and inhibition together (Ozeki et al. 2009).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, Stopped, no_progress, part
from workbench.model.model import Comparison, Experiment

from ..._shared.error_bars import THIN, with_bars
from ..measures import BINS, near, plaid_weight, preferences
from ..protocol import Engine, HoldMs, Seeds, play

if TYPE_CHECKING:
    import xarray

NO_ORACLE = "sign only: this network has no published oracle"
CONDITIONS = ("grating", "mask alone", "both", "in a surround")
CENTRE = 90.0
NAMES = ("e", "i", "g_exc", "g_inh")


def _stimuli(contrast: float) -> list[dict[str, float]]:
    return [
        {"contrast": contrast, "orientation": CENTRE},
        {"contrast": contrast, "orientation": 0.0},
        {"contrast": contrast, "orientation": CENTRE, "mask": contrast},
        {"contrast": contrast, "orientation": CENTRE, "surround": contrast},
    ]


def run(
    model: Any,
    progress: Progress = no_progress,
    contrasts: Annotated[
        tuple[float, ...], Option("contrasts, %; in full 6,9,14,25,50", "Contrasts (%)")
    ] = (
        9.0,
        50.0,
    ),
    seeds: Seeds = 3,
    hold_ms: HoldMs = 500,
    engine: Engine = "auto",
) -> xarray.Dataset:
    """Show nothing, then each contrast alone, orthogonal, both together, and in a surround.

    returns : e, i (Hz) and g_exc, g_inh (nS) above what they are without a stimulus, each
              (seed, contrast, condition, preference); cv and fano (seed, contrast). nan where not
              run
    """
    import xarray as xr

    shows = [{"contrast": 0.0}] + [s for c in contrasts for s in _stimuli(c)]
    shape = (int(seeds), len(contrasts), len(CONDITIONS))
    found = {name: np.full((*shape, BINS), np.nan) for name in NAMES}
    vary = {name: np.full(shape[:2], np.nan) for name in ("cv", "fano")}
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
            rest = getattr(shown[0], name)
            evoked = [getattr(one, name) - rest for one in shown[1:]]
            found[name][s] = np.reshape(evoked, (*shape[1:], -1))
        for name, values in vary.items():
            values[s] = [getattr(one, name) for one in shown[1 :: len(CONDITIONS)]]
    progress(1.0, "done")
    dims = ("seed", "contrast", "condition", "preference")
    unit = {"e": "Hz", "i": "Hz", "g_exc": "nS", "g_inh": "nS"}
    return xr.Dataset(
        {**{k: (dims, v, {"units": unit[k]}) for k, v in found.items()},
         **{k: (dims[:2], v) for k, v in vary.items()}},
        coords={
            "seed": np.arange(1, int(seeds) + 1),
            "contrast": ("contrast", list(contrasts), {"units": "%"}),
            "condition": list(CONDITIONS),
            "preference": ("preference", preferences(BINS), {"units": "degrees"}),
        },
    )  # fmt: skip


def weights(data: xarray.Dataset) -> np.ndarray:
    """(seed, contrast) plaid weight w: both = w (grating + mask alone)."""
    e = data.e.values
    return np.array([[plaid_weight(c[0], c[1], c[2]) for c in seed] for seed in e])


def surround_ratio(data: xarray.Dataset, name: str = "e") -> np.ndarray:
    """(seed, contrast) response with over response without a surround, where it is largest."""
    values = data[name].values
    return np.array([[near(c[3], CENTRE) / near(c[0], CENTRE) for c in seed] for seed in values])


def mean_and_error(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the first axis, the seeds that ran, and the standard error of that mean."""
    ran = values[np.isfinite(values).reshape(len(values), -1).all(axis=1)]
    n = len(ran)
    if not n:
        return np.full(values.shape[1:], np.nan), np.full(values.shape[1:], np.nan)
    spread = ran.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.full(ran.shape[1:], np.nan)
    return ran.mean(axis=0), spread


def sign_line(what: str, wanted: int, value: float, error: float, note: str = "") -> Comparison:
    """A line that agrees when a number has the wanted sign, by twice its standard error."""
    clear = not np.isfinite(error) or abs(value) > 2 * error
    sign = float(np.sign(value)) if clear and np.isfinite(value) else 0.0
    message = f"{value:+.3g} ± {error:.2g}; " if np.isfinite(error) else f"{value:+.3g}; "
    return Comparison(what, float(wanted), sign, 0.0, note=message + (note or NO_ORACLE))


def counted(lines: list[Comparison], data: xarray.Dataset) -> list[Comparison]:
    """The lines, with the number of networks that they rest on."""
    first = next(iter(data.data_vars.values())).values
    n = int(np.isfinite(first).reshape(len(first), -1).all(axis=1).sum())
    message = f"± one standard error of {n} networks" if n > 1 else f"{n} network, no error"
    return [replace(line, note=f"{line.note}; {message}") for line in lines]


def compare(data: xarray.Dataset) -> list[Comparison]:
    """The sign of each effect, clear of twice its standard error over networks."""
    w, w_error = mean_and_error(weights(data))
    ratios = surround_ratio(data)
    ratio, ratio_error = mean_and_error(ratios)
    more, more_error = mean_and_error(ratios[:, -1] - ratios[:, 0])
    low, high = float(data.contrast[0]), float(data.contrast[-1])
    lines = [
        sign_line(f"plaid weight - 1 at {high:g} %", -1, w[-1] - 1, w_error[-1]),
        sign_line(f"response in a surround / alone - 1 at {high:g} %", -1, ratio[-1] - 1,
                  ratio_error[-1]),
        sign_line(f"that ratio at {high:g} % minus at {low:g} %", -1, float(more),
                  float(more_error)),
    ]  # fmt: skip
    for name, what in (("g_exc", "excitation"), ("g_inh", "inhibition")):
        values = data[name].values[:, -1]
        change = np.array([near(s[3] - s[0], CENTRE) for s in values])
        mean, error = mean_and_error(change)
        lines.append(
            sign_line(f"{what} received (nS), in a surround minus alone at {high:g} %", -1,
                      float(mean), float(error))
        )  # fmt: skip
    return counted(lines, data)


def figure(data: xarray.Dataset) -> Any:
    """Contrast response and plaid weight with error bars, and profiles at the highest contrast."""
    import holoviews as hv

    from workbench.plots import load_backend, style

    load_backend()
    kind: Any = {"bokeh": {"responsive": True, "min_height": 320}, "mpl": {"aspect": 1.0}}
    colors = ("#332288", "#999999", "#CC6677", "#117733")
    c = data.contrast.values
    at = hv.Dimension("contrast", label="Contrast", unit="%")
    left, middle, right = [], [], []
    peak = {k: np.apply_along_axis(near, -1, data.e.values[:, :, k], CENTRE) for k in (0, 2, 3)}
    for k, name in ((0, "grating"), (2, "with mask"), (3, "with surround")):
        mean, error = mean_and_error(peak[k])
        left += with_bars(c, mean, error, at, hv.Dimension("rate", label="Evoked rate", unit="Hz"),
                           colors[k], name)  # fmt: skip
    mean, error = mean_and_error(weights(data))
    w = hv.Dimension("w", label="Plaid weight")
    middle += with_bars(c, mean, error, at, w, colors[2], "")
    middle.append(style(hv.HLine(1.0), {"color": "#999999"}, mpl={"linewidth": 0.7}))
    x = hv.Dimension("preference", label="Preferred orientation", unit="degrees")
    y = hv.Dimension("profile", label="Evoked rate", unit="Hz")
    for k, name in enumerate(CONDITIONS):
        mean, _ = mean_and_error(data.e.values[:, -1, k])
        curve = hv.Curve((data.preference.values, mean), x, y).relabel(name)
        right.append(style(curve, {"color": colors[k]}, mpl=THIN))
    return hv.Layout([
        style(hv.Overlay(left), {"title": "Contrast response",
                                 "legend_position": "top_left"}, **kind),
        style(hv.Overlay(middle), {"title": "Two gratings at once"},
              **kind),
        # Above the curves there is room for the legend.
        style(hv.Overlay(right), {"ylim": (None, 2.2 * float(np.nanmax(data.e.values[:, -1]))),
                                  "title": f"Profiles at {c[-1]:g} %",
                                  "legend_position": "top_right"}, **kind),
    ]).cols(3)  # fmt: skip


SUPPRESSION = Experiment(
    name="suppression",
    title="Suppression by a mask and by a surround, the stronger the contrast",
    source="signs as in Rubin, Van Hooser & Miller (2015) Neuron 85:402; no published numbers",
    run=run,
    compare=compare,
    figure=figure,
)
