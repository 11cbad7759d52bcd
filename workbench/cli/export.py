"""``workbench export``: a run as a plain Brian2 script."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..catalogue import Catalogue
from .output import console, echo
from .replay import RunName


def add_to(app: typer.Typer) -> None:
    app.command("export")(export)


def export(
    run: RunName,
    script: Annotated[
        Path, typer.Option("--script", metavar="FILE.py", help="The script to write.")
    ],
    of: Annotated[
        Path | None,
        typer.Option("--of", metavar="SCRIPT.py", help="The opened script that the run is of."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that are there.")
    ] = False,
) -> None:
    """Write a run as a plain Brian2 script, without the workbench, that has the same spikes.

    It repeats all that was done to the run. Long arrays are in a file FILE.npz beside it.
    """
    from ..export import export_script
    from ..scripts import open_script
    from ..store import open_run

    recorded = open_run(Catalogue().find(run))
    with console(stderr=True).status("building the network"):
        model = None if of is None else type(open_script(of))
        path = export_script(recorded, script, model, overwrite)
    echo(f"Wrote {path} and {path.with_suffix('.npz').name}: run it with python {path.name}")
