"""Glyphs of the operators, drawn between the input and output wires of a column."""

from __future__ import annotations

from ..term.operators import Operator
from ..term.terms import Broadcast, Einsum, Rearrange
from . import strokes
from .columns import Cell, Wire
from .measure import (
    FONT,
    HALF,
    HEX,
    LEAD,
    LINE,
    PITCH,
    box_size,
    core_in,
    core_out,
    dash_height,
    elementwise_tags,
    gathers,
    name_lines,
    sign_of,
    tag_room,
    tag_width,
    tags,
    tex_width,
)
from .strokes import THICK, THIN, Pen

SMALL = 0.36 * FONT  # from the middle of a label to its baseline


def draw_cell(pen: Pen, cell: Cell, x0: float, x1: float, page: str) -> None:
    """Draw one cell between the two edges of its column."""
    t = cell.term
    if t is None:
        for b in cell.takes if cell.closes is None else cell.gives:
            for w in b.wires:
                run(pen, w, x0, w.y, x1, w.y)
        return
    if isinstance(t, Rearrange):
        _rearranged(pen, cell, t, x0, x1)
        return
    if isinstance(t, Einsum):
        _einsum(pen, cell, x0, x1)
        return
    assert isinstance(t, Broadcast)
    op = t.operator
    if op.glyph == "add":
        _merged(pen, cell, x0, x1, "+")
    elif op.glyph == "elementwise":
        _elementwise(pen, cell, op, x0, x1, page)
    elif op.glyph == "read":
        _read(pen, cell, x0, x1, page)
    elif op.glyph in ("source", "sink"):
        _end(pen, cell, op, x0, x1, page)
    else:
        _box(pen, cell, op, x0, x1, page)
    pen.close(f"glyph {op.glyph}", op.words, op.words)


def run(pen: Pen, w: Wire, x0: float, y0: float, x1: float, y1: float) -> None:
    """Draw a segment of a wire."""
    if x1 - x0 > 0.01:
        wide = THICK if w.heavy else THIN
        pen.wire(w.uid or w.kind, strokes.curve(x0, y0, x1, y1), wide)


def _rearranged(pen: Pen, cell: Cell, t: Rearrange, x0: float, x1: float) -> None:
    for n, k in enumerate(t.picks):
        source, target = cell.takes[k], cell.gives[n]
        order = t.order[n] if t.order else ()
        axes = [w for w in source.wires if w.axis is not None]
        for place, w in enumerate(target.wires):
            if source is target:
                old = w
            elif w.axis is None:
                old = source.like(w) or w
            else:
                at = [v for v in target.wires if v.axis is not None].index(w)
                old = axes[order[at]] if order else axes[at]
            copied = t.picks.count(k) > 1
            start = x0 + (4.0 if copied else 0.0)
            if copied:
                run(pen, old, x0, old.y, start, old.y)
                pen.dot(old.uid or old.kind, start, old.y)
            run(pen, w, start, old.y, x1, w.y)
            del place
    for k, b in enumerate(cell.takes):
        if k not in t.picks:  # deleted: the wire ends in a dot
            for w in b.wires:
                run(pen, w, x0, w.y, x0 + 5.0, w.y)
                pen.dot(w.uid or w.kind, x0 + 5.0, w.y)


def _merged(pen: Pen, cell: Cell, x0: float, x1: float, sign: str) -> None:
    """Join corresponding wires of several arrays at dots; the separators end at the sign."""
    join = x1 - 4.0
    for b in cell.gives:
        for w in b.wires:
            for c in cell.takes:
                old = c.like(w)
                if old is not None:
                    run(pen, old, x0, old.y, join, w.y)
            pen.dot(w.uid or w.kind, join, w.y)
            run(pen, w, join, w.y, x1, w.y)
    for a, b in zip(cell.takes, cell.takes[1:], strict=False):
        y = dash_height(a, b)
        pen.tex(x0 + 2.6, y + 2.2, rf"\mathbf{{{sign}}}", FONT + 1.2)


def _elementwise(pen: Pen, cell: Cell, op: Operator, x0: float, x1: float, page: str) -> None:
    """Draw passing wires, and below them the function of single numbers."""
    right = x1
    start = x0
    marks = tags(cell)
    if len(cell.takes) == 1:
        for w in cell.gives[0].wires:
            old = cell.takes[0].like(w)
            if old is not None:
                run(pen, old, x0, old.y, x1, w.y)
    else:
        before = x0 + elementwise_tags(cell)
        start = before + 12.0
        for w in cell.gives[0].wires:
            for c in cell.takes:
                old = c.like(w)
                if old is not None:
                    run(pen, old, x0, old.y, before, old.y)
                    run(pen, old, before, old.y, start, w.y)
            pen.dot(w.uid or w.kind, start, w.y)
            run(pen, w, start, w.y, right, w.y)
    _tagged(pen, marks, x0 + LEAD, page)
    last = cell.gives[-1].wires[-1] if cell.gives else cell.takes[-1].wires[-1]
    number = last.kind == "number"
    y = last.y if number else last.y + PITCH - 1.0
    middle = (start + right) / 2
    half = tex_width(op.name) / 2 + 1.5
    if number:
        pen.paper(strokes.rectangle(middle - half, y - 3.5, middle + half, y + 3.5), page)
    pen.line(strokes.straight(middle - half - 5.5, y, middle - half - 1, y))
    pen.fill(strokes.arrow(middle - half - 2.6, y, 2.9))
    pen.line(strokes.straight(middle + half, y, middle + half + 3.2, y))
    pen.fill(strokes.arrow(middle + half + 5.5, y, 2.9))
    name = rf"\mathbf{{{op.name}}}" if op.learned else op.name
    pen.tex(middle, y + SMALL, name, FONT, op.words)


def _read(pen: Pen, cell: Cell, x0: float, x1: float, page: str) -> None:
    """Draw passing wires, with a hexagon or tag on the re-indexed one."""
    marks = tags(cell)
    (taken,), (given,) = cell.takes, cell.gives
    for old, w in zip(taken.wires, given.wires, strict=True):
        here = next((tag_width(tex) for v, tex, _ in marks if v is old), None)
        if here is None:
            run(pen, old, x0, old.y, x1, w.y)
        else:
            start = (x0 + x1 - here) / 2
            run(pen, old, x0, old.y, start, old.y)
            run(pen, w, start + here, old.y, x1, w.y)
    _tagged(pen, marks, x0, page, x1)


def _box(pen: Pen, cell: Cell, op: Operator, x0: float, x1: float, page: str) -> None:
    """Draw a box, plate, triangle or circle on its wires; the other wires pass."""
    core, made = core_in(cell), core_out(cell)
    own = set(map(id, [*core, *made]))
    wide, high = box_size(op)
    if op.glyph in ("softmax", "circle"):
        wide = 2 * HALF + 2
    left = x0
    if gathers(cell):
        left = x0 + 13.0
    # Broadcast wires pass straight, or are joined first.
    for b in cell.gives:
        for w in b.wires:
            if id(w) in own:
                continue
            for c in cell.takes:
                old = c.of(w.uid)
                if old is None:
                    continue
                if old is w or left == x0:
                    run(pen, old, x0, old.y, x1, w.y)
                else:
                    run(pen, old, x0, old.y, left, w.y)
            if left > x0 and not any(c.of(w.uid) is w for c in cell.takes):
                pen.dot(w.uid, left, w.y)
                run(pen, w, left, w.y, x1, w.y)
    lead = left + LEAD + tag_room(cell)
    b0 = max(lead, (lead - LEAD + x1 - wide) / 2 if lead == left + LEAD else lead)
    b1 = max(b0 + wide, x1 - LEAD) if lead > left + LEAD else b0 + wide
    for w in core:
        run(pen, w, x0, w.y, b0, w.y)
    for w in made:
        run(pen, w, b1, w.y, x1, w.y)
    on_core = [m for m in tags(cell) if id(m[0]) in set(map(id, core))]
    aside = [m for m in tags(cell) if id(m[0]) not in set(map(id, core))]
    _tagged(pen, on_core, left + LEAD, page)
    _tagged(pen, aside, x0 + LEAD, page, x1 - LEAD)
    ys = [w.y for w in (*core, *made)] or [0.0]
    top, bottom = min(ys) - HALF, max(ys) + HALF
    grow = max(0.0, (high - (bottom - top)) / 2)
    _shape(pen, op, b0, top - grow, b1, bottom + grow, page)


def _shape(pen: Pen, op: Operator, x0: float, y0: float, x1: float, y1: float, page: str) -> None:
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    ink = pen.ink
    if op.glyph == "softmax":
        path = strokes.polygon((x0, y), (x1, y0), (x1, y1))
        pen.paper(path, page)
        pen.line(path)
        return
    if op.glyph == "circle":
        path = strokes.disc(x, y, min(x1 - x0, y1 - y0) / 2)
        pen.paper(path, page)
        pen.line(path)
        pen.line((("M", x - 2, y - 1.6), ("L", x, y + 2.0), ("L", x + 2, y - 1.6)))
        return
    linear = op.linear or op.glyph == "plastic"
    path = strokes.plate(x0, y0, x1, y1) if linear else strokes.rectangle(x0, y0, x1, y1)
    pen.paper(path, page)
    color = {"excitatory": ink.excitatory, "inhibitory": ink.inhibitory}.get(sign_of(op), ink.other)
    if linear:
        pen.fill(path, color, ink.fill + 0.06)
    pen.line(path, THICK if op.learned else THIN, color=color if linear else ink.text)
    lines = name_lines(op)
    if lines:
        first = y - (len(lines) - 1) * LINE / 2 + SMALL
        for k, line in enumerate(lines):
            pen.words(x, first + k * LINE, line, FONT)
    else:
        name = rf"\mathbf{{{op.name}}}" if op.learned else op.name
        pen.tex(x, y + SMALL, name, FONT, op.words)


def _tagged(
    pen: Pen, found: list[tuple[Wire, str, str]], left: float, page: str, right: float | None = None
) -> None:
    """Draw hexagons for time re-indexings and tags for parts of an axis."""
    taken: dict[int, float] = {}
    for w, tex, kind in found:
        wide = tag_width(tex)
        x = left if right is None else (left + right - wide) / 2
        if right is None:  # further ones on this wire follow to the right
            x += taken.get(id(w), 0.0)
            taken[id(w)] = taken.get(id(w), 0.0) + wide + LEAD
        y = w.y + pen.dy
        if kind == "hexagon":
            path = strokes.hexagon(x, y, x + wide, HEX)
            pen.now += _pair(pen, path, page, "")
        else:
            path = strokes.pentagon(x, y, x + wide, HEX)
            pen.now += _pair(pen, path, pen.ink.muted, "")
        color = "" if kind == "hexagon" else page
        shift = 0.0 if kind == "hexagon" else -0.8
        pen.tex(x + wide / 2 + shift, w.y + SMALL, tex, FONT, tex, color=color)


def _pair(pen: Pen, path: strokes.Path, fill: str, stroke: str) -> list:
    from ...render.primitives import Mark

    return [Mark(path, fill=fill), Mark(path, stroke=stroke or pen.ink.text, width=THIN)]


def _end(pen: Pen, cell: Cell, op: Operator, x0: float, x1: float, page: str) -> None:
    """Draw a constant, which starts a wire, or a sink, which ends one."""
    wires = [w for b in (*cell.takes, *cell.gives) for w in b.wires]
    if not wires:
        return
    y0, y1 = min(w.y for w in wires) - HALF, max(w.y for w in wires) + HALF
    wide = tex_width(op.name) + 6.0
    a, b = (x1 - LEAD - wide, x1 - LEAD) if op.glyph == "source" else (x0 + LEAD, x1 - 2.0)
    y = (y0 + y1) / 2
    if op.glyph == "source":
        path = strokes.polygon((a - 4, y), (a, y0), (b, y0), (b, y1), (a, y1))
        pen.paper(path, page)
        pen.line(path, THICK if op.learned else THIN)
        for w in wires:
            run(pen, w, b, w.y, x1, w.y)
    else:
        for w in wires:
            run(pen, w, x0, w.y, a + 2, w.y)
        pen.fill(strokes.arrow(a + 4, y))
    name = rf"\mathbf{{{op.name}}}" if op.learned else op.name
    pen.tex((a + b) / 2 + (0 if op.glyph == "source" else 3), y + SMALL, name, FONT, op.words)


def _einsum(pen: Pen, cell: Cell, x0: float, x1: float) -> None:
    """Draw contracted axes as caps, shared axes joined at dots, and other axes straight."""
    given = {w.uid: w for b in cell.gives for w in b.wires if w.axis is not None}
    taken: dict[str, list[Wire]] = {}
    for b in cell.takes:
        for w in b.wires:
            if w.axis is not None:
                taken.setdefault(w.uid, []).append(w)
    join = x1 - 5.0
    for uid, wires in taken.items():
        out = given.get(uid)
        if out is not None:
            for w in wires:
                run(pen, w, x0, w.y, join, out.y)
            if len(wires) > 1:
                pen.dot(uid, join, out.y)
            run(pen, out, join, out.y, x1, out.y)
        elif len(wires) == 1:
            run(pen, wires[0], x0, wires[0].y, x0 + 8.0, wires[0].y)
            pen.dot(uid, x0 + 8.0, wires[0].y)
        else:
            top, bottom = min(w.y for w in wires), max(w.y for w in wires)
            for w in wires:
                run(pen, w, x0, w.y, x0 + 5.0, w.y)
            pen.wire(uid, strokes.cap(x0 + 5.0, top, bottom))
            for w in wires:
                if top < w.y < bottom:
                    run(pen, w, x0 + 5.0, w.y, x0 + 11.0, w.y)
                    pen.dot(uid, x0 + 12.0, w.y)
    number = next((w for b in cell.gives for w in b.wires if w.axis is None), None)
    if number is not None:
        run(pen, number, x0 + 13.0, number.y, x1, number.y)
    pen.close("glyph einsum", "a sum over products")
