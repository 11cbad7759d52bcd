"""Figures of the gain-control experiments: lines and layouts that hold on screen and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from workbench.plots import style

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#6B6B6B", "#56B4E9")


def lines(
    curves: Sequence[tuple[Any, Any, str]],
    x: str,
    y: str,
    *,
    dashed: Sequence[tuple[Any, Any, str]] = (),
    points: Sequence[tuple[Any, Any, str]] = (),
    logx: bool = False,
    logy: bool = False,
    title: str = "",
) -> Any:
    """Curves, dashed curves of the same colours (what is expected), and points.

    Each is (x values, y values, label); an empty label keeps it out of the legend.
    """
    import holoviews as hv

    layers = []
    for k, (a, b, label) in enumerate(curves):
        curve = hv.Curve((np.asarray(a, float), np.asarray(b, float)), "x", "y", label=label)
        layers.append(style(curve, {"color": COLORS[k % 6]}, mpl={"linewidth": 1.0}))
    for k, (a, b, label) in enumerate(dashed):
        curve = hv.Curve((np.asarray(a, float), np.asarray(b, float)), "x", "y", label=label)
        layers.append(
            style(
                curve, {"color": COLORS[k % 6]}, mpl={"linewidth": 0.8, "linestyle": "--"},
                bokeh={"line_dash": "dashed"},
            )
        )  # fmt: skip
    for k, (a, b, label) in enumerate(points):
        dots = hv.Points((np.asarray(a, float), np.asarray(b, float)), ["x", "y"], label=label)
        layers.append(
            style(
                dots, {"color": COLORS[k % 6]}, mpl={"s": 14, "marker": "o"},
                bokeh={"size": 6, "marker": "circle"},
            )
        )  # fmt: skip
    named = any(label for _, _, label in (*curves, *dashed, *points))
    room = {"xlim": _wide([a for a, _, _ in (*curves, *dashed, *points)], logx)} if points else {}
    return style(
        hv.Overlay(layers),
        {"xlabel": x, "ylabel": y, "logx": logx, "logy": logy, "title": title,
         "show_legend": named, **room},
        bokeh={"responsive": True, "min_height": 300},
    )  # fmt: skip


def _wide(found: Sequence[Any], log: bool) -> tuple[float, float]:
    """Limits with room at both ends, so that no point is cut in half."""
    at = np.concatenate([np.asarray(a, float).ravel() for a in found])
    at = at[np.isfinite(at) & ((at > 0) | (not log))]
    if not at.size or np.ptp(at) == 0:
        return (np.nan, np.nan)
    low, high = np.log10([at.min(), at.max()]) if log else (at.min(), at.max())
    room = 0.03 * (high - low)
    ends = np.array([low - room, high + room])
    first, last = 10**ends if log else ends
    return float(first), float(last)


def bars(labels: Sequence[str], values: Sequence[float], x: str, y: str) -> Any:
    """One bar a label."""
    import holoviews as hv

    return style(
        hv.Bars(list(zip(labels, map(float, values), strict=True)), "what", "value"),
        {"xlabel": x, "ylabel": y, "color": COLORS[0]},
        bokeh={"responsive": True, "min_height": 300},
    )


def image(matrix: np.ndarray, label: str, title: str = "", extent: float = 90.0) -> Any:
    """A covariance or another square matrix over preferred orientations."""
    import holoviews as hv

    edges = np.linspace(-extent, extent, len(matrix) + 1)
    top = float(np.abs(matrix).max()) or 1.0

    def finish(plot: Any, _element: Any) -> None:
        # HoloViews' own colour bar does not know of the layout.
        mesh, axes = plot.handles["artist"], plot.handles["axis"]
        mesh.set_rasterized(True)
        bar = axes.get_figure().colorbar(mesh, ax=axes, shrink=0.95, pad=0.02, aspect=18)
        bar.set_label(label)
        bar.outline.set_visible(False)

    return style(
        hv.QuadMesh((edges, edges, matrix), ["a", "b"], hv.Dimension("c", label=label)),
        {"cmap": "RdBu_r", "clim": (-top, top), "xlabel": "Preferred orientation (deg)",
         "ylabel": "Preferred orientation (deg)", "title": title},
        bokeh={"colorbar": True},
        mpl={"hooks": [finish]},
    )  # fmt: skip


def layout(*parts: Any, columns: int = 2) -> Any:
    """Panels side by side."""
    import holoviews as hv

    return hv.Layout(list(parts)).cols(columns)
