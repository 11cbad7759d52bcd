"""``workbench redraw``: a figure of several panels, from the file that describes it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .output import complain, echo, wrote


def redraw(
    file: Annotated[
        Path, typer.Argument(metavar="FIGURE.toml", help="What the app saved, or written by hand.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Written as .pdf, .svg or .png; by default a PDF beside the description.",
        ),
    ] = None,
    caption: Annotated[bool, typer.Option("--caption", help="Print the caption too.")] = False,
) -> None:
    """Draw a figure of several panels again.

    Its description names the runs and their plots, the journal, sizes and font; the tab Figure of
    the app saves one with its runs, as ZIP.
    """
    from ..figures.page_file import open_figure_page

    page = open_figure_page(file)
    path = page.save(out if out is not None else file.with_suffix(".pdf"))
    for warning in page.warnings():
        complain(warning)
    wrote(path)
    if caption:
        echo(page.caption())
