"""Figures of the experiments on the ELM neuron."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.plots import style

from ..published import RELEASED

if TYPE_CHECKING:
    import xarray

OURS, THEIRS, TRUE = "#0072b2", "#888888", "#222222"  # colours that all eyes tell apart
SHADES = ("#9ecae1", "#6baed6", "#3182bd", "#08519c", "#d55e00", "#cc79a7")
PANEL = {"min_height": 260, "responsive": True}


def accuracy_figure(data: xarray.Dataset) -> Any:
    """AUC and RMSE against memory units beside the published ones, and a stretch of voltage."""
    import holoviews as hv

    published = data.attrs["cell"] == "L5PC"
    panels = [
        _against_memory(data, "auc", "AUC", "auc" if published else ""),
        _against_memory(data, "average_precision", "Average precision", ""),
        _against_memory(
            data, "rmse_matched_mV", "RMSE (mV)", "rmse_mV" if published else "", also="rmse_mV"
        ),
        _example(data),
    ]
    return hv.Layout(panels).cols(2)


def _against_memory(
    data: xarray.Dataset, name: str, label: str, theirs: str, also: str = ""
) -> Any:
    import holoviews as hv

    x, y = hv.Dimension("d_m", label="Memory units"), hv.Dimension(name, label=label)
    d_m, value = data.d_m.values.astype(float), data[name].values
    layers = []
    if theirs:
        known = [(d, getattr(p, theirs)) for d, p in RELEASED.items()]
        line = hv.Curve(known, x, y, label="published")
        layers.append(style(line, {"color": THEIRS}, bokeh={"line_dash": "dashed"},
                            mpl={"linestyle": "--"}))  # fmt: skip
    low, high = data[f"{name}_low"].values, data[f"{name}_high"].values
    if np.isfinite(low).all():
        bars = hv.ErrorBars((d_m, value, value - low, high - value), x, [y, "below", "above"])
        layers.append(style(bars, bokeh={"color": OURS}, mpl={"color": OURS}))
    ours = "ours, matched as published" if also else "ours"
    layers += _points(hv, d_m, value, x, y, ours, OURS)
    if also:
        layers += _points(hv, d_m, data[also].values, x, y, "ours, raw", SHADES[4])
    axes = {"logx": True, "xlabel": "Memory units", "ylabel": label, "show_legend": True}
    ends = (0.8 * d_m.min(), 1.25 * max(d_m.max(), 100.0 if theirs else d_m.max()))
    return style(hv.Overlay(layers), {**axes, "xlim": ends},
                 bokeh={**PANEL, "legend_position": "right"}, mpl={"aspect": 1.4})  # fmt: skip


def _points(hv: Any, x: Any, y: Any, kx: Any, ky: Any, label: str, color: str) -> list[Any]:
    return [
        style(hv.Curve((x, y), kx, ky, label=label), {"color": color}),
        style(hv.Scatter((x, y), kx, ky), {"color": color}, bokeh={"size": 6}, mpl={"s": 14}),
    ]


def _example(data: xarray.Dataset) -> Any:
    """The cell's voltage and what a neuron of middling and one of largest size say."""
    import holoviews as hv

    x = hv.Dimension("t", label="Time", unit="ms")
    y = hv.Dimension("v", label="Voltage", unit="mV")
    t_ms = data.t_ms.values.astype(float)
    last = data.sizes["checkpoint"] - 1
    shown = sorted({0, last})
    layers = [style(hv.Curve((t_ms, data.v_true_mV.values), x, y, label="cell"), {"color": TRUE})]
    for k, color in zip(shown, (SHADES[0], SHADES[4]), strict=False):
        label = f"{int(data.d_m[k])} memory units"
        curve = hv.Curve((t_ms, data.v_soma_mV.values[k]), x, y, label=label)
        layers.append(style(curve, {"color": color}, mpl={"linewidth": 0.9}))
    at = t_ms[data.spike.values.astype(bool)]
    spikes = hv.Scatter((at, np.full(len(at), -54.0)), x, y, label="spikes of the cell")
    layers.append(style(spikes, {"color": TRUE},
                        bokeh={"size": 5}, mpl={"s": 8, "marker": "v"}))  # fmt: skip
    axes = {"xlabel": "Time (ms)", "ylabel": "Voltage (mV)", "show_legend": True}
    return style(hv.Overlay(layers), axes, bokeh={**PANEL, "legend_position": "right"},
                 mpl={"aspect": 1.4})  # fmt: skip


def ablation_figure(data: xarray.Dataset) -> Any:
    """RMSE under each change; the dashed line is the neuron as it was trained."""
    import holoviews as hv

    intact = float(data.rmse_mV.values[data.kind.values == "as trained"][0])
    panels = [
        _change(data, ["lambda"], "λ", intact, log=False),
        _change(data, ["time scales times"], "Factor on all τ_m", intact),
        _change(data, ["ablate one, tau_m"], "τ_m of the one ablated (ms)", intact),
        _change(data, ["ablate fastest", "ablate slowest"], "Memory units ablated",
                intact, log=False),
    ]  # fmt: skip
    return hv.Layout(panels).cols(2)


def _change(
    data: xarray.Dataset, kinds: list[str], label: str, intact: float, log: bool = True
) -> Any:
    import holoviews as hv

    x, y = hv.Dimension(kinds[0], label=label), hv.Dimension("rmse", label="RMSE", unit="mV")
    layers = [style(hv.HLine(intact), {"color": THEIRS}, bokeh={"line_dash": "dashed"},
                    mpl={"linestyle": "--"})]  # fmt: skip
    for kind, color in zip(kinds, (OURS, SHADES[4]), strict=False):
        mine = np.flatnonzero(data.kind.values == kind)
        mine = mine[np.argsort(data.value.values[mine])]
        name = kind.removeprefix("ablate ") if len(kinds) > 1 else ""
        layers += _points(hv, data.value.values[mine], data.rmse_mV.values[mine], x, y, name, color)
    axes = {"xlabel": label, "ylabel": "RMSE (mV)", "logx": log, "show_legend": len(kinds) > 1}
    return style(hv.Overlay(layers), axes, bokeh=PANEL, mpl={"aspect": 1.4})
