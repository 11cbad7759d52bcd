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
from ..outline import outline, step_said
from .lines import MOST_LINES

POINTS = 8000  # of a line on paper, at most about
LISTED = 6  # more neurons than this are not listed one by one


def traces(
    run: Run, name: str | Sequence[str] | None = None, t_ms: ps.Range = None
) -> hv.Overlay | hv.Layout:
    """Samples of recorded states, a line for each neuron and a row for each state.

    The options are those that the kind declares.
    """
    ps.load_backend()
    low, high = ps.span_of(run, t_ms)
    scale, _unit = ps.time_unit(low, high)
    names = drawn_names(run, name)
    if not names:
        message = ps.note("No state was recorded", (low + high) / 2 * scale, 0.5)
        empty = {**ps.time_axis(low, high), "ylim": (0, 1), "yticks": ps.NO_TICKS, "ylabel": ""}
        return ps.style(hv.Overlay([message]), empty, mpl={"hooks": [ps.no_axis_line]})
    rows = [_row(run, n, low, high, len(names) > 1, n == names[-1]) for n in names]
    return rows[0] if len(rows) == 1 else hv.Layout(rows).cols(1)


def state_names(run: Run, name: str | Sequence[str] | None) -> list[str]:
    """Full names of the states asked for; raises UnknownName."""
    known = run.sampled()
    if name is None:
        return known
    found = []
    for wanted in [name] if isinstance(name, str) else name:
        hits = [k for k in known if wanted in (k, k.split(".")[-1])]
        if len(hits) != 1 and wanted not in known:
            raise unknown("recorded state", wanted, known, owner=run.model)
        found.append(wanted if wanted in known else hits[0])
    return found


def drawn_names(run: Run, name: str | Sequence[str] | None) -> list[str]:
    """Full names of the states that are drawn, a row each; raises UnknownName."""
    return _as_lines(run) if name is None else state_names(run, name)


def _as_lines(run: Run) -> list[str]:
    """What is drawn as lines if nothing is chosen.

    What is recorded of every neuron is for a map, unless it is a trace too, and synapses have plots
    of their own. A variable that is recorded more finely as well is drawn once.
    """
    found = []
    for name in run.sampled():
        samples = run.samples(name)
        trace = name in run.info.traces
        if samples.of == "synapses" or (not trace and len(samples.index) > MOST_LINES):
            continue
        if name in run.info.maps and not trace:
            continue
        others = [run.samples(k) for k in run.sampled() if k.startswith(f"{name}#")]
        finer = [s for s in others if s.every_ms < samples.every_ms and len(s.index) <= MOST_LINES]
        if not finer:
            found.append(name)
    return found


def _row(run: Run, name: str, low: float, high: float, stacked: bool, last: bool) -> hv.Overlay:
    samples = run.samples(name)
    population, what = samples.name.rpartition(".")[0], run.info.label_of(samples.name)
    scale, unit = ps.time_unit(low, high)
    keep = (samples.t_ms >= low) & (samples.t_ms <= high)
    t, values = outline(samples.block().part(keep), POINTS)
    color = ps.colors_of(run).get(population, "#332288")
    neurons = samples.index.tolist()
    one = {"synapses": "synapse", "compartments": "compartment"}.get(samples.of, "neuron")
    listed = 1 <= len(neurons) <= LISTED
    whose = run.info.populations_by_name.get(population)
    named = whose is not None and samples.of == "neurons"
    who = [whose.unit_label(n) if whose and named else str(n) for n in neurons]
    lines: list[Any] = [
        ps.style(
            hv.Curve(
                (t * scale, column),
                ps.t_dimension(unit),
                "value",
                label="" if not listed else f"{one} {n}" if n == who[0] else n,
            ),
            {"color": shade},
            mpl={"linewidth": 0.8},
            bokeh={"line_width": 1.3},
        )
        for n, column, shade in zip(who, values.T, ps.shades(color, len(neurons)), strict=False)
    ]
    if not (keep.any() and np.isfinite(values).any()):
        lines = [ps.note("No samples", (low + high) / 2 * scale, 0.5)]
    axis = ps.time_axis(low, high)
    step = step_said(samples.every_ms, samples.low is not None)
    between = "\n" if stacked else " "  # a low row has no room for a long label
    return ps.style(
        hv.Overlay(lines),
        {
            **axis,
            "xlabel": f"{axis['xlabel']}, {step}" if last else "",
            "ylabel": ps.labelled(f"{population}{between}{what}".strip(), samples.unit),
            "show_legend": listed and len(lines) > 0,
            "title": "",  # of a single line it would be its name, over the legend that has it
        },
        mpl={"hooks": [ps.legend_on_top]},
        bokeh={**ps.SCREEN, "height": 220, "legend_position": "top", "legend_cols": 6},
    )


def state_table(run: Run, name: Any = None, t_ms: ps.Range = None) -> Table:
    """A row a sample, a column a neuron; beside it the extremes since the row before, if known.

    Where states were sampled at different times, a row has only those of its time.
    """
    low, high = ps.span_of(run, t_ms)
    chosen = [(n, run.samples(n)) for n in state_names(run, name)]
    times = np.unique(np.concatenate([s.t_ms for _, s in chosen] or [np.empty(0)]))
    times = times[(times >= low) & (times <= high)]
    columns, parts = ["t_ms"], [times]
    for n, samples in chosen:
        unit = "" if samples.unit == "1" else f"_{samples.unit}"
        keep = (samples.t_ms >= low) & (samples.t_ms <= high)
        rows = np.searchsorted(times, samples.t_ms[keep])
        several = {"": samples.values, "_lowest": samples.low, "_highest": samples.high}
        for k, neuron in enumerate(samples.index.tolist()):
            for what, values in several.items():
                if values is not None:
                    column = np.full(len(times), np.nan)
                    column[rows] = values[keep, k]
                    columns.append(f"{n}[{neuron}]{what}{unit}")
                    parts.append(column)
    table = np.column_stack(parts).tolist()
    return columns, ([("" if v != v else v) for v in row] for row in table)


def height_mm(width_mm: float, _run: Run, element: Any, **_options: Any) -> float:
    """A strip for each state."""
    n = len(element) if isinstance(element, hv.Layout) else 1
    return min(max(0.3 * width_mm, 24.0), 32.0) * n + ps.BELOW_MM
