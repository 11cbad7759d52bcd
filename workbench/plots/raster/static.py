"""The raster: spikes of all populations, stacked, with what was done to the network on top."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import holoviews as hv
import numpy as np

from ...errors import ParameterError
from ...interventions import Intervention
from ...run import Run
from .. import styling as ps
from ..kind import Table
from . import density as dense
from .bands import Bands

TALL_ROWS = 400  # fewer rows than this are drawn as strokes as tall as a row, more as dots
RULED_ROWS = 150  # fewer rows than this get a line each
DOT_PT = 0.95  # diameter of a dot where there is room
MM_PT = 72 / 25.4
TWO_LINES_MM = 7.0  # what a name and a number below it take
BESIDE_MM = 24.0  # of a panel: names at the left, bars at the right
SIGNS = (("v", "inverted_triangle"), ("D", "diamond"), ("s", "square"), ("^", "triangle"))


def raster(
    run: Run,
    populations: Sequence[str] | None = None,
    t_ms: ps.Range = None,
    interventions: bool = True,
    rows: tuple[float, float] | None = None,
    width_mm: float = 85.0,
) -> hv.Overlay:
    """Spikes, a band for each population, neuron 0 of the first one at the top.

    Where a band has more of them than paper of this width can show, it is an image of the rate.
    The options are those that the kind declares.
    """
    ps.load_backend()
    shown = ps.wanted(run, populations)
    bands = Bands(tuple(shown))
    low, high = ps.span_of(run, t_ms)
    scale, unit = ps.time_unit(low, high)
    tall = sum(p.size for p in shown) <= TALL_ROWS
    colors = ps.colors_of(run)
    wide = max(width_mm - BESIDE_MM, 0.5 * width_mm)
    high_mm = height_mm(width_mm, run, None, populations) - ps.BELOW_MM
    layers: list[Any] = _rules(bands, low * scale, high * scale, tall)
    spikes = []
    for p in shown:
        spikes.append(run.spikes(p.name, (low, high)))
    total = sum(len(t) for t, _ in spikes)
    images: list[dense.Density] = []
    for k, (p, (t, i)) in enumerate(zip(shown, spikes, strict=True)):
        bottom, height = float(bands.bottom[k]), float(bands.height[k])
        size_mm = (wide, high_mm * height / bands.total)
        if dense.is_dense(len(t), p.size, *size_mm):
            images.append(
                dense.density(
                    t, i, p.size, (low, high), run.info.dt_ms, size_mm,
                    color=colors[p.name], bottom=bottom, height=height,
                )
            )  # fmt: skip
            layers.append(_image(images[-1], scale))
            continue
        y = bottom + height - (i + 0.5) * bands.row[k]
        most = dense.MOST_PER_DOT * wide * MM_PT  # of points of width for the strokes of a row
        n = max(len(t), 1)
        thin = min(1.1 if total < 1500 else 0.6, most * p.size / n)
        dot = min(DOT_PT, MM_PT * math.sqrt(dense.MOST_PER_DOT * wide * size_mm[1] / n))
        layers.append(
            _marks(
                t * scale, y, bands.row[k], colors[p.name], unit=unit, tall=tall, thin=thin, dot=dot
            )
        )
    roof = bands.total
    named: list[Any] = []
    floor = 0.0
    if rows is not None:
        floor, roof = bands.between_rows(*_whole_rows(rows, shown))
    elif interventions:
        named, roof = _signs(run, low, high, scale, bands.total)
    if not total:
        layers.append(ps.note("No spikes", (low + high) / 2 * scale, bands.total / 2))
    middles = bands.bottom + bands.height / 2
    apart_mm = float(-np.diff(middles).max(initial=-bands.total)) * high_mm / bands.total
    ticks = [
        (float(middle), _name(p.label, p.size, tall, apart_mm))
        for middle, p in zip(middles, shown, strict=True)
    ]
    hooks = [ps.no_axis_line, ps.legend_on_top]
    on_screen: dict[str, Any] = {**ps.SCREEN, "legend_position": "top", "legend_cols": 4}
    if images:
        hooks.append(dense.bars(images, high_mm))
        on_screen["title"] = dense.in_words(images)
    return ps.style(
        hv.Overlay([*layers, *named]),
        {
            **ps.time_axis(low, high),
            "ylim": (floor, roof),
            "yticks": ticks,
            "ylabel": "",
            "show_legend": bool(named),
        },
        mpl={"hooks": hooks},
        bokeh=on_screen,
    )


def spike_table(
    run: Run,
    populations: Sequence[str] | None = None,
    t_ms: ps.Range = None,
    interventions: bool = True,
    rows: tuple[float, float] | None = None,
) -> Table:
    """A row a spike, in order of time."""
    low, high = ps.span_of(run, t_ms)
    shown = ps.wanted(run, populations)
    first, last = (0, sum(p.size for p in shown)) if rows is None else _whole_rows(rows, shown)
    above = 0  # rows of the populations before
    parts = []
    for k, p in enumerate(shown):
        t, i = run.spikes(p.name, (low, high))
        keep = (i + above >= first) & (i + above <= last)
        parts.append((t[keep], np.full(int(keep.sum()), k), i[keep]))
        above += p.size
    t, which, i = (np.concatenate(c) for c in zip(*parts, strict=True))
    order = np.argsort(t, kind="stable")
    columns = (a[order].tolist() for a in (t, which, i))
    return ("t_ms", "population", "neuron"), (
        (t, shown[k].name, i) for t, k, i in zip(*columns, strict=True)
    )


def _whole_rows(rows: tuple[float, float], shown: Sequence[Any]) -> tuple[int, int]:
    """First and last row; raises ParameterError for rows that there are not."""
    total = sum(p.size for p in shown)
    first, last = (int(r) for r in rows)
    if not 0 <= first <= last < total:
        raise ParameterError(
            f"rows = ({first}, {last}) is not allowed: first and last are between 0 and "
            f"{total - 1}, counted from the top."
        )
    return first, last


def height_mm(
    width_mm: float, run: Run, _element: Any, populations: Any = None, **_options: Any
) -> float:
    """High enough for the names of the populations."""
    least = ps.ROW_MM * len(ps.wanted(run, populations)) + ps.BELOW_MM + 4
    return max(least, min(0.6 * width_mm, 95.0))


def _marks(
    t: np.ndarray,
    y: np.ndarray,
    row: float,
    color: str,
    *,
    unit: str,
    tall: bool,
    thin: float,
    dot: float,
) -> Any:
    """Strokes ``thin`` points wide, or dots ``dot`` points across."""
    if not tall:
        points = hv.Points((t, y), [ps.t_dimension(unit), "y0"])
        return ps.style(
            points,
            {"color": color, "marker": "o"},
            mpl={"s": math.pi / 4 * dot**2, "linewidth": 0},
            bokeh={"size": 1.5, "line_width": 0},
        )
    half = 0.46 * row
    strokes = hv.Segments((t, y - half, t, y + half), [ps.t_dimension(unit), "y0", "t1", "y1"])
    return ps.style(
        strokes, {"color": color}, mpl={"linewidth": thin}, bokeh={"line_width": 1.4 * thin}
    )


def _image(found: dense.Density, scale: float) -> Any:
    bounds = (
        found.low_ms * scale, found.bottom, found.end_ms * scale, found.bottom + found.height,
    )  # fmt: skip
    return ps.style(
        hv.RGB(found.rgb(), kdims=["t", "y"], bounds=bounds), mpl={"interpolation": "nearest"}
    )


def _rules(bands: Bands, low: float, high: float, tall: bool) -> list[Any]:
    """A faint line for each row where they can be told apart, and one between bands."""
    found = []
    if tall and sum(p.size for p in bands.populations) <= RULED_ROWS:
        y = np.concatenate(
            [
                bands.bottom[k] + bands.height[k] - (np.arange(p.size) + 0.5) * bands.row[k]
                for k, p in enumerate(bands.populations)
            ]
            or [np.empty(0)]
        )
        found.append((y, ps.FAINT, 0.4))
    found.append((bands.separators, ps.RULE, 0.5))
    return [
        ps.style(
            hv.Segments((np.full(len(y), low), y, np.full(len(y), high), y)),
            {"color": color},
            mpl={"linewidth": width},
            bokeh={"line_width": 1},
        )
        for y, color, width in found
    ]


def _name(label: str, size: int, tall: bool, apart_mm: float) -> str:
    """A population's name beside its band; ``apart_mm``: to the nearest one of the others."""
    if tall:
        return label
    return f"{label}\n({size:,})" if apart_mm >= TWO_LINES_MM else f"{label} ({size:,})"


def _signs(run: Run, low: float, high: float, scale: float, top: float) -> tuple[list[Any], float]:
    """A sign for each kind of intervention in a strip above the bands, and the strip's top."""
    times: dict[str, list[float]] = {}
    for item in run.interventions:
        t = float(item.t_ms)
        if not (item.is_input or item.is_engine) and low <= t <= high:
            times.setdefault(_kind(item), []).append(t * scale)
    if not times:
        return [], top
    strip = 0.05 * top
    signs = []
    for k, (kind, at) in enumerate(times.items()):
        sign, on_screen = SIGNS[k % len(SIGNS)]
        filled = k < len(SIGNS)
        points = hv.Points((at, [top + strip / 2] * len(at)), label=kind)
        signs.append(
            ps.style(
                points,
                mpl={
                    "marker": sign, "s": 9, "facecolors": ps.GREY if filled else "none",
                    "edgecolors": ps.GREY, "linewidth": 0.6,
                },
                bokeh={
                    "marker": on_screen, "size": 7, "line_color": ps.GREY,
                    "fill_color": ps.GREY if filled else None,
                },
            )
        )  # fmt: skip
    return signs, top + strip


def _kind(item: Intervention) -> str:
    """``"Recall by cue"``, ``"Set tau_m"``: what was done, without its details."""
    if item.is_change:
        return f"Set {item.name}"
    return ps.sentence(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", item.name).lower())
