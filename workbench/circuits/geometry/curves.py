"""Edges as chains of Bézier curves, and their geometry."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .shapes import Point


@dataclass(frozen=True)
class Curve:
    """One edge as a chain of cubic Béziers: 3k + 1 control points, from source to target.

    index : index of the edge in the circuit
    The curve ends on the outline of the target; ``toward`` is its unit direction there.
    """

    index: int
    points: tuple[Point, ...]

    @property
    def toward(self) -> Point:
        (x0, y0), (x1, y1) = self.points[-2], self.points[-1]
        d = math.hypot(x1 - x0, y1 - y0) or 1.0
        return ((x1 - x0) / d, (y1 - y0) / d)

    @property
    def outset(self) -> Point:
        """Unit vector opposite to the direction at the start."""
        (x0, y0), (x1, y1) = self.points[0], self.points[1]
        d = math.hypot(x1 - x0, y1 - y0) or 1.0
        return ((x0 - x1) / d, (y0 - y1) / d)

    def reversed(self) -> Curve:
        return Curve(self.index, self.points[::-1])

    def moved(self, dx: float, dy: float) -> Curve:
        return Curve(self.index, tuple((x + dx, y + dy) for x, y in self.points))

    def shortened(self, by: float) -> Curve:
        """Return the curve shortened by the length ``by`` at its end, to make room for a tip."""
        if by <= 0:
            return self
        last = Curve(0, self.points[-4:])
        line = last.line(48)
        left = np.cumsum(np.hypot(*np.diff(line[::-1], axis=0).T))  # from the end backwards
        if left[-1] <= by:  # shorter than its tip: keep only the direction
            dx, dy = self.toward
            back = tuple((x - dx * by, y - dy * by) for x, y in self.points[-2:])
            return Curve(self.index, (*self.points[:-2], *back))
        t = 1 - float(np.interp(by, [0.0, *left], np.arange(49) / 48))
        p, q, r, s = np.array(last.points)
        pq, qr, rs = p + t * (q - p), q + t * (r - q), r + t * (s - r)
        pqr, qrs = pq + t * (qr - pq), qr + t * (rs - qr)
        kept = (pq, pqr, pqr + t * (qrs - pqr))  # de Casteljau: the first part of the curve
        return Curve(self.index, (*self.points[:-3], *((float(x), float(y)) for x, y in kept)))

    def at(self, t: float) -> Point:
        """Point at ``t`` in [0, 1]; each segment covers an equal part of the range."""
        n = (len(self.points) - 1) // 3
        k = min(int(t * n), n - 1)
        return bezier(self.points[3 * k : 3 * k + 4], t * n - k)

    def sampled(self, n: int) -> list[Point]:
        """``n + 1`` points along the curve."""
        return [(float(x), float(y)) for x, y in self.line(n)]

    def line(self, n: int) -> np.ndarray:
        """(n + 1, 2) points along the curve."""
        points = np.array(self.points)
        segments = (len(points) - 1) // 3
        t = np.linspace(0.0, segments, n + 1)
        k = np.minimum(t.astype(int), segments - 1)
        u = (t - k)[:, None]
        a, b, c, d = (points[3 * k + m] for m in range(4))
        v = 1 - u
        return v**3 * a + 3 * u * v * v * b + 3 * u * u * v * c + u**3 * d

    def beside(self, distance: float, n: int = 36) -> list[Point]:
        """Parallel curve at ``distance`` to the right of the direction of travel."""
        points = self.sampled(n)
        found = []
        for k, (x, y) in enumerate(points):
            (xa, ya), (xb, yb) = points[max(k - 1, 0)], points[min(k + 1, n)]
            d = math.hypot(xb - xa, yb - ya) or 1.0
            found.append((x - (yb - ya) / d * distance, y + (xb - xa) / d * distance))
        return found


def bezier(p: tuple[Point, ...], t: float) -> Point:
    a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
    return (
        a * p[0][0] + b * p[1][0] + c * p[2][0] + d * p[3][0],
        a * p[0][1] + b * p[1][1] + c * p[2][1] + d * p[3][1],
    )


def crossings(a: np.ndarray, others: list[np.ndarray]) -> int:
    """Number of times that a polyline, (n, 2), crosses the others."""
    p, r = a[:-1, None], (a[1:] - a[:-1])[:, None]
    q = np.concatenate([o[:-1] for o in others])[None]
    s = np.concatenate([o[1:] - o[:-1] for o in others])[None]
    cross = r[..., 0] * s[..., 1] - r[..., 1] * s[..., 0]
    d = q - p
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (d[..., 0] * s[..., 1] - d[..., 1] * s[..., 0]) / cross
        u = (d[..., 0] * r[..., 1] - d[..., 1] * r[..., 0]) / cross
    return int(np.sum((t > 0) & (t <= 1) & (u > 0) & (u <= 1)))


def crowded(a: np.ndarray, b: np.ndarray, distance: float) -> int:
    """Number of points of ``a`` that are closer than ``distance`` to a point of ``b``."""
    gap = np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])
    return int(np.sum(gap.min(axis=1) < distance))
