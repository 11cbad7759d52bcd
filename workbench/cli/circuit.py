"""``workbench circuit``: diagram and tables of a model or of any Brian2 script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from ..circuits import Circuit, notations
from ..errors import ParameterError, StoreError, unknown
from ..model import registry
from ..whole_file import written_whole
from . import complete
from .numbers import number_option
from .output import console, echo, wrote
from .parse import model_with

FORMATS = {"markdown": ".md", "html": ".html", "latex": ".tex"}
DRAWINGS = (".svg", ".pdf", ".png")


def circuit(
    what: Annotated[
        str,
        typer.Argument(
            metavar="MODEL|SCRIPT.py",
            help="A model, or any Brian2 script.",
            autocompletion=complete.models,
        ),
    ],
    notation: Annotated[
        str | None,
        typer.Option(
            "--notation",
            metavar="NAME",
            help=f"One of {', '.join(notations())}.",
            autocompletion=complete.notations,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="svg, pdf or png for the diagram; md, html or tex for the tables.",
        ),
    ] = None,
    width_mm: Annotated[
        float, number_option("--width-mm", "Width of the diagram.", unit="mm")
    ] = 85.0,
    tables: Annotated[
        str | None,
        typer.Option("--tables", metavar="FORMAT", help="markdown, html or latex."),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the model."),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", help="Of a model: its network is that of a run with this seed.")
    ] = 1,
    dark: Annotated[bool, typer.Option("--dark", help="For a dark page.")] = False,
    timeout: Annotated[
        float,
        number_option("--timeout", "For a script to reach its first run.", unit="s", metavar="S"),
    ] = 120.0,
) -> None:
    """Draw the circuit of a model or of a script.

    A script is executed up to its first run(...); nothing is simulated. Without a file, the
    circuit is printed as text, or its tables are printed.
    """
    if notation is not None and notation not in notations():
        raise unknown("notation", notation, notations())
    chosen = _format(tables, out)
    if chosen is None and out is not None and out.suffix.lower() not in DRAWINGS:
        allowed = ", ".join((*DRAWINGS, *FORMATS.values()))
        raise ParameterError(f"{out.name!r} has no ending that can be written: use {allowed}.")
    found = _circuit(what, setting or [], timeout, seed)
    if chosen is not None:
        text = found.tables(chosen, document=out is not None)
        if out is None:
            typer.echo(text)
            return
        _written(out, lambda new: new.write_text(text, encoding="utf-8"))
    elif out is not None:
        drawn: dict[str, Any] = {"notation": notation} if notation else {}
        _written(out, lambda new: found.save(new, width_mm=width_mm, dark=dark, **drawn))
    elif notation is not None:
        raise ParameterError("--notation draws: name the file with -o FILE.svg, .pdf or .png.")
    else:
        _report(found)


def _format(tables: str | None, out: Path | None) -> str | None:
    """Format of the requested tables, from the option or the file extension; else None."""
    ending = out.suffix.lower() if out is not None else ""
    meant = {e: name for name, e in FORMATS.items()}.get(ending)
    if tables is None:
        return meant
    if tables not in FORMATS:
        raise unknown("format of tables", tables, FORMATS)
    if out is not None and meant != tables:
        raise ParameterError(
            f"{out.name!r} is no file for {tables} tables: its name must end in {FORMATS[tables]}."
        )
    return tables


def _circuit(what: str, settings: list[str], timeout_s: float, seed: int) -> Circuit:
    from ..circuits import circuit as circuit_of
    from ..circuits.script import circuit_of_script

    if Path(what).suffix == ".py" or "/" in what:
        if settings:
            raise ParameterError("--set is for models: a script says its own values.")
        if timeout_s <= 0:
            raise ParameterError(f"--timeout {timeout_s:g} is not allowed: give more than 0 s.")
        with console(stderr=True).status(f"running {Path(what).name} up to its first run"):
            return circuit_of_script(what, timeout_s)
    with console(stderr=True).status(f"building {what}"):
        return circuit_of(model_with(registry.model_class(what), settings), seed)


def _written(out: Path, write: Callable[[Path], Any]) -> None:
    if not out.parent.exists():
        raise StoreError(f"{out} cannot be written: the folder {out.parent} does not exist.")
    with written_whole(out) as new:
        write(new)
    wrote(out)


def _report(found: Circuit) -> None:
    """Print populations and projections, one per line."""
    echo(found.title, style="bold")
    for n in found.nodes:
        effect = "" if n.sign == "none" else f", {n.sign}"
        parts = f", {n.compartments} compartments" if n.compartments else ""
        echo(f"  {n.label}: {n.size:,} ({n.device or n.kind}{effect}{parts})")
    for e in found.edges:
        echo(f"  {found.message(e)}")
