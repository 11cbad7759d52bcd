"""The table below a diagram: what its symbols stand for, and its less common signs."""

from __future__ import annotations

from ...text import fonts as text
from ...text import math as formula
from ..term.operators import Linear
from ..term.program import Machine
from ..term.terms import Broadcast
from . import strokes
from .columns import Column
from .measure import FONT, HEX, label_of, tag_width, tags
from .strokes import BROKEN, DASH, THICK, THIN, Pen

ROW = 8.6
SAMPLE = 17.0
MOST = 5  # columns of the table


def key(
    pen: Pen, made: list[Column], x: float, y: float, width: float, page: str, folded: bool = False
) -> float:
    """Draw the table; returns where it ends.

    folded : a loop goes over several lines
    """
    entries = [*_letters(made), *_sizes(made), *_signs(made)]
    if folded:
        entries += [("broken", "goes on in the next line"), ("memory", "fed back to the same name")]
    y = _variables(pen, made, x, y, width)
    if not entries:
        return y
    room = [SAMPLE + 3 + text.width(message, FONT) + 10.0 for _, message in entries]
    across = next(n for n in range(min(MOST, len(entries)), 0, -1)
                  if n == 1 or sum(_columns(room, n)) <= width)  # fmt: skip
    wide = _columns(room, across)
    down = -(-len(entries) // across)
    spare = max(0.0, (width - sum(wide)) / across)
    for k, (sign, message) in enumerate(entries):
        n = k // down
        left, base = x + sum(wide[:n]) + n * spare, y + (k % down + 1) * ROW
        _sample(pen, sign, left, base - 2.2, page)
        pen.words(left + SAMPLE + 3, base, _fitted(message, width - SAMPLE - 3), FONT, "start")
    pen.close("key")
    return y + down * ROW + 2.0


def _columns(room: list[float], across: int) -> list[float]:
    """Width of each column, when what takes ``room`` is put into so many."""
    down = -(-len(room) // across)
    return [max(room[k : k + down]) for k in range(0, len(room), down)]


def _variables(pen: Pen, made: list[Column], x: float, y: float, width: float) -> float:
    """What the axes of variables stand for, a line or more each; returns where it ends."""
    axes = {a.uid: a for c in made for b in (*c.left, *c.right) for a in b.array.axes if a.title}
    for a in sorted(axes.values(), key=lambda a: (len(a.symbol), a.symbol)):
        for n, message in enumerate(text.wrap(a.title, FONT, width - SAMPLE - 3)):
            y += ROW
            if not n:
                pen.tex(x + SAMPLE, y, label_of(a), FONT, a.title, "end")
            pen.words(x + SAMPLE + 3, y, message, FONT, "start")
    pen.close("key")
    return y


def _fitted(message: str, width: float) -> str:
    while text.width(message, FONT) > width and len(message) > 4:
        message = message[:-2].rstrip() + "…"
    return message


def _letters(made: list[Column]) -> list[tuple[str, str]]:
    """What the numbered letters are."""
    found: dict[str, str] = {}
    for column in made:
        for cell in column.cells:
            op = getattr(cell.term, "operator", None)
            named = isinstance(op, Linear) or (isinstance(op, Machine) and op.kind == "synapses")
            if named and op is not None and op.title and op.title != op.name:
                tex = rf"\mathbf{{{op.name}}}" if op.learned else op.name
                found.setdefault(tex, op.title + (", plastic" if op.learned else ""))
    return [("tex:" + tex, message) for tex, message in sorted(found.items(), key=_number)]


def _number(entry: tuple[str, str]) -> tuple[int, str]:
    digits = "".join(c for c in entry[0] if c.isdigit())
    return (int(digits or 0), entry[0])


def _sizes(made: list[Column]) -> list[tuple[str, str]]:
    sizes: dict[str, set[int]] = {}
    for a in (a for c in made for b in (*c.left, *c.right) for a in b.array.axes):
        if a.symbol and a.size is not None and not a.title:
            sizes.setdefault(a.symbol, set()).add(a.size)
    return [
        ("tex:" + formula.symbol(s), "= " + ", ".join(map(str, sorted(n))))
        for s, n in sorted(sizes.items())
    ]


def _signs(made: list[Column]) -> list[tuple[str, str]]:
    wires = [w for c in made for b in (*c.left, *c.right) for w in b.wires]
    cells = [c for column in made for c in column.cells]
    found = []
    if any(w.kind == "array" for w in wires):
        found.append((r"tex:\mathbb{R}^{t\times n}", "array of numbers"))
        if any(b.array.datatype == "bool" for c in made for b in (*c.left, *c.right)):
            found.append((r"tex:\mathbb{B}^{t\times n}", "of true and false: spikes"))
    if any(w.kind == "bool" for w in wires):
        found.append(("bool", "true or false: spikes"))
    if any(kind == "hexagon" for c in cells for _, _, kind in tags(c)):
        inside = [r for c in cells for r in getattr(c.term, "reindexings", ())]
        unit = "ms" if any(r.title == "ms" for r in inside) else "steps"
        found.append(("hexagon", f"read at an earlier time, {unit}"))
    for c in cells:
        for r in getattr(c.term, "reindexings", ()):
            entry = ("tag:" + r.label, r.title)
            if r.title and r.title != "ms" and entry not in found:
                found.append(entry)
    if any(isinstance(getattr(c.term, "operator", None), Linear) for c in cells):
        found.append(("plate", "linear map; bold: learned"))
    if any(f.kind == "iterate" for c in cells for f in c.frames):
        found.append(("loop", "run step by step, fed back"))
    if any(len(c.left) > 1 for c in made) or any(
        isinstance(c.term, Broadcast) and len(c.takes) > 1 for c in cells
    ):
        found.append(("dash", "between arrays"))
    return found


def _sample(pen: Pen, sign: str, x: float, y: float, page: str) -> None:
    kind, _, tex = sign.partition(":")
    right = x + SAMPLE
    if kind == "tex":
        pen.tex(right, y + 2.2, tex, FONT, tex, "end")
    elif kind == "bool":
        pen.line(strokes.straight(x + 4, y, right, y), THICK)
        pen.fill(strokes.arrow(x + 13, y, 4.6))
    elif kind == "hexagon":
        pen.line(strokes.hexagon(x + 5, y, right, HEX - 0.5), THIN)
    elif kind == "tag":
        wide = tag_width(tex) - 1.0
        pen.fill(strokes.pentagon(right - wide, y, right, HEX - 0.6), pen.ink.muted)
        pen.tex(right - wide / 2 - 0.8, y + 2.1, tex, FONT - 0.2, tex, color=page)
    elif kind == "plate":
        pen.line(strokes.plate(x + 6, y - 3, right, y + 3), THIN)
    elif kind == "loop":
        pen.line(strokes.parenthesis(x + 5, y - 3.4, y + 3.4, 2.5), THICK)
        pen.line(strokes.parenthesis(right, y - 3.4, y + 3.4, -2.5), THICK)
    elif kind == "broken":
        pen.line(strokes.parenthesis(right, y - 4.0, y + 3.4, -2.5), THICK, BROKEN)
    elif kind == "memory":
        pen.fill(strokes.arrow(right - 5.0, y, 3.0))
        pen.tex(right, y + 2.2, "s", FONT, "fed back", "end")
    elif kind == "dash":
        pen.line(strokes.straight(x + 4, y, right, y), THICK, DASH, pen.ink.muted)
