"""``workbench list`` and ``workbench describe``: the available models."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..model.listing import listed_models
from ..numerals import numeral
from . import complete
from .output import AsJson, echo, number, print_json, table

if TYPE_CHECKING:
    from ..model.model import Experiment, Model
    from ..model.training import Training

ModelName = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help="Name as `workbench list` shows.", autocompletion=complete.models
    ),
]


def list_models(as_json: AsJson = False) -> None:
    """List the models.

    A file that cannot be read is shown as failed, with the reason.
    """
    found = listed_models()
    if as_json:
        print_json([asdict(m) for m in found])
        return
    rows = [(m.slug, "failed", m.error) if m.error else (m.slug, m.title, m.purpose) for m in found]
    table(["model", "title", "purpose"], rows, styles=["red" if m.error else None for m in found])
    if not found:
        echo("No models: `workbench new NAME` writes a first one.")


def describe(model: ModelName, as_json: AsJson = False) -> None:
    """Describe a model.

    Prints every parameter with its unit, limits, default and source; operations; facts;
    experiments.
    """
    from ..model import registry
    from .parse import operation_syntax

    cls = registry.model_class(model)
    if as_json:
        print_json(declared(cls))
        return
    echo(f"{cls.title} ({cls.slug})", style="bold")
    echo(cls.purpose)
    echo(f"Source: {cls.source}")
    echo(steps_of(cls))
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
        rows = [(e.name, *row) for e in cls.experiments for row in option_rows(e)]
        if rows:
            echo("")
            table(["experiment", "option, for reproduce", "default", "name", "meaning"], rows)
    if cls.training is not None:
        echo("")
        echo(f"Training: {cls.training.title}. --data holds {cls.training.data}.")
        table(["option, for train", "default", "meaning"], training_rows(cls.training))


def declared(cls: type[Model]) -> dict[str, Any]:
    """All that a model declares, as plain values; limits that do not exist are None."""
    from .parse import operation_syntax

    training = cls.training
    return {
        "name": cls.slug,
        "title": cls.title,
        "purpose": cls.purpose,
        "source": cls.source,
        "tick_ms": cls.tick_ms,
        "dt_ms": cls.dt_ms,
        "dt_fixed": cls.dt_fixed,
        "parameters": [
            {
                "name": name,
                "default": q.default,
                "unit": q.unit,
                "bounds": q.bounds or (None, None),
                "slider": q.softbounds or (None, None),
                "choices": q.choices or (),
                "live": q.live,
                "meaning": (q.doc or "").strip(),
                "source": q.source,
            }
            for name, q in cls.parameters().items()
        ],
        "operations": [operation_syntax(o) for o in cls.operations],
        "facts": [
            {"name": f.name, "value": f.value, "tolerance": f.tol, "unit": f.unit,
             "source": f.source}
            for f in cls.facts
        ],
        "experiments": [
            {"name": e.name, "title": e.title, "source": e.source, "options": [
                {"name": name, "label": e.labels[name], "default": default, "meaning": doc}
                for name, (default, doc) in e.options.items()
            ]}
            for e in cls.experiments
        ],
        "training": None if training is None else {
            "title": training.title, "data": training.data,
            "options": [
                {"name": name, "default": default, "meaning": doc}
                for name, default, doc in training_rows(training)
            ],
        },
    }  # fmt: skip


def steps_of(cls: type[Model]) -> str:
    """A model's tick and step, and why the step cannot be chosen, where it cannot."""
    message = f"Tick {cls.tick_ms:g} ms, step {cls.dt_ms:g} ms"
    return (
        f"{message}, which is part of the model: {cls.dt_fixed}" if cls.dt_fixed else f"{message}."
    )


def option_rows(job: Experiment) -> list[tuple[str, str, str, str]]:
    """One row per option of an experiment: option as typed, default, its name, meaning."""
    return [
        (f"--{name.replace('_', '-')}", written(default), job.labels[name], doc)
        for name, (default, doc) in job.options.items()
    ]


def written(default: Any) -> str:
    """A default as it is typed: several with commas between them, nothing for none."""
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, list | tuple):
        return ",".join(map(str, default))
    return str(default)


def training_rows(job: Training) -> list[tuple[str, str, str]]:
    """One row per training option: option as typed, default, meaning."""
    return [
        (f"--{name.replace('_', '-')}", str(default), doc)
        for name, (default, doc) in job.options.items()
    ]


def parameter_rows(cls: type[Model]) -> list[tuple[str, ...]]:
    """One row per parameter: name, default, unit, allowed, slider, changes, meaning, source."""
    return [
        (
            name,
            numeral(q.default),
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
    return " … ".join("" if end is None else numeral(end) for end in (low, high))
