"""Write tables as LaTeX, for use in a paper with ``\\input``."""

from __future__ import annotations

import re
import unicodedata

from .symbols import GREEK
from .table import Cell, Code, Math, Piece, Table

PACKAGES = ("amsmath", "array", "booktabs", "graphicx", "longtable")
WIDE = 120  # formulas with more characters may be wider than their column
_FITTED = (
    "% A formula that is wider than its column is made as wide as that.\n"
    "\\providecommand{\\fitted}[1]{\\setbox0=\\hbox{#1}%\n"
    "  \\ifdim\\wd0>\\linewidth \\resizebox{\\linewidth}{!}{\\box0}\\else\\box0\\fi}"
)
_SPECIAL = {
    "\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    **{c: f"\\{c}" for c in "_%&#${}"},
}  # fmt: skip
_MATHS = {
    "→": "\\to", "↔": "\\leftrightarrow", "←": "\\leftarrow", "±": "\\pm", "×": "\\times",
    "·": "\\cdot", "−": "-", "≤": "\\le", "≥": "\\ge", "≠": "\\ne", "≈": "\\approx",
    "∞": "\\infty", "√": "\\surd", "∑": "\\sum", "∂": "\\partial", "∈": "\\in", "°": "^{\\circ}",
    "µ": "\\mu", "ϵ": "\\epsilon", "ϕ": "\\phi", "ϑ": "\\vartheta",
    **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", [f"^{{{c}}}" for c in "0123456789+-"], strict=True)),
    **dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", [f"_{{{c}}}" for c in "0123456789+-"], strict=True)),
}  # fmt: skip
_TEXTS = {"–": "--", "—": "---", "…": r"\dots{}", "“": "``", "”": "''", "‘": "`", "’": "'",
          "\u2009": r"\,", "\u00a0": "~", "\u202f": r"\,"}  # fmt: skip


def write(title: str, tables: list[Table], document: bool = False, paragraph: str = "") -> str:
    """Return tables that break over pages; with ``document``, a complete file to compile."""
    needed = ", ".join(PACKAGES)
    parts = [f"% Needs the packages {needed}."]
    if title:
        parts.append(f"\\subsection*{{{text(title)}}}")
    if paragraph:
        parts.append(text(paragraph))
    parts += [_table(chr(65 + k), t) for k, t in enumerate(tables)]
    if any("\\fitted{" in part for part in parts):
        parts.insert(1, _FITTED)
    body = "\n\n".join(parts) + "\n"
    if not document:
        return body
    packages = "\n".join(f"\\usepackage{{{p}}}" for p in PACKAGES)
    return (
        "\\documentclass[10pt,a4paper]{article}\n"
        "\\usepackage[T1]{fontenc}\n\\usepackage[utf8]{inputenc}\n\\usepackage{textcomp}\n"
        "\\usepackage[margin=20mm]{geometry}\n"
        f"{packages}\n\\begin{{document}}\n{body}\\end{{document}}\n"
    )


def text(given: str) -> str:
    """Escape text so that LaTeX prints every character."""
    return "".join(_character(c) for c in given)


def _character(c: str) -> str:
    if c in _SPECIAL:
        return _SPECIAL[c]
    if c in _TEXTS:
        return _TEXTS[c]
    if c in _MATHS:
        return f"\\ensuremath{{{_MATHS[c]}}}"
    if ord(c) < 0x250:  # Latin letters with diacritics
        return c
    name = unicodedata.name(c, "").split()
    if name[:1] == ["GREEK"] and len(name) == 4:
        word = name[3].lower().replace("lamda", "lambda")
        word = word.capitalize() if name[1] == "CAPITAL" else word
        if word in GREEK:
            return f"\\ensuremath{{\\{word}}}"
        if name[1] == "CAPITAL":
            return f"\\ensuremath{{\\mathrm{{{_LATIN.get(word, word[0])}}}}}"
    plain = unicodedata.normalize("NFKD", c).encode("ascii", "ignore").decode()
    return "".join(_SPECIAL.get(p, p) for p in plain) or f"[U+{ord(c):04X}]"


# Greek capitals that look like Latin ones have no command in LaTeX.
_LATIN = {"Eta": "H", "Nu": "N", "Rho": "P", "Chi": "X"}


def _table(letter: str, table: Table) -> str:
    n = len(table.columns) or 2
    columns = "".join(
        f">{{\\ragged{'left' if k in table.numbers else 'right'}\\arraybackslash}}"
        f"p{{\\dimexpr {share:.4f}\\linewidth-2\\tabcolsep\\relax}}"
        for k, share in enumerate(table.shares)
    )
    lines = [f"\\begin{{longtable}}{{@{{}}{columns}@{{}}}}"]
    lines.append(
        f"\\multicolumn{{{n}}}{{@{{}}l}}{{\\textbf{{{letter}\\quad {text(table.title)}}}}} \\\\"
    )
    lines.append("\\toprule")
    if table.columns:
        heads = " & ".join(f"\\textbf{{{text(c)}}}" for c in table.columns)
        lines += [heads + " \\\\", "\\midrule", "\\endhead"]
    for row in table.rows:
        cells = [_cell(c) for c in row]
        if not table.columns:
            cells[0] = f"\\textbf{{{cells[0]}}}" if cells[0] else ""
        lines.append(" & ".join(cells) + " \\\\")
    lines += ["\\bottomrule", "\\end{longtable}"]
    return "\n".join(lines)


def _cell(cell: Cell) -> str:
    return " \\newline ".join("".join(_piece(p) for p in line) for line in cell)


_OPENING = ("{", "(", "[", "\\left", "\\lvert", "\\lfloor", "\\lceil")
_CLOSING = ("}", ")", "]", "\\right", "\\rvert", "\\rfloor", "\\rceil")


def _summands(latex: str) -> list[str]:
    """Split a formula before each ``+`` outside brackets."""
    found, depth = [""], 0
    for token in re.findall(r"\\(?:[lr](?:eft|ight|vert|floor|ceil)\b|.)|.", latex, re.DOTALL):
        depth += token in _OPENING
        depth -= token in _CLOSING
        if token == "+" and not depth:
            found.append("{}")
        found[-1] += token
    return found


def _piece(piece: Piece) -> str:
    if isinstance(piece, Math):
        if len(piece.latex) <= WIDE:
            return f"$\\displaystyle {piece.latex}$"
        lines = [f"\\fitted{{$\\displaystyle {term}$}}" for term in _summands(piece.latex)]
        return " \\newline ".join(lines)
    if isinstance(piece, Code):
        return f"\\texttt{{{text(piece.text)}}}"
    return text(piece)
