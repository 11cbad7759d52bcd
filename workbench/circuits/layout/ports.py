"""Where edges touch nodes, and what they must not touch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from ..geometry.curves import Curve
from ..geometry.shapes import Point, reach

if TYPE_CHECKING:
    from .layout import NodeBox

Side = Literal["left", "right", "top", "bottom"]
OUTWARD: dict[str, Point] = {
    "left": (-1.0, 0.0), "right": (1.0, 0.0), "top": (0.0, -1.0), "bottom": (0.0, 1.0),
}  # fmt: skip
CLEAR = 4.0  # an edge keeps so far from nodes that it does not end at


def port(b: NodeBox, side: Side, offset: float) -> Point:
    """The point of an outline at one side, ``offset`` away from the middle of it."""
    d = reach(b.shape, b.w, b.h, offset, side)
    if side in ("left", "right"):
        return (b.x + (d if side == "right" else -d), b.y + offset)
    return (b.x + offset, b.y + (d if side == "bottom" else -d))


def hits(points: tuple[Point, ...], areas: list[tuple[float, float, float, float]]) -> int:
    """How many rectangles a curve comes too near to."""
    if not areas:
        return 0
    line = Curve(0, points).line(40)[:, None]
    r = np.array(areas)
    wide = r[:, 2] > r[:, 0]
    near = (line[..., 0] > r[:, 0] - CLEAR) & (line[..., 0] < r[:, 2] + CLEAR)
    near &= (line[..., 1] > r[:, 1] - CLEAR) & (line[..., 1] < r[:, 3] + CLEAR)
    return int(np.sum(near.any(axis=0) & wide))
