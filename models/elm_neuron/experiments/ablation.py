"""What a trained neuron uses: its lambda, time scales and memory units, changed one by one.

Nothing is trained again: this asks what the trained solution uses, not what another training could
have found without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.errors import ParameterError
from workbench.model.experiment import Option, Progress, no_progress
from workbench.model.model import Comparison, Experiment

from ..checkpoints.sources import (
    CheckpointFolder,
    DataFolder,
    Fetch,
    checkpoints_for,
    trials_for,
)
from ..recurrence import simulate_trials
from ..scores import Scored
from ..weights import Weights
from .figures import ablation_figure

if TYPE_CHECKING:
    import xarray

    from workbench.model.model import Model

KEPT = ("auc", "average_precision", "rmse_mV", "rmse_matched_mV")
EXTREMES = ("ablate fastest", "ablate slowest")


def changes(
    w: Weights, lambdas: Sequence[float], factors: Sequence[float]
) -> list[tuple[str, float, Weights]]:
    """(kind, value, changed neuron) of every condition; the first is the neuron as it is."""
    found = [("as trained", 0.0, w)]
    found += [("lambda", x, w.changed(lambda_m=float(x))) for x in lambdas]
    found += [("time scales times", x, w.changed(tau_m_ms=w.tau_m_ms * x)) for x in factors]
    order = np.argsort(w.tau_m_ms)
    for unit in order:
        found.append(("ablate one, tau_m", float(w.tau_m_ms[unit]), _without(w, [unit])))
    for kind, first in zip(EXTREMES, (order, order[::-1]), strict=True):
        for n in sorted({1, 2, *range(4, w.n_memory, 4)} & set(range(1, w.n_memory))):
            found.append((kind, float(n), _without(w, first[:n])))
    return found


def _without(w: Weights, units: Any) -> Weights:
    alive = w.memory_alive.copy()
    alive[list(units)] = 0.0
    return w.changed(memory_alive=alive)


def _run(
    model: Model,
    progress: Progress = no_progress,
    data: DataFolder = "",
    checkpoints: CheckpointFolder = "",
    n_memory: Annotated[
        int, Option("memory units of the checkpoint to take apart", "Memory units")
    ] = 20,
    trials: Annotated[int, Option("at most so many trials; 0 takes all")] = 40,
    lambdas: Annotated[tuple[float, ...], Option("speeds of updates", "Update speeds λ")] = (
        1.0,
        2.5,
        4.0,
        5.0,
        6.0,
        7.5,
        10.0,
    ),
    factors: Annotated[
        tuple[float, ...], Option("factors on all memory time constants", "Factors on τ_m")
    ] = (
        0.25,
        0.5,
        0.8,
        1.25,
        2.0,
        4.0,
    ),
    fetch: Fetch = False,
) -> xarray.Dataset:
    import xarray as xr

    loaded, cell = trials_for(data, int(trials), lambda f, text: progress(0.1 * f, text))
    neurons = checkpoints_for(checkpoints, cell, fetch, progress)
    fitting = [w for w in neurons if w.n_memory == n_memory]
    if not fitting:
        sizes = ", ".join(str(w.n_memory) for w in neurons)
        raise ParameterError(f"There is no checkpoint of {n_memory} memory units, only of {sizes}.")
    conditions = changes(fitting[0], lambdas, factors)
    rows = []
    for k, (kind, value, weights) in enumerate(conditions):
        progress(0.1 + 0.9 * k / len(conditions), f"{kind} {value:g}" if k else kind)
        rows.append(Scored(simulate_trials(weights, loaded), loaded).scores())
    return xr.Dataset(
        {
            "kind": ("condition", [c[0] for c in conditions]),
            "value": ("condition", [c[1] for c in conditions]),
            **{m: ("condition", [r[m] for r in rows]) for m in KEPT},
        },
        attrs={"cell": cell, "trials": len(loaded), "n_memory": n_memory,
               "lambda": fitting[0].lambda_m},
    )  # fmt: skip


def _compare(data: xarray.Dataset) -> list[Comparison]:
    """Nothing of this is published: the published ablations were trained anew."""
    return []


ABLATION = Experiment(
    name="ablation",
    title="What a trained neuron uses: lambda, time scales, memory units",
    source="own analysis of the released weights; the published ablations are trained anew",
    run=_run,
    compare=_compare,
    figure=ablation_figure,
)
