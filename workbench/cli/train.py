"""``workbench train``: fit a model to data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import ParameterError, WorkbenchError, unknown
from ..model import registry
from ..model.training import Trained, Training
from .list_models import ModelName
from .numbers import number_option, whole_option
from .output import complain, echo, number, progress, table, wrote
from .parse import option_values

TELL_EVERY = 0.05  # fraction of the budget between two lines of progress without a terminal


def train(
    model: ModelName,
    own: Annotated[
        list[str] | None,
        typer.Argument(metavar="[--OPTION VALUE]...", help="The model's own, as --n-memory 20."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FOLDER", help="What to fit to; `describe` says what."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Kept here; else ./MODEL-trained."),
    ] = None,
    minutes: Annotated[
        float, number_option("--minutes", "Wall time; 10 if nothing else limits it.", unit="min")
    ] = 0.0,
    core_minutes: Annotated[
        float,
        number_option("--core-minutes", "Processor time: 2 cores use 2 in a minute.", unit="min"),
    ] = 0.0,
    steps: Annotated[
        int, whole_option("--steps", "Training steps; the only limit that repeats exactly.")
    ] = 0,
    seed: Annotated[int, whole_option("--seed", "Of the start and of the order of data.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what --out keeps.")] = False,
) -> None:
    """Fit a model to data.

    Also takes the model's own options, such as --n-memory 20; `workbench describe MODEL` lists
    them. Ctrl-C keeps the result so far; --resume continues from there.
    """
    cls = registry.model_class(model)
    job = cls.training
    if job is None:
        able = [slug for slug, c in registry.models().items() if c.training is not None]
        raise WorkbenchError(
            f"{model} has nothing to train. Models that have: {', '.join(able) or 'none'}."
        )
    values = {k: default for k, (default, _) in job.options.items()}
    values |= own_options(job, own or [], model)
    if not (minutes or core_minutes or steps):
        minutes = 10.0
    with progress() as bar:
        task = bar.add_task(model, total=1.0)
        reported = -1

        def notify(fraction: float, text: str = "") -> None:
            nonlocal reported
            bar.update(task, completed=fraction, description=text or model)
            if bar.disable and int(fraction / TELL_EVERY) > reported:
                reported = int(fraction / TELL_EVERY)
                complain(f"{100 * fraction:3.0f} %  {text}")

        done = job.run(
            data=data, out=out or Path(f"{model}-trained"), minutes=minutes,
            core_minutes=core_minutes, steps=steps, seed=seed, resume=resume, progress=notify,
            **values,
        )  # fmt: skip
    report(job, done)


def own_options(job: Training, words: Sequence[str], owner: str) -> dict[str, Any]:
    """Parse the model's own options, ``--n-memory 20`` or ``--n-memory=20``."""
    texts, left = [], list(words)
    while left:
        word = left.pop(0)
        name, equals, value = word.partition("=")
        if not name.startswith("--"):
            raise ParameterError(f"{word!r} cannot be read: options are written --name value.")
        key = name[2:].replace("-", "_")
        if key not in job.options:
            raise unknown(
                "option", name, ["--" + o.replace("_", "-") for o in job.options], owner=owner
            )
        if not equals:
            if not left:
                raise ParameterError(f"{name} lacks its value: write {name} VALUE.")
            value = left.pop(0)
        texts.append(f"{key}={value}")
    return option_values(job.options, texts, owner=owner)


def report(job: Training, done: Trained) -> None:
    """Print the scores, the resources used and the files written."""
    names = list(dict.fromkeys(name for scores in done.scores.values() for name in scores))
    heads = [f"{n} ({done.units[n]})" if n in done.units else n for n in names]
    rows = [
        # Scores that are undefined for the data, such as spike scores without spikes, are nan.
        (of, *(number(scores[n]) if math.isfinite(scores.get(n, math.nan)) else "–" for n in names))
        for of, scores in done.scores.items()
    ]
    table(["", *heads], rows, title=f"{job.title} — {job.source}", right=heads)
    echo(", ".join(f"{k.replace('_', ' ')} {number(v, 6)}" for k, v in done.used.items()))
    if done.stopped:
        echo(f"Ended: {done.stopped}.")
    for path in done.files:
        wrote(path)
    if done.hint:
        echo(done.hint)
