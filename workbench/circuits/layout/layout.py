"""Where nodes and edges go. Graphviz ranks and orders them; edges are then drawn by our own rule.

Lengths are in points, y runs downwards. The same structure always gets the same layout, and a node
that a person has placed stays where it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from ..elements import Circuit, Edge
from ..geometry.curves import Curve
from ..geometry.shapes import Shape, aspect, room, shape_of
from ..text import fonts as text
from ..text import math as formula
from .graphviz import places
from .packing import beside, parts
from .routing import MANY, error_banner, route

Direction = Literal["right", "down"]
Ends = tuple[str, str, int]  # source, target, and the edge that it acts on or -1


@dataclass(frozen=True)
class Style:
    """Sizes, in points.

    base        : height of a node's outline
    name, small : font sizes of names, and of numbers, labels and the key
    wrap        : width above which a name is set in two lines
    rank, node  : gaps between ranks and between nodes of one rank
    port        : distance between two edges at one side of a node
    """

    base: float = 27.0
    name: float = 8.0
    small: float = 7.0
    wrap: float = 56.0
    rank: float = 40.0
    node: float = 13.0
    port: float = 6.5
    loop: float = 16.0
    gap: float = 2.5  # between outline and name


ROOMY = Style()
COMPACT = Style(base=23.0, name=7.2, small=6.4, wrap=44.0, rank=27.0, node=9.0, port=5.6, loop=14.0)
TIGHT = Style(base=19.0, name=6.6, small=6.0, wrap=34.0, rank=18.0, node=7.0, port=5.0, loop=12.0)


@dataclass(frozen=True)
class NodeBox:
    """A node: centre and size of its outline; its text, and the rectangle that this takes.

    inside : the name stands within the outline
    words  : (left, top, right, bottom) of what stands outside; an empty one where nothing does
    """

    name: str
    shape: Shape
    x: float
    y: float
    w: float
    h: float
    lines: tuple[str, ...]
    count: str  # TeX, "" for none
    inside: bool
    words: tuple[float, float, float, float]

    def moved(self, dx: float, dy: float) -> NodeBox:
        left, top, right, bottom = self.words
        return replace(
            self, x=self.x + dx, y=self.y + dy,
            words=(left + dx, top + dy, right + dx, bottom + dy),
        )  # fmt: skip

    def areas(self) -> tuple[tuple[float, float, float, float], ...]:
        """Rectangles that nothing else may cover."""
        outline = (self.x - self.w / 2, self.y - self.h / 2, self.x + self.w / 2,
                   self.y + self.h / 2)  # fmt: skip
        return (outline, self.words) if self.words[2] > self.words[0] else (outline,)


@dataclass(frozen=True)
class Layout:
    """Boxes and curves, and the size of the whole without margin."""

    boxes: tuple[NodeBox, ...]
    curves: tuple[Curve, ...]
    width: float
    height: float
    direction: Direction
    style: Style
    error_banner: float = (
        0.0  # crossings and crowding of its edges, to be compared with another layout
    )


def drawn_edges(circuit: Circuit) -> list[Edge]:
    """The edges that are drawn: between nodes that are there, two-way ones once."""
    there = {n.name for n in circuit.nodes}
    found: list[Edge] = []
    pairs: set[frozenset[str]] = set()
    for e in circuit.edges:
        if not {e.source, e.target} <= there:
            continue
        if not e.directed:
            pair = frozenset((e.source, e.target))
            if pair in pairs:
                continue
            pairs.add(pair)
        found.append(e)
    return found


def layout(
    circuit: Circuit,
    direction: Direction = "right",
    style: Style = ROOMY,
    classic: bool = False,
    stretch: float = 1.0,
    across: int = 0,
) -> Layout:
    """Place the nodes of a circuit and route its edges.

    direction : where the flow goes: "right" or "down"
    classic   : pyramidal cells instead of triangles
    stretch   : factor on the distances between nodes that a person has placed
    across    : how many parts that nothing joins stand side by side; 0 for all below each other
    """
    edges = drawn_edges(circuit)
    ends = tuple((e.source, e.target, _acted_on(e, edges)) for e in edges)
    return _layout(
        tuple(
            (n.name, n.label, n.size, n.symbol, n.kind, shape_of(n.kind, n.sign, classic))
            for n in circuit.nodes
        ),
        ends,
        direction,
        style,
        tuple((n, stretch * x, stretch * y) for n, x, y in circuit.positions),
        across,
    )


def unjoined(circuit: Circuit) -> int:
    """Of how many parts that nothing joins a circuit consists."""
    pairs = [(e.source, e.target) for e in drawn_edges(circuit)]
    return len(parts([n.name for n in circuit.nodes], pairs))


def _acted_on(e: Edge, edges: list[Edge]) -> int:
    """Which of the edges one that modulates ends on: best one that has the same target."""
    parts = [k for k, o in enumerate(edges) if e.onto and o.projection == e.onto and not o.onto]
    return next((k for k in parts if edges[k].target == e.target), parts[0] if parts else -1)


@lru_cache(maxsize=64)
def _layout(
    nodes: tuple[tuple, ...],
    ends: tuple[Ends, ...],
    direction: Direction,
    style: Style,
    pinned: tuple[tuple[str, float, float], ...],
    across: int = 0,
) -> Layout:
    if not nodes:
        return Layout((), (), 0.0, 0.0, direction, style)
    loops = {n[0]: sum(a == b == n[0] for a, b, _ in ends) for n in nodes}
    boxes = {b.name: b for b in _boxes(nodes, ends, direction, style)}
    # Outlines line up only if what is added to them is as much at every node: names take the same
    # room everywhere, and a loop's room at one side is given at the other too.
    wide = max(b.words[2] - b.w / 2 for b in boxes.values())
    tall = max(b.words[3] - b.h / 2 for b in boxes.values())
    extent = {}
    for name, b in boxes.items():
        left, top, right, bottom = _hull(b)
        space = loop_room(loops[name], style)
        if direction == "right":
            top, bottom = top - space, b.h / 2 + max(tall, 0.0) + space
        else:
            left, right = left - space, b.w / 2 + max(wide, 0.0) + space
        extent[name] = (left, top, right, bottom)
    inputs = tuple(n[0] for n in nodes if n[4] == "input")
    order = tuple(sorted((n[0] for n in nodes), key=lambda n: n not in inputs))
    pins = {n: (x, y) for n, x, y in pinned if n in boxes}
    place, ways = places(order, ends, extent, inputs, pins, direction, style.node, style.rank)
    if across and not pins:
        joined = {k: (a, b) for k, (a, b, _) in enumerate(ends)}
        found = parts((n[0] for n in nodes), joined.values())
        place, ways = beside(found, joined, extent, place, ways, across, style.rank)
    put = tuple(boxes[n[0]].moved(*place[n[0]]) for n in nodes)
    curves = route(put, ends, ways, direction, style.port, style.loop)
    return _trimmed(put, curves, direction, style)


def loop_room(loops: int, style: Style) -> float:
    """Height of a node's loops over its outline."""
    return 0.0 if not loops else style.loop + 7.0 * (loops - 1)


def _boxes(nodes, ends, direction: Direction, style: Style) -> list[NodeBox]:
    """Every node at (0, 0), with its text."""
    inside = all(
        text.width(label, style.name) <= room(shape, style.base) for _, label, *_, shape in nodes
    )
    found = []
    for name, label, size, symbol, _, shape in nodes:
        out = sum(a == name != b for a, b, _ in ends)
        into = sum(b == name != a for a, b, _ in ends)
        # A hub grows until its edges are told apart, within reason.
        most = 2.2 if len(ends) <= MANY else 1.0
        h = min(max(style.base, 4.4 * (max(out, into) - 1) + 12.0), most * style.base)
        w = aspect(shape) * h
        lines = (label,) if inside else text.wrap(label, style.name, style.wrap)
        count = "" if size == 1 else _count(size, symbol)
        outside = () if inside else lines
        widths = [text.width(line, style.name) for line in outside]
        if count:
            widths.append(formula.width(count, style.small))
        tall = style.name * text.LINE * len(outside) + (style.small * 1.25 if count else 0.0)
        wide = max(widths, default=0.0)
        if not widths:
            words = (0.0, 0.0, 0.0, 0.0)
        elif direction == "right":
            top = h / 2 + style.gap
            words = (-wide / 2, top, wide / 2, top + tall)
        else:
            left = w / 2 + style.gap + 1.0
            words = (left, -tall / 2, left + wide, tall / 2)
        found.append(NodeBox(name, shape, 0.0, 0.0, w, h, lines, count, inside, words))
    return found


def _count(size: int, symbol: str) -> str:
    grouped = f"{size:,}".replace(",", r"\,") if size >= 10_000 else str(size)
    return f"{formula.symbol(symbol) if symbol else 'N'}={grouped}"


def _hull(b: NodeBox) -> tuple[float, float, float, float]:
    areas = b.areas()
    return (
        min(a[0] for a in areas), min(a[1] for a in areas),
        max(a[2] for a in areas), max(a[3] for a in areas),
    )  # fmt: skip


def _trimmed(boxes, curves, direction, style) -> Layout:
    """Everything moved so that it starts at (0, 0)."""
    hulls = [_hull(b) for b in boxes]
    xs = [v for h in hulls for v in (h[0], h[2])]
    ys = [v for h in hulls for v in (h[1], h[3])]
    lines = [c.line(22) for c in curves]
    for line in lines:
        xs += [float(line[:, 0].min()) - 1.5, float(line[:, 0].max()) + 1.5]
        ys += [float(line[:, 1].min()) - 1.5, float(line[:, 1].max()) + 1.5]
    left, top = min(xs), min(ys)
    boxes = tuple(b.moved(-left, -top) for b in boxes)
    curves = tuple(c.moved(-left, -top) for c in curves)
    few = len(lines) <= MANY  # with more, no layout is without trouble, and counting takes long
    total = sum(error_banner(a, lines[:k]) for k, a in enumerate(lines)) if few else 0.0
    return Layout(boxes, curves, max(xs) - left, max(ys) - top, direction, style, total)
