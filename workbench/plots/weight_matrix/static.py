"""The matrix of recorded synapses at a time, on paper."""

from __future__ import annotations

import textwrap
from typing import Any

import holoviews as hv
import numpy as np

from ...palette import DIVERGING, SEQUENTIAL
from ...run import Run
from .. import styling as ps
from ..kind import Table
from .moment import Moment, moment_of

MOST_CELLS = 400  # a side
MISSING = "#D9D9D9"  # where no synapse was recorded


def matrix(run: Run, name: str | None = None, at_ms: float | None = None) -> Any:
    """Presynaptic neurons along, postsynaptic ones down; grey where no synapse was recorded.

    The colours span all recorded times. The options are those that the kind declares.
    raises : UnknownName, ParameterError
    """
    ps.load_backend()
    moment = moment_of(run, name, at_ms)
    size = sizes(run.info, moment)
    cells = binned(moment, size)
    x = np.linspace(-0.5, size[1] - 0.5, cells.shape[1] + 1)
    y = np.linspace(-0.5, size[0] - 0.5, cells.shape[0] + 1)
    low, high = moment.span
    signed = low < 0 < high
    limits = (-max(-low, high), max(-low, high)) if signed else (min(low, 0.0), max(high, 0.0))
    scale, unit = ps.time_unit(0.0, run.duration_ms)
    label = ps.labelled(run.info.of_synapses(moment.owner, moment.variable), moment.unit)
    label = f"{textwrap.fill(label, 18)}\nat {moment.t_ms * scale:.6g} {unit}"
    return ps.style(
        hv.QuadMesh((x, y, cells), ["pre", "post"], hv.Dimension("w", label=label)),
        {
            "cmap": DIVERGING if signed else SEQUENTIAL,
            "clim": limits if limits[1] > limits[0] else (limits[0], limits[0] + 1),
            "clipping_colors": {"NaN": MISSING}, "invert_yaxis": True,
            "xlabel": f"From {moment.source or 'neuron'}".replace("_", " "),
            "ylabel": f"To {moment.target or 'neuron'}".replace("_", " "),
        },
        mpl={"hooks": [_bar(label)]},
        bokeh={"colorbar": True, "clabel": label, "width": 480, "height": 400},
    )  # fmt: skip


def matrix_table(run: Run, name: str | None = None, at_ms: float | None = None) -> Table:
    """A row a synapse."""
    moment = moment_of(run, name, at_ms)
    unit = "" if moment.unit == "1" else f"_{moment.unit}"
    columns = (moment.pre.tolist(), moment.post.tolist(), moment.values.tolist())
    return ("pre", "post", f"{moment.variable}{unit}"), zip(*columns, strict=True)


def sizes(info: Any, moment: Moment) -> tuple[int, int]:
    """Neurons down and along: those of the populations, or as many as the synapses need."""
    known = info.populations_by_name
    found = []
    for name, ends in ((moment.target, moment.post), (moment.source, moment.pre)):
        least = int(ends.max()) + 1 if len(ends) else 1
        found.append(max(known[name].entries if name in known else 0, least))
    return found[0], found[1]


def binned(moment: Moment, size: tuple[int, int]) -> np.ndarray:
    """(post, pre) means of the synapses in each cell, NaN where there is none."""
    cells = tuple(min(n, MOST_CELLS) for n in size)
    row = np.asarray(moment.post, np.int64) * cells[0] // size[0]
    place = row * cells[1] + np.asarray(moment.pre, np.int64) * cells[1] // size[1]
    count = np.bincount(place, minlength=cells[0] * cells[1])
    total = np.bincount(place, weights=moment.values, minlength=cells[0] * cells[1])
    mean = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    return mean.reshape(cells)


def _bar(label: str) -> Any:
    def add(plot: Any, _element: Any) -> None:
        mesh = plot.handles["artist"]
        mesh.set_edgecolor("face")
        mesh.set_linewidth(0.1)
        mesh.set_rasterized(mesh.get_array().size > 4000)
        axes = plot.handles["axis"]
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        ps.color_bar(plot, label)

    return add
