"""Experiment ``long_range``: remembering over many steps, against an LSTM and a leaky network.

Adding (Hochreiter & Schmidhuber 1997): a sequence of numbers of which two are marked, one in each
half; wanted is their sum after the last step. Saying 1 always has a mean squared error of 1/6.
Copy memory: five symbols, a long blank, then the question which symbol stood at the place asked
for; guessing is right in one of eight cases. SHD-Adding (Spieler et al. 2024): two spoken digits,
wanted is their sum; for those who have the recordings.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.errors import unknown
from workbench.model.experiment import Option, Progress, no_progress
from workbench.model.model import Comparison, Experiment

from ..data.shd_adding import CLASSES, Draw, shd_adding
from ..training.cells import SequenceCell, elm, leaky, lstm, of_size
from ..training.recurrence import jax_module

if TYPE_CHECKING:
    import xarray

    from workbench.model.model import Model

CELLS = {"ELM": elm, "LSTM": lstm, "leaky RNN": leaky}
SYMBOLS, SHOWN = 8, 5
RATE, BATCH, CLIP, TEST = 5e-3, 32, 1.0, 512
SHD = "shd-adding"
# What an answer without memory gets; of two digits the sum 9 is the most frequent, one in ten.
BLIND = {"adding": 1 / 6, "copy": 1 - 1 / SYMBOLS, SHD: 0.9}
SOLVED = {"adding": 0.01, "copy": 0.05, SHD: 0.2}
LOOK_EVERY = 25


def adding(rng: np.random.Generator, length: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """(T, n, 2) numbers and marks; (n,) the sum of the two that are marked."""
    x = np.zeros((length, n, 2), np.float32)
    x[..., 0] = rng.random((length, n))
    half, each = length // 2, np.arange(n)
    first, second = rng.integers(0, half, n), rng.integers(half, length, n)
    x[first, each, 1] = x[second, each, 1] = 1
    return x, x[first, each, 0] + x[second, each, 0]


def copy(rng: np.random.Generator, length: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """(T, n, 8 + 5) symbols, then blank, then the place asked for; (n,) the symbol there."""
    x = np.zeros((length, n, SYMBOLS + SHOWN), np.float32)
    each = np.arange(n)
    shown = rng.integers(0, SYMBOLS, (SHOWN, n))
    for k in range(SHOWN):
        x[k, each, shown[k]] = 1
    asked = rng.integers(0, SHOWN, n)
    x[-1, each, SYMBOLS + asked] = 1
    return x, shown[asked, each]


SIZES = {"adding": (2, 1), "copy": (SYMBOLS + SHOWN, SYMBOLS), SHD: (700, CLASSES)}


def task_of(name: str, folder: str = "") -> tuple[Draw, Draw]:
    """Draws training and test sequences; raises UnknownName, or DataError without recordings."""
    if name not in SIZES:
        raise unknown("task", name, SIZES)
    if name == SHD:
        return shd_adding(folder)
    draw = adding if name == "adding" else copy
    return draw, draw


def _programs(cell: SequenceCell, task: str) -> tuple[Any, Any, Any]:
    """Optimiser, compiled training step, compiled error of a batch."""
    jax, optax = jax_module(), jax_module("optax")
    jnp = jax.numpy
    adam = optax.chain(optax.clip_by_global_norm(CLIP), optax.adam(RATE))

    def loss(w: Any, x: Any, y: Any) -> Any:
        out = cell.run(w, x)
        if task == "adding":
            return jnp.mean(jnp.square(out[:, 0] - y))
        return optax.softmax_cross_entropy_with_integer_labels(out, y).mean()

    def step(w: Any, state: Any, x: Any, y: Any) -> Any:
        value, slope = jax.value_and_grad(loss)(w, x, y)
        change, state = adam.update(slope, state, w)
        return optax.apply_updates(w, change), state, value

    def error(w: Any, x: Any, y: Any) -> Any:
        out = cell.run(w, x)
        if task == "adding":
            return jnp.mean(jnp.square(out[:, 0] - y))
        return jnp.mean(jnp.argmax(out, axis=-1) != y)

    return adam, jax.jit(step), jax.jit(error)


def fit(
    cell: SequenceCell,
    task: str,
    draws: tuple[Draw, Draw],
    length: int,
    seconds: float,
    steps: int,
    seed: int,
    report: Callable[[float, str], Any],
) -> dict[str, float]:
    """Train one cell on fresh sequences until time or steps are over, or the task is solved.

    returns : error on test sequences, steps, seconds (without compiling), weights
    """
    adam, step, error = _programs(cell, task)
    make, make_test = draws
    rng = np.random.default_rng([seed, length])
    w: Any = cell.start(np.random.default_rng([seed, 1]))
    state = adam.init(w)
    test = make_test(np.random.default_rng([seed, 2, length]), length, TEST)
    valid = make(np.random.default_rng([seed, 3, length]), length, TEST)
    # Compiling is not learning: the clock starts after a step that is thrown away.
    step(w, state, *make(rng, length, BATCH))[2].block_until_ready()
    began, done = time.perf_counter(), 0
    while done < steps and (spent := time.perf_counter() - began) < seconds:
        w, state, _ = step(w, state, *make(rng, length, BATCH))
        done += 1
        if done % LOOK_EVERY:
            continue
        now = float(error(w, *valid))
        if report(max(done / steps, spent / seconds), f"step {done}, error {now:.3g}") is False:
            break
        if now < SOLVED[task] / 4:
            break
    return {
        "error": float(error(w, *test)),
        "steps": done,
        "seconds": time.perf_counter() - began,
        "weights": cell.n_parameters(),
    }


def run(
    model: Model,
    progress: Progress = no_progress,
    task: Annotated[str, Option("adding, copy or shd-adding", choices=tuple(SIZES))] = "adding",
    lengths: Annotated[tuple[int, ...], Option("lengths of the sequences")] = (50, 100),
    weights: Annotated[
        int,
        Option(
            "trained numbers of each cell, at most; shd-adding needs some 30,000", "Trained weights"
        ),
    ] = 1500,
    minutes: Annotated[float, Option("of training in all, compiling not counted")] = 1.5,
    steps: Annotated[int, Option("training steps of a cell, at most", "Training steps")] = 1000,
    seed: Annotated[int, Option("of weights and sequences")] = 1,
    folder: Annotated[
        str,
        Option(
            "where shd_train.h5 and shd_test.h5 are, for shd-adding", "Data folder", of_machine=True
        ),
    ] = "",
) -> xarray.Dataset:
    """Train each cell at each length for an equal share of the time.

    returns : error (adding: mean squared; copy: share of wrong answers), steps, seconds and
              weights, each (cell, length); nan where training was stopped before
    """
    import xarray as xr

    draws = task_of(task, folder)
    n_in, n_out = SIZES[task]
    jobs = [(name, length) for length in lengths for name in CELLS]
    found = {
        key: np.full((len(CELLS), len(lengths)), np.nan)
        for key in ("error", "steps", "seconds", "weights")
    }
    stopped = False
    left_s = 60.0 * minutes
    for k, (name, length) in enumerate(jobs):
        cell = of_size(CELLS[name], n_in, n_out, float(length), int(weights))

        def report(share: float, text: str, k: int = k, name: str = name, length: int = length):
            nonlocal stopped
            stopped = progress((k + share) / len(jobs), f"{name}, {length} steps: {text}") is False
            return not stopped

        # What a cell that is done early leaves over goes to those after it.
        result = fit(
            cell, task, draws, length, left_s / (len(jobs) - k), int(steps), int(seed), report
        )
        left_s -= result["seconds"]
        for key, value in result.items():
            found[key][list(CELLS).index(name), list(lengths).index(length)] = value
        if stopped:
            break
    progress(1.0, "done")
    return xr.Dataset(
        {key: (("cell", "length"), value) for key, value in found.items()},
        coords={"cell": list(CELLS), "length": list(lengths)},
        attrs={"task": task, "blind": BLIND[task], "solved": SOLVED[task], "seed": int(seed)},
    )


def compare(data: xarray.Dataset) -> list[Comparison]:
    """Solved or not, for the ELM neuron; the others beside it. No published numbers exist here."""
    found = []
    for length in data.length.values.tolist():
        at = data.sel(length=length)
        errors = {c: float(at.error.sel(cell=c)) for c in data.cell.values.tolist()}
        others = ", ".join(f"{c} {e:.3g}" for c, e in errors.items() if c != "ELM")
        found.append(
            Comparison(
                f"{data.attrs['task']}, {length} steps: error", 0.0, errors["ELM"],
                data.attrs["solved"],
                note=f"solved below {data.attrs['solved']:g}; same number of weights and share of "
                f"time: {others}; blind {data.attrs['blind']:.3g}; one seed, in "
                f"{int(at.steps.sel(cell='ELM'))} training steps",
            )
        )  # fmt: skip
    return found


def figure(data: xarray.Dataset) -> Any:
    """Error against length, one line a cell, and what an answer without memory gets."""
    import holoviews as hv

    from workbench.plots import style

    x = hv.Dimension("length", label="Length of the sequence (steps)")
    label = "Mean squared error" if data.attrs["task"] == "adding" else "Wrong answers"
    y = hv.Dimension("error", label=label)
    parts: list[Any] = []
    for color, cell in zip(("#332288", "#CC6677", "#117733"), data.cell.values, strict=True):
        points = (data.length.values, np.maximum(data.error.sel(cell=cell).values, 1e-5))
        curve = hv.Curve(points, x, y).relabel(str(cell))
        parts += [
            style(curve, {"color": color}),
            style(hv.Scatter(points, x, y), {"color": color}, bokeh={"size": 7}, mpl={"s": 20}),
        ]
    parts.append(style(hv.HLine(data.attrs["blind"]), {"color": "#999999"}))
    title = f"{data.attrs['task']}; grey: without memory"
    return style(hv.Overlay(parts), {"logy": True, "title": title})


LONG_RANGE = Experiment(
    name="long_range",
    title="Remembering over many steps, against networks of the same size",
    source="tasks: Hochreiter & Schmidhuber (1997) Neural Comput. 9:1735; the comparison is ours, "
    "after the claim of Spieler et al. (2024)",
    run=run,
    compare=compare,
    figure=figure,
)
