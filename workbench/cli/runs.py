"""``workbench runs list | show | tag | rm | index``: the catalogue of saved runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..catalogue import Catalogue
from ..disk_errors import megabytes
from ..errors import ParameterError
from . import complete
from .output import AsJson, complain, echo, number, print_json, progress, table

Name = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="Name as `runs list` shows, or its beginning.",
        autocompletion=complete.runs,
    ),
]
OfModel = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="MODEL", help="Of this model only.", autocompletion=complete.models
    ),
]
Tag = Annotated[str | None, typer.Option("--tag", metavar="TAG", help="With this tag only.")]


def list_runs(model: OfModel = None, tag: Tag = None, as_json: AsJson = False) -> None:
    """List the saved runs, newest first."""
    catalogue = Catalogue()
    found = catalogue.entries(model, tag)
    if as_json:
        print_json([e.to_json() for e in found])
        return
    if found:
        rows = [
            (
                e.id, e.model, e.started[:16].replace("T", " "), f"{e.duration_ms:g} ms",
                f"{e.spikes:,}", e.outcome, ", ".join(e.tags),
            )
            for e in found
        ]  # fmt: skip
        table(
            ["run", "model", "started (UTC)", "simulated", "spikes", "outcome", "tags"],
            rows,
            right=["simulated", "spikes"],
            styles=["red" if e.outcome in ("failed", "damaged") else None for e in found],
        )
    elif model or tag:
        echo("No saved run is like that: `workbench runs list` shows all.")
    else:
        echo(f"No saved runs in {catalogue.folder}: `workbench run MODEL --keep` makes one.")


def show(run: Name, as_json: AsJson = False) -> None:
    """Show a run: parameters, versions, commit, tags, notes, interventions."""
    entry = Catalogue().entry(run)
    if as_json:
        print_json(entry.to_json())
        return
    echo(entry.id, style="bold")
    table(["what", ""], [row for row in entry.facts() if row[1]])
    if entry.message:
        echo(entry.message, style="red" if entry.outcome in ("failed", "damaged") else None)
    if entry.parameters:
        echo("")
        rows = [(name, number(value, 6)) for name, value in entry.parameters.items()]
        table(["parameter", "at t = 0"], rows, right=["at t = 0"])
    if entry.notes:
        echo("")
        echo(entry.notes)
    if entry.interventions:
        echo("")
        echo(f"{entry.interventions:,} interventions, one a line, in {entry.path / 'run.json'}")


def tag_run(
    run: Name,
    tags: Annotated[
        list[str] | None, typer.Argument(metavar="[TAG]...", help="Tags to add.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="TAG", help="Take this tag away.")
    ] = None,
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="Replace the run's notes.")
    ] = None,
) -> None:
    """Add tags and notes to a run, or remove tags."""
    if not tags and not remove and note is None:
        raise ParameterError("There is nothing to change: name a tag, --remove TAG or --note TEXT.")
    catalogue = Catalogue()
    entry = catalogue.tag(run, tags or [], remove or [])
    if note is not None:
        entry = catalogue.label(entry.path.name, entry.tags, note)
    echo(f"{entry.id}: {', '.join(entry.tags) or 'no tags'}")


def remove_runs(
    run: Annotated[
        list[str],
        typer.Argument(metavar="RUN...", help="Names of runs.", autocompletion=complete.runs),
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete runs permanently, after confirmation."""
    catalogue = Catalogue()
    entries = [catalogue.entry(name) for name in dict.fromkeys(run)]
    for entry in entries:
        if yes or typer.confirm(f"Delete {entry.id} ({megabytes(entry.size)}) for good?"):
            catalogue.remove(entry.path.name)
            echo(f"Deleted {entry.id}")
        else:
            echo(f"Left {entry.id} where it is")


def index() -> None:
    """Rebuild the index from the folder of saved runs.

    Listing already notices runs that were added, changed or removed; this reads all runs again.
    """
    catalogue = Catalogue()
    with progress() as bar:
        task = bar.add_task("reading", total=1.0)
        n = catalogue.index(lambda fraction: bar.update(task, completed=fraction))
    echo(f"{n} {'run' if n == 1 else 'runs'} in {catalogue.folder}")
    for entry in catalogue.entries():
        if entry.outcome == "damaged":
            complain(f"{entry.id}: {entry.message}", red=True)


def place_to_keep(model: str, name: str | None, out: Path | None) -> Path:
    """Path at which ``run --keep`` records; raises ParameterError if ``--out`` is given too."""
    if out is not None:
        raise ParameterError("--out and --keep are two places: give one of them.")
    return Catalogue().place(model, name)
