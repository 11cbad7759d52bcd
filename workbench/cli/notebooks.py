"""``workbench notebooks``: the stories about the models, as notebooks to open with a double click.

They are kept as text, which can be reviewed and has no outputs; a notebook is made when it is
wanted, and so is never older than the story.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..disk_errors import failing
from ..errors import StoreError, unknown
from ..optional import optional
from . import complete
from .output import wrote
from .stories import stories

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def notebooks(
    story: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[STORY]...", help="Which; without any, all.", autocompletion=complete.stories
        ),
    ] = None,
    folder: Annotated[Path, typer.Option("--folder", help="Where to.")] = Path("notebooks"),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace notebooks that are there.")
    ] = False,
) -> None:
    """Write the notebooks about the models, without outputs, for JupyterLab.

    Each tells what a model is about, with figures, and ends with its live app. Needs the extra
    notebook.
    """
    jupytext = optional("jupytext", "notebook", "Writing notebooks")
    known = stories()
    for name in story or ():
        if name not in known:
            raise unknown("story", name, known)
    chosen = {name: folder / f"{name}.ipynb" for name in dict.fromkeys(story or known)}
    if not overwrite and (there := [path for path in chosen.values() if path.exists()]):
        raise StoreError(
            f"{there[0]} exists already: choose another --folder, or give --overwrite."
        )
    with failing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for name, path in chosen.items():
        book = jupytext.read(known[name])
        book.metadata = {"kernelspec": KERNEL}
        with failing(path):
            jupytext.write(book, path)
        wrote(path)
