"""``workbench new``: create a model from a template."""

from __future__ import annotations

import keyword
import os
import re
from pathlib import Path
from typing import Annotated

import typer

from ..errors import WorkbenchError, unknown
from ..model import registry
from ..model.folders import model_folders
from .new_package import write_package
from .output import echo, wrote

KINDS = ("neurons", "plastic", "rate", "compartments")  # each a file of `templates`


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as my-model.")],
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", help="Where to; else the first of WORKBENCH_MODELS, else ./models."
        ),
    ] = None,
    kind: Annotated[
        str,
        typer.Option(
            "--kind", metavar="KIND",
            help="What to start from: neurons (spiking points), plastic (synapses that learn), "
            "rate (populations) or compartments (a dendrite).",
        ),
    ] = "neurons",
    package: Annotated[
        bool,
        typer.Option("--package", help="Write a package to be installed and given to others."),
    ] = False,
) -> None:  # fmt: skip
    """Write a new model from a template.

    NAME.py is a small, complete, working model; existing files are never overwritten. With
    --package it is in a folder NAME, with a pyproject.toml and a test: whoever installs it has the
    model.
    """
    slug, target = place_for(name, Path() if package and folder is None else folder)
    text = from_template(slug, template(kind).read_text("utf-8"))
    if not package:
        write(target, text)
        return
    for path in write_package(slug, target.parent, text):
        wrote(path)
    place = target.parent / slug
    echo(f"Next: pip install -e {place}, then workbench check {slug} and pytest {place}")


def place_for(name: str, folder: Path | None) -> tuple[str, Path]:
    """The registry name of a new model, and its file, which does not exist yet.

    raises : WorkbenchError for a name that cannot be one, or that is taken
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
    return slug, target


def write(target: Path, text: str) -> None:
    """Write the file of a new model, and say what to do with it."""
    slug = target.stem.replace("_", "-")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    wrote(target)
    if target.parent.resolve() not in [p.resolve() for p in model_folders()]:
        echo(f"To have it found: export WORKBENCH_MODELS={target.parent.resolve()}")
    echo(f"Next: workbench check {slug}, then workbench serve --show-only {slug}")


def template(kind: str = "neurons") -> Path:
    """Return the template file for new models of a kind; raises UnknownName for another kind."""
    if kind not in KINDS:
        raise unknown("kind", kind, KINDS)
    return Path(__file__).with_name("templates") / f"{kind}.py"


def from_template(slug: str, text: str) -> str:
    """Replace the names in the template's text by those of the model ``slug``."""
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
