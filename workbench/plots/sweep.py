"""A sweep as HoloViews elements: a line with an error band, or a heat map.

Pure functions of the Dataset and options; for screen and paper alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import holoviews as hv
import numpy as np

from ..errors import ParameterError, unknown
from ..numerals import unit_text
from ..palette import SEQUENTIAL, distinct_colors
from ..sweeps.dataset import measured
from .styling import sentence, style

MARKER = 5


def sweep_plot(
    data: Any,
    name: str | None = None,
    *,
    label: Any = None,
    dark: bool = False,
    colors: Mapping[str, str] | None = None,
) -> hv.Element | hv.Overlay:
    """One measure of a sweep over one or two parameters, as mean over repeats.

    name   : which measure; by default the first
    label  : which of the measure's own labels, such as a population; by default all as lines, or
             the first in a heat map
    dark   : colours for a dark page
    colors : label -> colour; by default by position
    raises : UnknownName for a measure that is not there, ParameterError when a sweep has more than
             two parameters, or a measure more than one dimension of its own

    A line shows the mean and, with repeats, a band of one standard deviation to either side.
    """
    names = measured(data)
    name = name or next(iter(names), None)
    if name not in names:
        raise unknown("measure of the sweep", name, names)
    axes = axes_of(data)
    if len(axes) not in (1, 2):
        raise ParameterError(
            f"A sweep over {len(axes)} parameters cannot be drawn: choose one or two with "
            "Dataset.sel."
        )
    values = data[name]
    own = own_dimension(values, axes)
    if label is not None and own is not None and label not in values[own].values:
        raise unknown(own, label, [str(v) for v in values[own].values])
    if len(axes) == 1:
        return _lines(values, axes[0], own, label, dark, colors or {})
    return _heat_map(values, axes, own, label)


def axes_of(data: Any) -> list[str]:
    """The varied parameters."""
    return [str(d) for d in data["seed"].dims if d != "repeat"]


def own_dimension(values: Any, axes: list[str]) -> str | None:
    """The dimension that a measure has besides the sweep's; raises ParameterError for several."""
    own = [str(d) for d in values.dims if d not in (*axes, "repeat")]
    if len(own) > 1:
        raise ParameterError(
            f"{values.name} has {len(own)} dimensions of its own: draw it by hand."
        )
    return own[0] if own else None


def title_of(values: Any) -> str:
    """``mean_rate`` in Hz -> ``Mean rate (Hz)``."""
    unit = unit_text(str(values.attrs.get("units", "1") or "1"))
    return sentence(str(values.name).replace("_", " ")) + (f" ({unit})" if unit else "")


def _axis(coordinate: Any) -> hv.Dimension:
    unit = unit_text(str(coordinate.attrs.get("units", "1")))
    symbol = str(coordinate.attrs.get("symbol", coordinate.name))
    return hv.Dimension(str(coordinate.name), label=symbol + (f" ({unit})" if unit else ""))


def _lines(
    values: Any, axis: str, own: str | None, label: Any, dark: bool, given: Mapping[str, str]
) -> hv.Overlay:
    x, y = _axis(values[axis]), hv.Dimension(f"{values.name} ", label=title_of(values))
    labels = [None] if own is None else list(values[own].values)
    colors = {**distinct_colors([str(v) for v in labels], dark=dark), **given}
    parts = []
    for which in labels if label is None else [label]:
        one = values if which is None else values.sel({own: which})
        mean, deviation = (
            one.mean("repeat"),
            one.std("repeat", ddof=1 if one.sizes["repeat"] > 1 else 0),
        )
        order = np.argsort(values[axis].values)
        at, mid, spread = (np.asarray(a)[order] for a in (values[axis].values, mean, deviation))
        there = np.isfinite(mid)
        spread = np.where(np.isfinite(spread), spread, 0.0)
        shown, color = "" if which is None else str(which), colors[str(which)]
        band = hv.Area((at[there], (mid - spread)[there], (mid + spread)[there]), x, [y, "upper"])
        curve = hv.Curve((at[there], mid[there]), x, y, label=shown)
        points = hv.Scatter((at[there], mid[there]), x, y)
        parts += [
            style(band, mpl={"facecolor": color, "alpha": 0.2, "edgecolor": "none"},
                  bokeh={"fill_color": color, "fill_alpha": 0.2, "line_alpha": 0}),
            style(curve, mpl={"color": color, "linewidth": 1}, bokeh={"color": color,
                  "line_width": 2}),
            style(points, mpl={"color": color, "s": 6}, bokeh={"color": color, "size": MARKER}),
        ]  # fmt: skip
    low, high = float(np.min(values[axis])), float(np.max(values[axis]))
    room = 0.03 * (high - low) or abs(low) * 0.1 or 1.0
    several = len(labels) > 1 and label is None
    return style(
        hv.Overlay(parts), {"xlim": (low - room, high + room), "show_legend": several},
        bokeh={"legend_position": "top"}, mpl={"legend_position": "best"},
    )  # fmt: skip


def _heat_map(values: Any, axes: list[str], own: str | None, label: Any) -> hv.QuadMesh:
    if own is not None:
        values = values.isel({own: 0}) if label is None else values.sel({own: label})
    mean = values.mean("repeat").transpose(axes[1], axes[0]).sortby(axes)
    edges = [edges_of(mean[a].values) for a in axes]
    z = hv.Dimension(f"{values.name} ", label=title_of(values))
    mesh = hv.QuadMesh((*edges, mean.values), [_axis(values[a]) for a in axes], z)
    return style(
        mesh, {"colorbar": True, "cmap": SEQUENTIAL}, bokeh={"line_alpha": 0, "clabel": z.label},
        mpl={"clabel": z.label},
    )  # fmt: skip


def edges_of(values: np.ndarray) -> np.ndarray:
    """Borders of the cells around sorted values: half-way, and as far outside at the ends."""
    v = np.asarray(values, dtype=float)
    if len(v) == 1:
        half = abs(v[0]) / 2 or 0.5
        return np.array([v[0] - half, v[0] + half])
    middle = (v[1:] + v[:-1]) / 2
    return np.concatenate([[2 * v[0] - middle[0]], middle, [2 * v[-1] - middle[-1]]])
