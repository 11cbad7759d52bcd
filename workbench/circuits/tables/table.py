"""What a table consists of, before it is written in any format."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Math:
    """A formula, as LaTeX without its dollar signs."""

    latex: str


@dataclass(frozen=True)
class Code:
    """Text as it stands in a program."""

    text: str


Piece = str | Math | Code
Line = tuple[Piece, ...]
Cell = tuple[Line, ...]


@dataclass(frozen=True)
class Table:
    """One table of the description.

    columns : headings; none for a table of two columns, what and what it is
    widths  : shares of the width, one a column
    numbers : columns that are set flush right
    """

    title: str
    rows: tuple[tuple[Cell, ...], ...]
    columns: tuple[str, ...] = ()
    widths: tuple[float, ...] = ()
    numbers: tuple[int, ...] = ()

    @property
    def shares(self) -> tuple[float, ...]:
        n = len(self.columns) or 2
        wanted = self.widths or ((0.22, 0.78) if not self.columns else (1.0,) * n)
        return tuple(w / sum(wanted) for w in wanted)


def cell(*lines: Piece | Line) -> Cell:
    """A cell; each argument is a line of it, given as one piece or several."""
    return tuple(line if isinstance(line, tuple) else (line,) for line in lines if line != "")
