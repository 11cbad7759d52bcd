"""``workbench export``: a run in the formats of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..catalogue import Catalogue
from ..errors import ParameterError
from .output import complain, console, wrote
from .replay import RunName


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
    nwb: Annotated[
        Path | None,
        typer.Option("--nwb", metavar="FILE.nwb", help="Neurodata Without Borders; extra nwb."),
    ] = None,
    neo: Annotated[
        Path | None,
        typer.Option("--neo", metavar="FILE.mat", help="A Neo block; extra neo."),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FOLDER", help="CSV tables of spikes, states and weights."),
    ] = None,
    parquet: Annotated[
        Path | None,
        typer.Option("--parquet", metavar="FOLDER", help="Those as Parquet; extra parquet."),
    ] = None,
    parameters: Annotated[
        Path | None,
        typer.Option(
            "--parameters",
            metavar="FILE.json",
            help="Parameters, for `workbench run --parameters`.",
        ),
    ] = None,
    methods: Annotated[
        Path | None,
        typer.Option(
            "--methods", metavar="FILE.md", help="A paragraph and tables: .md, .html or .tex."
        ),
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

    A script or a notebook repeats all that was done to the run, with Brian2 and without the
    workbench; of a run with the engine numpy it has the same spikes. Long arrays are in a file of
    the same name, ending in .npz.
    """
    from ..export.kinds import KINDS
    from ..export.script import other_sample
    from ..scripts import open_script
    from ..store import open_run

    given = {
        "script": script, "notebook": notebook, "nwb": nwb, "neo": neo, "csv": csv,
        "parquet": parquet, "parameters": parameters, "methods": methods,
    }  # fmt: skip
    wanted = [(kind, path) for kind in KINDS if (path := given[kind.id]) is not None]
    if not wanted:
        raise ParameterError(
            "There is nothing to write: name a file with --script, --nwb, --csv or another option."
        )
    recorded = open_run(Catalogue().find(run))
    model = None if of is None else type(open_script(of))
    for kind, path in wanted:
        with console(stderr=True).status("building the network" if kind.builds else "writing"):
            files = kind.save(recorded, path, model, overwrite)
        wrote(*files)
        if kind.builds and (sentence := other_sample(recorded)):
            complain(sentence)
