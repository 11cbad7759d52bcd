"""A recorded state of every neuron of a population against time, as a map of colours."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import numpy as np

from ...errors import ParameterError
from ...palette import DIVERGING, SEQUENTIAL
from ...run import Run
from .. import styling as ps
from ..in_words import whose
from ..kind import Table
from ..traces.static import state_names, state_table
from .live import binned

COLUMNS = 400


def activity_map(run: Run, name: str | None = None, t_ms: ps.Range = None) -> Any:
    """A continuous state of all neurons: time along, neurons down, colour from little to much.

    The options are those that the kind declares.
    raises : UnknownName, ParameterError when nothing was recorded of every neuron
    """
    ps.load_backend()
    name = default_map(run) if name is None else state_names(run, name)[0]
    low, high = ps.span_of(run, t_ms)
    keep = (run.state_t >= low) & (run.state_t <= high)
    if not keep.any():
        raise ParameterError(f"{name} was not sampled between {low:g} and {high:g} ms.")
    width = max((high - low) / COLUMNS, run.info.tick_ms)
    plot, left = binned(run.state_t[keep], np.asarray(run.states[name][keep], float), width)
    scale, _ = ps.time_unit(low, high)
    n = run.states[name].shape[1]
    x = (left + width * np.arange(plot.shape[1] + 1)) * scale
    y = np.linspace(-0.5, n - 0.5, plot.shape[0] + 1)
    population = name.rpartition(".")[0]
    label = ps.labelled(run.info.label_of(name), (run.info.maps | run.info.traces).get(name, "1"))
    least, most = float(np.nanmin(plot)), float(np.nanmax(plot))
    signed = least < 0 < most
    limits = (-max(-least, most), max(-least, most)) if signed else (least, most)
    axis = ps.time_axis(low, high)
    return ps.style(
        hv.QuadMesh((x, y, plot), ["t", "neuron"], hv.Dimension("value", label=label)),
        {
            "cmap": DIVERGING if signed else SEQUENTIAL,
            "clim": limits if limits[1] > limits[0] else (limits[0], limits[0] + 1),
            "invert_yaxis": True, "xlabel": axis["xlabel"],
            "ylabel": whose("Neuron", population),
        },
        mpl={"hooks": [_bar(label)]},
        bokeh={"colorbar": True, "clabel": label, **ps.SCREEN},
    )  # fmt: skip


def map_table(run: Run, name: str | None = None, t_ms: ps.Range = None) -> Table:
    """A row a sample, a column a neuron."""
    return state_table(run, name or default_map(run), t_ms)


def default_map(run: Run) -> str:
    """The first state of which every neuron was sampled; raises ParameterError without one.

    Of populations of one neuron, which is a stripe, only where there is no other.
    """
    sizes: dict[str, int] = {}
    for name in (*run.info.maps, *run.states):
        whole = run.populations.get(name.rpartition(".")[0], 0)
        if name in run.states and whole and run.states[name].shape[1] == whole:
            sizes.setdefault(name, whole)
    if not sizes:
        raise ParameterError(f"This run of {run.model} holds no state of all neurons to map.")
    return next((name for name, size in sizes.items() if size > 1), next(iter(sizes)))


def _bar(label: str) -> Any:
    def add(plot: Any, _element: Any) -> None:
        mesh = plot.handles["artist"]
        mesh.set_edgecolor("face")
        mesh.set_linewidth(0.1)
        mesh.set_rasterized(True)
        plot.handles["axis"].yaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        ps.color_bar(plot, label)

    return add
