"""The experiments on the ELM neuron: how well it is the cell, and what it needs for that."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.model import Comparison, Experiment

from ..checkpoints.sources import OPTIONS, checkpoints_for, trials_for
from ..data.trials import Trial
from ..published import RELEASED
from ..recurrence import Output, simulate_trials
from ..scores import CLIP_MV, DROP_MS, MEASURES, Scored
from .ablation import ABLATION
from .figures import accuracy_figure

if TYPE_CHECKING:
    import xarray

    from workbench.model.model import Model

Progress = Callable[[float, str], Any]
EXAMPLE_MS = 1500
NOISE_MV = 0.3  # numerical noise of the simulated cell, by which its trials differ from NeuronIO's
AUC_APART, TP_APART = 0.005, 0.05


def _neuronio(
    model: Model, progress: Progress = lambda f, text: None, data: str = "",
    checkpoints: str = "", trials: int = 0, resamples: int = 200, fetch: bool = False,
) -> xarray.Dataset:  # fmt: skip
    """Every measure of every checkpoint, with its interval; one row a checkpoint."""
    import xarray as xr

    loaded, cell = trials_for(data, int(trials), lambda f, text: progress(0.1 * f, text))
    neurons = checkpoints_for(checkpoints, cell, fetch, progress)
    rows: list[dict[str, float]] = []
    bounds: list[dict[str, tuple[float, float]]] = []
    outputs: list[Output] = []
    for k, weights in enumerate(neurons):
        part = _Part(progress, f"{weights.n_memory} memory units", k, len(neurons))
        out = simulate_trials(weights, loaded, part.running)
        scored = Scored(out, loaded)
        rows.append(scored.scores())
        bounds.append(scored.bootstrap(int(resamples), progress=part.resampling))
        outputs.append(out[_telling(loaded)])
    example = loaded[_telling(loaded)]
    window = _window(example)
    found: dict[str, Any] = {m: ("checkpoint", [r[m] for r in rows]) for m in MEASURES}
    for side, end in enumerate(("low", "high")):
        for m in MEASURES:
            ends = [b[m][side] if b else math.nan for b in bounds]
            found[f"{m}_{end}"] = ("checkpoint", ends)
    found |= {
        "parameters": ("checkpoint", [w.n_parameters for w in neurons]),
        "title": ("checkpoint", [w.title for w in neurons]),
        "v_true_mV": ("t_ms", np.minimum(example.v_soma_mV[window], CLIP_MV)),
        "spike": ("t_ms", example.spikes()[window]),
        "v_soma_mV": (("checkpoint", "t_ms"), np.stack([o.v_soma_mV[window] for o in outputs])),
        "p_spike": (("checkpoint", "t_ms"), np.stack([o.p_spike[window] for o in outputs])),
    }
    return xr.Dataset(
        found,
        coords={
            "d_m": ("checkpoint", [w.n_memory for w in neurons]),
            "t_ms": np.arange(example.n_ms)[window],
        },
        attrs={
            "cell": cell, "trials": len(loaded), "spikes": scored.n_spikes,
            "example": example.name, "resamples": int(resamples),
        },
    )  # fmt: skip


class _Part:
    """Progress of one checkpoint among several; reading the trials was the first tenth."""

    def __init__(self, progress: Progress, name: str, k: int, n: int):
        self.progress, self.name = progress, name
        self.start, self.length = 0.1 + 0.9 * k / n, 0.9 / n

    def running(self, fraction: float, text: str) -> None:
        self.progress(self.start + self.length * fraction / 2, f"{self.name}: {text}")

    def resampling(self, fraction: float) -> None:
        self.progress(self.start + self.length * (1 + fraction) / 2, f"{self.name}: intervals")


def _telling(trials: Sequence[Trial]) -> int:
    """The trial with the most spikes: a plot without any shows little."""
    return int(np.argmax([t.spikes()[DROP_MS:].sum() for t in trials]))


def _window(trial: Trial) -> slice:
    """The stretch of a trial that holds most spikes."""
    length = min(EXAMPLE_MS, trial.n_ms - DROP_MS)
    within = np.convolve(trial.spikes()[DROP_MS:], np.ones(length), "valid")
    start = DROP_MS + int(np.argmax(within))
    return slice(start, start + length)


def _compare(data: xarray.Dataset) -> list[Comparison]:
    """Only released neurons on trials of the published cell have published numbers."""
    lines = []
    for k in range(data.sizes["checkpoint"]):
        one = data.isel(checkpoint=k)
        published = RELEASED.get(int(one.d_m))
        if data.attrs["cell"] != "L5PC" or published is None:
            continue
        if int(one.parameters) != published.parameters:
            continue
        rmse = published.rmse_mV
        tolerances = {
            "auc": AUC_APART, "tp_at_1": TP_APART, "explained_matched": 0.01,
            "rmse_matched_mV": math.hypot(rmse, NOISE_MV) - rmse,
        }  # fmt: skip
        for name, theirs in zip(("auc", "tp_at_1", "rmse_matched_mV", "explained_matched"),
                                published[1:], strict=True):  # fmt: skip
            half = float(one[f"{name}_high"] - one[f"{name}_low"]) / 2
            lines.append(
                Comparison(
                    f"d_m = {int(one.d_m)}: {MEASURES[name].split(',')[0]}",
                    theirs,
                    float(one[name]),
                    tolerances[name] + (half if half == half else 0.0),
                    unit="mV" if name.endswith("mV") else "1",
                    note="published: NeuronIO test set; ours: trials of the same cell",
                    error=half,
                )
            )
    return lines


NEURONIO = Experiment(
    name="neuronio",
    title="How well the neuron is the cell, against its memory units",
    source="Spieler et al. 2024; evaluation table of the released models",
    run=_neuronio,
    compare=_compare,
    figure=accuracy_figure,
    options={
        **OPTIONS,
        "trials": (0, "at most so many trials; 0 takes all"),
        "resamples": (200, "resamples of the trials for the 95 % intervals"),
    },
)
EXPERIMENTS = (NEURONIO, ABLATION)
