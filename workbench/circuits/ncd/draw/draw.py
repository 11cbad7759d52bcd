"""A term drawn as a neural circuit diagram."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Literal

from ...render.primitives import DARK, LIGHT, Formula, Group, Mark, Scene, scene_of
from ..term.terms import Term
from . import strokes
from .columns import Bundle, Column, Wire, columns
from .frames import draw_frame
from .glyphs import draw_cell, run
from .legend import key
from .measure import FONT, dash_height, labelled
from .place import TURN, WireLine, again, heights, lines, spread, whole_in
from .strokes import DASH, THICK, Pen

MARGIN = 4.0
BETWEEN = 10.0  # lines
POINTS = 72 / 25.4
PAGE_MM = 150.0  # most of a page: beyond it, an array is one wire where that is shorter

Detail = Literal["auto", "axes", "arrays"]


def scene(
    term: Term,
    width_mm: float | None = None,
    dark: bool = False,
    legend: bool = True,
    detail: Detail = "auto",
) -> Scene:
    """The drawing of a term, ``width_mm`` wide; in one line where there is no width.

    detail : "axes" draws a wire for each axis, "arrays" one for each array, "auto" the first
             unless it is longer than a page and the second is shorter
    """
    if detail == "auto":
        drawn = _scene(term, width_mm, dark, legend, False)
        if width_mm is None or drawn.height * drawn.scale <= PAGE_MM * POINTS:
            return drawn
        other = _scene(term, width_mm, dark, legend, True)
        return min(drawn, other, key=lambda s: s.height)
    return _scene(term, width_mm, dark, legend, detail != "axes")


def _scene(term: Term, width_mm: float | None, dark: bool, legend: bool, whole: bool) -> Scene:
    ink, page = (DARK, "#1B1F24") if dark else (LIGHT, "#FFFFFF")
    made = columns(term, whole)
    room = None if width_mm is None else width_mm * POINTS - 2 * MARGIN
    found = lines(made, room)
    for k, line in enumerate(found):
        heights(line, made)
        spread(line, made, room or math.inf, room is not None and k < len(found) - 1)
    widest = max(line.width for line in found)
    scale = 1.0
    if room is None:
        wide = widest + 2 * MARGIN
    else:  # one column that is wider than the page: all becomes smaller
        wide = max(room, widest) + 2 * MARGIN
        scale = (room + 2 * MARGIN) / wide
    pen = Pen(ink)
    y = MARGIN
    for line in found:
        again(line)
        pen.dy = y - line.top
        shift = MARGIN + (wide - 2 * MARGIN - line.width) / 2 if len(found) == 1 else MARGIN
        _draw(pen, _shifted(line, shift), made, page)
        y += line.bottom - line.top + BETWEEN
    y -= BETWEEN
    if legend:
        pen.dy = 0.0
        folded = any(
            f.kind == "iterate" and not whole_in(f, x) for x in found for f, *_ in x.frames
        )
        y = key(pen, made, MARGIN, y + 4.0, wide - 2 * MARGIN, page, folded)
    groups = [Group(tuple(pen.behind), cls="panels")] if pen.behind else []
    groups += [
        Group(tuple(items), cls="wire", name=uid, data=(("axis", uid),))
        for uid, items in pen.wires.items()
    ]
    groups += pen.over
    drawn = scene_of(tuple(groups), wide, y + MARGIN, scale, FONT)
    return _lit(drawn, list(pen.wires), ink.excitatory)


def drawing(
    circuit: Any,
    width_mm: float | None,
    dark: bool = False,
    colors: Mapping[str, str] | None = None,
    *,
    legend: bool = True,
    detail: Detail = "auto",
) -> Scene:
    """The drawing of a circuit's term; options as for `scene`.

    raises : TermError when the circuit has none
    """
    from ..term.arrays import TermError

    circuit = circuit.with_term()
    if circuit.term is None:
        raise TermError(
            f"{circuit.title or 'This circuit'} has no term, so there is nothing to draw in the "
            "notation 'ncd'. "
            + (circuit.no_term or "Make the circuit from a model or from a Brian2 network.")
        )
    return scene(circuit.term, width_mm, dark, legend, detail)


def to_svg(
    term: Term,
    width_mm: float | None = None,
    dark: bool = False,
    *,
    title: str = "",
    legend: bool = True,
    detail: Detail = "auto",
    background: str | None = None,
) -> str:
    """A term as one SVG document, exactly ``width_mm`` wide.

    Each axis is a ``<g class="wire" data-axis="UID">``: pointing at one lights all its wires.
    """
    from ...render.svg import write

    drawn = scene(term, width_mm, dark, legend, detail)
    return write(
        drawn, label=describe(term, title), title=title, width_mm=width_mm, background=background
    )


def describe(term: Term, title: str = "") -> str:
    """The diagram in words, for whoever cannot see it."""
    steps = []
    for column in columns(term):
        message = [c.term.words for c in column.cells if c.term is not None]
        message = [s for s in message if s not in ("a rearrangement",)]
        if message:
            steps.append(" beside ".join(message))
    of = f" of {title}" if title else ""
    return f"Neural circuit diagram{of}: from left to right " + "; ".join(steps) + "."


def _lit(drawn: Scene, uids: list[str], color: str) -> Scene:
    """Style by which an axis that is pointed at lights up everywhere."""
    from dataclasses import replace
    from json import dumps

    rules = [
        f"svg:has([data-axis={dumps(u)}]:hover) [data-axis={dumps(u)}] path"
        f"{{stroke:{color};stroke-width:1.6}}"
        for u in uids
    ]
    return replace(drawn, style="".join(rules))


def _shifted(line: WireLine, dx: float) -> WireLine:
    line.op = [(a + dx, b + dx) for a, b in line.op]
    line.gap = [(a + dx, b + dx) for a, b in line.gap]
    line.label = [x + dx for x in line.label]
    return line


def _draw(pen: Pen, line: WireLine, made: list[Column], page: str) -> None:
    part = [made[k] for k in line.columns]
    bounds = [part[0].left, *(c.right for c in part)]
    seen: set[int] = set()
    for k, (bundles, (a, b)) in enumerate(zip(bounds, line.gap, strict=True)):
        fresh = {id(w): tex for w, tex in labelled(bundles, seen, k == 0)}
        for bundle in bundles:
            for w in bundle.wires:
                x0 = a - TURN if k == 0 and line.columns[0] else a
                x1 = b + TURN if k == len(part) and line.columns[-1] + 1 < len(made) else b
                run(pen, w, x0, w.y, x1, w.y)
                if id(w) in fresh:
                    _label(pen, w, line.label[k], fresh[id(w)])
                seen.add(id(w))
    _separators(pen, line, part, bounds)
    for column, (a, b) in zip(part, line.op, strict=True):
        for cell in column.cells:
            draw_cell(pen, cell, a, b, page)
    _breaks(pen, line, bounds, made)
    for frame in line.frames:
        draw_frame(pen, line, made, *frame)


def _label(pen: Pen, w: Wire, x: float, tex: str) -> None:
    y = w.y + pen.dy
    if tex:
        message = str(w.axis) if w.axis is not None else ""
        pen.on_wire(
            w.uid or w.kind, Formula(x, y - 1.5, tex, FONT, pen.ink.text, "middle", message)
        )
    elif w.axis is None:
        pen.on_wire(w.kind, Mark(strokes.arrow(x + 2.2, y, 4.6), fill=pen.ink.text))


def _separators(pen: Pen, line: WireLine, part: list[Column], bounds: list[list[Bundle]]) -> None:
    """Dashes between arrays, from where there are two to the glyph that takes both."""

    goes: dict[tuple[int, int, int], tuple[Bundle, Bundle]] = {}
    for k, column in enumerate(part):
        cells = [c for c in column.cells if c.takes and c.gives]
        for x, z in pairwise(cells):
            goes[k, id(x.takes[-1]), id(z.takes[0])] = (x.gives[-1], z.gives[0])
        for c in cells:
            if c.opens is not None or c.closes is not None:
                shared = c.gives if c.closes is not None else c.takes
                for upper, lower in pairwise(shared):
                    goes[k, id(upper), id(lower)] = (upper, lower)
    done: set[tuple[int, int, int]] = set()
    for k, bundles in enumerate(bounds):
        for pair in pairwise(bundles):
            if (k, id(pair[0]), id(pair[1])) in done:
                continue
            at, (above, below) = k, pair
            points: list[tuple] = [("M", line.gap[at][0], dash_height(above, below))]
            while True:
                done.add((at, id(above), id(below)))
                y = points[-1][-1]
                points.append(("L", line.gap[at][1], y))
                following = goes.get((at, id(above), id(below)))
                if following is None or at + 1 >= len(bounds):
                    break
                above, below = following
                x0, x1, y1 = line.op[at][0], line.op[at][1], dash_height(above, below)
                h = 0.45 * (x1 - x0)
                points.append(("C", x0 + h, y, x1 - h, y1, x1, y1))
                at += 1
            if at < len(part):
                points.append(("L", line.gap[at][1] + 3.0, points[-1][-1]))
            if points[-1][-2] - points[0][1] > 7.0:
                pen.line(tuple(points), THICK * 0.8, DASH, pen.ink.muted)
    pen.close("separators")


def _breaks(pen: Pen, line: WireLine, bounds: list[list[Bundle]], made: list[Column]) -> None:
    """Arrowheads where wires go to the next line, and where they come from the last."""
    if line.columns[-1] + 1 < len(made):
        x = line.gap[-1][1] + TURN
        for w in (w for b in bounds[-1] for w in b.wires):
            pen.fill(strokes.arrow(x, w.y, 3.0))
    if line.columns[0]:
        x = line.gap[0][0] - TURN
        for w in (w for b in bounds[0] for w in b.wires):
            pen.fill(strokes.arrow(x + 3.0, w.y, 3.0))
    pen.close("break")
