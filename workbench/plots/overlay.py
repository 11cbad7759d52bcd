"""Two runs in one plot: rasters and rates over one another, in the colours of A and B.

Shown are the populations that both have, under one name and of one size.
"""

from __future__ import annotations

from typing import Any

import holoviews as hv
import numpy as np

from ..errors import ParameterError
from ..run import Run
from . import styling as ps
from .live.axis_limits import nice
from .raster.bands import Bands
from .rates.static import bin_width, rate_table

COLORS = ("#0072B2", "#D55E00")  # told apart by the colour-blind, and on white paper
SHADES = (ps.GREY, *COLORS)  # of spikes that both have, only the first, only the second
ROW_MM = 9.0
TALL_ROWS = 150  # with more rows than this, a colour shows on dots only


def raster(first: Run, second: Run, labels: tuple[str, str] = ("A", "B")) -> hv.Overlay:
    """Spikes of both runs in one set of bands: those of one run in its colour, common ones in grey.

    raises : ParameterError when they have no population in common
    """
    ps.load_backend()
    shared = _shared(first, second)
    bands = Bands(tuple(shared))
    high = _end(first, second)
    scale, unit = ps.time_unit(0.0, high)
    tall = sum(p.size for p in shared) <= TALL_ROWS
    layers: list[Any] = [
        ps.style(
            hv.Segments(
                (
                    np.zeros(len(bands.separators)),
                    bands.separators,
                    np.full(len(bands.separators), high * scale),
                    bands.separators,
                )
            ),
            {"color": ps.RULE},
            mpl={"linewidth": 0.5},
            bokeh={"line_width": 1},
        )
    ]
    for (t, low, up), color in zip(_strokes(first, second, shared, bands), SHADES, strict=True):
        dimensions = [ps.t_dimension(unit), "y0"]
        if tall:
            marks = hv.Segments((t * scale, low, t * scale, up), [*dimensions, "t1", "y1"])
            size: dict[str, Any] = {"linewidth": 1.6 if len(t) < 1500 else 0.8}
            layers.append(ps.style(marks, {"color": color}, mpl=size, bokeh={"line_width": 1}))
        else:
            points = hv.Points((t * scale, (low + up) / 2), dimensions)
            n = len(first.steps) + len(second.steps)
            area = 3.0 if n < 8000 else 1.5 if n < 40_000 else 0.7
            dot = {"s": area, "linewidth": 0, "marker": "o"}
            layers.append(ps.style(points, {"color": color}, mpl=dot, bokeh={"size": 1.5}))
    ticks = [
        (float(bands.bottom[k] + bands.height[k] / 2), p.label if tall else f"{p.label}\n{p.size}")
        for k, p in enumerate(shared)
    ]
    named = ("both", f"only {labels[0]}", f"only {labels[1]}")
    frame = {"ylim": (0, bands.total), "yticks": ticks}
    return _finished(layers, dict(zip(named, SHADES, strict=True)), high, frame)


def rates(first: Run, second: Run, labels: tuple[str, str] = ("A", "B")) -> hv.Overlay:
    """Rates of both runs, a row for each population, all rows on one scale.

    raises : ParameterError when they have no population in common
    """
    ps.load_backend()
    shared = [p.name for p in _shared(first, second)]
    high = _end(first, second)
    scale, unit = ps.time_unit(0.0, high)
    bin_ms = min(bin_width(run, shared) for run in (first, second))
    tables = [rate_table(run, shared, bin_ms) for run in (first, second)]
    top = nice(max((float(hz.max()) for _, t in tables for hz in t.values() if len(hz)), default=0))
    layers: list[Any] = []
    for k, name in enumerate(shared):
        floor = float(len(shared) - 1 - k)
        base = hv.Segments(([0.0], [floor], [high * scale], [floor]))
        layers.append(ps.style(base, {"color": ps.RULE}, mpl={"linewidth": 0.4}))
        for (edges, table), color in zip(tables, COLORS, strict=True):
            t = np.repeat(edges * scale, 2)[1:-1]
            y = floor + 0.86 * np.repeat(table[name], 2) / top
            line = hv.Curve((t, y), ps.t_dimension(unit), "y0")
            drawn = {"linewidth": 0.9, "alpha": 0.85}
            layers.append(ps.style(line, {"color": color}, mpl=drawn, bokeh={"line_width": 1.3}))
    names = {p.name: p.label for p in first.info.populations}
    ticks = [(len(shared) - 1 - k + 0.4, names[name]) for k, name in enumerate(shared)]
    label = f"Rate (rows 0 to {top:,g} Hz)\nin bins of {bin_ms:g} ms"
    frame = {"ylim": (-0.1, len(shared)), "yticks": ticks, "ylabel": label}
    return _finished(layers, dict(zip(labels, COLORS, strict=True)), high, frame)


def height_mm(first: Run, second: Run, width_mm: float) -> float:
    """A height that suits either plot at a width."""
    return min(max(0.35 * width_mm, ROW_MM * len(_shared(first, second)) + 16), 200.0)


def _finished(
    layers: list[Any], labels: dict[str, str], high: float, frame: dict[str, Any]
) -> hv.Overlay:
    _scale, unit = ps.time_unit(0.0, high)
    keys = [
        ps.style(
            hv.Curve(([np.nan], [np.nan]), ps.t_dimension(unit), "y0", label=label),
            {"color": color},
            mpl={"linewidth": 1.5},
        )
        for label, color in labels.items()
    ]
    return ps.style(
        hv.Overlay([*layers, *keys]),
        {"ylabel": "", **ps.time_axis(0.0, high), **frame, "show_legend": True},
        mpl={"hooks": [ps.no_axis_line, ps.legend_on_top]},
        bokeh={**ps.SCREEN, "legend_position": "top", "legend_cols": 2},
    )


Marks = tuple[np.ndarray, np.ndarray, np.ndarray]


def _strokes(first: Run, second: Run, shared: list[Any], bands: Bands) -> list[Marks]:
    """Times in ms, lower and upper ends: of common spikes, and of those of one run only.

    Where rows are high enough to tell, the first has the upper half of a row, the second the lower.
    """
    found: list[list[Marks]] = [[], [], []]
    for k, p in enumerate(shared):
        (t, i), (u, j) = first.spikes(p.name), second.spikes(p.name)
        mine, theirs = _key(t, i, p.size), _key(u, j, p.size)
        common, half = np.isin(mine, theirs), 0.44 * bands.row[k]
        new = ~np.isin(theirs, mine)
        for group, times, who, low, up in (
            (0, t[common], i[common], half, half),
            (1, t[~common], i[~common], 0.0, half),
            (2, u[new], j[new], half, 0.0),
        ):
            y = bands.bottom[k] + bands.height[k] - (who + 0.5) * bands.row[k]
            found[group].append((times, y - low, y + up))
    return [tuple(np.concatenate(parts) for parts in zip(*g, strict=True)) for g in found]


def _key(t_ms: np.ndarray, i: np.ndarray, size: int) -> np.ndarray:
    """One number a spike, the same for spikes of one neuron within 10 ns."""
    return np.rint(np.asarray(t_ms) * 1e5).astype(np.int64) * size + i


def _shared(first: Run, second: Run) -> list[Any]:
    theirs = second.populations
    found = [p for p in first.info.populations if theirs.get(p.name) == p.size]
    if not found:
        raise ParameterError(
            f"These runs of {first.model} and {second.model} cannot be laid over one another: they "
            "have no population of one name and size in common."
        )
    return found


def _end(first: Run, second: Run) -> float:
    return max(first.duration_ms, second.duration_ms, first.info.dt_ms)
