"""Curves of the edges: where they leave and enter the nodes, loops, and ways round other nodes."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .shapes import Point, reach

if TYPE_CHECKING:
    from .layout import Box, Direction

Side = Literal["left", "right", "top", "bottom"]
_OUTWARD: dict[str, Point] = {
    "left": (-1.0, 0.0), "right": (1.0, 0.0), "top": (0.0, -1.0), "bottom": (0.0, 1.0),
}  # fmt: skip


@dataclass(frozen=True)
class Curve:
    """One edge as a chain of cubic Béziers: 3k + 1 control points, from source to target.

    index : which edge of the circuit it is
    ends on the outline of the target; ``toward`` is the unit vector in which it arrives
    """

    index: int
    points: tuple[Point, ...]

    @property
    def toward(self) -> Point:
        (x0, y0), (x1, y1) = self.points[-2], self.points[-1]
        d = math.hypot(x1 - x0, y1 - y0) or 1.0
        return ((x1 - x0) / d, (y1 - y0) / d)

    def moved(self, dx: float, dy: float) -> Curve:
        return Curve(self.index, tuple((x + dx, y + dy) for x, y in self.points))

    def shortened(self, by: float) -> Curve:
        """The same curve ending ``by`` before its end, to leave room for a tip."""
        dx, dy = self.toward
        back = tuple((x - dx * by, y - dy * by) for x, y in self.points[-2:])
        return Curve(self.index, (*self.points[:-2], *back))

    def at(self, t: float) -> Point:
        """Point at ``t`` (0..1), counted in segments."""
        n = (len(self.points) - 1) // 3
        k = min(int(t * n), n - 1)
        return _bezier(self.points[3 * k : 3 * k + 4], t * n - k)

    def sampled(self, n: int) -> list[Point]:
        """``n + 1`` points along the curve."""
        return [self.at(k / n) for k in range(n + 1)]

    def beside(self, distance: float, n: int = 36) -> list[Point]:
        """The parallel at ``distance`` to the right of the direction of travel."""
        points = self.sampled(n)
        found = []
        for k, (x, y) in enumerate(points):
            (xa, ya), (xb, yb) = points[max(k - 1, 0)], points[min(k + 1, n)]
            d = math.hypot(xb - xa, yb - ya) or 1.0
            found.append((x - (yb - ya) / d * distance, y + (xb - xa) / d * distance))
        return found


def route(
    boxes: tuple[Box, ...],
    ends: tuple[tuple[str, str], ...],
    ways: dict[int, tuple[Point, ...]],
    direction: Direction,
    gap: float,
    loop: float,
) -> tuple[Curve, ...]:
    """Curves for all edges.

    ways : edge -> control points that Graphviz found for it, from box to box
    gap  : distance between two edges at one side of a node;  loop: height of a loop
    """
    box = {b.name: b for b in boxes}
    sides = {k: _sides(box[a], box[b], direction) for k, (a, b) in enumerate(ends) if a != b}
    ports = _ports(box, ends, sides, ways, gap)
    done: dict[str, int] = defaultdict(int)
    curves = []
    for k, (a, b) in enumerate(ends):
        if a == b:
            curves.append(Curve(k, _loop(box[a], done[a], direction, loop)))
            done[a] += 1
            continue
        start, end = ports[k, "out"], ports[k, "in"]
        free = _direct(start, end, *sides[k])
        others = [o for o in boxes if o.name not in (a, b)]
        if not _hits(free, others):
            curves.append(Curve(k, free))
        else:
            curves.append(Curve(k, _bent(ways[k], start, end, sides[k])))
    return tuple(curves)


def _sides(a: Box, b: Box, direction: Direction) -> tuple[Side, Side]:
    """The sides at which an edge leaves ``a`` and enters ``b``."""
    if direction == "right":
        if abs(a.x - b.x) > (a.w + b.w) / 2:
            return ("right", "left") if b.x > a.x else ("left", "right")
        return ("bottom", "top") if b.y > a.y else ("top", "bottom")
    if abs(a.y - b.y) > (a.h + b.h) / 2:
        return ("bottom", "top") if b.y > a.y else ("top", "bottom")
    return ("right", "left") if b.x > a.x else ("left", "right")


def _ports(box, ends, sides, ways, gap) -> dict[tuple[int, str], Point]:
    """Points on the outlines, spread over each side in the order in which the edges come."""
    at: dict[tuple[str, Side], list[tuple[float, int, str]]] = defaultdict(list)
    for k, (a, b) in enumerate(ends):
        if a == b:
            continue
        for name, other, role, side in ((a, b, "out", sides[k][0]), (b, a, "in", sides[k][1])):
            way = ways[k] if role == "out" else ways[k][::-1]
            slope = _heading(box[name], box[other], way, side)
            at[name, side].append((slope, k, role))
    found = {}
    for (name, side), users in at.items():
        b = box[name]
        users.sort(key=lambda u: (u[0], _twin(ends, u[1]), u[1]))
        extent = (b.h if side in ("left", "right") else b.w) - 8.0
        step = min(gap, extent / max(1, len(users) - 1))
        for n, (_, k, role) in enumerate(users):
            found[k, role] = _port(b, side, (n - (len(users) - 1) / 2) * step)
    return found


def _twin(ends, k) -> tuple[str, str]:
    """The same for both directions between two nodes, so that these do not cross."""
    a, b = ends[k]
    return (min(a, b), max(a, b))


def _heading(box: Box, other: Box, way: tuple[Point, ...], side: Side) -> float:
    """How far to the side an edge goes, per length: orders the edges at one side of a node."""
    (ox, oy), (x, y) = _OUTWARD[side], (box.x, box.y)
    best = way[min(len(way) - 1, 3)] if len(way) > 4 else (other.x, other.y)
    dx, dy = best[0] - x, best[1] - y
    if len(way) <= 4:  # parallel edges: Graphviz kept them apart in the middle
        mx, my = _bezier(way[:4], 0.5)
        nudge = ((my - (y + other.y) / 2) if ox else (mx - (x + other.x) / 2)) * 1e-3
    else:
        nudge = 0.0
    forward = abs(dx if ox else dy) or 1e-6
    return round((dy if ox else dx) / forward + nudge, 6)


def _port(b: Box, side: Side, offset: float) -> Point:
    if side in ("left", "right"):
        d = reach(b.shape, b.w, b.h, offset, "x")
        return (b.x + (d if side == "right" else -d), b.y + offset)
    d = reach(b.shape, b.w, b.h, offset, "y")
    return (b.x + offset, b.y + (d if side == "bottom" else -d))


def _direct(start: Point, end: Point, out: Side, into: Side) -> tuple[Point, ...]:
    """One S-shaped curve that leaves and arrives square to the outlines."""
    (x0, y0), (x1, y1) = start, end
    (ax, ay), (bx, by) = _OUTWARD[out], _OUTWARD[into]
    along = abs(x1 - x0) if ax else abs(y1 - y0)
    h = max(8.0, 0.48 * along)
    return (start, (x0 + ax * h, y0 + ay * h), (x1 + bx * h, y1 + by * h), end)


def _bent(way, start, end, sides) -> tuple[Point, ...]:
    """Graphviz's way round the nodes, moved at both ends to our ports and square to them."""
    points = list(way)
    for at, inner, near, side in ((0, 1, 3, sides[0]), (-1, -2, -4, sides[1])):
        port = start if at == 0 else end
        ox, oy = _OUTWARD[side]
        bend = points[near] if len(points) > 4 else (end if at == 0 else start)
        h = max(8.0, 0.45 * (abs(bend[0] - port[0]) if ox else abs(bend[1] - port[1])))
        points[at] = port
        points[inner] = (port[0] + ox * h, port[1] + oy * h)
    return tuple(points)


def _hits(points: tuple[Point, ...], boxes: list[Box]) -> bool:
    """True if a curve comes too near to a node that is none of its ends."""
    curve = Curve(0, points).sampled(24)
    return any(
        abs(x - b.x) < b.w / 2 + 4.0 and abs(y - b.y) < b.h / 2 + 4.0 for b in boxes for x, y in curve
    )


def _loop(b: Box, number: int, direction: Direction, height: float) -> tuple[Point, ...]:
    """A loop from a node to itself: over it, then under it, then wider."""
    reach_out = height + 7.0 * (number // 2)
    half = 7.0 + 5.0 * (number // 2)
    first = number % 2 == 0
    if direction == "right":
        side: Side = "top" if first else "bottom"
        start, end = _port(b, side, -half), _port(b, side, half)
    else:
        side = "right" if first else "left"
        start, end = _port(b, side, -half), _port(b, side, half)
    ox, oy = _OUTWARD[side]
    push = reach_out / 0.75  # a cubic reaches three quarters of the way to its control points
    wide = half * 0.9
    a = (start[0] + ox * push - abs(oy) * wide, start[1] + oy * push - abs(ox) * wide)
    c = (end[0] + ox * push + abs(oy) * wide, end[1] + oy * push + abs(ox) * wide)
    return (start, a, c, end)


def _bezier(p: tuple[Point, ...], t: float) -> Point:
    a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
    return (
        a * p[0][0] + b * p[1][0] + c * p[2][0] + d * p[3][0],
        a * p[0][1] + b * p[1][1] + c * p[2][1] + d * p[3][1],
    )
