"""``workbench new`` and ``workbench check``: write a model, and hold it to the checks."""

from __future__ import annotations

import keyword
import os
import re
from pathlib import Path
from typing import Annotated

import typer

from ..checks import CHECKS, CheckFailed
from ..errors import UnknownName, WorkbenchError
from ..model import registry
from .output import complain, console, echo

TEMPLATE = "_template.py"


def add_to(app: typer.Typer) -> None:
    app.command("new")(new)
    app.command("check")(check)


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as my-model.")],
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", help="Where to; else the first of WORKBENCH_MODELS, else ./models."
        ),
    ] = None,
) -> None:
    """Write a model to start from.

    NAME.py is small, complete and working; nothing is ever overwritten.
    """
    stem = name.replace("-", "_").lower()
    if not re.fullmatch(r"[a-z][a-z0-9_]*", stem) or keyword.iskeyword(stem):
        raise WorkbenchError(
            f"{name!r} cannot name a model: use letters, digits and hyphens, a letter first."
        )
    slug = stem.replace("_", "-")
    target = _folder(folder) / f"{stem}.py"
    if target.exists():
        raise WorkbenchError(f"{target} exists already: choose another name.")
    if slug in {e.slug for e in registry.entries()}:
        raise WorkbenchError(f"There is a model {slug!r} already: choose another name.")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(from_template(slug, template().read_text("utf-8")), encoding="utf-8")
    echo(f"Wrote {target}")
    if target.parent.resolve() not in [p.resolve() for p in registry.model_folders()]:
        echo(f"To have it found: export WORKBENCH_MODELS={target.parent.resolve()}")
    echo(f"Next: workbench check {slug}, then workbench serve --show-only {slug}")


def check(
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="One model; without it, all.")
    ] = None,
) -> None:
    """Run the checks on models.

    The checks that every model passes, each with its result; exit code 1 if one fails.
    """
    broken = 0
    if model is not None:
        chosen = [registry.model_class(model)]
    else:
        chosen = [e.model for e in registry.entries() if e.model is not None]
        for entry in registry.entries():
            if entry.model is None:
                broken += 1
                echo(f"{entry.slug}: cannot be read: {entry.error}", style="red")
    for cls in chosen:
        echo(cls.slug, style="bold")
        for one in CHECKS:
            try:
                with console(stderr=True).status(one.title):
                    one.check(cls)
            except CheckFailed as error:
                broken += 1
                echo(f"  broken  {one.title}: {error}", style="red")
            else:
                echo(f"  kept    {one.title}")
    if broken:
        complain(f"{broken} {'check is' if broken == 1 else 'checks are'} broken.", red=True)
        raise typer.Exit(1)


def template() -> Path:
    """The file that a new model is copied from."""
    for folder in registry.model_folders():
        if (folder / TEMPLATE).exists():
            return folder / TEMPLATE
    raise UnknownName(f"The template {TEMPLATE} is missing from the models folder; reinstall.")


def from_template(slug: str, text: str) -> str:
    """The template's text with its names replaced by those of the model ``slug``."""
    words = slug.split("-")
    title = " ".join(words).capitalize()
    for old, own in (
        ("template-neuron", slug),
        ("template_neuron", slug.replace("-", "_")),
        ("TemplateNeuron", "".join(w.capitalize() for w in words)),
        ("Template neuron", title),
    ):
        text = text.replace(old, own)
    return text


def _folder(given: Path | None) -> Path:
    extra = [p for p in os.environ.get("WORKBENCH_MODELS", "").split(os.pathsep) if p]
    return given or (Path(extra[0]) if extra else Path("models"))
