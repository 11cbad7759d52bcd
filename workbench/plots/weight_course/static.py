"""The course of recorded synapses on paper."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import numpy as np

from ...errors import ParameterError
from ...run import Run
from .. import styling as ps
from ..kind import Table
from ..outline import outline, step_said
from ..recorded import chosen, chosen_name
from ..traces.static import state_table

MOST = 30
POINTS = 4000


def course(run: Run, name: str | None = None, most: int = MOST, t_ms: ps.Range = None) -> Any:
    """A line for each recorded synapse, or for some of many.

    The options are those that the kind declares. raises : UnknownName, ParameterError
    """
    ps.load_backend()
    if most < 1:
        raise ParameterError(f"most = {most} is not allowed: at least one line.")
    samples = chosen(run, name, ("synapses",), "synapses")
    low, high = ps.span_of(run, t_ms)
    scale, unit = ps.time_unit(low, high)
    keep = (samples.t_ms >= low) & (samples.t_ms <= high)
    n = len(samples.index)
    columns = np.arange(min(n, most)) * n // min(n, most)
    t, values = outline(samples.block().part(keep, columns), POINTS)
    owner, _, variable = samples.name.rpartition(".")
    shades = ps.shades("#4477AA", len(columns))
    lines: list[Any] = [
        ps.style(
            hv.Curve((t * scale, column), ps.t_dimension(unit), "value"),
            {"color": shade}, mpl={"linewidth": 0.7}, bokeh={"line_width": 1.2},
        )
        for shade, column in zip(shades, values.T, strict=True)
    ]  # fmt: skip
    if not keep.any():
        lines = [ps.note("No samples", (low + high) / 2 * scale, 0.5)]
    axis = ps.time_axis(low, high)
    of = f"{len(columns)} of {n} synapses" if n > len(columns) else f"{n} synapses"
    step = step_said(samples.every_ms, samples.low is not None)
    return ps.style(
        hv.Overlay(lines),
        {
            **axis, "xlabel": f"{axis['xlabel']}, {step}", "show_legend": False,
            "ylabel": ps.labelled(f"{run.info.of_synapses(owner, variable)}\n{of}", samples.unit),
            "title": "",
        },
        bokeh={**ps.SCREEN, "height": 260},
    )  # fmt: skip


def course_table(
    run: Run, name: str | None = None, most: int = MOST, t_ms: ps.Range = None
) -> Table:
    """A row a sample, a column a synapse: all of them, however many are drawn."""
    known = name if name is not None else chosen_name(run, ("synapses",), "synapses")
    return state_table(run, known, t_ms)
