"""The drawing as plain marks: one description, written as SVG and drawn by Matplotlib alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from . import text
from .curves import Curve
from .fit import MARGIN, Fit
from .form import Circuit, Edge, Node
from .layout import Box, Layout
from .legend import rows, samples
from .shapes import Path, arrow, barbs, disc, outline

LINE = 1.1  # edges
FRAME = 1.3  # nodes
ARROW = (6.6, 2.9)  # length, half width
DISC = 2.9
BARBS = (4.6, 3.0)
CLEAR = 1.0  # between a tip and the outline it points at
TWIN = 1.35  # half the distance of the two lines of a plastic edge


@dataclass(frozen=True)
class Ink:
    """Colours that do not belong to a population."""

    text: str
    muted: str
    excitatory: str
    inhibitory: str
    other: str
    fill: float  # opacity of a node's fill


LIGHT = Ink("#24292F", "#5B6470", "#B2182B", "#2166AC", "#5B6470", 0.13)
DARK = Ink("#E3E7EB", "#A9B2BC", "#F2887C", "#74B3EE", "#A9B2BC", 0.22)


@dataclass(frozen=True)
class Mark:
    """A path, filled or stroked."""

    path: Path
    fill: str | None = None
    stroke: str | None = None
    width: float = 0.0
    opacity: float = 1.0  # of the fill, or of the line where nothing is filled
    cls: str = ""


@dataclass(frozen=True)
class Words:
    """A line of text; ``y`` is its baseline."""

    x: float
    y: float
    text: str
    size: float
    color: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Group:
    """Marks that belong together. ``live`` ones are for the screen and left out on paper."""

    items: tuple[Mark | Words, ...]
    id: str = ""
    cls: str = ""
    name: str = ""
    tip: str = ""
    ends: tuple[str, str] | None = None  # of an edge
    live: bool = False


@dataclass(frozen=True)
class Scene:
    """A finished drawing of ``width`` x ``height`` points, to be shown at ``scale``."""

    groups: tuple[Group, ...]
    width: float
    height: float
    scale: float
    text: float  # size of its names
    characters: frozenset[str] = field(default=frozenset())


def scene(
    circuit: Circuit, fitted: Fit, dark: bool, colors: Mapping[str, str], legend: bool
) -> Scene:
    """Everything that is to be drawn, in painting order."""
    ink = DARK if dark else LIGHT
    placed = fitted.layout
    dx = (fitted.page - placed.width) / 2
    placed = _moved(placed, dx, MARGIN)
    nodes = {n.name: n for n in circuit.nodes}
    named = {n.name for n in circuit.nodes}
    edges = [e for e in circuit.edges if {e.source, e.target} <= named]
    pairs = [(edges[c.index], c) for c in placed.curves]
    groups = [_flow(e, c, ink) for e, c in pairs]
    groups += [_halo(b, colors[b.name]) for b in placed.boxes]
    groups += [_edge(e, c, ink) for e, c in pairs]
    groups += [_node(nodes[b.name], b, placed, colors[b.name], ink) for b in placed.boxes]
    if fitted.labels:
        groups += _rules(pairs, placed, ink)
    height = placed.height + 2 * MARGIN
    if legend and circuit.edges:
        below, extra = _legend(circuit, placed, fitted.page, height, ink)
        groups.append(below)
        height += extra
    characters = frozenset(
        c for g in groups for i in g.items if isinstance(i, Words) for c in i.text
    )
    return Scene(tuple(groups), fitted.page, height, fitted.scale, placed.style.name, characters)


def sign_color(sign: str, ink: Ink) -> str:
    return {"excitatory": ink.excitatory, "inhibitory": ink.inhibitory}.get(sign, ink.other)


def edge_marks(curve: Curve, sign: str, plastic: bool, color: str) -> Iterator[Mark]:
    """Line and tip of an edge."""
    whole = curve.shortened(CLEAR)
    tip, toward = whole.points[-1], whole.toward
    cut = {"excitatory": ARROW[0] * 0.8, "inhibitory": DISC * 1.5}.get(sign, 1.2)
    if sign not in ("excitatory", "inhibitory") and plastic:
        cut = BARBS[0] * 0.6
    line = whole.shortened(cut)
    if plastic:
        for side in (-TWIN, TWIN):
            points = line.beside(side)
            path = (("M", *points[0]), *(("L", *p) for p in points[1:]))
            yield Mark(path, stroke=color, width=LINE * 0.75, cls="line")
    else:
        yield Mark(curve_path(line), stroke=color, width=LINE, cls="line")
    if sign == "excitatory":
        yield Mark(arrow(tip, toward, *ARROW), fill=color, cls="tip")
    elif sign == "inhibitory":
        x, y = tip[0] - toward[0] * DISC, tip[1] - toward[1] * DISC
        yield Mark(disc(x, y, DISC), fill=color, cls="tip")
    else:
        yield Mark(barbs(tip, toward, *BARBS), stroke=color, width=LINE, cls="tip")


def curve_path(curve: Curve) -> Path:
    """A chain of Béziers as a path."""
    points = curve.points
    steps = (points[k : k + 3] for k in range(1, len(points) - 1, 3))
    return (("M", *points[0]), *(("C", *a, *b, *c) for a, b, c in steps))


def _edge(e: Edge, curve: Curve, ink: Ink) -> Group:
    color = sign_color(e.sign, ink)
    hit = Mark(curve_path(curve), stroke="none", width=9.0, cls="hit")
    marks = tuple(edge_marks(curve, e.sign, e.plastic, color))
    cls = f"edge {e.sign}" + (" plastic" if e.plastic else "")
    return Group((*marks, hit), f"edge-{e.name}", cls, e.name, e.describe(), (e.source, e.target))


def _flow(e: Edge, curve: Curve, ink: Ink) -> Group:
    path = curve_path(curve.shortened(CLEAR + 2.0))
    mark = Mark(path, stroke=sign_color(e.sign, ink), width=6.0, opacity=0.42, cls="flow")
    return Group((mark,), f"flow-{e.name}", "flow", e.name, live=True)


def _halo(b: Box, color: str) -> Group:
    frame = outline(b.shape, b.x, b.y, b.w, b.h)
    rings = tuple(
        Mark((*outline(b.shape, b.x, b.y, b.w, b.h, grow), *frame), fill=color, opacity=share)
        for grow, share in ((6.5, 0.3), (3.5, 0.5))
    )
    # Text must stay readable on a node at full activity: it glows outside more than inside.
    marks = (*rings, Mark(frame, fill=color, opacity=0.34))
    return Group(marks, f"halo-{b.name}", "halo", b.name, live=True)


def _node(n: Node, b: Box, placed: Layout, color: str, ink: Ink) -> Group:
    frame = outline(b.shape, b.x, b.y, b.w, b.h)
    items: list[Mark | Words] = [
        Mark(frame, fill=color, stroke=color, width=FRAME, opacity=ink.fill, cls="frame-line")
    ]
    name, small = placed.style.name, placed.style.small
    height = len(b.lines) * name * text.LINE + small * text.LINE
    y = b.y - height / 2
    for line in b.lines:
        base = y + name * (text.LINE + text.ASCENT) / 2
        items.append(Words(b.x, base, line, name, ink.text))
        y += name * text.LINE
    base = y + small * (text.LINE + text.ASCENT) / 2
    items.append(Words(b.x, base, b.count, small, ink.muted))
    tip = f"{n.label}: {n.size:,} {'neuron' if n.size == 1 else 'neurons'}"
    tip += "" if n.sign == "none" else f", {n.sign}"
    return Group(tuple(items), f"node-{n.name}", f"node {n.kind} {n.sign}", n.name, tip)


def _rules(pairs: list[tuple[Edge, Curve]], placed: Layout, ink: Ink) -> list[Group]:
    """Connection rules beside their edges, where they cover nothing else."""
    size = placed.style.small
    lines = [p for _, c in pairs for p in c.sampled(40)]
    taken = [(b.x - b.w / 2, b.y - b.h / 2, b.x + b.w / 2, b.y + b.h / 2) for b in placed.boxes]
    found = []
    for e, c in pairs:
        if e.rule is None:
            continue
        w, h = text.width(e.rule.words, size), size * text.ASCENT
        best: tuple[float, float, float] | None = None
        for k, t in enumerate((0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)):
            x, y = c.at(t)
            for dx, dy in ((0, -1), (0, 1), (1, 0), (-1, 0)):
                cx, cy = x + dx * (w / 2 + 4.5), y + dy * (h / 2 + 4.0)
                area = (cx - w / 2 - 1.5, cy - h / 2 - 2, cx + w / 2 + 1.5, cy + h / 2 + 2)
                cost = 0.1 * k + 0.02 * abs(dx) + 10 * sum(_overlap(area, o) for o in taken)
                cost += sum(area[0] < px < area[2] and area[1] < py < area[3] for px, py in lines)
                outside = area[0] < 0 or area[1] < 0
                if not outside and (best is None or cost < best[0]):
                    best = (cost, cx, cy)
        if best is None or best[0] > 6:
            continue  # the tooltip still says it
        _, x, y = best
        taken.append((x - w / 2 - 2, y - h / 2 - 2, x + w / 2 + 2, y + h / 2 + 2))
        found.append(
            Group((Words(x, y + h / 2, e.rule.words, size, ink.muted),), cls="rule", name=e.name)
        )
    return found


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _legend(
    circuit: Circuit, placed: Layout, page: float, top: float, ink: Ink
) -> tuple[Group, float]:
    """Key of the shapes and tips that occur, centred below; and its height."""
    size = placed.style.small
    gap, one, both = 13.0, 18.0, 31.0
    entries = []
    for s in samples(circuit):
        room = one if s.shape is None else both if s.sign is not None else 15.0
        entries.append((s, room, room + 4.0 + text.width(s.label, size)))
    items: list[Mark | Words] = []
    pitch = size * 1.75
    y = top + 8.0 + pitch / 2
    counts = rows([w for *_, w in entries], gap, page - 2 * MARGIN)
    for count in counts:
        row, entries = entries[:count], entries[count:]
        x = (page - sum(w for *_, w in row) - gap * (count - 1)) / 2
        for s, room, w in row:
            left = x
            if s.shape is not None:
                frame = outline(s.shape, x + 7.5, y, 15.0, 8.6)
                items.append(Mark(frame, stroke=ink.muted, width=0.9))
                left += 15.5
            if s.sign is not None:
                end = x + room
                curve = Curve(0, ((left, y), (left + 4, y), (end - 4, y), (end, y)))
                items += edge_marks(curve, s.sign, s.plastic, sign_color(s.sign, ink))
            base = y + size * text.ASCENT / 2
            items.append(Words(x + room + 4.0, base, s.label, size, ink.text, "start"))
            x += w + gap
        y += pitch
    return Group(tuple(items), cls="legend"), 8.0 + pitch * len(counts) + 2.0


def _moved(placed: Layout, dx: float, dy: float) -> Layout:
    from dataclasses import replace

    return replace(
        placed,
        boxes=tuple(replace(b, x=b.x + dx, y=b.y + dy) for b in placed.boxes),
        curves=tuple(c.moved(dx, dy) for c in placed.curves),
    )
