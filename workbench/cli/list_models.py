"""``workbench list`` and ``workbench describe``: what there is."""

from __future__ import annotations

from typing import Annotated

import typer

from ..model import registry
from ..model.model import Model
from ..model.training import Training
from .output import number, say, table
from .parse import operation_syntax

ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="Name as `workbench list` shows.")]


def add_to(app: typer.Typer) -> None:
    app.command("list")(list_models)
    app.command("describe")(describe)


def list_models() -> None:
    """List the models.

    A file that cannot be read is a failed row, with the reason, and hides no other.
    """
    entries = registry.entries()
    rows = [
        (e.slug, e.model.title, e.model.purpose)
        if e.model
        else (e.slug, "failed", f"{e.path.name}: {e.error}")
        for e in entries
    ]
    table(["model", "title", "purpose"], rows, styles=[None if e.model else "red" for e in entries])
    if not entries:
        say("No models: `workbench new NAME` writes a first one.")


def describe(model: ModelName) -> None:
    """Say what a model is and takes.

    Every quantity with its unit, limits, default and source; operations; facts; experiments.
    """
    cls = registry.model_class(model)
    say(f"{cls.title} ({cls.slug})", style="bold")
    say(cls.purpose)
    say(f"Source: {cls.source}")
    say(steps_of(cls))
    say("")
    table(
        ["quantity", "default", "unit", "allowed", "slider", "changes", "meaning", "source"],
        quantity_rows(cls),
        right=["default"],
    )
    if cls.operations:
        say("")
        table(["operation, for run --do"], [(operation_syntax(o),) for o in cls.operations])
    if cls.facts:
        say("")
        rows = [(f.name, number(f.value), number(f.tol, 2), f.unit, f.source) for f in cls.facts]
        table(["fact", "value", "±", "unit", "source"], rows, right=["value", "±"])
    if cls.experiments:
        say("")
        table(
            ["experiment", "title", "source"],
            [(e.name, e.title, e.source) for e in cls.experiments],
        )
    if cls.training is not None:
        say("")
        say(f"Training: {cls.training.title}. --data holds {cls.training.data}.")
        table(["option, for train", "default", "meaning"], training_rows(cls.training))


def steps_of(cls: type[Model]) -> str:
    """A model's tick and step, and why the step cannot be chosen, where it cannot."""
    said = f"Tick {cls.tick_ms:g} ms, step {cls.dt_ms:g} ms"
    return f"{said}, which is part of the model: {cls.dt_fixed}" if cls.dt_fixed else f"{said}."


def training_rows(job: Training) -> list[tuple[str, str, str]]:
    """One row an option of training: as it is typed, its default, its meaning."""
    return [
        (f"--{name.replace('_', '-')}", str(default), doc)
        for name, (default, doc) in job.options.items()
    ]


def quantity_rows(cls: type[Model]) -> list[tuple[str, ...]]:
    """One row a quantity: name, default, unit, allowed, slider, live or not, meaning, source."""
    return [
        (
            name,
            f"{q.default:.6g}",
            q.unit,
            q.allowed(),
            f"{_ends(q.softbounds)}",
            "live" if q.live else "rebuild",
            (q.doc or "").strip(),
            q.source,
        )
        for name, q in cls.quantities().items()
    ]


def _ends(bounds: tuple[float | None, float | None] | None) -> str:
    low, high = bounds or (None, None)
    return f"{'' if low is None else f'{low:.6g}'} … {'' if high is None else f'{high:.6g}'}"
