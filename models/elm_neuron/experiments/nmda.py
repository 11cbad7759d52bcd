"""Experiment ``nmda``: does the cell without NMDA need fewer memory units?

The embedded teacher is simulated with and without NMDA, on the same input; AMPA is made larger
where NMDA is missing, so that both cells are driven alike. ELM neurons with different numbers of
memory units are trained on each. Beniaguev et al. (2021) report that without NMDA a network with
one hidden layer is enough where otherwise seven are needed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, no_progress
from workbench.model.model import Comparison, Experiment
from workbench.paths import cache_folder

from ..data.trials import load_trials
from ..teacher.cell import TeacherCell
from ..teacher.trials import N_INPUT, make_trials

if TYPE_CHECKING:
    import xarray

    from workbench.model.model import Model

WITHOUT_AMPA = 1.4  # AMPA of the cell without NMDA, which brings the output rates together
CELLS = {"with NMDA": TeacherCell(), "without NMDA": TeacherCell(nmda=0.0, ampa=WITHOUT_AMPA)}
NEAR = 0.02  # a number of units is enough when it explains so little less than the best one
SCORES = ("rmse_mV", "explained", "auc")
SIMULATING = 0.5  # share of the progress bar


def cache() -> Path:
    """Where trials stay, so that they are made once."""
    return cache_folder() / "elm-teacher"


def run(
    model: Model,
    progress: Progress = no_progress,
    folder: Annotated[
        str, Option("where trials are kept; none: in the cache", of_machine=True)
    ] = "",
    trials: Annotated[int, Option("trials of 6 s of each cell")] = 12,
    sizes: Annotated[tuple[int, ...], Option("numbers of memory units")] = (1, 2, 5, 10),
    steps: Annotated[
        int, Option("training steps of each neuron, alike for all, or nothing is compared")
    ] = 600,
    seed: Annotated[int, Option("of input, weights and order")] = 1,
) -> xarray.Dataset:
    """Make the trials where they are missing, then train every size on each cell.

    returns : rmse_mV, explained and auc on test trials, each (cell, n_memory); spikes and std_mV
              (of the clipped voltage), (cell,); nan where it was stopped before
    """
    import xarray as xr

    from ..training.budget import Budget
    from ..training.recipe import new_neuron, recipe, started
    from ..training.train import train

    place = Path(folder).expanduser() if folder else cache()
    found = {name: np.full((len(CELLS), len(sizes)), np.nan) for name in SCORES}
    spikes, std_mV = np.full(len(CELLS), np.nan), np.full(len(CELLS), np.nan)
    chosen = recipe("better")
    stopped = False
    data = []
    for c, (name, cell) in enumerate(CELLS.items()):

        def report(share: float, text: str, c: int = c, name: str = name) -> bool:
            nonlocal stopped
            stopped = progress(SIMULATING * (c + share) / len(CELLS), f"{name}: {text}") is False
            return not stopped

        at = place / f"nmda{cell.nmda:g}-ampa{cell.ampa:g}"
        files = make_trials(at, int(trials), first_seed=int(seed), cell=cell, progress=report)
        data.append([t for t in load_trials(at) if t.name in {f.stem for f in files}])
        v = np.concatenate([np.minimum(t.v_soma_mV[500:], -55.0) for t in data[c]])
        spikes[c], std_mV[c] = sum(len(t.spike_t_ms) for t in data[c]), v.std()
    jobs = [(k, c) for k in range(len(sizes)) for c in range(len(CELLS))]
    for n, (k, c) in enumerate(jobs):
        if stopped:
            break

        def follow(share: float, text: str, n: int = n, k: int = k, c: int = c) -> bool:
            nonlocal stopped
            reported = f"{list(CELLS)[c]}, {sizes[k]} memory units: {text}"
            done = SIMULATING + (1 - SIMULATING) * (n + share) / len(jobs)
            stopped = progress(done, reported) is False
            return not stopped

        neuron = new_neuron(N_INPUT, sizes[k], int(seed), variant=chosen.variant, act=chosen.act)
        kept = train(
            data[c], started(neuron, chosen, int(seed)), chosen,
            Budget(steps=int(steps)), seed=int(seed), judgements=8, progress=follow,
        )  # fmt: skip
        if stopped:
            break
        for name in SCORES:
            found[name][c, k] = kept.scores["test"][name]
    progress(1.0, "done")
    return xr.Dataset(
        {
            **{name: (("cell", "n_memory"), values) for name, values in found.items()},
            "spikes": ("cell", spikes),
            "std_mV": ("cell", std_mV),
        },
        coords={"cell": list(CELLS), "n_memory": list(sizes)},
        attrs={"trials": int(trials), "steps": int(steps), "seed": int(seed)},
    )


def units_needed(data: xarray.Dataset, cell: str) -> float:
    """The smallest number of memory units that explains nearly as much as the best; nan if none."""
    explained = data.explained.sel(cell=cell)
    near = data.n_memory.values[(explained >= explained.max() - NEAR).values]
    return float(near[0]) if len(near) else float("nan")


def compare(data: xarray.Dataset) -> list[Comparison]:
    """Memory units needed without NMDA, against those needed with it: not more."""
    with_, without = (units_needed(data, c) for c in CELLS)
    note = "; ".join(
        f"{c}: explained "
        + ", ".join(
            f"{float(data.explained.sel(cell=c, n_memory=d)):.3f} (d {d})"
            for d in data.n_memory.values.tolist()
        )
        + f", {int(data.spikes.sel(cell=c))} spikes"
        for c in CELLS
    )
    return [
        Comparison(
            "memory units needed without NMDA / with", 0.5, without / with_, 0.5,
            note=f"Beniaguev et al. (2021): fewer; a ratio from 0 to 1 agrees. {note}",
        )
    ]  # fmt: skip


def figure(data: xarray.Dataset) -> Any:
    """Explained variance and error against the number of memory units, one line a cell."""
    import holoviews as hv

    from workbench.plots import style

    x = hv.Dimension("d", label="Memory units")
    plots = []
    for name, label in (("explained", "Explained variance"), ("rmse_mV", "RMSE (mV)")):
        y = hv.Dimension(name, label=label)
        parts = []
        for color, cell in zip(("#332288", "#CC6677"), data.cell.values, strict=True):
            points = (data.n_memory.values, data[name].sel(cell=cell).values)
            parts += [
                style(hv.Curve(points, x, y).relabel(str(cell)), {"color": color}),
                style(hv.Scatter(points, x, y), {"color": color}, bokeh={"size": 7}, mpl={"s": 20}),
            ]
        plots.append(style(hv.Overlay(parts), {"logx": True}))
    return hv.Layout(plots).cols(2)


NMDA = Experiment(
    name="nmda",
    title="Memory units that a cell with and without NMDA needs",
    source="Beniaguev, Segev & London (2021) Neuron 109:2727, who count layers of a network; "
    "here on the embedded cell, in memory units",
    run=run,
    compare=compare,
    figure=figure,
)
