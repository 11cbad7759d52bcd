"""Training of the ELM neuron, as the command line and the list of experiments see it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.errors import ParameterError
from workbench.model.model import Experiment
from workbench.model.training import Trained, Training

from ..data.recordings import load_recordings
from ..experiments.long_range import LONG_RANGE
from ..experiments.nmda import NMDA
from ..experiments.teacher import TEACHER
from .budget import Budget
from .figures import learning_curve
from .recipe import new_neuron, recipe, started
from .recurrence import jax_module
from .state import HISTORY
from .train import train

EXPERIMENTS_TRAINING: tuple[Experiment, ...] = (TEACHER, NMDA, LONG_RANGE)
READING = 0.02  # share of the progress bar for reading the data


def run(
    *,
    data: Path | None,
    out: Path,
    minutes: float,
    core_minutes: float,
    steps: int,
    seed: int,
    resume: bool,
    progress: Callable[[float, str], Any],
    n_memory: int = 20,
    recipe_name: str = "better",
    **settings: Any,
) -> Trained:
    """Train on a folder of recordings; what `workbench train` calls."""
    jax = jax_module()  # whether it is there is said before anything is read
    if data is None:
        raise ParameterError(
            "There is nothing to train on: give --data FOLDER. Without recordings, have some made: "
            "workbench reproduce elm-neuron teacher --option folder=FOLDER."
        )
    if n_memory < 1:
        raise ParameterError(f"n_memory = {n_memory} is not allowed: it must be at least 1.")
    budget = Budget(steps=steps, minutes=minutes, core_minutes=core_minutes)
    changes = {k: settings[k] for k in ("learning_rate", "batch") if settings.get(k)}
    chosen = recipe(recipe_name, **changes)
    trials, n_input = load_recordings(data, lambda f, text: progress(READING * f, text))
    neuron = new_neuron(
        n_input, n_memory, seed, variant=chosen.variant, act=chosen.act,
        n_branch=settings.get("n_branch", 0), per_branch=settings.get("per_branch", 0),
        tau_max_ms=settings.get("tau_max", 150.0),
    )  # fmt: skip
    device = jax.devices()[0].device_kind
    kept = train(
        trials, started(neuron, chosen, seed), chosen, budget, seed=seed, out=out, resume=resume,
        patience=settings.get("patience", 0),
        progress=lambda f, text: progress(READING + (1 - READING) * f, f"{text} ({device})"),
    )  # fmt: skip
    assert kept.checkpoint is not None
    curve = out / "learning-curve.pdf"
    from workbench.figures import figure

    figure(learning_curve(out / HISTORY), path=curve, width_mm=174)
    return Trained(
        scores=kept.scores,
        used=kept.used,
        files=(kept.checkpoint, out / HISTORY, curve),
        units={"rmse_mV": "mV"},
        stopped=kept.stopped,
        hint=f'In Python: ELMNeuron.from_checkpoint("{kept.checkpoint}")',
    )


TRAINING = Training(
    title="ELM neuron fitted to a detailed cell",
    source="Spieler et al. (2024) arXiv:2306.16922; Spieler, Martius & Levina (2026) "
    "arXiv:2605.12049",
    data="trials as .npz files, or NeuronIO's own .p files",
    run=run,
    options={
        "n_memory": (20, "memory units"),
        "recipe_name": ("better", "better (2026, and our learning rate) or published (2024)"),
        "n_branch": (0, "branches; 0: 45 for 1278 inputs, else one for 8 inputs"),
        "per_branch": (0, "synapses a branch; 0: 100 for 1278 inputs, else in proportion"),
        "tau_max": (150.0, "longest time constant of the memory, ms"),
        "learning_rate": (0.0, "of Adam; 0: that of the recipe"),
        "batch": (0, "windows in a step; 0: that of the recipe"),
        "patience": (0, "stop after so many evaluations (of 25) without a better one; 0: never"),
    },
)
