"""Place edge labels beside their edges without covering other elements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..geometry.curves import Curve
from ..text import math as formula
from .layout import Layout

LEADING = 1.35  # line height / font size
_HEIGHT = 0.95  # of one line / font size
_PAD = 1.2
_TIP = 5.5  # space for the tip of an edge on every side
_APART = 3.0  # between two labels, which would else be read as the lines of one
_ALONG = (0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72, 0.22, 0.78)
_AWAY = (2.6, 5.5, 9.0, 14.0, 20.0)
_OUT = (46.0, 26.0)  # how far a label may extend beyond the layout, x and y


@dataclass(frozen=True)
class Label:
    """Lines of TeX beside an edge; ``area`` is their bounding box: (left, top, right, bottom)."""

    index: int  # of the edge among the drawn ones
    lines: tuple[str, ...]
    size: float
    area: tuple[float, float, float, float]

    def baselines(self) -> list[float]:
        """y of the baseline of each line."""
        top = self.area[1] + _PAD
        return [top + self.size * (0.74 + LEADING * k) for k in range(len(self.lines))]


def extent(lines: Sequence[str], size: float) -> tuple[float, float]:
    """Width and height of a label."""
    wide = max(formula.width(line, size) for line in lines)
    return wide + 2 * _PAD, size * (_HEIGHT + LEADING * (len(lines) - 1)) + 2 * _PAD


def arrange(
    placed: Layout, wanted: dict[int, tuple[str, ...]], size: float, sloppy: bool = False
) -> tuple[list[Label], list[int]]:
    """Place labels, and return the edges whose labels do not fit.

    Stops at the first label that does not fit, unless ``sloppy``.
    wanted : edge -> its lines; labels are placed in decreasing order of width
    size   : font size
    sloppy : a label may cover a line if there is no better position
    """
    taken = [r for b in placed.boxes for r in b.areas() if r[2] > r[0]]
    lines = {c.index: c.line(_samples(c)) for c in placed.curves}
    for c in placed.curves:
        x, y = c.points[-1]
        taken.append((x - _TIP, y - _TIP, x + _TIP, y + _TIP))
    every = np.concatenate(list(lines.values())) if lines else np.empty((0, 2))
    found, missing = [], []
    order = sorted(wanted, key=lambda k: -extent(wanted[k], size)[0])
    curves = {c.index: c for c in placed.curves}
    for k in order:
        wide, tall = extent(wanted[k], size)
        spots = _spots(curves[k], wide, tall)
        best = _best(spots, np.array(taken), every, lines[k], placed, sloppy)
        if best is None:
            missing.append(k)
            if not sloppy:
                break
            continue
        left, top, right, bottom = best
        taken.append((left - _APART, top - _APART, right + _APART, bottom + _APART))
        found.append(Label(k, wanted[k], size, best))
    return found, missing


def _spots(curve: Curve, wide: float, tall: float) -> np.ndarray:
    """Candidate rectangles beside the curve and their costs, (n, 5)."""
    found = []
    for n, t in enumerate(_ALONG):
        x, y = curve.at(t)
        (xa, ya), (xb, yb) = curve.at(max(t - 0.03, 0)), curve.at(min(t + 0.03, 1))
        d = float(np.hypot(xb - xa, yb - ya)) or 1.0
        u, v = (yb - ya) / d, -(xb - xa) / d  # unit normal
        half = (abs(u) * wide + abs(v) * tall) / 2
        for m, away in enumerate(_AWAY):
            for side in (-1, 1):
                # Prefer positions above the edge.
                cx = x + side * u * (half + away)
                cy = y + side * v * (half + away)
                below = 0.3 * (side * v > 0.3)
                found.append((cx - wide / 2, cy - tall / 2, cx + wide / 2, cy + tall / 2,
                              0.16 * n + 0.5 * m + below))  # fmt: skip
    return np.array(found)


def _best(spots, taken, every, own, placed: Layout, sloppy: bool):
    x0, y0, x1, y1, cost = (spots[:, k][:, None] for k in range(5))
    hit = (x0 < taken[:, 2]) & (taken[:, 0] < x1) & (y0 < taken[:, 3]) & (taken[:, 1] < y1)
    free = ~hit.any(axis=1)
    free &= (x0[:, 0] >= -_OUT[0]) & (x1[:, 0] <= placed.width + _OUT[0])
    free &= (y0[:, 0] >= -_OUT[1]) & (y1[:, 0] <= placed.height + _OUT[1])
    if not free.any():
        return None
    spots, cost = spots[free], cost[free, 0].copy()
    cost += 0.03 * np.maximum(0, -spots[:, 0]) + 0.03 * np.maximum(0, spots[:, 2] - placed.width)
    for points, weight in ((every, 4.5), (own, 1.0)):
        inside = (
            (points[:, 0] > spots[:, :1] - 1.3) & (points[:, 0] < spots[:, 2:3] + 1.3)
            & (points[:, 1] > spots[:, 1:2] - 1.3) & (points[:, 1] < spots[:, 3:4] + 1.3)
        )  # fmt: skip
        cost += weight * np.minimum(inside.sum(axis=1), 6)
    # A label closer to another line than to its own would be read as the other's.
    centre = (spots[:, :2] + spots[:, 2:4]) / 2
    mine = np.hypot(*(own[None] - centre[:, None]).transpose(2, 0, 1)).min(axis=1)
    any_line = np.hypot(*(every[None] - centre[:, None]).transpose(2, 0, 1)).min(axis=1)
    cost += 3.0 * (any_line < mine - 0.5)
    k = int(np.argmin(cost))
    return tuple(float(v) for v in spots[k, :4]) if cost[k] < (9.0 if sloppy else 4.2) else None


def _samples(curve: Curve) -> int:
    """Number of samples such that no label fits between two of them."""
    steps = np.diff(np.array(curve.points), axis=0)
    return int(min(max(20, np.hypot(*steps.T).sum() / 2.5), 200))
