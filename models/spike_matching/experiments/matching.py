"""Experiment: does the learner come closer to the reference, and a control not? Thirty draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, no_progress, part
from workbench.model.model import Comparison, Experiment
from workbench.recordings import Recording

from ..._shared.figures import layout, lines
from ..._shared.keep import Keep, KeepFolder
from ..._shared.variants import fast_engine, varied
from ..measures import alike, distances, fired_in
from ..wiring import weights_of

if TYPE_CHECKING:
    import xarray

    from workbench.model.model import Model
    from workbench.run import Run

LATE = 10  # passes at the end that are averaged: from one to the next distances go up and down
POINTS = 30  # of a curve
NETWORKS = ("learner", "control")


def course(run: Run, passes: int) -> dict[str, np.ndarray]:
    """Distances of both networks in the course of a run, and how alike weights are at the end.

    returns : shown (P,) passes; D_P and D_A (2, P); late (2, 2) D_P and D_A of the last passes
    """
    theirs = fired_in(run, "reference", 0)
    shown = np.unique(np.linspace(0, passes - 1, min(POINTS, passes)).round().astype(int))
    late = range(max(0, passes - LATE), passes)
    found: dict[str, Any] = {"shown": shown, "D_P": [], "D_A": [], "late": []}
    for name in NETWORKS:
        each = np.array([distances(fired_in(run, name, k), theirs) for k in shown])
        found["D_P"].append(each[:, 0])
        found["D_A"].append(each[:, 1])
        found["late"].append(
            np.mean([distances(fired_in(run, name, k), theirs) for k in late], axis=0)
        )
    return {k: np.asarray(v) for k, v in found.items()}


def matching(
    model: Model,
    progress: Progress = no_progress,
    *,
    seeds: Annotated[int, Option("draws of weights and noise", "Random draws")] = 30,
    first_seed: Annotated[
        int, Option("number of the first draw; the others follow", "First draw")
    ] = 1,
    passes: Annotated[int, Option("passes of each")] = 300,
    keep: KeepFolder = "",
) -> xarray.Dataset:
    """Distances to the reference of learner and control, pass by pass, and of their weights."""

    kept, found, outcome = Keep(keep, model.slug), [], "finished"
    steps = int(model.values()["pass_steps"])
    for k in range(seeds):
        chosen = varied(model, wiring_seed=first_seed + k)
        path = kept.path(values=chosen.values(), passes=passes, engine=fast_engine(), version=1)
        one = kept.get(path)
        if one is None:
            run = chosen.run(
                passes * steps * model.dt_ms, seed=first_seed + k, engine=fast_engine(),
                record={"passes.missed": Recording("all", every_ms=steps * model.dt_ms)},
                progress=part(progress, k / seeds, (k + 1) / seeds, f"draw {k + 1} of {seeds}"),
            )  # fmt: skip
            if run.outcome != "finished":
                outcome = "stopped"
                break
            weights = weights_of(chosen)
            w = run.weight_matrix("learner_recurrent").T
            one = course(run, passes) | {
                "alike": np.array([alike(w, weights.reference, weights.sign),
                                   alike(w, weights.naive, weights.sign)]),
            }  # fmt: skip
            kept.put(path, one)
        found.append(one)
    return dataset(found, first_seed, outcome, model.slug)


def dataset(
    found: list[dict[str, np.ndarray]], first_seed: int, outcome: str, slug: str
) -> xarray.Dataset:
    """All draws that were finished, side by side."""
    import xarray as xr

    def each(key: str, *shape: int) -> np.ndarray:
        return np.array([one[key] for one in found]).reshape(len(found), *shape)

    shown = found[0]["shown"] if found else np.zeros(0, int)
    return xr.Dataset(
        {"D_P": (("seed", "network", "passed"), each("D_P", 2, len(shown))),
         "D_A": (("seed", "network", "passed"), each("D_A", 2, len(shown))),
         "late": (("seed", "network", "distance"), each("late", 2, 2)),
         "alike": (("seed", "to"), each("alike", 2))},
        coords={"seed": first_seed + np.arange(len(found)), "network": list(NETWORKS),
                "passed": shown, "distance": ["D_P", "D_A"], "to": ["reference", "naive"]},
        attrs={"outcome": outcome, "model": slug},
    )  # fmt: skip


def _mean(values: np.ndarray) -> tuple[float, float]:
    """(mean, half width of its 95 % interval)."""
    n = len(values)
    half = 1.96 * float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    return float(values.mean()), half


def compare(data: xarray.Dataset) -> list[Comparison]:
    """Paired, draw by draw. The source's means are in figures only: the numbers are ours."""
    n = data.sizes["seed"]
    if not n:
        return []
    naive = data.D_P.isel(passed=0).sel(network="learner").values
    late = {name: data.late.sel(network=name, distance="D_P").values for name in NETWORKS}
    said = ", ".join(
        f"{what} {m:.1f} ± {half:.1f}"
        for what, (m, half) in (("naive", _mean(naive)),
                                *((k, _mean(v)) for k, v in late.items()))
    )  # fmt: skip
    gain, half = _mean(naive - late["learner"])
    over, wide = _mean(late["control"] - late["learner"])
    changed, width = _mean(naive - late["control"])
    same, close = _mean(data.alike.sel(to="reference").values)
    sure, surely = (gain > np.nan_to_num(half)), (over > np.nan_to_num(wide))
    return [
        Comparison("D_P: the learner ends nearer than it began", 1.0, float(sure), 0.0,
                   note=f"by {gain:.1f} ± {half:.1f}, {n} draws, paired; 1 means yes; {said}"),
        Comparison("D_P: the learner ends nearer than the control", 1.0, float(surely), 0.0,
                   note=f"by {over:.1f} ± {wide:.1f}; the control itself came nearer by "
                   f"{changed:.1f} ± {width:.1f}"),
        Comparison("correlation of learnt weights with the reference's", 0.0, same, 0.05,
                   error=close, note="from the source's abstract: learnt weights are other ones"),
    ]  # fmt: skip


def figure(data: xarray.Dataset) -> Any:
    """Mean distances of learner and control in the course of learning, beside the naive one's."""
    x = data.passed.values + 1
    parts = []
    for key, what in (("D_P", "Distance of neurons, D_P"), ("D_A", "Distance of activity, D_A")):
        mean = data[key].mean("seed")
        naive = float(mean.sel(network="learner")[0]) if len(x) else 0.0
        parts.append(
            lines(
                [(x, mean.sel(network=name).values, name) for name in NETWORKS], "Pass", what,
                dashed=[(x[[0, -1]], [naive, naive], "naive")] if len(x) else (),
            )
        )  # fmt: skip
    return layout(*parts, columns=1)


MATCHING = Experiment(
    "matching", "Learner and control, thirty draws",
    "sign of the effect: Bordelon et al. (2020), abstract; numbers are ours", matching, compare,
    figure,
)  # fmt: skip
