"""What stands around a part of a diagram: panels, and the brackets of loops with what they feed
back."""

from __future__ import annotations

from . import strokes
from .columns import Bundle, Column, ColumnFrame, Wire
from .glyphs import SMALL
from .measure import BRACKET, FONT, LOOP, label_of
from .place import WireLine, whole_in
from .strokes import BROKEN, THICK, THIN, Pen


def draw_frame(
    pen: Pen, line: WireLine, made: list[Column], frame: ColumnFrame, first: int, last: int, begins: bool,
    ends: bool,
) -> None:  # fmt: skip
    """Brackets or a panel around the columns ``first`` to ``last`` of a line."""
    at = line.columns.index(first), line.columns.index(last)
    inside = [
        w for k in range(first, last + 1) for c in made[k].cells if frame in c.frames
        for b in (*c.takes, *c.gives) for w in b.wires
    ]  # fmt: skip
    if not inside:
        return
    top, bottom = min(w.y for w in inside) - 6.0, max(w.y for w in inside) + 7.0
    left = line.op[at[0]][0] - 1.5
    right = line.op[at[1]][1] + 1.5
    if frame.kind == "block":
        pen.panel(
            strokes.rectangle(left - 2, top - FONT - 2, right + 2, bottom + 1), pen.ink.other, 0.07
        )
        pen.words(left, top - 2.5, frame.title, FONT, "start", pen.ink.muted)
        pen.close("block", frame.title, frame.title)
        return
    if frame.kind == "iterate":
        begin = next((c for c in made[first].cells if c.opens is frame), None)
        end = next((c for c in made[last].cells if c.closes is frame), None)
        inner = (line.op[at[0]][1] if begin else left, line.op[at[1]][0] if end else right)
        fed = begin.gives[: len(frame.fed)] if begin else []
        back = end.takes[: len(frame.fed)] if end else []
        if whole_in(frame, line):
            top = _loops(pen, _wires(fed), _wires(back), *inner, top)
        else:
            _memories(pen, fed, back, *inner)
        left, right = left + BRACKET / 2 + 1.5, right - BRACKET / 2 - 1.5
    if begins:
        pen.line(strokes.parenthesis(left - BRACKET / 2, top, bottom, 3.0), THICK)
    else:  # it comes from the line before
        pen.line(strokes.parenthesis(line.gap[0][0] - 3.4, top, bottom, 3.0), THICK, BROKEN)
    if not ends:  # it goes on in the next line
        pen.line(strokes.parenthesis(line.gap[-1][1] + 2.6, top, bottom, -3.0), THICK, BROKEN)
    else:
        pen.line(strokes.parenthesis(right + BRACKET / 2, top, bottom, -3.0), THICK)
        tex = label_of(frame.axis) if frame.axis is not None else rf"\times {frame.times}"
        pen.tex(right + BRACKET / 2 + 1, top - 1.0, tex, FONT, "repeated along it", "middle")
    pen.close("iteration", frame.title or "iteration", "What comes out is fed back, step by step")


def _wires(bundles: list[Bundle]) -> list[Wire]:
    return [w for b in bundles for w in b.wires]


def _loops(
    pen: Pen, starts: list[Wire], ends: list[Wire], left: float, right: float, top: float
) -> float:
    """Fed-back wires, drawn from the right end over the top to the left one."""
    r = 3.0
    for k, (a, b) in enumerate(zip(starts, ends, strict=True)):
        x0, x1 = left - 2.0 - LOOP * (k + 1), right + 2.0 + LOOP * (k + 1)
        y = top - LOOP * (k + 1)
        path = (
            ("M", right, b.y), ("L", x1 - r, b.y), ("C", x1, b.y, x1, b.y, x1, b.y - r),
            ("L", x1, y + r), ("C", x1, y, x1, y, x1 - r, y), ("L", x0 + r, y),
            ("C", x0, y, x0, y, x0, y + r), ("L", x0, a.y - r),
            ("C", x0, a.y, x0, a.y, x0 + r, a.y), ("L", left, a.y),
        )  # fmt: skip
        wide = THICK if a.heavy else THIN
        pen.wire(a.uid or a.kind, path, wide)
        if k == len(starts) // 2:
            tip = (left + right) / 2 - 2.3
            head = strokes.polygon((tip, y), (tip + 4.6, y - 2.5), (tip + 4.6, y + 2.5))
            pen.fill(head)
    return top - LOOP * len(starts) - 3.0


def _memories(pen: Pen, fed: list[Bundle], back: list[Bundle], left: float, right: float) -> None:
    """Where a loop goes over several lines: what is fed back, by its name at both ends."""
    names = _names(fed or back)
    for b, name in zip(fed, names, strict=False):
        y = (b.wires[0].y + b.wires[-1].y) / 2
        pen.tex(left - 4.0, y + SMALL, name, FONT, "fed back", "end")
        pen.fill(strokes.arrow(left, y, 3.0))
    for b, name in zip(back, names, strict=False):
        y = (b.wires[0].y + b.wires[-1].y) / 2
        pen.fill(strokes.arrow(right + 3.5, y, 3.0))
        pen.tex(right + 4.5, y + SMALL, name, FONT, "fed back", "start")


def _names(bundles: list[Bundle]) -> list[str]:
    """A letter for each array that a loop feeds back."""
    one = len(bundles) == 1
    return ["s" if one else f"s_{{{k + 1}}}" for k in range(len(bundles))]
