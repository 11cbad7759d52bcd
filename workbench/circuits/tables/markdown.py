"""Write tables as Markdown pipe tables, with formulas between dollar signs."""

from __future__ import annotations

import re

from .table import Cell, Code, Math, Piece, Table

# Characters that Markdown would interpret as markup within a sentence.
_SPECIAL = re.compile(r"([\\`*_<>\[\]|$])")


def write(title: str, tables: list[Table], paragraph: str = "") -> str:
    """Return one document."""
    parts = [f"## {_text(title)}"] if title else []
    parts += [_text(paragraph)] if paragraph else []
    for number, table in enumerate(tables):
        parts.append(f"### {chr(65 + number)} {_text(table.title)}")
        parts.append(_table(table))
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> str:
    n = len(table.columns) or 2
    head = table.columns or ("", "")
    rule = ["---:" if k in table.numbers else "---" for k in range(n)]
    rows = [[_text(c) for c in head], rule]
    for row in table.rows:
        cells = [_cell(c) for c in row]
        if not table.columns:
            cells[0] = f"**{cells[0]}**" if cells[0] else ""
        rows.append(cells)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in rows)


def _cell(cell: Cell) -> str:
    return "<br>".join("".join(_piece(p) for p in line) for line in cell)


def _piece(piece: Piece) -> str:
    if isinstance(piece, Math):
        # A vertical bar would end the cell.
        return f"${piece.latex.replace('|', chr(92) + 'vert ')}$"
    if isinstance(piece, Code):
        fence = "``" if "`" in piece.text else "`"
        return f"{fence}{piece.text.replace('|', chr(92) + '|')}{fence}"
    return _text(piece)


def _text(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text).replace("\n", " ")
