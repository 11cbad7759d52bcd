"""Write tables as HTML, with formulas as outlines that look the same in every browser."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from pathlib import Path

from ..render.svg import whole_path_data as path_data
from ..text.math import EM, outlined
from .table import Cell, Code, Math, Piece, Table

STYLE = Path(__file__).with_name("tables.css").read_text(encoding="utf-8")


def write(title: str, tables: list[Table], heading: int = 2, paragraph: str = "") -> str:
    """Return one element with its own style, which inherits the colours of the page."""
    parts = [f'<section class="wb-tables"><style>{STYLE}</style>']
    if title:
        parts.append(f"<h{heading}>{escape(title)}</h{heading}>")
    if paragraph:
        parts.append(f"<p>{escape(paragraph)}</p>")
    parts += [_table(chr(65 + k), t) for k, t in enumerate(tables)]
    return "\n".join([*parts, "</section>"])


def page(title: str, tables: list[Table], paragraph: str = "") -> str:
    """Return a complete page."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>"
        "<style>body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }"
        "@media (prefers-color-scheme: dark) { body { background: #14171b; color: #e3e7eb; } }"
        f"</style></head>\n<body>\n{write(title, tables, 1, paragraph)}\n</body></html>\n"
    )


@lru_cache(maxsize=2048)
def typeset(latex: str) -> str:
    """Convert a formula to outlines in the colour and the size of the surrounding text.

    Outlines need no mathematical font. The LaTeX is kept as text alternative, for screen readers
    and programs.
    """
    found = outlined(latex, display=True)
    width, above, below = found.width, max(found.above, 700.0), max(found.below, 200.0)
    strokes = "".join(
        f'<path d="{path_data(path)}" fill="none" stroke="currentColor" stroke-width="{wide:g}"/>'
        for path, wide in found.strokes
    )
    return (
        f'<svg class="tex" xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-label="{escape(latex)}" viewBox="0 {-above:.0f} {width:.0f} {above + below:.0f}" '
        f'style="width:{width / EM:.3f}em;height:{(above + below) / EM:.3f}em;'
        f'vertical-align:{-below / EM:.3f}em">'
        f'<path d="{path_data(found.path)}" fill="currentColor"/>{strokes}</svg>'
    )


def _table(letter: str, table: Table) -> str:
    columns = "".join(f'<col style="width:{100 * w:.3g}%"/>' for w in table.shares)
    parts = [f"<table><caption>{letter} {escape(table.title)}</caption>"]
    parts.append(f"<colgroup>{columns}</colgroup>")
    if table.columns:
        heads = "".join(
            f'<th scope="col"{_number(table, k)}>{escape(c)}</th>'
            for k, c in enumerate(table.columns)
        )
        parts.append(f"<thead><tr>{heads}</tr></thead>")
    parts.append("<tbody>")
    for row in table.rows:
        first = 'th scope="row"' if not table.columns else "td"
        cells = []
        for k, c in enumerate(row):
            tag = first if k == 0 else "td"
            cells.append(f"<{tag}{_number(table, k)}>{_cell(c)}</{tag.split()[0]}>")
        parts.append(f"<tr>{''.join(cells)}</tr>")
    return "".join([*parts, "</tbody></table>"])


def _number(table: Table, k: int) -> str:
    return ' class="number"' if k in table.numbers else ""


def _cell(cell: Cell) -> str:
    lines = ["".join(_piece(p) for p in line) for line in cell]
    if len(lines) < 2:
        return lines[0] if lines else ""
    return "".join(f'<span class="line">{line}</span>' for line in lines)


def _piece(piece: Piece) -> str:
    if isinstance(piece, Math):
        return typeset(piece.latex)
    if isinstance(piece, Code):
        return f"<code>{escape(piece.text)}</code>"
    return escape(piece)
