"""Samples of recorded states over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import holoviews as hv
import numpy as np

from ...errors import unknown
from ...run import Run
from .. import styling as ps
from ..kind import Table

LISTED = 6  # more neurons than this are not listed one by one


def traces(
    run: Run, name: str | Sequence[str] | None = None, t_ms: ps.Range = None
) -> hv.Overlay | hv.Layout:
    """Samples of recorded states, a line for each neuron and a row for each state.

    The options are those that the kind declares.
    """
    ps.load_backend()
    low, high = ps.span_of(run, t_ms)
    scale, _unit = ps.time_unit(high - low)
    names = state_names(run, name)
    if name is None:  # what is recorded of every neuron is for a map, unless it is a trace too
        names = [n for n in names if n not in run.info.maps or n in run.info.traces]
    if not names:
        message = ps.note("No state was recorded", (low + high) / 2 * scale, 0.5)
        empty = {**ps.time_axis(low, high), "ylim": (0, 1), "yticks": ps.NO_TICKS, "ylabel": ""}
        return ps.style(hv.Overlay([message]), empty, mpl={"hooks": [ps.no_axis_line]})
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


def state_table(run: Run, name: Any = None, t_ms: ps.Range = None) -> Table:
    """A row a sample, a column a neuron."""
    low, high = ps.span_of(run, t_ms)
    keep = (run.state_t >= low) & (run.state_t <= high)
    columns, parts = ["t_ms"], [run.state_t[keep]]
    for n in state_names(run, name):
        unit = (run.info.traces | run.info.maps).get(n, "1")
        for neuron, values in zip(neurons_of(run, n), run.states[n].T, strict=True):
            columns.append(f"{n}[{neuron}]" + ("" if unit == "1" else f"_{unit}"))
            parts.append(values[keep])
    return columns, np.column_stack(parts).tolist()


def height_mm(width_mm: float, _run: Run, element: Any, **_options: Any) -> float:
    """A strip for each state."""
    n = len(element) if isinstance(element, hv.Layout) else 1
    return min(max(0.3 * width_mm, 24.0), 32.0) * n + ps.BELOW_MM
