"""Where nodes and edges go. Graphviz ranks and orders them; edges are then drawn by our own rule.

Lengths are in points, y runs downwards. The same structure always gets the same layout.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from . import text
from .curves import Curve
from .form import Circuit
from .routes import route, trouble
from .shapes import Shape, padding, shape_of

Direction = Literal["right", "down"]

_graphviz = threading.Lock()  # the library keeps global state


@dataclass(frozen=True)
class Style:
    """Sizes, in points.

    name, small : font sizes of names, and of numbers, labels and the legend
    wrap        : width above which a name is set in two lines
    rank, node  : gaps between ranks and between nodes of one rank
    port        : distance between two edges at one side of a node
    """

    name: float = 8.0
    small: float = 7.0
    wrap: float = 52.0
    rank: float = 36.0
    node: float = 16.0
    port: float = 8.0
    loop: float = 17.0
    inset: float = 6.0  # between text and outline
    alike: bool = True  # all nodes as wide as the widest


ROOMY = Style()
COMPACT = Style(
    name=7.0, small=6.2, wrap=40.0, rank=26.0, node=10.0, port=7.0, loop=14.0, inset=5.0
)
TIGHT = Style(
    name=6.6,
    small=6.0,
    wrap=30.0,
    rank=16.5,
    node=10.0,
    port=7.0,
    loop=13.0,
    inset=3.5,
    alike=False,
)


@dataclass(frozen=True)
class Box:
    """A node: its outline's centre and size, and its lines of text."""

    name: str
    shape: Shape
    x: float
    y: float
    w: float
    h: float
    lines: tuple[str, ...]
    count: str


@dataclass(frozen=True)
class Layout:
    """Boxes and curves, and the size of the whole without margin."""

    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    width: float
    height: float
    direction: Direction
    style: Style
    trouble: float = 0.0  # crossings and crowding of its edges, to be compared with another layout


def layout(circuit: Circuit, direction: Direction = "right", style: Style = ROOMY) -> Layout:
    """Place the nodes of a circuit and route its edges.

    direction : where the flow goes: "right" or "down"
    """
    named = {n.name for n in circuit.nodes}
    ends = tuple((e.source, e.target) for e in circuit.edges if {e.source, e.target} <= named)
    return _layout(
        tuple((n.name, n.label, n.size, n.kind, n.sign) for n in circuit.nodes),
        ends,
        direction,
        style,
    )


@lru_cache(maxsize=64)
def _layout(
    nodes: tuple[tuple, ...],
    ends: tuple[tuple[str, str], ...],
    direction: Direction,
    style: Style,
) -> Layout:
    if not nodes:
        return Layout((), (), 0.0, 0.0, direction, style)
    names = [n[0] for n in nodes]
    loops = {name: sum(a == b == name for a, b in ends) for name in names}
    order = sorted(range(len(nodes)), key=lambda k: nodes[k][3] != "input")
    inputs = tuple(names[k] for k in order if nodes[k][3] == "input")
    labels = _labels(nodes, style)
    sizes = _sizes(nodes, labels, ends, direction, style)
    # Loops need room at one side of the node; Graphviz gets a box with that room at both.
    room = {n: _loop_room(loops[n], style) for n in names}
    extent = {
        n: (w, h + 2 * room[n]) if direction == "right" else (w + 2 * room[n], h)
        for n, (w, h) in sizes.items()
    }
    place, middle = _graphviz_places(
        tuple(names[k] for k in order), ends, extent, inputs, direction, style
    )
    boxes = tuple(
        Box(
            name=name,
            shape=shape_of(kind, sign),
            x=place[name][0],
            y=place[name][1],
            w=sizes[name][0],
            h=sizes[name][1],
            lines=labels[name],
            count=_count(size),
        )
        for name, _, size, kind, sign in nodes
    )
    curves = route(boxes, ends, middle, direction, style.port, style.loop)
    return _trimmed(boxes, curves, direction, style)


def _labels(nodes: tuple[tuple, ...], style: Style) -> dict[str, tuple[str, ...]]:
    return {name: text.wrap(label, style.name, style.wrap) for name, label, *_ in nodes}


def _count(size: int) -> str:
    return f"N = {size:,}".replace(",", "\u2009") if size >= 10_000 else f"N = {size}"


def _sizes(nodes, labels, ends, direction, style) -> dict[str, tuple[float, float]]:
    """Width and height of each outline: all alike, unless one must be larger."""
    needed = {}
    for name, _, size, kind, sign in nodes:
        lines = labels[name]
        h = 9.0 + len(lines) * style.name * text.LINE + style.small * text.LINE
        w = max(text.width(part, style.name) for part in lines)
        w = max(w, text.width(_count(size), style.small)) + 2 * style.inset
        needed[name] = (w + 2 * padding(shape_of(kind, sign), h), h)
    tallest = max(h for _, h in needed.values())
    widest = max(w for w, _ in needed.values())
    sizes = {}
    for name, (w, _) in needed.items():
        out = sum(a == name != b for a, b in ends)
        into = sum(b == name != a for a, b in ends)
        ports = max(out, into) * style.port + 4.0
        # One width for all is calm to look at; a single long name must not widen everything.
        w = widest if style.alike and (widest < 1.5 * w or direction == "down") else w
        h = tallest
        sizes[name] = (w, max(h, ports)) if direction == "right" else (max(w, ports), h)
    return sizes


def _loop_room(loops: int, style: Style) -> float:
    return 0.0 if not loops else style.loop + 6.0 * ((loops - 1) // 2)


def _graphviz_places(order, ends, extent, inputs, direction, style):
    """Centres of the nodes, and for each edge the points where it passes ranks between."""
    import pygraphviz

    with _graphviz:
        graph = pygraphviz.AGraph(directed=True, strict=False)
        graph.graph_attr.update(
            rankdir="LR" if direction == "right" else "TB",
            nodesep=str(style.node / 72),
            ranksep=str(style.rank / 72),
            splines="true",
            newrank="true",
        )
        graph.node_attr.update(shape="box", fixedsize="true", label="")
        number = {name: str(k) for k, name in enumerate(order)}
        for name in order:
            w, h = extent[name]
            graph.add_node(number[name], width=f"{w / 72:.5f}", height=f"{h / 72:.5f}")
        for k, (a, b) in enumerate(ends):
            if a != b:
                graph.add_edge(number[a], number[b], key=str(k), weight="3" if a in inputs else "1")
        with contextlib.suppress(RuntimeWarning):
            graph.layout(prog="dot")
        place = {}
        for name in order:
            x, y = graph.get_node(number[name]).attr["pos"].split(",")
            place[name] = (float(x), -float(y))
        middle: dict[int, tuple[tuple[float, float], ...]] = {}
        for k, (a, b) in enumerate(ends):
            if a != b:
                pos = graph.get_edge(number[a], number[b], key=str(k)).attr["pos"]
                middle[k] = _spline(pos)
        graph.close()
    return place, middle


def _spline(pos: str) -> tuple[tuple[float, float], ...]:
    """Control points of a Graphviz edge, from tail to head."""
    points = [p for p in pos.split() if not p.startswith(("s,", "e,"))]
    found = [tuple(float(v) for v in p.split(",")[:2]) for p in points]
    return tuple((x, -y) for x, y in found)


def _trimmed(boxes, curves, direction, style) -> Layout:
    """Everything moved so that it starts at (0, 0)."""
    xs = [v for b in boxes for v in (b.x - b.w / 2, b.x + b.w / 2)]
    ys = [v for b in boxes for v in (b.y - b.h / 2, b.y + b.h / 2)]
    for c in curves:
        for x, y in c.sampled(24):
            xs.append(x)
            ys.append(y)
    left, top = min(xs), min(ys)
    boxes = tuple(replace(b, x=b.x - left, y=b.y - top) for b in boxes)
    curves = tuple(c.moved(-left, -top) for c in curves)
    lines = [np.array(c.sampled(22)) for c in curves]
    total = sum(trouble(a, lines[:k]) for k, a in enumerate(lines))
    return Layout(boxes, curves, max(xs) - left, max(ys) - top, direction, style, total)
