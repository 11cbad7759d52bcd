"""The drawing of a circuit as plain marks: written as SVG and drawn by Matplotlib alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from ..elements import Circuit, Edge, Node
from ..geometry.curves import Curve
from ..geometry.shapes import dendrites, middle, outline
from ..layout.fit_width import MARGIN, Fit
from ..layout.label_placement import Label
from ..layout.layout import Layout, NodeBox, drawn_edges
from ..layout.routing import MANY
from ..text import fonts as text
from .arrowheads import CLEAR, curve_path, edge_marks, sign_color
from .legend import beside, column_height, legend_of
from .legend import draw as draw_legend
from .primitives import DARK, LIGHT, Formula, Group, Ink, Item, Mark, Scene, Words, scene_of

THICK, THIN = 2.0, 0.8  # frames of populations and of single units


def scene(
    circuit: Circuit,
    fitted: Fit,
    dark: bool,
    colors: Mapping[str, str],
    legend: bool | Literal["beside"],
    classic: bool = False,
) -> Scene:
    """Everything that is to be drawn, in painting order."""
    ink = DARK if dark else LIGHT
    nodes = {n.name: n for n in circuit.nodes}
    edges = drawn_edges(circuit)
    small = fitted.layout.style.small
    entries = legend_of(circuit, edges, fitted.key, classic, fitted.labels) if legend else []
    width = fitted.page
    own = fitted.layout.height + fitted.above + fitted.below + 2 * MARGIN
    height = max(own, column_height(entries, small)) if legend == "beside" else own
    dx = MARGIN + fitted.left
    dy = MARGIN + fitted.above + (height - own) / 2
    placed = _moved(fitted.layout, dx, dy)
    pairs = [(edges[c.index], c) for c in placed.curves]
    groups = [_flow(e, c, ink) for e, c in pairs]
    groups += [_halo(b, colors[b.name]) for b in placed.boxes]
    groups += [_edge(e, c, ink, classic) for e, c in pairs]
    if len(edges) > MANY:  # no way leads round every name: they stand on a ground of their own
        groups.append(Group(tuple(_ground(b, ink) for b in placed.boxes), cls="ground"))
    groups += [_node(nodes[b.name], b, placed, colors[b.name], ink) for b in placed.boxes]
    groups += [_label(edges[n.index], n, dx, dy, ink) for n in fitted.labels]
    if entries:
        if legend == "beside":
            key, extra = beside(entries, small, width, height, ink, classic)
            width += extra
        else:
            key, extra = draw_legend(entries, small, width, height, ink, classic)
            height += extra
        groups.append(key)
    return scene_of(tuple(groups), width, height, fitted.scale, placed.style.name)


def _edge(e: Edge, curve: Curve, ink: Ink, classic: bool) -> Group:
    color = ink.muted if e.kind == "recording" else sign_color(e.sign, ink)
    hit = Mark(curve_path(curve), stroke="none", width=9.0, cls="hit")
    marks = tuple(edge_marks(curve, e, color, classic, THICK / 2))
    cls = f"edge {e.sign} {e.kind.replace(' ', '-')}" + (" plastic" if e.plastic else "")
    return Group((*marks, hit), f"edge-{e.name}", cls, e.name, e.describe(), (e.source, e.target))


def _flow(e: Edge, curve: Curve, ink: Ink) -> Group:
    path = curve_path(curve.shortened(CLEAR + 2.0))
    mark = Mark(path, stroke=sign_color(e.sign, ink), width=6.0, opacity=0.42, cls="flow")
    return Group((mark,), f"flow-{e.name}", "flow", e.name, live=True)


def _halo(b: NodeBox, color: str) -> Group:
    frame = outline(b.shape, b.x, b.y, b.w, b.h)
    rings = tuple(
        Mark((*outline(b.shape, b.x, b.y, b.w, b.h, grow), *frame), fill=color, opacity=share)
        for grow, share in ((6.5, 0.3), (3.5, 0.5))
    )
    # Text must stay readable on a node at full activity: it glows outside more than inside.
    marks = (*rings, Mark(frame, fill=color, opacity=0.34))
    return Group(marks, f"halo-{b.name}", "halo", b.name, live=True)


def _ground(b: NodeBox, ink: Ink) -> Mark:
    left, top, right, bottom = b.words
    path = (("M", left, top), ("L", right, top), ("L", right, bottom), ("L", left, bottom), ("Z",))
    return Mark(path, fill=ink.ground, opacity=0.75)


def _node(n: Node, b: NodeBox, placed: Layout, color: str, ink: Ink) -> Group:
    frame = outline(b.shape, b.x, b.y, b.w, b.h)
    single = n.unit or n.kind == "recorder"
    width = THIN if single else THICK
    items: list[Item] = [
        Mark(frame, fill=color, stroke=color, width=width, opacity=ink.fill, cls="frame-line")
    ]
    if b.shape == "pyramid":
        items.append(Mark(dendrites(b.x, b.y, b.w, b.h), stroke=color, width=width))
    name, small = placed.style.name, placed.style.small
    left, top, right, _ = b.words
    down = placed.direction == "down"
    x, anchor = (left, "start") if down else ((left + right) / 2, "middle")
    if b.inside:
        y = b.y + middle(b.shape, b.h) + name * text.ASCENT / 2
        items.append(Words(b.x, y, b.lines[0], name, ink.text))
    else:
        for line in b.lines:
            base = top + name * (text.LINE + text.ASCENT) / 2
            items.append(Words(x, base, line, name, ink.text, anchor))  # type: ignore[arg-type]
            top += name * text.LINE
    if b.count:
        base = top + small * 0.95
        message = f"N = {n.size}"
        items.append(
            Formula(x, base, b.count, small, ink.muted, anchor, message)  # type: ignore[arg-type]
        )
    tip = f"{n.label}: {n.device} recorder" if n.kind == "recorder" else (
        f"{n.label}: {n.size:,} {'neuron' if n.size == 1 else 'neurons'}"
    )  # fmt: skip
    tip += f", {n.compartments} compartments" if n.compartments else ""
    tip += f", {n.device}" if n.device and n.kind == "input" else ""
    tip += "" if n.sign == "none" else f", {n.sign}"
    cls = f"node {n.kind} {n.sign}"
    return Group(tuple(items), f"node-{n.name}", cls, n.name, tip, at=(b.x, b.y))


def _label(e: Edge, label: Label, dx: float, dy: float, ink: Ink) -> Group:
    left, _, right, _ = label.area
    color = ink.muted if e.kind == "recording" else sign_color(e.sign, ink)
    items = tuple(
        Formula((left + right) / 2 + dx, y + dy, line, label.size, color)
        for line, y in zip(label.lines, label.baselines(), strict=True)
    )
    return Group(items, cls="note", name=e.name, tip=e.describe())


def _moved(placed: Layout, dx: float, dy: float) -> Layout:
    return replace(
        placed,
        boxes=tuple(b.moved(dx, dy) for b in placed.boxes),
        curves=tuple(c.moved(dx, dy) for c in placed.curves),
    )
