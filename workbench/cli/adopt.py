"""``workbench adopt``: a Brian2 script as the file of a model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from .new import place_for, write
from .numbers import number_option
from .open import Arguments, Script
from .output import complain, console


def adopt(
    script: Script,
    args: Arguments = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Such as my-model; else that of the script.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", help="Where to; else the first of WORKBENCH_MODELS, else ./models."
        ),
    ] = None,
    timeout: Annotated[
        float,
        number_option("--timeout", "To reach the first run.", unit="s", metavar="S"),
    ] = 120.0,
) -> None:
    """Write a model from a Brian2 script: its network as it is when its first run begins.

    What the script does before its first run(...) becomes build(), its numbers become parameters;
    plots, prints and later runs are left out. Sources and facts are for you to write. Existing
    files are never overwritten.
    """
    from ..scripts.adopt import adopted

    slug, target = place_for(name or _name_of(script), folder)
    with console(stderr=True).status(f"running {script.name} up to its first run"):
        found = adopted(script, slug, args or [], timeout_s=timeout)
    write(target, found.text)
    for remark in found.remarks:
        complain(remark)


def _name_of(script: Path) -> str:
    stem = re.sub(r"[^a-z0-9]+", "_", script.stem.lower()).strip("_")
    return stem if stem[:1].isalpha() else f"model_{stem}"
