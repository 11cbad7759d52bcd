"""Connectivity pattern table: projections between populations as a matrix of shaded cells.

Rows are sources and columns are targets; red is excitatory and blue inhibitory, as proposed by
Nordlie & Plesser (2010, Front. Neuroinform. 3:39). Here each projection is one cell per measure.
The design of the drawing is our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ...palette import population_colors
from ..elements import Circuit, Edge, Node
from ..geometry.shapes import Path
from ..layout.fit_width import MM
from ..render.arrowheads import sign_color
from ..render.primitives import DARK, LIGHT, Group, Ink, Item, Mark, Scene, Words, scene_of
from ..text import fonts as text
from .connectivity_values import Panel, panels_of

NAME, SMALL = 7.0, 6.2  # font sizes, points
MARGIN, GAP = 5.0, 12.0
NATURAL_CELL, MOST_NATURAL, LARGEST_CELL, LEAST_CELL = 34.0, 70.0, 46.0, 3.0
PALEST = 0.10  # the smallest value remains distinguishable from an empty cell
SCALE_STEPS = 24
PAGE = 235.0 * MM  # usable height of a journal page


@dataclass(frozen=True)
class _Axes:
    """Labels of the rows and the columns; numbers if names do not fit above the columns."""

    rows: tuple[Node, ...]
    columns: tuple[Node, ...]
    numbers: dict[str, int]

    def row(self, node: Node) -> str:
        return f"{self.numbers[node.name]}  {node.label}" if self.numbers else node.label

    def column(self, node: Node) -> str:
        return str(self.numbers[node.name]) if self.numbers else node.label

    @property
    def label(self) -> float:
        """Width of the longest row label."""
        return max((text.width(self.row(n), SMALL) for n in self.rows), default=0.0) + 4.0


@dataclass(frozen=True)
class _Grid:
    """Sizes of a cell and of the column labels, and the number of panels side by side."""

    axes: _Axes
    cell: tuple[float, float]
    above: float
    abreast: int
    page: float


def drawing(
    circuit: Circuit,
    width_mm: float | None,
    dark: bool = False,
    colors: Mapping[str, str] | None = None,
    **_options: Any,
) -> Scene:
    """Return the table as a drawing; ``width_mm`` None uses its natural size."""
    ink = DARK if dark else LIGHT
    chosen = population_colors(circuit.nodes, dark=dark)
    chosen |= {k: v for k, v in (colors or {}).items() if k in chosen}
    panels = panels_of(circuit)
    grid = _grid(circuit, [p.title for p in panels], None if width_mm is None else width_mm * MM)
    groups: list[Group] = []
    x, y, lowest = MARGIN, MARGIN, MARGIN
    for k, panel in enumerate(panels):
        if k and k % grid.abreast == 0:
            x, y = MARGIN, lowest + GAP
        labelled = k % grid.abreast == 0
        made, right, low = _panel(panel, grid, (x, y), labelled, chosen, ink)
        groups += made
        x, lowest = right + GAP, max(lowest, low)
    key, lowest = _key(circuit, grid.page, lowest + 9.0, ink)
    groups.append(key)
    return scene_of(tuple(groups), grid.page, lowest + MARGIN, text=NAME)


def _grid(circuit: Circuit, titles: list[str], page: float | None) -> _Grid:
    """Arrangement with the widest cells: names above the columns if they fit."""
    senders = {e.source for e in circuit.edges if e.kind != "recording"}
    targets = {e.target for e in circuit.edges if e.kind != "recording"}
    columns = tuple(n for n in circuit.nodes if n.name in targets)
    named = _Axes(tuple(n for n in circuit.nodes if n.name in senders), columns, {})
    both = tuple(n for n in circuit.nodes if n.name in senders | targets)
    numbered = _Axes(both, columns, {n.name: k for k, n in enumerate(both, 1)})
    count, title = max(1, len(columns)), max((text.width(t, NAME) for t in titles), default=0.0)
    side = max(1, len(titles))
    for axes, abreast in ((named, side), (numbered, side), (named, 1), (numbered, 1)):
        needed = max((text.width(axes.column(n), SMALL) for n in columns), default=0.0) + 5.0
        beside = 2 * MARGIN + axes.label + (abreast - 1) * GAP
        if page is None:
            if axes is named and (needed > MOST_NATURAL or len(columns) > 8):
                continue
            wide = max(needed, NATURAL_CELL if axes is named else 20.0, title / count)
            return _sized(axes, wide, abreast, beside + abreast * count * wide, side)
        wide = min((page - beside) / (abreast * count), max(LARGEST_CELL, title / count))
        fits = wide >= needed and wide * count >= title
        if fits or (axes is numbered and abreast == 1):
            return _sized(axes, max(wide, LEAST_CELL), abreast, page, side)
    raise AssertionError("the last arrangement takes any width")


def _sized(axes: _Axes, wide: float, abreast: int, page: float, panels: int) -> _Grid:
    """Rows tall enough for their names, unless the table would exceed one page."""
    above = SMALL * text.LINE + 3.0
    deep = -(-panels // abreast)
    room = PAGE / deep - above - 4 * NAME - GAP
    high = min(max(0.55 * wide, SMALL * 1.45), 18.0)
    return _Grid(axes, (wide, max(LEAST_CELL, min(high, room / max(1, len(axes.rows))))), above,
                 abreast, page)  # fmt: skip


def _panel(
    panel: Panel, grid: _Grid, at: tuple[float, float], labelled: bool, colors: Mapping[str, str],
    ink: Ink,
) -> tuple[list[Group], float, float]:  # fmt: skip
    """Draw one measure: title, labels, cells and scale; returns also its right and lower edge."""
    (wide, high), axes = grid.cell, grid.axes
    left = at[0] + (axes.label if labelled else 0.0)
    top = at[1] + NAME * text.LINE + 4.0 + grid.above
    right, bottom = left + wide * len(axes.columns), top + high * len(axes.rows)
    title = Words(left, at[1] + NAME, panel.title, NAME, ink.text, "start")
    groups = [Group((title,), cls="title")]
    row_of = {n.name: k for k, n in enumerate(axes.rows)}
    column_of = {n.name: k for k, n in enumerate(axes.columns)}
    for entries in panel.cells.values():
        for k, entry in enumerate(entries):
            e = entry.edge
            x = left + wide * column_of[e.target]
            h = high / len(entries)
            y = top + high * row_of[e.source] + k * h
            groups += _cell(entry.edge, entry.value, panel, (x, y, wide, h), ink)
    lines = [Mark((("M", x, top), ("L", x, bottom)), stroke=ink.muted, width=0.35, opacity=0.5)
             for x in (left + wide * k for k in range(len(axes.columns) + 1))]  # fmt: skip
    lines += [Mark((("M", left, y), ("L", right, y)), stroke=ink.muted, width=0.35, opacity=0.5)
              for y in (top + high * k for k in range(len(axes.rows) + 1))]  # fmt: skip
    groups.append(Group(tuple(lines), cls="grid"))
    base = SMALL * text.ASCENT / 2
    if labelled:
        for k, node in enumerate(axes.rows):
            if k % max(1, -int(-SMALL * 1.05 // high)):
                continue
            y = top + high * (k + 0.5)
            words = Words(at[0], y + base, axes.row(node), SMALL, ink.text, "start")
            groups += _name(node, words, (at[0] - 2, y - high / 2, left - at[0], high), panel,
                            "row", colors[node.name])  # fmt: skip
    for k, node in enumerate(axes.columns):
        if k % _every(axes, wide):
            continue
        x = left + wide * (k + 0.5)
        words = Words(x, top - 3.0, axes.column(node), SMALL, ink.text)
        area = (x - wide / 2, top - grid.above, wide, grid.above)
        groups += _name(node, words, area, panel, "column", colors[node.name])
    scale, low = _scale(panel, left, bottom + 5.0, min(right - left, 96.0), ink)
    groups.append(scale)
    return groups, right, low


def _every(axes: _Axes, wide: float) -> int:
    """Interval between labelled columns, 1 if all labels fit."""
    widest = max((text.width(axes.column(n), SMALL) for n in axes.columns), default=0.0)
    return max(1, -int(-(widest + 1.5) // wide))


def _cell(
    e: Edge, value: float, panel: Panel, area: tuple[float, float, float, float], ink: Ink
) -> list[Group]:
    x, y, w, h = area
    color, level = sign_color(e.sign, ink), _level(value, panel.largest(e))
    items: list[Item] = [Mark(_box(*area), fill=color, opacity=level, cls="line")]
    message = _number(value)
    if text.width(message, SMALL) + 2.5 <= w and h >= SMALL * 1.1:
        over = ("#FFFFFF" if ink is LIGHT else "#14171B") if level > 0.55 else ink.text
        items.append(Words(x + w / 2, y + h / 2 + SMALL * text.ASCENT / 2, message, SMALL, over))
    items.append(Mark(_box(*area), stroke="none", width=1.0, cls="hit"))
    tip = f"{e.describe()}; {panel.title} {message}"
    cls = f"edge {e.sign}" + (" plastic" if e.plastic else "")
    live = Mark(_box(x + 1, y + 1, w - 2, h - 2), stroke=color, width=2.2, opacity=0.9)
    return [
        Group(tuple(items), f"edge-{e.name}-{panel.key}", cls, e.name, tip, (e.source, e.target)),
        Group((live,), f"flow-{e.name}-{panel.key}", "flow", e.name, live=True),
    ]


def _name(
    node: Node, words: Words, area: tuple[float, float, float, float], panel: Panel, side: str,
    color: str,
) -> list[Group]:  # fmt: skip
    tip = f"{node.label}: {node.size:,} {'neuron' if node.size == 1 else 'neurons'}"
    key = f"{node.name}-{panel.key}-{side}"
    return [
        Group((Mark(_box(*area), fill=color, opacity=0.45),), f"halo-{key}", "halo", node.name,
              live=True),
        Group((words,), f"node-{key}", f"node {node.kind}", node.name, tip),
    ]  # fmt: skip


def _scale(panel: Panel, left: float, top: float, width: float, ink: Ink) -> tuple[Group, float]:
    """Shading scale for each unit, from 0 to the largest value."""
    items: list[Item] = []
    y = top
    for unit, largest in panel.scales.items():
        message = f"{_number(largest)}{f' {unit}' if unit else ''}"
        zero = text.width("0", SMALL) + 3.0
        room = max(width - zero - text.width(message, SMALL) - 4.0, 18.0)
        height = SMALL * 0.8
        steps = [left + zero + room * k / SCALE_STEPS for k in range(SCALE_STEPS + 1)]
        for k, (a, b) in enumerate(pairwise(steps)):
            shade = PALEST + (1 - PALEST) * (k + 0.5) / SCALE_STEPS
            items.append(Mark(_box(a, y, b - a, height / 2), fill=ink.excitatory, opacity=shade))
            items.append(
                Mark(_box(a, y + height / 2, b - a, height / 2), fill=ink.inhibitory, opacity=shade)
            )
        base = y + height / 2 + SMALL * text.ASCENT / 2
        items.append(Words(left, base, "0", SMALL, ink.muted, "start"))
        items.append(Words(left + zero + room + 3.0, base, message, SMALL, ink.muted, "start"))
        y += SMALL * 1.6
    return Group(tuple(items), cls="legend"), y


def _key(circuit: Circuit, page: float, top: float, ink: Ink) -> tuple[Group, float]:
    """Legend of the colours of the signs that occur."""
    signs = dict.fromkeys(e.sign for e in circuit.edges if e.kind != "recording")
    named = [s for s in ("excitatory", "inhibitory") if s in signs]
    rest = sorted(s for s in signs if s not in named)
    entries: list[tuple[str, str]] = [(s, sign_color(s, ink)) for s in named]
    if rest:
        entries.append((" or ".join(rest), ink.other))
    entries.append(("rows project to columns", ""))
    items: list[Item] = []
    x, y = MARGIN, top + 4.0
    for message, color in entries:
        wide = text.width(message, SMALL) + (11.0 if color else 0.0)
        if x > MARGIN and x + wide > page - MARGIN:
            x, y = MARGIN, y + SMALL * 1.6
        if color:
            items.append(Mark(_box(x, y - 3.2, 7.5, 6.0), fill=color, opacity=0.8))
        items.append(Words(x + (11.0 if color else 0.0), y + SMALL * text.ASCENT / 2 - 0.2, message,
                           SMALL, ink.muted, "start"))  # fmt: skip
        x += wide + 12.0
    return Group(tuple(items), cls="legend"), y + 4.0


def _level(value: float, largest: float) -> float:
    return PALEST + (1 - PALEST) * min(abs(value) / largest, 1.0) if largest else PALEST


def _number(value: float) -> str:
    """Number with two significant digits."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 99.5 or size == round(size):
        return f"{value:,.0f}".replace("-", "−")
    message = f"{value:.2g}"
    return (message.replace("e-0", "e-") if "e" in message else message).replace("-", "−")


def _box(x: float, y: float, w: float, h: float) -> Path:
    return (("M", x, y), ("L", x + w, y), ("L", x + w, y + h), ("L", x, y + h), ("Z",))
