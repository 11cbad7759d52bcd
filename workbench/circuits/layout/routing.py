"""Routing of edges: ports at the nodes, self-loops, and detours around other nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ..geometry.curves import Curve, crossings, crowded
from ..geometry.shapes import Point
from .ports import OUTWARD, Side, hits, port
from .straight import free, onto_edge

if TYPE_CHECKING:
    from .layout import Direction, Ends, NodeBox

_APART = 4.5  # minimum distance between edges
MANY = 120  # with more edges, each is drawn as straight as possible instead of along the flow


def route(
    boxes: tuple[NodeBox, ...],
    ends: tuple[Ends, ...],
    ways: dict[int, tuple[Point, ...]],
    direction: Direction,
    gap: float,
    loop: float,
) -> tuple[Curve, ...]:
    """Return curves for all edges.

    ways : edge -> control points of Graphviz's route, from box to box
    gap  : distance between two edges at one side of a node;  loop: height of a loop
    """
    box = {b.name: b for b in boxes}
    plain = {k: (a, b) for k, (a, b, onto) in enumerate(ends) if onto < 0}
    sides = {k: _sides(box[a], box[b], direction) for k, (a, b) in plain.items() if a != b}
    ports = _ports(box, ends, sides, ways, gap) if len(sides) <= MANY else {}
    done: dict[str, int] = defaultdict(int)
    chosen: dict[int, tuple[Point, ...]] = {}
    for k, (a, b) in plain.items():
        if a == b:
            chosen[k] = _loop(box[a], done[a], direction, loop)
            done[a] += 1
    if len(sides) > MANY:
        chosen |= free(boxes, {k: plain[k] for k in sides})
        sides = {}
    areas = [(b.name, r) for b in boxes for r in b.areas()]
    candidates = {}
    for k in sides:
        start, end = ports[k, "out"], ports[k, "in"]
        a, b = plain[k]
        outlines = {box[a].areas()[0], box[b].areas()[0]}
        others = [r for _, r in areas if r not in outlines]
        candidates[k] = _candidates(start, end, sides[k], ways[k], boxes, others)
    near_first = sorted(sides, key=lambda k: _length(ports[k, "out"], ports[k, "in"]))
    lines = {k: _line(p) for k, p in chosen.items()} if sides else {}
    for _ in range(2):  # in the second pass, every edge takes all others into account
        for k in near_first:
            chosen[k] = _best(candidates[k], [line for n, line in lines.items() if n != k])
            lines[k] = _line(chosen[k])
    for k, (a, _, onto) in enumerate(ends):
        if onto >= 0:
            crossed = _crossed([_line(p) for p in chosen.values()], gap)
            chosen[k] = onto_edge(box[a], chosen.get(onto), box[ends[k][1]], boxes, gap, crossed)
    return tuple(Curve(k, chosen[k]) for k in range(len(ends)))


def _best(candidates: list[tuple[float, tuple[Point, ...]]], others: list[np.ndarray]):
    """Return the candidate with the lowest cost, including crossings and parallel stretches."""
    best, least = candidates[0][1], np.inf
    for cost, points in candidates:
        if cost < least:
            total = cost + penalty(_line(points), others)
            if total < least:
                best, least = points, total
    return best


def _line(points: tuple[Point, ...]) -> np.ndarray:
    return Curve(0, points).line(22)


def penalty(line: np.ndarray, others: list[np.ndarray]) -> float:
    """Penalty for crossings with other edges and for close parallel stretches."""
    (x0, y0), (x1, y1) = line.min(axis=0) - _APART, line.max(axis=0) + _APART
    if not others:
        return 0.0
    every = np.stack(others)
    low, high = every.min(axis=1), every.max(axis=1)
    close = (high[:, 0] > x0) & (low[:, 0] < x1) & (high[:, 1] > y0) & (low[:, 1] < y1)
    near = list(every[close])
    if not near:
        return 0.0
    # Interpolate points: two lines may run close although their samples do not.
    finer = [np.concatenate([o, (o[1:] + o[:-1]) / 2, 0.75 * o[1:] + 0.25 * o[:-1],
                             0.25 * o[1:] + 0.75 * o[:-1]]) for o in near]  # fmt: skip
    return 2.0 * crossings(line, near) + 0.25 * crowded(line[4:-4], np.concatenate(finer), _APART)


def _crossed(others: list[np.ndarray], gap: float) -> Callable[[np.ndarray], float]:
    """Penalty of an edge onto an edge: for crossings, and for a beginning where others end.

    Its last stretch is at the edge that it acts on, which is no crossing.
    """
    taken = np.array([point for line in others for point in (line[0], line[-1])]).reshape(-1, 2)

    def cost(line: np.ndarray) -> float:
        near = np.hypot(*(taken - line[0]).T) < 0.8 * gap
        return penalty(line[:-2], others) + 1.5 * bool(near.any())

    return cost


def _candidates(start, end, sides, way, boxes, others) -> list[tuple[float, tuple[Point, ...]]]:
    """(cost, control points): direct, then through more and more of Graphviz's waypoints."""
    found: list[tuple[float, tuple[Point, ...]]] = []
    if sides[0] == sides[1]:
        for bulge in (0.0, 22.0, 32.0, 44.0, 58.0, 76.0, 100.0):
            points = _direct(start, end, sides[0], sides[1], bulge)
            hit = hits(points, others)
            found.append((100.0 * hit + 0.02 * bulge, points))
            if not hit and len(found) > 1:
                break
        return found
    stations = _stations(start, end, sides, way, boxes)
    turned = []
    for skew in (-0.22, 0.22):  # turning early or late separates the two edges of a pair
        points = _direct(start, end, sides[0], sides[1], skew=skew)
        turned.append((100.0 * hits(points, others) + 0.3, points))
    used: list[Point] = []
    rest = list(stations)
    while len(found) < 3 or rest:
        points = _through(start, used, end, sides)
        found.append((100.0 * hits(points, others) + 0.3 * len(used), points))
        if not rest:
            break
        if len(found) == 3:  # after the two most important waypoints, add all others
            used, rest = list(stations), []
            continue
        line = _line(points)
        off = [np.hypot(*(line - np.array(p)).T).min() for p in rest]
        used.append(rest.pop(int(np.argmax(off))))
        used.sort(key=stations.index)
    if found[-1][0] >= 100.0:  # Graphviz's own route, with our ports as ends
        points = (start, *way[1:-1], end)
        found.append((100.0 * hits(points, others) + 3.0, points))
    return found + turned


def _stations(start, end, sides, way, boxes) -> list[Point]:
    """Points where the route passes the ranks between its ends."""
    axis = 0 if OUTWARD[sides[0]][0] else 1
    low, high = sorted((start[axis], end[axis]))
    size = ("w", "h")[axis]
    ranks = sorted({round((b.x, b.y)[axis], 1) for b in boxes})
    ranks = [r for r in ranks if low + 8 < r < high - 8]
    if not ranks:
        return []
    dense = Curve(0, way).line(80)
    order = np.argsort(dense[:, axis], kind="stable")
    across = np.interp(ranks, dense[order, axis], dense[order, 1 - axis])
    points = []
    for r, v in zip(ranks, across, strict=True):
        # Pass straight along the full depth of the rank: nodes are wide.
        depth = max(getattr(b, size) for b in boxes if abs((b.x, b.y)[axis] - r) < 0.2) / 2
        for u in (r - depth, r + depth):
            if low + 6 < u < high - 6:
                points.append((u, float(v)) if axis == 0 else (float(v), u))
    return points if end[axis] > start[axis] else points[::-1]


def _through(start, middle, end, sides) -> tuple[Point, ...]:
    """Smooth chain of curves, perpendicular to the outlines at both ends, without overshoot."""
    if not middle:
        return _direct(start, end, *sides)
    axis = 0 if OUTWARD[sides[0]][0] else 1
    knots = np.array([start, *middle, end])
    u, v = knots[:, axis], knots[:, 1 - axis]
    step = np.diff(u)
    slope = np.diff(v) / np.where(step == 0, 1e-9, step)
    m = np.zeros(len(u))
    for k in range(1, len(u) - 1):  # harmonic mean: zero slope where the route turns back
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


def _sides(a: NodeBox, b: NodeBox, direction: Direction) -> tuple[Side, Side]:
    """Sides at which an edge leaves ``a`` and enters ``b``."""
    onward: tuple[Side, Side] = ("right", "left") if direction == "right" else ("bottom", "top")
    du, dv, size = b.x - a.x, b.y - a.y, (a.w + b.w) / 2
    if direction == "down":
        du, dv, size = dv, du, (a.h + b.h) / 2
    if abs(du) > size + 2.0:
        return onward if du > 0 else (onward[1], onward[0])
    # Within a rank: leave and enter at one side; the reverse edge uses the other side.
    return (onward[0], onward[0]) if dv > 0 else (onward[1], onward[1])


def _ports(box, ends, sides, ways, gap) -> dict[tuple[int, str], Point]:
    """Points on the outlines, distributed over each side in the angular order of the edges."""
    at: dict[tuple[str, Side], list[tuple]] = defaultdict(list)
    for k in sides:
        a, b, _ = ends[k]
        for name, other, role, side in ((a, b, "out", sides[k][0]), (b, a, "in", sides[k][1])):
            way = ways[k] if role == "out" else ways[k][::-1]
            heading = _heading(box[name], box[other], way, side)
            at[name, side].append((*heading, k, role, frozenset((a, b))))
    offsets: dict[tuple[int, str], float] = {}
    alone = set()
    for (name, side), found in at.items():
        # Keep the edges of a pair adjacent, in the same order at both ends, so they do not cross.
        mean = {
            pair: tuple(np.mean([u[:2] for u in found if u[-1] == pair], axis=0))
            for pair in {u[-1] for u in found}
        }
        users = sorted((*mean[u[-1]], *u[2:-1]) for u in found)
        b = box[name]
        extent = 0.72 * (b.h if side in ("left", "right") else b.w)
        step = min(gap, extent / max(1, len(users) - 1))
        for n, (*_, k, role) in enumerate(users):
            offsets[k, role] = (n - (len(users) - 1) / 2) * step
        if len(users) == 1:
            alone.add((users[0][-2], users[0][-1]))
    for k, role in sorted(alone):  # move the only edge at a side if that makes it straight
        a, b, _ = ends[k]
        mine, other = (a, b) if role == "out" else (b, a)
        far = (k, "in" if role == "out" else "out")
        axis = "y" if sides[k][0] in ("left", "right") else "x"
        wanted = getattr(box[other], axis) + offsets[far] - getattr(box[mine], axis)
        limit = (box[mine].h if axis == "y" else box[mine].w) * 0.22
        if abs(wanted) <= limit:
            offsets[k, role] = wanted
    return {
        (k, role): port(box[ends[k][role == "in"]], sides[k][role == "in"], off)
        for (k, role), off in offsets.items()
    }


def _heading(box: NodeBox, other: NodeBox, way: tuple[Point, ...], side: Side) -> tuple:
    """Sort key for the edges at one side of a node: how steeply they turn to the side."""
    ox, _ = OUTWARD[side]
    line = Curve(0, way).line(40)
    out = np.abs(line[:, 0] - box.x) if ox else np.abs(line[:, 1] - box.y)
    start = (box.w if ox else box.h) / 2
    # Evaluated just before the next rank, where edges that separate later still coincide.
    near = line[np.argmax(out > start + 20.0)] if np.any(out > start + 20.0) else line[-1]
    far = (other.x, other.y)
    dv = (near[1] - box.y) if ox else (near[0] - box.x)
    end = (far[1] - box.y) if ox else (far[0] - box.x)
    reach_out = abs((far[0] - box.x) if ox else (far[1] - box.y)) or 1e-6
    # Parallel edges end at the same node; Graphviz separates them in the middle.
    middle = line[20]
    nudge = (middle[1] - (box.y + far[1]) / 2) if ox else (middle[0] - (box.x + far[0]) / 2)
    steep = round(end / reach_out, 3)
    return (round(dv / 6.0), steep, round(float(nudge), 1))


def _length(a: Point, b: Point) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))


def _direct(
    start: Point, end: Point, out: Side, into: Side, bulge: float = 0.0, skew: float = 0.0
) -> tuple[Point, ...]:
    """One curve, perpendicular to the outlines at both ends.

    bulge : distance from the node if the curve returns to the same side
    skew  : -0.4 to 0.4, turn early or late
    """
    (x0, y0), (x1, y1) = start, end
    (ax, ay), (bx, by) = OUTWARD[out], OUTWARD[into]
    along, across = (abs(x1 - x0), abs(y1 - y0)) if ax else (abs(y1 - y0), abs(x1 - x0))
    if out != into:
        h, g = (0.48 + skew) * along, (0.48 - skew) * along
        return (start, (x0 + ax * h, y0 + ay * h), (x1 + bx * g, y1 + by * g), end)
    h = max(14.0, 0.22 * across, bulge / 0.75)
    # Both control points extend equally far, though one end may start farther in.
    far_x = (max if ax > 0 else min)(x0, x1) + ax * h
    far_y = (max if ay > 0 else min)(y0, y1) + ay * h
    if ax:
        return (start, (far_x, y0), (far_x, y1), end)
    return (start, (x0, far_y), (x1, far_y), end)


def _loop(b: NodeBox, number: int, direction: Direction, height: float) -> tuple[Point, ...]:
    """Self-loop on the side away from the node's name; further loops surround the first."""
    reach_out = height + 7.0 * number
    # At a slanted outline the ends stay near the corner, away from other edges.
    near = 3.2 if b.shape == "triangle" and direction == "right" else 5.5
    half = min(near + 3.2 * number, 0.42 * (b.w if direction == "right" else b.h))
    side: Side = "top" if direction == "right" else "left"
    start, end = port(b, side, -half), port(b, side, half)
    ox, oy = OUTWARD[side]
    # A cubic extends to three quarters of the distance of its control points.
    top = (b.y - b.h / 2 - reach_out) if oy else (b.x - b.w / 2 - reach_out)
    push = abs((start[1] if oy else start[0]) - top) / 0.75
    wide = 4.5 + 4.0 * number
    a = (start[0] + ox * push - abs(oy) * wide, start[1] + oy * push - abs(ox) * wide)
    c = (end[0] + ox * push + abs(oy) * wide, end[1] + oy * push + abs(ox) * wide)
    return (start, a, c, end)
