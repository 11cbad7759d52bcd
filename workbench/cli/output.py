"""Output of the command line: tables, progress bars and error messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from rich.progress import Progress

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
    """Return a progress bar on stderr, so that stdout contains only results."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

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
    """Format a number with ``digits`` significant digits."""
    return f"{value:.{digits}g}"
