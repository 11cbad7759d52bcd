"""A recorded state over entries and time on paper."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import numpy as np

from ...errors import ParameterError
from ...palette import DIVERGING, SEQUENTIAL
from ...run import Run
from .. import styling as ps
from ..kind import Table
from ..outline import step_said
from ..recorded import chosen, of_kind
from ..traces.static import state_table

KINDS = ("neurons", "compartments")
COLUMNS, ROWS = 600, 400  # of the image, at most


def default_name(run: Run) -> str | None:
    """The recording of the most entries; None where there is none."""
    known = [n for n in of_kind(run, KINDS) if n in run.recordings and n not in run.info.watched]
    return max(known, key=lambda n: len(run.samples(n).index)) if known else None


def state_map(run: Run, name: str | None = None, t_ms: ps.Range = None) -> Any:
    """Time along, entries down in the order in which they were recorded.

    Of several samples or entries in one cell, the one farthest from the mean of all is shown, so
    that a short event does not vanish. The options are those that the kind declares.
    raises : UnknownName, ParameterError
    """
    ps.load_backend()
    samples = chosen(run, name or default_name(run), KINDS, "neurons or compartments")
    low, high = ps.span_of(run, t_ms)
    keep = (samples.t_ms >= low) & (samples.t_ms <= high)
    if not keep.any():
        raise ParameterError(f"{samples.name} was not sampled between {low:g} and {high:g} ms.")
    t, values = samples.t_ms[keep], samples.values[keep]
    cells = farthest(farthest(values, COLUMNS).T, ROWS)
    scale, _ = ps.time_unit(low, high)
    n = values.shape[1]
    x = np.linspace(t[0], t[-1] + samples.every_ms, cells.shape[1] + 1) * scale
    y = np.linspace(-0.5, n - 0.5, cells.shape[0] + 1)
    owner = samples.name.rpartition(".")[0]
    label = ps.labelled(run.info.label_of(samples.name), samples.unit)
    least, most = float(np.nanmin(cells)), float(np.nanmax(cells))
    signed = least < 0 < most and samples.unit == "1"
    limits = (-max(-least, most), max(-least, most)) if signed else (least, most)
    axis = ps.time_axis(low, high)
    one = "Compartment" if samples.of == "compartments" else "Neuron"
    return ps.style(
        hv.QuadMesh((x, y, cells), ["t", "entry"], hv.Dimension("value", label=label)),
        {
            "cmap": DIVERGING if signed else SEQUENTIAL,
            "clim": limits if limits[1] > limits[0] else (limits[0], limits[0] + 1),
            "invert_yaxis": True,
            "xlabel": f"{axis['xlabel']}, {step_said(samples.every_ms, False)}",
            "ylabel": f"{one} of {owner}".replace("_", " "),
            "yticks": ticks(samples.index),
        },
        mpl={"hooks": [_bar(label)]},
        bokeh={"colorbar": True, "clabel": label, **ps.SCREEN},
    )  # fmt: skip


def state_map_table(run: Run, name: str | None = None, t_ms: ps.Range = None) -> Table:
    """A row a sample, a column an entry."""
    found = name or default_name(run)
    if found is None:
        raise ParameterError(
            f"This run of {run.model} holds no recording of neurons or compartments."
        )
    return state_table(run, found, t_ms)


def farthest(values: np.ndarray, most: int) -> np.ndarray:
    """At most ``most`` rows: of those that fall together, what is farthest from the mean."""
    size = -(-len(values) // most)
    if size <= 1:
        return values
    starts = np.arange(0, len(values), size)
    low, high = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    middle = np.nanmean(values)
    return np.where(middle - low > high - middle, low, high)


def ticks(index: np.ndarray) -> list[tuple[int, str]]:
    """Some six places down the axis, with the numbers of the entries there."""
    n = len(index)
    places = np.unique(np.linspace(0, n - 1, min(n, 6)).round().astype(int))
    return [(int(k), str(int(index[k]))) for k in places]


def _bar(label: str) -> Any:
    def add(plot: Any, _element: Any) -> None:
        mesh = plot.handles["artist"]
        mesh.set_edgecolor("face")
        mesh.set_linewidth(0.1)
        mesh.set_rasterized(True)
        ps.color_bar(plot, label)

    return add
