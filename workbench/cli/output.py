"""How the command line shows things: tables, progress, complaints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

PIPED_WIDTH = 200  # a pipe has no width; tables are read by programs there, so nothing is cut


def console(stderr: bool = False) -> Console:
    """A console on the present stdout or stderr."""
    screen = Console(stderr=stderr, highlight=False)
    if not screen.is_terminal:
        screen = Console(stderr=stderr, highlight=False, width=PIPED_WIDTH)
    return screen


def echo(text: str, style: str | None = None) -> None:
    """One line on stdout, never read as markup."""
    console().print(escape(text), style=style, soft_wrap=True)


def complain(text: str, red: bool = False) -> None:
    """One line on stderr."""
    console(stderr=True).print(escape(text), style="red" if red else None, soft_wrap=True)


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    title: str = "",
    right: Sequence[str] = (),
    styles: Sequence[str | None] = (),
) -> None:
    """A table on stdout; ``right`` names the columns of numbers, ``styles`` colours rows."""
    drawn = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for name in columns:
        drawn.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for k, row in enumerate(rows):
        style = styles[k] if k < len(styles) else None
        drawn.add_row(*(escape(str(cell)) for cell in row), style=style)
    console().print(drawn)


def progress() -> Progress:
    """A progress bar on stderr, so that stdout stays a result."""
    screen = console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )


def number(value: float, digits: int = 4) -> str:
    """A number with the digits it deserves."""
    return f"{value:.{digits}g}"
