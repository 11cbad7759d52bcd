"""Node positions by Graphviz: ranked along the flow (dot), or by edge length (neato)."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping

from ..geometry.shapes import Point
from .routing import MANY

Area = tuple[float, float, float, float]

_SPREAD = 0.62  # edge length relative to the side of a square with the area of all nodes
_graphviz = threading.Lock()  # Graphviz keeps global state


def places(
    order: tuple[str, ...],
    ends: tuple[tuple[str, str, int], ...],
    extent: Mapping[str, Area],
    inputs: tuple[str, ...],
    pinned: Mapping[str, Point],
    direction: str,
    node: float,
    rank: float,
) -> tuple[dict[str, Point], dict[int, tuple[Point, ...]]]:
    """Return the centre of each node, and for each edge the control points of its route.

    extent : node -> (left, top, right, bottom) of its bounding box, relative to its centre
    pinned : given positions; if all are given, Graphviz is not run
    """
    joined = {k: (a, b) for k, (a, b, _) in enumerate(ends) if a != b}
    if set(pinned) == set(order):
        place = dict(pinned)
        ways: dict[int, tuple[Point, ...]] = {}
    elif len(joined) > MANY:  # too many edges for ranks: place connected nodes close together
        place, ways = _neato(order, joined, extent, node), {}
    else:
        place, ways = _dot(order, joined, ends, extent, inputs, direction, node, rank)
    for name, (x, y) in pinned.items():
        place[name] = (x, y)
    moved = set(pinned)
    for k, (a, b) in joined.items():
        if k not in ways or {a, b} & moved:
            (x0, y0), (x1, y1) = place[a], place[b]
            ways[k] = tuple((x0 + t * (x1 - x0), y0 + t * (y1 - y0)) for t in (0, 1 / 3, 2 / 3, 1))
    return place, ways


def _dot(order, joined, ends, extent, inputs, direction, node, rank):
    import pygraphviz

    with _graphviz:
        graph = pygraphviz.AGraph(directed=True, strict=False)
        graph.graph_attr.update(
            rankdir="LR" if direction == "right" else "TB",
            nodesep=str(node / 72),
            ranksep=str(rank / 72),
            splines="true",
            newrank="true",
        )
        graph.node_attr.update(shape="box", fixedsize="true", label="")
        number = {name: str(k) for k, name in enumerate(order)}
        for name in order:
            left, top, right, bottom = extent[name]
            graph.add_node(
                number[name],
                width=f"{(right - left) / 72:.5f}",
                height=f"{(bottom - top) / 72:.5f}",
            )
        for k, (a, b) in joined.items():
            weight = "3" if a in inputs else "0" if ends[k][2] >= 0 else "1"
            graph.add_edge(number[a], number[b], key=str(k), weight=weight)
        with contextlib.suppress(RuntimeWarning):
            graph.layout(prog="dot")
        place = {}
        for name in order:
            x, y = (float(v) for v in graph.get_node(number[name]).attr["pos"].split(","))
            left, top, right, bottom = extent[name]
            place[name] = (x - (left + right) / 2, -y - (top + bottom) / 2)
        ways = {}
        for k, (a, b) in joined.items():
            pos = graph.get_edge(number[a], number[b], key=str(k)).attr["pos"]
            ways[k] = _spline(pos)
        graph.close()
    return place, ways


def _neato(order, joined, extent, node):
    import pygraphviz

    with _graphviz:
        graph = pygraphviz.AGraph(directed=True, strict=True)
        # A fixed seed gives the same drawing for the same network.
        graph.graph_attr.update(splines="false", overlap="vpsc", sep=f"+{node / 2:g}", start="1")
        graph.node_attr.update(shape="box", fixedsize="true", label="")
        number = {name: str(k) for k, name in enumerate(order)}
        for name in order:
            left, top, right, bottom = extent[name]
            graph.add_node(number[name], width=(right - left) / 72, height=(bottom - top) / 72)
        # Make edges long enough that nodes need not be pushed apart afterwards.
        area = sum((right - left) * (bottom - top) for left, top, right, bottom in extent.values())
        length = f"{_SPREAD * area**0.5 / 72:.3f}"
        for a, b in joined.values():
            graph.add_edge(number[a], number[b], len=length)
        with contextlib.suppress(RuntimeWarning):
            graph.layout(prog="neato")
        place = {}
        for name in order:
            x, y = (float(v) for v in graph.get_node(number[name]).attr["pos"].split(","))
            left, top, right, bottom = extent[name]
            place[name] = (x - (left + right) / 2, -y - (top + bottom) / 2)
        graph.close()
    return place


def _spline(pos: str) -> tuple[Point, ...]:
    """Control points of a Graphviz edge, from tail to head, with y downwards."""
    points = [p for p in pos.split() if not p.startswith(("s,", "e,"))]
    found = [tuple(float(v) for v in p.split(",")[:2]) for p in points]
    return tuple((x, -y) for x, y in found)
