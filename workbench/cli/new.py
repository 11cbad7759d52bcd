"""``workbench new`` and ``workbench check``: create a model from a template, and check it."""

from __future__ import annotations

import keyword
import os
import re
from pathlib import Path
from typing import Annotated

import typer

from ..checks import CHECKS, CheckFailed
from ..errors import UnknownName, WorkbenchError, unknown
from ..model import registry
from ..model.folders import model_folders
from .output import complain, console, echo, number, table

KINDS = {
    "neurons": "_template.py",
    "plastic": "_template_plastic.py",
    "rate": "_template_rate.py",
    "compartments": "_template_compartments.py",
}


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
) -> None:  # fmt: skip
    """Write a new model from a template.

    NAME.py is a small, complete, working model; existing files are never overwritten.
    """
    slug, target = place_for(name, folder)
    write(target, from_template(slug, template(kind).read_text("utf-8")))


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
    echo(f"Wrote {target}")
    if target.parent.resolve() not in [p.resolve() for p in model_folders()]:
        echo(f"To have it found: export WORKBENCH_MODELS={target.parent.resolve()}")
    echo(f"Next: workbench check {slug}, then workbench serve --show-only {slug}")


def check(
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="One model; without it, all.")
    ] = None,
    convergence: Annotated[
        bool,
        typer.Option(
            "--convergence",
            help="Instead, measure the facts again at half the step: which of them move?",
        ),
    ] = False,
    fast: Annotated[
        bool,
        typer.Option("--fast", help="With --convergence: without facts that take long."),
    ] = False,
) -> None:
    """Run the checks on models.

    Prints the result of each check that every model must pass; exit code 1 if one fails, or, with
    --convergence, if a fact moves by more than its tolerance.
    """
    if convergence:
        _converges(model, fast)
        return
    if fast:
        raise WorkbenchError("--fast belongs to --convergence: the checks run whole.")
    failed = 0
    if model is not None:
        chosen = [registry.model_class(model)]
    else:
        chosen = [e.model for e in registry.entries() if e.model is not None]
        for entry in registry.entries():
            if entry.model is None:
                failed += 1
                echo(f"{entry.slug}: cannot be read: {entry.error}", style="red")
    for cls in chosen:
        echo(cls.slug, style="bold")
        for one in CHECKS:
            try:
                with console(stderr=True).status(one.title):
                    one.run(cls)
            except CheckFailed as error:
                failed += 1
                echo(f"  failed  {one.title}: {error}", style="red")
            else:
                echo(f"  passed  {one.title}")
    if failed:
        complain(f"{failed} {'check' if failed == 1 else 'checks'} failed.", red=True)
        raise typer.Exit(1)


def _converges(model: str | None, fast: bool) -> None:
    """Say how far each fact moves when the step is halved; exit code 1 if one moves too far."""
    from ..checks.convergence import Moved
    from ..checks.convergence import convergence as measured

    found: dict[str, list[Moved]] = {}
    for cls in [registry.model_class(model)] if model is not None else registry.models().values():
        if cls.dt_fixed and model is None:
            echo(f"{cls.slug}: its step is part of it: {cls.dt_fixed}")
            continue
        with console(stderr=True).status(cls.slug) as status:
            found[cls.slug] = measured(
                cls(), slow=not fast, progress=lambda name: status.update(f"measuring {name}")
            )
    lines = [(slug, m) for slug, rows in found.items() for m in rows]
    table(
        ["model", "fact", "unit", "at dt", "at dt/2", "moved", "allowed", "verdict"],
        [
            (
                slug, m.fact.name, "" if m.fact.unit == "1" else m.fact.unit, number(m.at_step),
                number(m.at_half), f"{m.by:+.2g}", number(m.fact.tol, 2),
                "stays" if m.converged else "moves",
            )
            for slug, m in lines
        ],
        right=["at dt", "at dt/2", "moved", "allowed"],
        styles=[None if m.converged else "red" for _, m in lines],
    )  # fmt: skip
    if moved := [m for _, m in lines if not m.converged]:
        n = len(moved)
        complain(f"{n} {'fact moves' if n == 1 else 'facts move'} with the step.", red=True)
        raise typer.Exit(1)


def template(kind: str = "neurons") -> Path:
    """Return the template file for new models of a kind; raises UnknownName for another kind."""
    if kind not in KINDS:
        raise unknown("kind", kind, KINDS)
    for folder in model_folders():
        if (folder / KINDS[kind]).exists():
            return folder / KINDS[kind]
    raise UnknownName(f"The template {KINDS[kind]} is missing from the models folder; reinstall.")


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
