"""Training of the ELM neuron, as the command line and the list of experiments see it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from workbench.errors import ParameterError
from workbench.model.experiment import Option, Progress
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
    progress: Progress,
    n_memory: Annotated[int, Option("memory units", "Memory units")] = 20,
    recipe_name: Annotated[
        str, Option("better (2026, and our learning rate) or published (2024)", "Recipe")
    ] = "better",
    n_branch: Annotated[
        int, Option("branches; 0: 45 for 1278 inputs, else one for 8 inputs", "Branches")
    ] = 0,
    per_branch: Annotated[
        int,
        Option(
            "synapses a branch; 0: 100 for 1278 inputs, else in proportion", "Synapses of a branch"
        ),
    ] = 0,
    tau_max: Annotated[
        float, Option("longest time constant of the memory, ms", "Longest τ_m (ms)")
    ] = 150.0,
    learning_rate: Annotated[float, Option("of Adam; 0: that of the recipe")] = 0.0,
    batch: Annotated[int, Option("windows in a step; 0: that of the recipe", "Batch size")] = 0,
    patience: Annotated[
        int, Option("stop after so many evaluations (of 25) without a better one; 0: never")
    ] = 0,
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
    given = {"learning_rate": learning_rate, "batch": batch}
    changes = {k: v for k, v in given.items() if v}
    chosen = recipe(recipe_name, **changes)
    trials, n_input = load_recordings(data, lambda f, text: progress(READING * f, text))
    neuron = new_neuron(
        n_input, n_memory, seed, variant=chosen.variant, act=chosen.act,
        n_branch=n_branch, per_branch=per_branch,
        tau_max_ms=tau_max,
    )  # fmt: skip
    device = jax.devices()[0].device_kind
    kept = train(
        trials, started(neuron, chosen, seed), chosen, budget, seed=seed, out=out, resume=resume,
        patience=patience,
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
)
