"""Lines of edges and what they end in, in the two notations of the neuroscientist."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ..elements import Edge
from ..geometry.curves import Curve
from ..geometry.shapes import Path, arrow, bar, barbs, diamond, disc
from .primitives import Ink, Mark

LINE = 1.1  # edges
ARROW = (6.6, 2.9)  # length, half width
DISC = 2.9
BARBS = (4.6, 3.0)
BAR = 3.6
DIAMOND = (7.6, 2.7)
CLEAR = 1.0  # between a tip and the outline it points at
TWIN = 1.35  # half the distance of the two lines of a plastic edge
DASH = (3.2, 2.2)
_ZIGZAG = (3.0, 2.6)  # of a resistor: length of a tooth, half width


def sign_color(sign: str, ink: Ink) -> str:
    """Colour of an edge; its tip says the same."""
    known = {"excitatory": ink.excitatory, "inhibitory": ink.inhibitory,
             "modulatory": ink.modulatory}  # fmt: skip
    return known.get(sign, ink.other)


def edge_marks(
    curve: Curve, e: Edge, color: str, classic: bool = False, outset: float = 0.0
) -> Iterator[Mark]:
    """Line and tips of an edge.

    outset : half the width of the frame that it starts and ends at
    """
    whole = curve.shortened(CLEAR + outset)
    sign = e.sign
    width = 0.8 if e.kind == "recording" else LINE
    if not e.directed:
        yield from _coupling(whole, color, classic, outset)
        return
    back, arrowheads = _tip(whole, sign, color, width, classic)
    line = whole.shortened(back)
    dash = DASH if e.rule is not None and e.rule.probabilistic else ()
    if classic and e.plastic:
        for side in (-TWIN, TWIN):
            yield Mark(_polyline(line.beside(side)), stroke=color, width=0.75 * LINE, cls="line",
                       dash=dash)  # fmt: skip
    else:
        yield Mark(curve_path(line), stroke=color, width=width, cls="line", dash=dash)
    yield from arrowheads


def _tip(whole: Curve, sign: str, color: str, width: float, classic: bool):
    """How much of the line the tip takes, and its marks."""
    tip, toward = whole.points[-1], whole.toward
    if sign == "excitatory":
        return 0.8 * ARROW[0], [Mark(arrow(tip, toward, *ARROW), fill=color, cls="tip")]
    if sign == "inhibitory" and classic:
        end = (tip[0] - toward[0], tip[1] - toward[1])
        return 1.0, [Mark(bar(end, toward, BAR), stroke=color, width=1.9, cls="tip")]
    if sign == "inhibitory":
        x, y = tip[0] - toward[0] * DISC, tip[1] - toward[1] * DISC
        return 1.5 * DISC, [Mark(disc(x, y, DISC), fill=color, cls="tip")]
    if sign == "modulatory":
        path = diamond(tip, toward, *DIAMOND)
        return DIAMOND[0], [Mark(path, stroke=color, width=width, cls="tip")]
    return 1.0, [Mark(barbs(tip, toward, *BARBS), stroke=color, width=width, cls="tip")]


def _coupling(whole: Curve, color: str, classic: bool, outset: float) -> Iterator[Mark]:
    """A gap junction: open tips at both ends, or a resistor."""
    both = whole.reversed().shortened(CLEAR + outset).reversed()
    if classic:
        yield Mark(_resistor(both), stroke=color, width=LINE, cls="line")
        return
    for end in (both, both.reversed()):
        path = barbs(end.points[-1], end.toward, *BARBS)
        yield Mark(path, stroke=color, width=LINE, cls="tip")
    line = both.shortened(1.0).reversed().shortened(1.0).reversed()
    yield Mark(curve_path(line), stroke=color, width=LINE, cls="line")


def _resistor(curve: Curve) -> Path:
    """The curve with a zigzag in its middle."""
    n = 60
    points, left, right = (
        curve.sampled(n), curve.beside(-_ZIGZAG[1], n), curve.beside(_ZIGZAG[1], n),
    )  # fmt: skip
    lengths = [0.0]
    for (xa, ya), (xb, yb) in pairwise(points):
        lengths.append(lengths[-1] + ((xb - xa) ** 2 + (yb - ya) ** 2) ** 0.5)
    begin, end = lengths[-1] / 2 - 2.5 * _ZIGZAG[0], lengths[-1] / 2 + 2.5 * _ZIGZAG[0]
    way = [p for p, s in zip(points, lengths, strict=True) if s < begin]
    for tooth in range(5):
        s = begin + (tooth + 0.5) * _ZIGZAG[0]
        k = min(range(n + 1), key=lambda m: abs(lengths[m] - s))
        way.append((left, right)[tooth % 2][k])
    way += [p for p, s in zip(points, lengths, strict=True) if s > end]
    return _polyline(way)


def curve_path(curve: Curve) -> Path:
    """A chain of Béziers as a path."""
    points = curve.points
    steps = (points[k : k + 3] for k in range(1, len(points) - 1, 3))
    return (("M", *points[0]), *(("C", *a, *b, *c) for a, b, c in steps))


def _polyline(points: list) -> Path:
    return (("M", *points[0]), *(("L", *p) for p in points[1:]))
