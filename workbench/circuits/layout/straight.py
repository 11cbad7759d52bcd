"""Edges routed without ranks: nearly straight edges of large circuits, and edges onto edges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from ..geometry.curves import Curve
from ..geometry.shapes import Point, ray
from .ports import OUTWARD, Side, hits, port

if TYPE_CHECKING:
    from .layout import NodeBox

ALONG = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)  # where an edge may be acted on, best first
BESIDE = (0.0, 1.0, -1.0, 1.5, -1.5)  # of the middle of a side, in gaps: free where others end
BOWS = (0.2, -0.2, 0.4, -0.4)  # of a curve onto an edge, in parts of its length


def free(
    boxes: tuple[NodeBox, ...], ends: dict[int, tuple[str, str]]
) -> dict[int, tuple[Point, ...]]:
    """Nearly straight edges between outlines; edges of one pair are drawn side by side."""
    box = {b.name: b for b in boxes}
    areas = [(b.name, r) for b in boxes for r in b.areas()]
    used: dict[frozenset[str], int] = defaultdict(int)
    total: dict[frozenset[str], int] = defaultdict(int)
    for a, b in ends.values():
        total[frozenset((a, b))] += 1
    found = {}
    for k, (a, b) in ends.items():
        pair = frozenset((a, b))
        turn = 1 if a < b else -1  # both directions of a pair use the same orientation
        step = used[pair] - (total[pair] - 1) / 2
        used[pair] += 1
        others = [r for name, r in areas if name not in pair]
        best, least = None, np.inf
        for bow in (0.0, 0.12, -0.12, 0.24, -0.24):
            points = _bowed(box[a], box[b], turn * (0.1 * step + bow))
            cost = hits(points, others) + 3.0 * abs(bow)
            if cost < least:
                best, least = points, cost
            if cost == 0:
                break
        assert best is not None
        found[k] = best
    return found


def _bowed(a: NodeBox, b: NodeBox, bow: float) -> tuple[Point, ...]:
    """Curve between two outlines, bent sideways by ``bow`` times the distance."""
    dx, dy = b.x - a.x, b.y - a.y
    u, v = -dy * bow, dx * bow
    sx, sy = ray(a.shape, a.w, a.h, 0.35 * dx + u, 0.35 * dy + v)
    ex, ey = ray(b.shape, b.w, b.h, -0.35 * dx + u, -0.35 * dy + v)
    start, end = (a.x + sx, a.y + sy), (b.x + ex, b.y + ey)
    wx, wy = end[0] - start[0], end[1] - start[1]
    return (
        start,
        (start[0] + 0.35 * wx + u, start[1] + 0.35 * wy + v),
        (start[0] + 0.65 * wx + u, start[1] + 0.65 * wy + v),
        end,
    )


def onto_edge(
    a: NodeBox,
    way: tuple[Point, ...] | None,
    b: NodeBox,
    boxes: tuple[NodeBox, ...],
    gap: float,
    crossed: Callable[[np.ndarray], float],
) -> tuple[Point, ...]:
    """Curve from a node to the middle of another edge, or to a node if that edge is not drawn.

    It leaves the middle of the side that faces the edge, and goes straight to it. Where that leads
    over a name, or too close to other edges: beside the middle, to a point farther along, at a
    right angle, bent, or out of another side.
    gap     : distance between two edges at one side of a node
    crossed : penalty of a polyline for other edges
    """
    goals = [Curve(0, way).at(t) for t in ALONG] if way else [(b.x, b.y)]
    normals = [_normal(way, t) for t in ALONG] if way else [None]
    areas = [r for o in boxes for r in o.areas() if o.name != a.name or r == o.words]
    ways: list[tuple[float, tuple[Point, ...]]] = []
    for k, (goal, normal) in enumerate(zip(goals, normals, strict=True)):
        for (turn, side), off in product(enumerate(_facing(a, *goal)), BESIDE):
            start = port(a, side, gap * off)
            dear = k + 4.0 * turn + 0.3 * abs(off)
            for cost, points in _approaches(start, side, goal, normal):
                ways.append((100.0 * hits(points, areas) + dear + cost, points))
    best, least = ways[0][1], np.inf
    for cost, points in sorted(ways, key=lambda w: w[0]):
        if cost >= least:
            break
        total = cost + crossed(Curve(0, points).line(22))
        if total < least:
            best, least = points, total
    return best


def _facing(a: NodeBox, x: float, y: float) -> tuple[Side, Side]:
    """The side of a node that faces a point most, and the next one."""
    across: Side = "right" if x > a.x else "left"
    along: Side = "bottom" if y > a.y else "top"
    return (across, along) if abs(x - a.x) * a.h > abs(y - a.y) * a.w else (along, across)


def _normal(way: tuple[Point, ...], t: float) -> Point:
    """Unit vector at a right angle to a curve."""
    (xa, ya), (xb, yb) = Curve(0, way).at(t - 0.03), Curve(0, way).at(t + 0.03)
    d = float(np.hypot(xb - xa, yb - ya)) or 1.0
    return ((yb - ya) / d, (xa - xb) / d)


def _approaches(
    start: Point, side: Side, goal: Point, normal: Point | None
) -> list[tuple[float, tuple[Point, ...]]]:
    """(cost, control points) of curves from a point of a node to a point of an edge.

    normal : of the edge there, if one is drawn
    """
    out, first, end = np.array(OUTWARD[side]), np.array(start), np.array(goal)
    far = end - first
    reach_out = 0.35 * float(np.hypot(*far))
    leave, arrive = first + reach_out * out, end - 0.35 * far
    shapes = [(0.0, leave, arrive)]
    if normal is not None:
        upright = -reach_out * np.sign(far @ normal) * np.array(normal)
        shapes.append((0.5, leave, end + upright))
    aside = np.array([-far[1], far[0]])
    shapes += [(20 * abs(bow), leave + bow * aside, arrive + bow * aside) for bow in BOWS]
    return [(cost, tuple((float(x), float(y)) for x, y in (first, one, two, end)))
            for cost, one, two in shapes]  # fmt: skip
