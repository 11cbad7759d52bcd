"""Training an Expressive Leaky Memory neuron on trials of a detailed cell.

    kept = train(load_trials("l5pc"), n_memory=20, minutes=15, out="my-elm")
    kept.scores["test"]["auc"], kept.checkpoint

JAX is needed: the extra `train`.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import ParameterError, StoreError

from ..checkpoints.files import save_weights
from ..data.trials import Trial
from ..weights import Weights
from . import state as store
from .budget import Budget
from .evaluate import evaluate
from .forward import fresh_fit, training_step
from .recipe import Recipe
from .trainable import fixed_part, shape_of, with_trained
from .windows import Windows

Progress = Callable[[float, str], Any]  # (fraction done, what is being done) -> False to stop
TEST_EVERY, VALID_EVERY = 6, 15  # see `split`


def no_progress(fraction: float, text: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class TrainedELM:
    """What came out of training.

    weights    : the best neuron
    history    : learning curve, one row for every time that it was evaluated
    scores     : "validation" and "test" -> scores on whole trials; see `evaluate`
    used       : steps, minutes, core_minutes
    checkpoint : the file that was written, or None
    stopped    : why training ended: "budget", "no better any more" or "asked to"
    """

    weights: Weights
    history: list[dict[str, float]]
    scores: dict[str, dict[str, float]]
    used: dict[str, float]
    checkpoint: Path | None
    stopped: str


def split(trials: Sequence[Trial]) -> tuple[list[Trial], list[Trial], list[Trial]]:
    """Trials to train on, to choose the best moment by, and to test with; fixed by the names.

    Of the trials in order of their names every sixth (the 6th, 12th, ...) is for the test, and
    of the others every fifteenth for validation. With few trials there is at least one of each.
    """
    ordered = sorted(trials, key=lambda t: t.name)
    if len(ordered) < 3:
        raise ParameterError(f"{len(ordered)} trials are too few: training needs at least 3.")
    every = min(TEST_EVERY, len(ordered))
    test = ordered[every - 1 :: every]
    others = [t for t in ordered if t not in test]
    every = min(VALID_EVERY, len(others))
    validation = others[every - 1 :: every]
    return [t for t in others if t not in validation], validation, test


def train(
    trials: Sequence[Trial],
    weights: Weights,
    recipe: Recipe,
    budget: Budget,
    *,
    seed: int = 0,
    out: str | Path | None = None,
    resume: bool = False,
    patience: int = 0,
    judgements: int = 25,
    progress: Progress = no_progress,
) -> TrainedELM:
    """Train from scratch, or go on from what ``out`` keeps.

    trials     : see `split` for which of them are trained on
    weights    : the neuron to start from, see `untrained` and `started`
    out        : folder for checkpoint, state and learning curve; None keeps nothing
    resume     : go on in ``out``; with a budget of steps the result is that of one sitting
    patience   : stop after so many evaluations without a better one; 0 = never
    evaluations : how often the validation trials are run over the whole budget
    raises     : NotInstalled without JAX, ParameterError, StoreError
    """
    training, validation, test = split(trials)
    same = _identity(trials, weights, recipe, seed)
    folder = None if out is None else Path(out).expanduser()
    if folder is not None and not resume and (folder / store.STATE).exists():
        raise StoreError(f"{folder} holds a training already: resume it, or choose another folder.")
    shape = shape_of(weights)
    fit = fresh_fit(weights, recipe.batch, recipe.clip, recipe.learn_tau)
    best = {"average": fit["average"], "loss": np.array(np.inf)}
    about: dict[str, Any] = {"same": same, "step": 0, "since": 0, "history": [], "losses": []}
    if resume and folder is not None:
        (fit, best), about = store.read_state(folder, (fit, best), same)
        budget.used = about["used"]
    elif folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    windows = Windows(training, weights.n_input, recipe, seed)
    step = training_step(shape, recipe)
    fixed = fixed_part(weights)
    stopped = "budget"

    def now() -> Weights:
        evaluated = np.isfinite(best["loss"])
        return with_trained(weights, (best if evaluated else fit)["average"])

    def keep() -> None:
        if folder is None:
            return
        about["used"] = budget.used
        store.write_state(folder, (fit, best), about)
        store.whole(folder / store.CHECKPOINT, lambda path: save_weights(now(), path))
        store.write_history(folder, about["history"], {"same": same, **budget.used})

    budget.start()
    done = budget.done(about["step"])
    ahead = ThreadPoolExecutor(1, thread_name_prefix="elm-windows")
    following = ahead.submit(windows.batch, about["step"])
    try:
        while done < 1:
            rate = np.float32(recipe.rate(about["step"], done))
            batch, following = following.result(), ahead.submit(windows.batch, about["step"] + 1)
            fit, loss = step(fit, fixed, batch, rate)
            about["losses"].append(float(loss))
            about["step"] += 1
            before, done = done, budget.done(about["step"])
            text = f"step {about['step']}, loss {about['losses'][-1]:.4f}" + _reported(
                about["history"]
            )
            if progress(min(done, 1.0), text) is False:
                stopped = "asked to"
                break
            if int(done * judgements) == int(before * judgements) and done < 1:
                continue
            scores = evaluate(with_trained(weights, fit["average"]), validation, recipe.skip_ms)
            row = {
                "step": about["step"], **budget.used, "rate": float(rate),
                "training_loss": float(np.mean(about["losses"])), **scores,
            }  # fmt: skip
            about["history"].append(row)
            about["losses"] = []
            about["since"] += 1
            if scores["loss"] < best["loss"]:
                best = {
                    "average": {k: np.array(v) for k, v in fit["average"].items()},
                    "loss": np.array(scores["loss"]),
                }
                about["since"] = 0
            keep()
            if patience and about["since"] >= patience:
                stopped = "no better any more"
                break
    except KeyboardInterrupt:
        stopped = "asked to"
    finally:
        ahead.shutdown(cancel_futures=True)
    if stopped == "asked to":
        keep()
    progress(1.0, "judging the trials that were held out")
    final = now()
    found = {
        name: evaluate(final, some, recipe.skip_ms)
        for name, some in (("validation", validation), ("test", test))
    }
    used = {"steps": about["step"], **budget.used, "parameters": final.n_parameters}
    if folder is not None:
        store.write_history(
            folder, about["history"], {"same": same, **used, "stopped": stopped, "scores": found}
        )
    file = None if folder is None else folder / store.CHECKPOINT
    return TrainedELM(final, about["history"], found, used, file, stopped)


def _reported(history: list[dict[str, float]]) -> str:
    if not history:
        return ""
    last = history[-1]
    return f"; validation AUC {last['auc']:.4f}, RMSE {last['rmse_mV']:.3f} mV"


def _identity(
    trials: Sequence[Trial], weights: Weights, recipe: Recipe, seed: int
) -> dict[str, Any]:
    """What a resumed training must share with the one that it goes on from."""
    names = hashlib.sha256("\n".join(sorted(t.name for t in trials)).encode()).hexdigest()
    return {
        "seed": seed,
        "trials": f"{len(trials)} ({names[:8]})",
        **{f"neuron.{k}": v for k, v in dataclasses.asdict(shape_of(weights)).items()},
        **{f"recipe.{k}": v for k, v in dataclasses.asdict(recipe).items()},
    }
