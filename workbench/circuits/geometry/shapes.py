"""Node outlines and edge tips as paths, and intersections of edges with outlines."""

from __future__ import annotations

import math
from typing import Literal

Shape = Literal["triangle", "circle", "hexagon", "parallelogram", "square", "pyramid"]
Point = tuple[float, float]
# ("M", x, y), ("L", x, y), ("Q", x1, y1, x, y), ("C", x1, y1, x2, y2, x, y), ("Z",)
Path = tuple[tuple, ...]

_ARC = 0.5523  # control-point distance for a quarter circle
_SLANT = 0.25  # of a parallelogram, relative to its width
_NOTCH = 0.25  # of a hexagon, relative to its width

# Corners in a box from -1 to 1 in both directions, y downwards.
_CORNERS: dict[str, tuple[Point, ...]] = {
    "triangle": ((0, -1), (1, 1), (-1, 1)),
    "hexagon": ((-1 + 2 * _NOTCH, -1), (1 - 2 * _NOTCH, -1), (1, 0), (1 - 2 * _NOTCH, 1),
                (-1 + 2 * _NOTCH, 1), (-1, 0)),
    "parallelogram": ((-1 + 2 * _SLANT, -1), (1, -1), (1 - 2 * _SLANT, 1), (-1, 1)),
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "pyramid": ((0, -0.45), (0.86, 1), (-0.86, 1)),
}  # fmt: skip
# Ratio of width to height.
_ASPECT = {"triangle": 1.1, "hexagon": 1.14, "parallelogram": 1.25}


def shape_of(kind: str, sign: str, classic: bool = False) -> Shape:
    """Return the node shape of Senk et al. (2022).

    Triangle: excitatory; circle: inhibitory; hexagon: input; parallelogram: recorder; square:
    anything else. In the classic notation an excitatory node is a pyramidal cell.
    """
    if kind == "input":
        return "hexagon"
    if kind == "recorder":
        return "parallelogram"
    if kind == "modulator":
        return "square"
    excites: Shape = "pyramid" if classic else "triangle"
    by_sign: dict[str, Shape] = {"excitatory": excites, "inhibitory": "circle"}
    return by_sign.get(sign, "square")


def aspect(shape: Shape) -> float:
    """Ratio of width to height."""
    return _ASPECT.get(shape, 1.0)


def room(shape: Shape, h: float) -> float:
    """Width of the text that fits inside an outline of height ``h``."""
    return h * {"triangle": 0.42, "pyramid": 0.34, "circle": 0.72, "square": 0.82}.get(shape, 0.74)


def middle(shape: Shape, h: float) -> float:
    """Vertical offset from the centre of the box at which text looks centred."""
    return h * {"triangle": 0.17, "pyramid": 0.24}.get(shape, 0.0)


def outline(shape: Shape, x: float, y: float, w: float, h: float, grow: float = 0.0) -> Path:
    """Closed path around the centre (x, y), expanded by ``grow`` on every side."""
    a, b = w / 2 + grow, h / 2 + grow
    if shape == "circle":
        return _ellipse(x, y, a, b)
    if shape in ("triangle", "pyramid"):  # expand slanted sides by the same distance
        a += 0.9 * grow
        y -= 0.5 * grow
        b += 0.5 * grow
    corners = [(x + a * u, y + b * v) for u, v in _CORNERS[shape]]
    return (("M", *corners[0]), *(("L", *c) for c in corners[1:]), ("Z",))


def dendrites(x: float, y: float, w: float, h: float) -> Path:
    """Apical stalk with its tuft, and the basal dendrites, of a pyramidal cell."""
    top, apex, foot = y - h / 2, y - 0.225 * h, y + h / 2
    tuft, reach_out = 0.14 * h, 0.13 * h
    return (
        ("M", x, apex), ("L", x, top + tuft),
        ("M", x - tuft, top), ("L", x, top + tuft), ("L", x + tuft, top),
        ("M", x - 0.43 * w, foot), ("L", x - 0.43 * w - reach_out * 0.6, foot + reach_out),
        ("M", x + 0.43 * w, foot), ("L", x + 0.43 * w + reach_out * 0.6, foot + reach_out),
    )  # fmt: skip


def reach(shape: Shape, w: float, h: float, offset: float, side: str) -> float:
    """Distance from the centre to the outline towards a side, at ``offset`` from the centre line.

    side : "left", "right" (offset is vertical) or "top", "bottom" (offset is horizontal)
    """
    a, b = w / 2, h / 2
    across, along = (b, a) if side in ("left", "right") else (a, b)
    off = max(-0.97, min(0.97, offset / across))
    if shape == "circle":
        return along * math.sqrt(1 - off * off)
    if shape == "pyramid" and side == "top" and abs(off) < 0.4:
        return along  # edges from above end at the apical dendrite
    sign = -1 if side in ("left", "top") else 1
    corners = _CORNERS[shape]
    best = 0.0
    for (u0, v0), (u1, v1) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if side in ("left", "right"):
            u0, v0, u1, v1 = v0, u0, v1, u1
        if u0 == u1 or not min(u0, u1) - 1e-9 <= off <= max(u0, u1) + 1e-9:
            continue
        best = max(best, sign * (v0 + (off - u0) / (u1 - u0) * (v1 - v0)))
    return best * along


def ray(shape: Shape, w: float, h: float, dx: float, dy: float) -> Point:
    """Intersection of a ray from the centre with the outline, relative to the centre."""
    a, b = w / 2, h / 2
    if shape == "circle":
        t = 1 / math.hypot(dx / a, dy / b)
        return (t * dx, t * dy)
    corners = [(a * u, b * v) for u, v in _CORNERS[shape]]
    best = math.inf
    for (x0, y0), (x1, y1) in zip(corners, (*corners[1:], corners[0]), strict=True):
        ex, ey = x1 - x0, y1 - y0
        cross = dx * ey - dy * ex
        if abs(cross) < 1e-12:
            continue
        t = (x0 * ey - y0 * ex) / cross
        along = (x0 * dy - y0 * dx) / cross
        if t > 0 and -1e-9 <= along <= 1 + 1e-9:
            best = min(best, t)
    return (best * dx, best * dy) if best < math.inf else (0.0, 0.0)


def arrow(tip: Point, toward: Point, length: float, half: float) -> Path:
    """Filled triangle that ends at ``tip``; ``toward`` is its unit direction."""
    (x, y), (dx, dy) = tip, toward
    bx, by = x - dx * length, y - dy * length
    left, right = (bx - dy * half, by + dx * half), (bx + dy * half, by - dx * half)
    return (("M", x, y), ("L", *left), ("L", *right), ("Z",))


def barbs(tip: Point, toward: Point, length: float, half: float) -> Path:
    """Open arrowhead."""
    _, left, right, _ = arrow(tip, toward, length, half)
    return (("M", *left[1:]), ("L", *tip), ("L", *right[1:]))


def bar(tip: Point, toward: Point, half: float) -> Path:
    """Bar across the end of an edge."""
    (x, y), (dx, dy) = tip, toward
    return (("M", x - dy * half, y + dx * half), ("L", x + dy * half, y - dx * half))


def diamond(tip: Point, toward: Point, length: float, half: float) -> Path:
    """An open diamond that ends at ``tip``."""
    (x, y), (dx, dy) = tip, toward
    mx, my = x - dx * length / 2, y - dy * length / 2
    return (
        ("M", x, y),
        ("L", mx - dy * half, my + dx * half),
        ("L", x - dx * length, y - dy * length),
        ("L", mx + dy * half, my - dx * half),
        ("Z",),
    )


def disc(x: float, y: float, r: float) -> Path:
    """Filled circle."""
    return _ellipse(x, y, r, r)


def _ellipse(x: float, y: float, a: float, b: float) -> Path:
    k, m = a * _ARC, b * _ARC
    return (
        ("M", x + a, y),
        ("C", x + a, y + m, x + k, y + b, x, y + b),
        ("C", x - k, y + b, x - a, y + m, x - a, y),
        ("C", x - a, y - m, x - k, y - b, x, y - b),
        ("C", x + k, y - b, x + a, y - m, x + a, y),
        ("Z",),
    )
