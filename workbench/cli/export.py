"""``workbench export``: a run as a plain Brian2 script or notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..catalogue import Catalogue
from ..errors import ParameterError
from .output import console, echo
from .replay import RunName


def add_to(app: typer.Typer) -> None:
    app.command("export")(export)


def export(
    run: RunName,
    script: Annotated[
        Path | None,
        typer.Option("--script", metavar="FILE.py", help="A plain Brian2 script of the run."),
    ] = None,
    notebook: Annotated[
        Path | None,
        typer.Option("--notebook", metavar="FILE.ipynb", help="That script as a notebook."),
    ] = None,
    of: Annotated[
        Path | None,
        typer.Option("--of", metavar="SCRIPT.py", help="The opened script that the run is of."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that are there.")
    ] = False,
) -> None:
    """Write a run in other formats; name at least one.

    A script or a notebook repeats all that was done to the run and has the same spikes, with Brian2
    and without the workbench. Long arrays are in a file of the same name, ending in .npz.
    """
    from ..export import export_notebook, export_script
    from ..scripts import open_script
    from ..store import open_run

    wanted = [(w, p) for w, p in ((export_script, script), (export_notebook, notebook)) if p]
    if not wanted:
        raise ParameterError("There is nothing to write: name a file with --script or --notebook.")
    recorded = open_run(Catalogue().find(run))
    model = None if of is None else type(open_script(of))
    for write, place in wanted:
        with console(stderr=True).status("building the network"):
            path = write(recorded, place, model, overwrite)
        echo(f"Wrote {path} and {path.with_suffix('.npz').name}")
