"""Elements of a table, independent of its format."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Math:
    """Formula as LaTeX, without dollar signs."""

    latex: str


@dataclass(frozen=True)
class Code:
    """Source code."""

    text: str


Piece = str | Math | Code
Line = tuple[Piece, ...]
Cell = tuple[Line, ...]


@dataclass(frozen=True)
class Table:
    """One table of the description.

    columns : headings; none for a table of two columns, name and content
    widths  : relative column widths
    numbers : columns aligned to the right
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
    """Create a cell; each argument is one line, of one or several pieces."""
    return tuple(line if isinstance(line, tuple) else (line,) for line in lines if line != "")
