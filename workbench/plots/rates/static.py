"""Population rates over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import holoviews as hv
import numpy as np

from ...errors import ParameterError
from ...run import Run
from .. import styling as ps
from ..kind import Table
from ..live.axis_limits import nice
from .bins import fitting

OVERLAID = 4  # more populations than this get a row each
COARSE = 100  # bins of a plot, where there is no faster rhythm
MOST_BINS = 600
LOOKED_AT = 2**17  # ticks, the first of what is shown, in which a rhythm is looked for


def rates(
    run: Run,
    populations: Sequence[str] | None = None,
    bin_ms: float | None = None,
    t_ms: ps.Range = None,
) -> hv.Overlay:
    """Rate of each population, over one another, or a row each when they are many.

    The options are those that the kind declares.
    """
    ps.load_backend()
    edges, table = rate_table(run, populations, bin_ms, t_ms)
    width = round(float(edges[1] - edges[0]), 6)
    low, high = ps.span_of(run, t_ms)
    scale, unit = ps.time_unit(low, high)
    t = np.repeat(edges * scale, 2)[1:-1]
    top = nice(max((float(hz.max()) for hz in table.values() if len(hz)), default=0.0))
    colors = ps.colors_of(run)
    labels = {p.name: p.label for p in run.info.populations}
    axis = ps.time_axis(low, high)
    if len(table) <= OVERLAID:
        lines = [
            ps.style(
                hv.Curve((t, np.repeat(hz, 2)), ps.t_dimension(unit), "rate", label=labels[name]),
                {"color": colors[name]},
                mpl={"linewidth": 0.9},
                bokeh={"line_width": 1.5},
            )
            for name, hz in table.items()
        ]
        if not run.info.spiking:
            lines.append(ps.note("No spikes", (low + high) / 2 * scale, top / 2))
        return ps.style(
            hv.Overlay(lines),
            {**axis, "ylabel": f"Rate (Hz), bins of {width:g} ms", "ylim": (0, top), "title": ""},
            mpl={"hooks": [ps.legend_on_top]},
            bokeh={**ps.SCREEN, "legend_position": "top", "legend_cols": 4},
        )
    rows = []
    for k, (name, hz) in enumerate(table.items()):
        floor = float(len(table) - 1 - k)
        area = hv.Area(
            (t, floor + 0.86 * np.repeat(hz, 2) / top, np.full(len(t), floor)),
            ps.t_dimension(unit),
            ["y1", "y0"],
        )
        rows.append(
            ps.style(
                area,
                {"color": colors[name]},
                mpl={"facecolor": colors[name], "edgecolor": "none", "linewidth": 0},
                bokeh={"line_width": 1, "line_color": colors[name], "fill_alpha": 0.8},
            )
        )
        base = hv.Segments(([low * scale], [floor], [high * scale], [floor]))
        rows.append(ps.style(base, {"color": ps.RULE}, mpl={"linewidth": 0.4}))
    ticks = [(len(table) - 1 - k + 0.4, labels[name]) for k, name in enumerate(table)]
    return ps.style(
        hv.Overlay(rows),
        {
            **axis,
            "ylim": (-0.1, len(table)),
            "yticks": ticks,
            "ylabel": f"Rate (rows 0 to {top:,g} Hz)\nin bins of {width:g} ms",
            "show_legend": False,
        },
        mpl={"hooks": [ps.no_axis_line]},
        bokeh={**ps.SCREEN, "height": 40 + 32 * len(table)},
    )


def bin_width(run: Run, populations: Sequence[str] | None = None, t_ms: ps.Range = None) -> float:
    """Width in ms of the bins that suit what is shown: see `fitting`."""
    low, high = ps.span_of(run, t_ms)
    high = min(high, max(run.duration_ms, low + run.info.dt_ms))
    tick = max(run.info.dt_ms, run.info.tick_ms)
    ticks = int(np.ceil((high - low) / tick))
    coarse = max(1, int(np.ceil((high - low) / COARSE / tick)))
    n = min(ticks, LOOKED_AT)
    half = run.info.dt_ms / 2  # spikes lie on steps, and a step at an edge opens the next bin
    counts = [np.zeros(n, int)]
    for p in ps.wanted(run, populations):
        place = ((run.spikes(p.name)[0] + half * 1e-3 - low) / tick).astype(int)
        counts.append(np.bincount(place[(place >= 0) & (place < n)], minlength=n))
    return tick * fitting(np.stack(counts), coarse, MOST_BINS * n // max(1, ticks))


def rate_table(
    run: Run,
    populations: Sequence[str] | None = None,
    bin_ms: float | None = None,
    t_ms: ps.Range = None,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Edges of the bins in ms, (bins + 1,), and the rate of each population in Hz, (bins,).

    The last bin ends with the run, so it may be narrower; its rate takes that into account.
    """
    low, high = ps.span_of(run, t_ms)
    high = min(high, max(run.duration_ms, low + run.info.dt_ms))
    width = bin_width(run, populations, t_ms) if bin_ms is None else bin_ms
    if not (isinstance(width, int | float) and 0 < width < np.inf):
        raise ParameterError(f"bin_ms = {bin_ms!r} is not allowed: it must be above 0.")
    n = max(1, int(np.ceil((high - low) / width - 1e-9)))
    if n > 10_000_000:
        raise ParameterError(f"bin_ms = {bin_ms:g} is not allowed: it makes {n:.3g} bins.")
    edges = np.append(low + width * np.arange(n), high)
    step = run.info.dt_ms / 2  # spikes lie on steps, and a step at an edge opens the next bin
    table = {
        p.name: np.histogram(run.spikes(p.name)[0] + step * 1e-3, edges)[0]
        / max(p.size, 1)
        / (np.diff(edges) / 1e3)
        for p in ps.wanted(run, populations)
    }
    return edges, table


def bin_table(run: Run, **options: Any) -> Table:
    """The bins of `rate_table`, a row each, as a table."""
    edges, table = rate_table(run, **options)
    columns = ("from_ms", "to_ms", *(f"{name}_Hz" for name in table))
    values = [edges[:-1], edges[1:], *table.values()]
    return columns, np.round(np.column_stack(values), 9).tolist()


def height_mm(
    width_mm: float, run: Run, _element: Any, populations: Any = None, **_options: Any
) -> float:
    """High enough for the names of the rows, where each population has one."""
    n = len(ps.wanted(run, populations))
    rows = ps.ROW_MM * n + ps.BELOW_MM
    return max(rows if n > OVERLAID else 0, min(0.5 * width_mm, 70.0))
