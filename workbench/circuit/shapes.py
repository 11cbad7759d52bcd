"""Outlines of nodes and tips of edges, as paths; and where an edge meets an outline."""

from __future__ import annotations

import math
from typing import Literal

Shape = Literal["rounded", "stadium", "hexagon", "box"]
Point = tuple[float, float]
# ("M", x, y), ("L", x, y), ("C", x1, y1, x2, y2, x, y), ("Z",)
Path = tuple[tuple, ...]

_ARC = 0.5523  # control points of a quarter circle
_CORNER = 5.0
_NOTCH = 0.34  # how far a hexagon's tip reaches, over its height

_SHAPE: dict[str, Shape] = {"excitatory": "rounded", "inhibitory": "stadium"}


def shape_of(kind: str, sign: str) -> Shape:
    """Inputs are hexagons; populations differ by what they do to others."""
    return "hexagon" if kind == "input" else _SHAPE.get(sign, "box")


def padding(shape: Shape, h: float) -> float:
    """Room at the left and at the right that text must leave free."""
    return {"hexagon": _NOTCH * h * 0.72, "stadium": h * 0.16}.get(shape, 0.0)


def outline(shape: Shape, x: float, y: float, w: float, h: float, grow: float = 0.0) -> Path:
    """Closed path around the centre (x, y), larger by ``grow`` on every side."""
    notch = _NOTCH * h
    w, h = w + 2 * grow, h + 2 * grow
    left, right, top, bottom = x - w / 2, x + w / 2, y - h / 2, y + h / 2
    if shape == "hexagon":
        a = notch + grow * 0.4
        corners = ((left + a, top), (right - a, top), (right, y), (right - a, bottom),
                   (left + a, bottom), (left, y))  # fmt: skip
        return (("M", *corners[0]), *(("L", *c) for c in corners[1:]), ("Z",))
    r = _radius(shape, w, h, grow)
    if r == 0:
        return (("M", left, top), ("L", right, top), ("L", right, bottom), ("L", left, bottom),
                ("Z",))  # fmt: skip
    k = r * (1 - _ARC)
    return (
        ("M", left + r, top),
        ("L", right - r, top),
        ("C", right - k, top, right, top + k, right, top + r),
        ("L", right, bottom - r),
        ("C", right, bottom - k, right - k, bottom, right - r, bottom),
        ("L", left + r, bottom),
        ("C", left + k, bottom, left, bottom - k, left, bottom - r),
        ("L", left, top + r),
        ("C", left, top + k, left + k, top, left + r, top),
        ("Z",),
    )


def reach(shape: Shape, w: float, h: float, offset: float, along: Literal["x", "y"]) -> float:
    """Distance from the centre line to the outline, at ``offset`` to the side of it.

    along : "x" for the left and right sides (offset is vertical), "y" for top and bottom
    """
    a, b = (w / 2, h / 2) if along == "x" else (h / 2, w / 2)
    off = min(abs(offset), b)
    if shape == "hexagon":
        notch = _NOTCH * h
        if along == "x":
            return a - notch * off / b
        flat = b - notch
        return a if off <= flat else a * (b - off) / notch
    r = _radius(shape, w, h, 0.0)
    inside = off - (b - r)
    return a if inside <= 0 else a - r + math.sqrt(max(0.0, r * r - inside * inside))


def arrow(tip: Point, toward: Point, length: float, half: float) -> Path:
    """Filled triangle that ends at ``tip``; ``toward`` is the unit vector of its direction."""
    (x, y), (dx, dy) = tip, toward
    bx, by = x - dx * length, y - dy * length
    left, right = (bx - dy * half, by + dx * half), (bx + dy * half, by - dx * half)
    return (("M", x, y), ("L", *left), ("L", *right), ("Z",))


def barbs(tip: Point, toward: Point, length: float, half: float) -> Path:
    """Open arrowhead."""
    _, left, right, _ = arrow(tip, toward, length, half)
    return (("M", *left[1:]), ("L", *tip), ("L", *right[1:]))


def disc(x: float, y: float, r: float) -> Path:
    """Filled circle."""
    k = r * _ARC
    return (
        ("M", x + r, y),
        ("C", x + r, y + k, x + k, y + r, x, y + r),
        ("C", x - k, y + r, x - r, y + k, x - r, y),
        ("C", x - r, y - k, x - k, y - r, x, y - r),
        ("C", x + k, y - r, x + r, y - k, x + r, y),
        ("Z",),
    )


def _radius(shape: Shape, w: float, h: float, grow: float) -> float:
    if shape == "stadium":
        return min(w, h) / 2
    return (
        min(_CORNER, 0.2 * (h - 2 * grow)) + grow if shape == "rounded" else 1.3 * (grow > 0) * grow
    )
