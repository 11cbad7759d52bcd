"""Experiment: five tasks one after the other, with and without projection, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, no_progress, part
from workbench.model.model import Comparison, Experiment
from workbench.plots import legend_on_top, style
from workbench.recordings import Recording

from ..._shared.figures import COLORS
from ..._shared.variants import fast_engine, varied
from ..tasks import CLASSES, PIXELS, accuracies, captured, rows_of, tasks_of

if TYPE_CHECKING:
    import xarray

    from workbench.model.model import Model
    from workbench.run import Run

READOUTS = {"with": "readout", "without": "control"}
LOOKS = 20  # in the course of each task


def course(run: Run, name: str, model: Model) -> np.ndarray:
    """(moments, tasks) accuracy in % of a readout, from its recorded weights."""
    sampled = run.samples(f"input_to_{name}.w")
    given = tasks_of(model)
    # Dense weights lie row by row, one row a class.
    return np.array([accuracies(w.reshape(CLASSES, PIXELS), given) for w in sampled.values])


def forgetting(
    model: Model,
    progress: Progress = no_progress,
    *,
    seeds: Annotated[
        int, Option("orders of pixels and pictures, each with another H", "Random orders")
    ] = 10,
    first_seed: Annotated[
        int, Option("number of the first order; the others follow", "First order")
    ] = 0,
    samples: Annotated[int, Option("pictures of each task", "Pictures of a task")] = 4000,
) -> xarray.Dataset:
    """Accuracy of both readouts on every task, in the course of learning all of them."""
    import xarray as xr

    values: Any = model.values()
    count = values["n_tasks"]
    every = max(1, samples // LOOKS)
    moments = count * samples // every
    found = np.full((seeds, 2, moments, count), np.nan)
    room = np.full((seeds, count), np.nan)
    outcome = "finished"
    for k in range(seeds):
        chosen = varied(model, order_seed=first_seed + k, samples=samples)
        weights = Recording("all", every_ms=float(every))
        run = chosen.run(
            float(count * samples), engine=fast_engine(),
            record={f"input_to_{name}.w": weights for name in READOUTS.values()},
            progress=part(progress, k / seeds, (k + 1) / seeds, f"order {k + 1} of {seeds}"),
        )  # fmt: skip
        if run.outcome != "finished":
            outcome = "stopped"
            break
        for r, name in enumerate(READOUTS.values()):
            seen = course(run, name, chosen)[1:]
            last = accuracies(run.weight_matrix(f"input_to_{name}"), tasks_of(chosen))
            found[k, r] = np.concatenate([seen, last[None]])[:moments]
        H, train = run.weight_matrix("input_to_subspace"), tasks_of(chosen).train
        mine = rows_of(values["n_first"], values["n_more"], count)
        room[k] = [captured(H[mine <= t], train[t]) for t in range(count)]
    return xr.Dataset(
        {"accuracy": (("seed", "projection", "shown", "task"), found),
         "protected": (("seed", "task"), room)},
        coords={
            "seed": first_seed + np.arange(seeds), "projection": list(READOUTS),
            "shown": every * (1 + np.arange(moments)), "task": np.arange(count),
        },
        attrs={"samples": samples, "outcome": outcome, "model": model.slug},
    )  # fmt: skip


def scores(data: xarray.Dataset) -> dict[str, np.ndarray]:
    """Final accuracy and what was lost since each task was learnt, (seeds, 2), in %."""
    samples, count = data.attrs["samples"], data.sizes["task"]
    ends = data.accuracy.sel(shown=samples * (1 + np.arange(count))).values
    ended = ends[np.isfinite(ends).all(axis=(1, 2, 3))]
    just = np.diagonal(ended, axis1=2, axis2=3)
    last = ended[:, :, -1]
    return {
        "final": last.mean(axis=2),
        "lost": (last - just)[:, :, :-1].mean(axis=2) if count > 1 else np.zeros(last.shape[:2]),
        "last": last[:, :, -1],
    }


def _mean(values: np.ndarray) -> tuple[float, float]:
    """(mean, half width of its 95 % interval)."""
    n = len(values)
    half = 1.96 * float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    return float(values.mean()), half


def compare(data: xarray.Dataset) -> list[Comparison]:
    """Paired: the same orders with and without. The source's numbers are of another network."""
    found = scores(data)
    n = len(found["final"])
    if not n:
        return []
    parts = {
        k: [_mean(v[:, r]) for r in range(2)] for k, v in found.items()
    }  # fmt: skip
    said = "; ".join(
        f"{what}: {parts[k][0][0]:.1f} ± {parts[k][0][1]:.1f} with, {parts[k][1][0]:.1f} ± "
        f"{parts[k][1][1]:.1f} without"
        for k, what in (("final", "accuracy after all tasks"), ("lost", "change since learnt"),
                        ("last", "the last task"))
    )  # fmt: skip
    lines = []
    for key, what in (("final", "accuracy after all tasks"), ("lost", "forgetting")):
        gain, half = _mean(found[key][:, 0] - found[key][:, 1])
        sure = gain > (0.0 if np.isnan(half) else half)
        lines.append(
            Comparison(f"{what}: better with projection", 1.0, float(sure), 0.0,
                       note=f"by {gain:.1f} ± {half:.1f} points, {n} orders, paired; 1 means yes; "
                       f"{said}")
        )  # fmt: skip
    room, half = _mean(100 * data.protected.mean("task").values[:n])
    lines.append(
        Comparison("share of each task's pictures that is protected afterwards", 100.0, room, 10.0,
                   "%", error=half, note="closed form: all, with as many units as directions")
    )  # fmt: skip
    return lines


def figure(data: xarray.Dataset) -> Any:
    """One line a task, mean over orders: above with projection, below without."""
    import holoviews as hv

    samples = data.attrs["samples"]
    return hv.Layout([
        style(
            hv.Overlay([
                style(hv.Curve((data.shown / 1000, mean.sel(task=t).values), "shown", "accuracy",
                               label=f"task {t}"),
                      {"color": COLORS[int(t) % 6]}, mpl={"linewidth": 1.2})
                for t in data.task.values
            ] + [
                style(hv.VLine(samples * k / 1000), {"color": "#9AA3AD"}, mpl={"linewidth": 0.5},
                      bokeh={"line_width": 1})
                for k in range(1, data.sizes["task"])
            ]),
            {"xlabel": "Pictures shown (1,000)", "ylim": (0, 100), "title": "",
             "ylabel": f"Test accuracy (%),\n{kind} projection", "show_legend": kind == "with"},
            bokeh={"responsive": True, "min_height": 300, "legend_position": "top",
                   "legend_cols": len(data.task)},
            mpl={"aspect": 2.2, "hooks": [legend_on_top] if kind == "with" else []},
        )
        for kind, mean in ((k, data.accuracy.sel(projection=k).mean("seed")) for k in READOUTS)
    ]).cols(1)  # fmt: skip


FORGETTING = Experiment(
    "forgetting", "Five tasks one after the other, with and without projection",
    "sign of the effect: Xiao et al. (2024), abstract; numbers are ours", forgetting, compare,
    figure,
)  # fmt: skip
