"""Edges routed without ranks: nearly straight edges of large circuits, and edges onto edges."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from ..geometry.curves import Curve
from ..geometry.shapes import Point, ray
from .ports import OUTWARD, Side, hits, port

if TYPE_CHECKING:
    from .layout import NodeBox


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


def onto_edge(a: NodeBox, way: tuple[Point, ...] | None, b: NodeBox, boxes: tuple[NodeBox, ...]):
    """Curve from a node to the middle of another edge, or to a node if that edge is not drawn."""
    goals = [Curve(0, way).at(t) for t in (0.5, 0.42, 0.58, 0.34, 0.66)] if way else [(b.x, b.y)]
    areas = [r for o in boxes for r in o.areas() if o.name != a.name or r == o.words]
    best, least = None, np.inf
    for k, (x, y) in enumerate(goals):
        horizontal = abs(x - a.x) * a.h > abs(y - a.y) * a.w
        sides: tuple[Side, Side] = ("right", "left") if horizontal else ("bottom", "top")
        side = sides[bool((x if horizontal else y) < (a.x if horizontal else a.y))]
        start = port(a, side, 0.0)
        dx, dy = x - start[0], y - start[1]
        ox, oy = OUTWARD[side]
        reach_out = 0.35 * float(np.hypot(dx, dy))
        points = (start, (start[0] + ox * reach_out, start[1] + oy * reach_out),
                  (x - 0.35 * dx, y - 0.35 * dy), (x, y))  # fmt: skip
        cost = 100.0 * hits(points, areas) + k
        if cost < least:
            best, least = points, cost
    assert best is not None
    return best
