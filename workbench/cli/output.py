"""Output of the command line: tables, JSON, files written, progress bars and error messages.

Results go to stdout, and so does the name of each file that was written. Everything else, such as
progress, remarks and errors, goes to stderr: stdout can be piped.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..numerals import numeral

if TYPE_CHECKING:
    from rich.progress import Progress

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

PIPED_WIDTH = 200  # width for pipes, whose tables are read by programs and must not be cut


def console(stderr: bool = False) -> Console:
    """Return a console on the current stdout or stderr."""
    screen = Console(stderr=stderr, highlight=False)
    if not screen.is_terminal:
        screen = Console(stderr=stderr, highlight=False, width=PIPED_WIDTH)
    return screen


def echo(text: str, style: str | None = None) -> None:
    """Print one line on stdout, without interpreting markup."""
    console().print(escape(text), style=style, soft_wrap=True)


def complain(text: str, red: bool = False) -> None:
    """Print one line on stderr, without interpreting markup."""
    console(stderr=True).print(escape(text), style="red" if red else None, soft_wrap=True)


def wrote(path: Path | str, *beside: Path | str) -> None:
    """Say on stdout which file or folder was written; ``beside`` names what belongs to it."""
    names = " and ".join(Path(other).name for other in beside)
    echo(f"Wrote {path}{f' and {names}' if names else ''}")


def print_json(data: Any) -> None:
    """Print JSON on stdout, and nothing else; numbers that are not finite become null."""
    typer.echo(json.dumps(_plain(data), indent=1, ensure_ascii=False, allow_nan=False))


def _plain(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if isinstance(data, float) and not math.isfinite(data):
        return None
    return data


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    title: str = "",
    right: Sequence[str] = (),
    styles: Sequence[str | None] = (),
) -> None:
    """Print a table on stdout; ``right`` names right-aligned columns, ``styles`` styles rows."""
    drawn = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for name in columns:
        drawn.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for k, row in enumerate(rows):
        style = styles[k] if k < len(styles) else None
        drawn.add_row(*(escape(str(cell)) for cell in row), style=style)
    console().print(drawn)


def progress() -> Progress:
    """Return a progress bar on stderr, with the time taken and an estimate of what is left."""
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    screen = console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
        # Rich would print on stderr what a command says on stdout meanwhile, even to a pipe.
        redirect_stdout=sys.stdout.isatty(),
    )


def number(value: float, digits: int = 4) -> str:
    """Format a number with ``digits`` significant digits."""
    return numeral(value, digits)
