"""Lines over time: population rates and sampled states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import holoviews as hv
import numpy as np

from ..errors import ParameterError, unknown
from ..run import Run
from . import styling as ps
from .live.axis_limits import nice

OVERLAID = 4  # more populations than this get a row each
LISTED = 6  # more neurons than this are not listed one by one


def rates(
    run: Run,
    populations: Sequence[str] | None = None,
    bin_ms: float | None = None,
    t_ms: ps.Range = None,
) -> hv.Overlay:
    """Rate of each population, over one another, or a row each when they are many.

    populations : names of those to show; None: all
    bin_ms      : width of a bin; None: a hundredth of what is shown, at least a tick
    t_ms        : (start, end) to show; None: the whole run
    """
    ps.load_backend()
    edges, table = rate_table(run, populations, bin_ms, t_ms)
    low, high = ps.span_of(run, t_ms)
    scale, unit = ps.time_unit(high - low)
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
        return ps.style(
            hv.Overlay(lines),
            {**axis, "ylabel": "Rate (Hz)", "ylim": (0, top)},
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
            "ylabel": f"Rate (each row 0 to {top:,g} Hz)",
            "show_legend": False,
        },
        mpl={"hooks": [ps.no_axis_line]},
        bokeh={**ps.SCREEN, "height": 40 + 32 * len(table)},
    )


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
    width = bin_ms
    if width is None:
        tick = max(run.info.dt_ms, run.info.tick_ms)
        width = tick * max(1, np.ceil((high - low) / 100 / tick))
    if not (isinstance(width, int | float) and 0 < width < np.inf):
        raise ParameterError(f"bin_ms = {bin_ms!r} is not allowed: it must be above 0.")
    n = max(1, int(np.ceil((high - low) / width - 1e-9)))
    if n > 10_000_000:
        raise ParameterError(f"bin_ms = {bin_ms:g} is not allowed: it makes {n:,} bins.")
    edges = np.append(low + width * np.arange(n), high)
    step = run.info.dt_ms / 2  # spikes lie on steps, and a step at an edge opens the next bin
    table = {
        p.name: np.histogram(run.spikes(p.name)[0] + step * 1e-3, edges)[0]
        / max(p.size, 1)
        / (np.diff(edges) / 1e3)
        for p in ps.wanted(run, populations)
    }
    return edges, table


def traces(
    run: Run, name: str | Sequence[str] | None = None, t_ms: ps.Range = None
) -> hv.Overlay | hv.Layout:
    """Samples of recorded states, a line for each neuron and a row for each state.

    name : "population.variable", or several; None: all that were recorded
    t_ms : (start, end) to show; None: the whole run
    """
    ps.load_backend()
    low, high = ps.span_of(run, t_ms)
    scale, _unit = ps.time_unit(high - low)
    names = state_names(run, name)
    if name is None:  # what is recorded of every neuron is for a map, unless it is a trace too
        names = [n for n in names if n not in run.info.maps or n in run.info.traces]
    if not names:
        said = ps.note("No state was recorded", (low + high) / 2 * scale, 0.5)
        empty = {**ps.time_axis(low, high), "ylim": (0, 1), "yticks": ps.NO_TICKS, "ylabel": ""}
        return ps.style(hv.Overlay([said]), empty, mpl={"hooks": [ps.no_axis_line]})
    rows = [_row(run, n, low, high, len(names) > 1, n == names[-1]) for n in names]
    return rows[0] if len(rows) == 1 else hv.Layout(rows).cols(1)


def state_names(run: Run, name: str | Sequence[str] | None) -> list[str]:
    """Full names of the states asked for; raises UnknownName."""
    if name is None:
        return list(run.states)
    found = []
    for wanted in [name] if isinstance(name, str) else name:
        hits = [k for k in run.states if wanted in (k, k.split(".")[-1])]
        if len(hits) != 1 and wanted not in run.states:
            raise unknown("recorded state", wanted, run.states, owner=run.model)
        found.append(wanted if wanted in run.states else hits[0])
    return found


def neurons_of(run: Run, name: str) -> list[int]:
    """Which neurons the columns of a recorded state are."""
    width = run.states[name].shape[1]
    watched = list(run.info.watched.get(name, ()))
    return watched if len(watched) == width else list(range(width))


def _row(run: Run, name: str, low: float, high: float, stacked: bool, last: bool) -> hv.Overlay:
    values = run.states[name]
    population, _, variable = name.rpartition(".")
    scale, unit = ps.time_unit(high - low)
    keep = (run.state_t >= low) & (run.state_t <= high)
    color = ps.colors_of(run).get(population, "#332288")
    neurons = neurons_of(run, name)
    listed = 1 <= len(neurons) <= LISTED
    lines: list[Any] = [
        ps.style(
            hv.Curve(
                (run.state_t[keep] * scale, column[keep]),
                ps.t_dimension(unit),
                "value",
                label="" if not listed else f"neuron {n}" if n == neurons[0] else str(n),
            ),
            {"color": shade},
            mpl={"linewidth": 0.8},
            bokeh={"line_width": 1.3},
        )
        for n, column, shade in zip(neurons, values.T, ps.shades(color, len(neurons)), strict=False)
    ]
    if not (keep.any() and np.isfinite(values[keep]).any()):
        lines = [ps.note("No samples", (low + high) / 2 * scale, 0.5)]
    axis = ps.time_axis(low, high)
    measure = run.info.traces.get(name, "1")
    between = "\n" if stacked else " "  # a low row has no room for a long label
    return ps.style(
        hv.Overlay(lines),
        {
            **axis,
            "xlabel": axis["xlabel"] if last else "",
            "ylabel": ps.labelled(f"{population}{between}{variable}".strip(), measure),
            "show_legend": listed and len(lines) > 0,
            "title": "",  # of a single line it would be its name, over the legend that has it
        },
        mpl={"hooks": [ps.legend_on_top]},
        bokeh={**ps.SCREEN, "height": 220, "legend_position": "top", "legend_cols": 6},
    )
