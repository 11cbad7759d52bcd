"""Arrange disconnected components of a circuit side by side instead of stacked vertically."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..geometry.shapes import Point

Area = tuple[float, float, float, float]
Ways = dict[int, tuple[Point, ...]]


def parts(names: Iterable[str], pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Connected components as lists of names, ordered by their first node."""
    home = {n: [n] for n in names}
    for a, b in pairs:
        if home[a] is not home[b]:
            home[a] += home[b]
            for n in home[b]:
                home[n] = home[a]
    found: list[list[str]] = []
    for part in home.values():
        if not any(part is p for p in found):
            found.append(part)
    return found


def beside(
    found: list[list[str]],
    ends: Mapping[int, tuple[str, str]],
    extent: Mapping[str, Area],
    place: Mapping[str, Point],
    ways: Ways,
    across: int,
    gap: float,
) -> tuple[dict[str, Point], Ways]:
    """Move the components into rows of ``across`` components, separated by ``gap``.

    ends   : edge -> (source, target);  ``ways``: edge -> control points of its route
    extent : node -> (left, top, right, bottom) of its bounding box, relative to its centre
    """
    moved, gone = dict(place), dict(ways)
    x = y = deepest = 0.0
    for k, part in enumerate(found):
        if k % across == 0:
            x, y, deepest = 0.0, deepest + (gap if k else 0.0), 0.0 if not k else deepest
        inside = [n for n, (a, _) in ends.items() if a in part]
        points = [p for n in inside for p in ways.get(n, ())]
        areas = [tuple(extent[n][m] + place[n][m % 2] for m in range(4)) for n in part]
        left = min([a[0] for a in areas] + [p[0] for p in points])
        top = min([a[1] for a in areas] + [p[1] for p in points])
        right = max([a[2] for a in areas] + [p[0] for p in points])
        bottom = max([a[3] for a in areas] + [p[1] for p in points])
        dx, dy = x - left, y - top
        for n in part:
            moved[n] = (place[n][0] + dx, place[n][1] + dy)
        for m in inside:
            if m in gone:
                gone[m] = tuple((px + dx, py + dy) for px, py in ways[m])
        x += right - left + gap
        deepest = max(deepest, y + bottom - top)
    return moved, gone
