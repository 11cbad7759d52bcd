"""The experiments on the hippocampal memory: two published protocols, and two limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, no_progress
from workbench.model.model import Comparison, Experiment
from workbench.model.operation import Operation
from workbench.palette import distinct_colors
from workbench.plots import style

from .. import protocols
from ..operations import Learn
from ..scoring import Memory, expected_spikes, verdicts_of
from .capacity import CAPACITY
from .interference import INTERFERENCE

if TYPE_CHECKING:
    import xarray

    from workbench.model.model import Model

RASTERS = "recorded rasters of the authors' programs"
GAP_ROWS = 3
KINDS = ("Learn", "RecallByCue", "RecallByContent")


def _play(model: Model, protocol: protocols.Protocol, progress: Progress) -> xarray.Dataset:
    """Run a protocol on a memory of its size; one row an operation, and the whole raster."""
    import xarray as xr

    sizes = {"n_cues": protocol.n_cues, "n_content": protocol.n_content}
    sized = type(model)(**{**model.values(), **sizes})
    operations = list(protocol.operations)
    run = sized.run(
        protocol.duration_ms,
        operations=operations,
        progress=lambda f: progress(f, f"{f * protocol.duration_ms:.0f} ms simulated"),
    )
    progress(1.0, "judging the answers")
    evaluated = verdicts_of(run)
    names = list(run.populations)
    starts = np.array([v.tick for v in evaluated])
    inner = ~np.isin(run.units, _input_units(run))
    owner = np.searchsorted(starts, run.times(run.steps)[inner], side="right") - 1
    return xr.Dataset(
        {
            "t_ms": ("operation", starts),
            "kind": ("operation", [v.kind for v in evaluated]),
            "text": ("operation", [v.text for v in evaluated]),
            "state": ("operation", [v.state for v in evaluated]),
            "correct": ("operation", [v.correct for v in evaluated]),
            "precision": ("operation", [v.precision for v in evaluated]),
            "recall": ("operation", [v.recall for v in evaluated]),
            "spikes": ("operation", np.bincount(owner, minlength=len(evaluated))),
            "spikes_expected": ("operation", _expected(operations[: len(evaluated)])),
            "spike_t_ms": ("spike", run.times(run.steps)),
            "spike_unit": ("spike", run.units),
        },
        coords={"operation": np.arange(len(evaluated))},
        attrs={
            "model": run.model,
            "outcome": run.outcome,
            "populations": names,
            "sizes": [run.populations[n] for n in names],
            "duration_ms": run.duration_ms,
        },
    )


def _input_units(run: Any) -> np.ndarray:
    inputs = [p for p in run.info.populations if p.name.startswith("in_")]
    return np.concatenate([np.arange(p.offset, p.offset + p.size) for p in inputs])


def _expected(operations: Sequence[Operation]) -> list[int]:
    memory: Memory = {}
    counts = []
    for operation in operations:
        counts.append(expected_spikes(operation, memory))
        if isinstance(operation, Learn):
            memory[operation.cue] = operation.content
    return counts


def _compare(data: xarray.Dataset) -> list[Comparison]:
    n = data.sizes["operation"]
    lines = [Comparison("correct operations", n, float(data.correct.sum()), 0, note=RASTERS)]
    for kind in KINDS:
        mine = data.where(data.kind == kind, drop=True)
        if mine.sizes["operation"]:
            lines.append(
                Comparison(
                    f"spikes, {kind}, mean of {mine.sizes['operation']}",
                    float(mine.spikes_expected.mean()),
                    float(mine.spikes.mean()),
                    1e-9,
                    note="closed form that holds in the recorded rasters",
                )
            )
    return lines


def _raster(data: xarray.Dataset) -> Any:
    """Raster of the protocol, coloured by population; a line marks the start of an operation."""
    import holoviews as hv

    names = list(data.attrs["populations"])
    colors = distinct_colors(names)
    edges = np.concatenate([[0], np.cumsum(data.attrs["sizes"])])
    x, y = hv.Dimension("t", label="Time", unit="ms"), hv.Dimension("unit", label="Neuron")
    starts = hv.VLines(data.t_ms.values.astype(float))
    layers = [style(starts, {"color": "#cccccc"}, mpl={"linewidth": 0.5})]
    t_ms, units = data.spike_t_ms.values, data.spike_unit.values
    rows = GAP_ROWS * np.arange(len(names))  # by which each population is moved from the next
    for k, name in enumerate(names):
        mine = (units >= edges[k]) & (units < edges[k + 1])
        dots = hv.Points((t_ms[mine], units[mine] + rows[k]), [x, y])
        layers.append(style(dots, {"color": colors[name]}, bokeh={"size": 4}, mpl={"s": 5}))
    middles = (edges[:-1] + edges[1:] - 1) / 2 + rows
    ticks = [(float(m), n.replace("_", " ")) for m, n in zip(middles, names, strict=True)]
    title = f"{int(data.correct.sum())} of {data.sizes['operation']} operations correct"
    axes = {"yticks": ticks, "ylabel": "", "xlabel": "Time (ms)", "invert_yaxis": True}
    return style(
        hv.Overlay(layers),
        {**axes, "title": title, "show_legend": False},
        bokeh={"responsive": True, "min_height": 460},
        mpl={"aspect": 1.6},
    )


def _functional(model: Model, progress: Progress = no_progress) -> xarray.Dataset:
    return _play(model, protocols.functional(), progress)


def _stress(
    model: Model,
    progress: Progress = no_progress,
    spacing_ms: Annotated[int, Option("time between the starts of two operations, ms")] = 14,
    cycles: Annotated[
        int, Option("rounds of filling and asking, with inverted contents between")
    ] = 3,
) -> xarray.Dataset:
    return _play(model, protocols.stress(int(spacing_ms), int(cycles)), progress)


EXPERIMENTS = (
    Experiment(
        name="functional",
        title="Functional: learn, recall both ways, forget",
        source=f"functional experiment, {RASTERS}",
        run=_functional,
        compare=_compare,
        figure=_raster,
    ),
    Experiment(
        name="stress",
        title="Stress: a full memory, asked for everything, three times over",
        source=f"stress experiment, {RASTERS}",
        run=_stress,
        compare=_compare,
        figure=_raster,
    ),
    INTERFERENCE,
    CAPACITY,
)
