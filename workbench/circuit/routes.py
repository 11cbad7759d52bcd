"""Ways of the edges: where they leave and enter the nodes, loops, and ways round other nodes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal

import numpy as np

from .curves import Curve, crossings, crowded
from .shapes import Point, reach

if TYPE_CHECKING:
    from .layout import Box, Direction

Side = Literal["left", "right", "top", "bottom"]
_OUTWARD: dict[str, Point] = {
    "left": (-1.0, 0.0), "right": (1.0, 0.0), "top": (0.0, -1.0), "bottom": (0.0, 1.0),
}  # fmt: skip
_CLEAR = 4.0  # an edge keeps so far from nodes that it does not end at
_APART = 4.5  # and so far from other edges


def route(
    boxes: tuple[Box, ...],
    ends: tuple[tuple[str, str], ...],
    ways: dict[int, tuple[Point, ...]],
    direction: Direction,
    gap: float,
    loop: float,
) -> tuple[Curve, ...]:
    """Curves for all edges.

    ways : edge -> points on the way that Graphviz found for it, from box to box
    gap  : distance between two edges at one side of a node;  loop: height of a loop
    """
    box = {b.name: b for b in boxes}
    sides = {k: _sides(box[a], box[b], boxes, direction) for k, (a, b) in enumerate(ends) if a != b}
    ports = _ports(box, ends, sides, ways, gap)
    done: dict[str, int] = defaultdict(int)
    chosen: dict[int, tuple[Point, ...]] = {}
    for k, (a, b) in enumerate(ends):
        if a == b:
            chosen[k] = _loop(box[a], done[a], direction, loop)
            done[a] += 1
    candidates = {}
    for k in sides:
        start, end = ports[k, "out"], ports[k, "in"]
        others = [o for o in boxes if o.name not in ends[k]]
        candidates[k] = _candidates(start, end, sides[k], ways[k], boxes, others)
    if not chosen and not sides:
        return ()
    near_first = sorted(sides, key=lambda k: _length(ports[k, "out"], ports[k, "in"]))
    lines = {k: _line(p) for k, p in chosen.items()}
    for _ in range(2):  # the second time every edge knows all the others
        for k in near_first:
            chosen[k] = _best(candidates[k], [line for n, line in lines.items() if n != k])
            lines[k] = _line(chosen[k])
    return tuple(Curve(k, chosen[k]) for k in range(len(ends)))


def _best(candidates: list[tuple[float, tuple[Point, ...]]], others: list[np.ndarray]):
    """The way with the fewest crossings and the least running side by side."""
    best, least = candidates[0][1], np.inf
    for cost, points in candidates:
        if cost < least:
            total = cost + trouble(_line(points), others)
            if total < least:
                best, least = points, total
    return best


def _line(points: tuple[Point, ...]) -> np.ndarray:
    return np.array(Curve(0, points).sampled(22))


def trouble(line: np.ndarray, others: list[np.ndarray]) -> float:
    """Crossings with other edges, and stretches side by side with them, as one number."""
    (x0, y0), (x1, y1) = line.min(axis=0) - _APART, line.max(axis=0) + _APART
    near = [
        o
        for o in others
        if o[:, 0].max() > x0 and o[:, 0].min() < x1 and o[:, 1].max() > y0 and o[:, 1].min() < y1
    ]
    if not near:
        return 0.0
    return 2.0 * crossings(line, near) + 0.25 * crowded(line[4:-4], np.concatenate(near), _APART)


def _candidates(start, end, sides, way, boxes, others) -> list[tuple[float, tuple[Point, ...]]]:
    """(cost, control points): straight on, then by more and more of Graphviz's waypoints."""
    stations = _stations(start, end, sides, way, boxes)
    found: list[tuple[float, tuple[Point, ...]]] = []
    used: list[Point] = []
    rest = list(stations)
    while len(found) < 3 or rest:
        points = _through(start, used, end, sides)
        found.append((100.0 * _hits(points, others) + 0.3 * len(used), points))
        if not rest:
            break
        if len(found) == 3:  # after the two that matter most, all at once
            used, rest = list(stations), []
            continue
        line = _line(points)
        off = [np.hypot(*(line - np.array(p)).T).min() for p in rest]
        used.append(rest.pop(int(np.argmax(off))))
        used.sort(key=stations.index)
    if found[-1][0] >= 100.0:  # Graphviz's own way, moved to our ports
        points = (start, *way[1:-1], end)
        found.append((100.0 * _hits(points, others) + 3.0, points))
    return found


def _stations(start, end, sides, way, boxes) -> list[Point]:
    """Where the way passes the ranks between its ends."""
    axis = 0 if _OUTWARD[sides[0]][0] else 1
    low, high = sorted((start[axis], end[axis]))
    size = ("w", "h")[axis]
    ranks = sorted({round((b.x, b.y)[axis], 1) for b in boxes})
    ranks = [r for r in ranks if low + 8 < r < high - 8]
    if not ranks or sides[0] == sides[1]:
        return []
    dense = np.array(Curve(0, way).sampled(80))
    order = np.argsort(dense[:, axis], kind="stable")
    across = np.interp(ranks, dense[order, axis], dense[order, 1 - axis])
    points = []
    for r, v in zip(ranks, across, strict=True):
        # Flat beside the whole rank, not only at its middle: nodes are wide.
        depth = max(getattr(b, size) for b in boxes if abs((b.x, b.y)[axis] - r) < 0.2) / 2
        for u in (r - depth, r + depth):
            if low + 6 < u < high - 6:
                points.append((u, float(v)) if axis == 0 else (float(v), u))
    return points if end[axis] > start[axis] else points[::-1]


def _through(start, middle, end, sides) -> tuple[Point, ...]:
    """A smooth chain that leaves and arrives square to the outlines, without overshoot."""
    if not middle:
        return _direct(start, end, *sides)
    axis = 0 if _OUTWARD[sides[0]][0] else 1
    knots = np.array([start, *middle, end])
    u, v = knots[:, axis], knots[:, 1 - axis]
    step = np.diff(u)
    slope = np.diff(v) / np.where(step == 0, 1e-9, step)
    m = np.zeros(len(u))
    for k in range(1, len(u) - 1):  # harmonic mean: no slope where the way turns back
        if slope[k - 1] * slope[k] > 0:
            m[k] = 2 * slope[k - 1] * slope[k] / (slope[k - 1] + slope[k])
    points: list[Point] = [tuple(knots[0])]
    for k in range(len(u) - 1):
        a, b = (0.45 if k == 0 else 1 / 3), (0.45 if k == len(u) - 2 else 1 / 3)
        for at, vv in (
            (u[k] + a * step[k], v[k] + a * step[k] * m[k]),
            (u[k + 1] - b * step[k], v[k + 1] - b * step[k] * m[k + 1]),
            (u[k + 1], v[k + 1]),
        ):
            points.append((float(at), float(vv)) if axis == 0 else (float(vv), float(at)))
    return tuple(points)


def _sides(a: Box, b: Box, boxes: tuple[Box, ...], direction: Direction) -> tuple[Side, Side]:
    """The sides at which an edge leaves ``a`` and enters ``b``."""
    onward: tuple[Side, Side] = ("right", "left") if direction == "right" else ("bottom", "top")
    across: tuple[Side, Side] = ("bottom", "top") if direction == "right" else ("right", "left")
    du, dv, size, room = b.x - a.x, b.y - a.y, (a.w + b.w) / 2, (a.h + b.h) / 2
    if direction == "down":
        du, dv, size, room = dv, du, room, size
    if abs(du) > size:
        return onward if du > 0 else (onward[1], onward[0])
    between = [
        o
        for o in boxes
        if o.name not in (a.name, b.name)
        and min(a.x, b.x) - 1 <= o.x <= max(a.x, b.x) + 1
        and min(a.y, b.y) - 1 <= o.y <= max(a.y, b.y) + 1
    ]
    if between:  # round the nodes of the same rank: out and in at one side
        return (onward[0], onward[0]) if dv > 0 else (onward[1], onward[1])
    return across if dv > 0 else (across[1], across[0])


def _ports(box, ends, sides, ways, gap) -> dict[tuple[int, str], Point]:
    """Points on the outlines, spread over each side in the order in which the edges come."""
    at: dict[tuple[str, Side], list[tuple]] = defaultdict(list)
    for k in sides:
        a, b = ends[k]
        for name, other, role, side in ((a, b, "out", sides[k][0]), (b, a, "in", sides[k][1])):
            way = ways[k] if role == "out" else ways[k][::-1]
            at[name, side].append((*_heading(box[name], box[other], way, side), k, role))
    offsets: dict[tuple[int, str], float] = {}
    alone = set()
    for (name, side), users in at.items():
        users.sort()
        b = box[name]
        extent = (b.h if side in ("left", "right") else b.w) - 8.0
        step = min(gap, extent / max(1, len(users) - 1))
        for n, (*_, k, role) in enumerate(users):
            offsets[k, role] = (n - (len(users) - 1) / 2) * step
        if len(users) == 1:
            alone.add((users[0][-2], users[0][-1]))
    for k, role in sorted(alone):  # the only edge at a side may move there to become straight
        a, b = ends[k]
        mine, other = (a, b) if role == "out" else (b, a)
        far = (k, "in" if role == "out" else "out")
        axis = "y" if sides[k][0] in ("left", "right") else "x"
        wanted = getattr(box[other], axis) + offsets[far] - getattr(box[mine], axis)
        limit = (box[mine].h if axis == "y" else box[mine].w) / 2 - 6.0
        if box[mine].shape == "hexagon" and axis == "y":
            limit = 6.0
        if abs(wanted) <= limit:
            offsets[k, role] = wanted
    return {
        (k, role): _port(box[ends[k][role == "in"]], sides[k][role == "in"], off)
        for (k, role), off in offsets.items()
    }


def _heading(box: Box, other: Box, way: tuple[Point, ...], side: Side) -> tuple:
    """Orders the edges at one side of a node by how steeply they turn to the side."""
    ox, _ = _OUTWARD[side]
    line = np.array(Curve(0, way).sampled(40))
    out = np.abs(line[:, 0] - box.x) if ox else np.abs(line[:, 1] - box.y)
    start = (box.w if ox else box.h) / 2
    # Looked at just before the next rank, where edges that part later still run together.
    near = line[np.argmax(out > start + 20.0)] if np.any(out > start + 20.0) else line[-1]
    far = (other.x, other.y)
    dv = (near[1] - box.y) if ox else (near[0] - box.x)
    end = (far[1] - box.y) if ox else (far[0] - box.x)
    reach_out = abs((far[0] - box.x) if ox else (far[1] - box.y)) or 1e-6
    # Parallel edges end at the same node; Graphviz keeps them apart in the middle.
    middle = line[20]
    nudge = (middle[1] - (box.y + far[1]) / 2) if ox else (middle[0] - (box.x + far[0]) / 2)
    steep = round(end / reach_out, 3)
    return (round(dv / 6.0), steep, round(float(nudge), 1))


def _length(a: Point, b: Point) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))


def _port(b: Box, side: Side, offset: float) -> Point:
    if side in ("left", "right"):
        d = reach(b.shape, b.w, b.h, offset, "x")
        return (b.x + (d if side == "right" else -d), b.y + offset)
    d = reach(b.shape, b.w, b.h, offset, "y")
    return (b.x + offset, b.y + (d if side == "bottom" else -d))


def _direct(start: Point, end: Point, out: Side, into: Side) -> tuple[Point, ...]:
    """One curve that leaves and arrives square to the outlines."""
    (x0, y0), (x1, y1) = start, end
    (ax, ay), (bx, by) = _OUTWARD[out], _OUTWARD[into]
    along, across = (abs(x1 - x0), abs(y1 - y0)) if ax else (abs(y1 - y0), abs(x1 - x0))
    h = max(14.0, 0.3 * across) if out == into else 0.48 * along
    return (start, (x0 + ax * h, y0 + ay * h), (x1 + bx * h, y1 + by * h), end)


def _hits(points: tuple[Point, ...], boxes: list[Box]) -> int:
    """How many nodes that are none of its ends a curve comes too near to."""
    line = Curve(0, points).sampled(40)
    return sum(
        any(abs(x - b.x) < b.w / 2 + _CLEAR and abs(y - b.y) < b.h / 2 + _CLEAR for x, y in line)
        for b in boxes
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
