"""``workbench list`` and ``workbench describe``: what there is."""

from __future__ import annotations

from typing import Annotated

import typer

from ..model import registry
from ..model.model import Model
from ..model.training import Training
from .output import echo, number, table
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
        echo("No models: `workbench new NAME` writes a first one.")


def describe(model: ModelName) -> None:
    """Say what a model is and takes.

    Every parameter with its unit, limits, default and source; operations; facts; experiments.
    """
    cls = registry.model_class(model)
    echo(f"{cls.title} ({cls.slug})", style="bold")
    echo(cls.purpose)
    echo(f"Source: {cls.source}")
    echo(f"Tick {cls.tick_ms:g} ms, step {cls.dt_ms:g} ms")
    echo("")
    table(
        ["parameter", "default", "unit", "allowed", "slider", "changes", "meaning", "source"],
        parameter_rows(cls),
        right=["default"],
    )
    if cls.operations:
        echo("")
        table(["operation, for run --do"], [(operation_syntax(o),) for o in cls.operations])
    if cls.facts:
        echo("")
        rows = [(f.name, number(f.value), number(f.tol, 2), f.unit, f.source) for f in cls.facts]
        table(["fact", "value", "±", "unit", "source"], rows, right=["value", "±"])
    if cls.experiments:
        echo("")
        table(
            ["experiment", "title", "source"],
            [(e.name, e.title, e.source) for e in cls.experiments],
        )
    if cls.training is not None:
        echo("")
        echo(f"Training: {cls.training.title}. --data holds {cls.training.data}.")
        table(["option, for train", "default", "meaning"], training_rows(cls.training))


def training_rows(job: Training) -> list[tuple[str, str, str]]:
    """One row an option of training: as it is typed, its default, its meaning."""
    return [
        (f"--{name.replace('_', '-')}", str(default), doc)
        for name, (default, doc) in job.options.items()
    ]


def parameter_rows(cls: type[Model]) -> list[tuple[str, ...]]:
    """One row a parameter: name, default, unit, allowed, slider, live or not, meaning, source."""
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
        for name, q in cls.parameters().items()
    ]


def _ends(bounds: tuple[float | None, float | None] | None) -> str:
    low, high = bounds or (None, None)
    return f"{'' if low is None else f'{low:.6g}'} … {'' if high is None else f'{high:.6g}'}"
