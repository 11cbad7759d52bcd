"""Where everything goes: columns into lines, wires to heights. No two wires swap but by a curve.

Wires that pass a column are straight. Between any two wires that are neighbours somewhere there is
a least distance; within these, wires that are joined are as level as can be (`settle`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from ..term.terms import Broadcast, Rearrange
from .columns import Bundle, Cell, Column, ColumnFrame, Wire, frames_of
from .measure import (
    BRACKET,
    FONT,
    HALF,
    LOOP,
    PITCH,
    fed_wires,
    gap_of,
    label_room,
    labelled,
    size_of,
)
from .wire_heights import Demands, ranked, settle

TURN = 7.0  # where a line breaks
SLANT, WIDEST = 0.5, 60.0  # width of what bends, for each point of its height; and at most
MOST = 7.0  # by which wires between two columns are stretched to fill a line
# How strongly heights are drawn together: of one wire through a glyph, and where an array is one
# wire; of copies.
STRAIGHT, ONE, BENT = 1.0, 3.0, 0.6


@dataclass
class WireLine:
    """One row of columns.

    columns : their numbers;  ``op[k]``, ``gap[k]``: (left, right) of column k and of the wires
              before it; ``gap`` has one more
    wires   : its wires and their heights, which are others in another line
    """

    columns: list[int]
    op: list[tuple[float, float]] = field(default_factory=list)
    gap: list[tuple[float, float]] = field(default_factory=list)
    label: list[float] = field(default_factory=list)
    wires: list[tuple[Wire, float]] = field(default_factory=list)
    frames: list[tuple[ColumnFrame, int, int, bool, bool]] = field(default_factory=list)
    width: float = 0.0
    top: float = 0.0
    bottom: float = 0.0


def lines(made: list[Column], width: float | None) -> list[WireLine]:
    """The columns in as few lines of at most ``width`` as there can be, filled evenly."""
    spans = frames_of(made)
    if width is None:
        return [_measured(made, list(range(len(made))), spans)]
    parts = _broken(made, spans, width)
    low, high = 0.0, width
    for _ in range(12):  # the narrowest page that takes no more lines
        middle = (low + high) / 2
        if len(_broken(made, spans, middle)) == len(parts):
            high = middle
        else:
            low = middle
    return [_measured(made, part, spans) for part in _broken(made, spans, high)]


def spread(line: WireLine, made: list[Column], width: float, full: bool) -> None:
    """Use the room that a line leaves: for wires that are steep, then for those between columns.

    full : let it be as wide as it can be
    """
    steep = [max((abs(a.y - b.y) for c in made[k].cells for a, b in _joined(c)), default=0.0)
             if _only_moves(made[k]) else 0.0 for k in line.columns]  # fmt: skip
    wants = [max(0.0, min(SLANT * y, WIDEST) - (b - a)) if y else 0.0
             for y, (a, b) in zip(steep, line.op, strict=True)]  # fmt: skip
    spare = max(0.0, width - line.width)
    share = min(1.0, spare / sum(wants)) if sum(wants) else 0.0
    _stretched(line, [share * w for w in wants], 0.0)
    if full:
        spare = max(0.0, width - line.width)
        _stretched(line, [0.0] * len(wants), min(MOST, spare / max(len(line.gap) - 2, 1)))


def _stretched(line: WireLine, columns: list[float], between: float) -> None:
    """Let columns, and the wires between them, be longer."""
    dx = 0.0
    for k in range(len(line.gap)):
        a, b = line.gap[k]
        wide = between if 0 < k < len(line.gap) - 1 else 0.0
        line.label[k] += dx + wide / 2
        line.gap[k] = (a + dx, b + dx + wide)
        dx += wide
        if k < len(line.op):
            a, b = line.op[k]
            line.op[k] = (a + dx, b + dx + columns[k])
            dx += columns[k]
    line.width += dx


def _broken(made: list[Column], spans: list, width: float) -> list[list[int]]:
    """Columns into lines, full one after the other; a loop that fits in a line is not broken."""
    whole = [
        (a, b) for f, a, b in spans
        if f.kind == "iterate" and _measured(made, list(range(a, b + 1)), spans).width <= width
    ]  # fmt: skip
    parts: list[list[int]] = []
    first, n = 0, len(made)
    while first < n:
        last = first
        while last + 1 < n and _measured(made, list(range(first, last + 2)), spans).width <= width:
            last += 1
        end = last
        if last + 1 < n:
            while end > first and any(a <= end < b for a, b in whole):
                end -= 1
            if any(a <= end < b for a, b in whole):
                end = last
            while end > first and _only_moves(made[end]):
                end -= 1  # copies are made where they are used
        parts.append(list(range(first, end + 1)))
        first = end + 1
    return parts


def _only_moves(column: Column) -> bool:
    return all(c.passes or isinstance(c.term, Rearrange) for c in column.cells)


def _measured(made: list[Column], part: list[int], spans: list) -> WireLine:
    """A line with its widths, heights not yet known."""
    line = WireLine(part)
    first, last = part[0], part[-1]
    for frame, a, b in spans:
        if a <= last and b >= first:
            line.frames.append((frame, max(a, first), min(b, last), a >= first, b <= last))
    x = 0.0 if first == 0 else TURN
    old: set[int] = set()
    for k in (*part, last + 1):
        bundles = made[k].left if k <= last else made[last].right
        begins = [f for f in line.frames if f[1] == k and f[3]]
        ends = [f for f in line.frames if f[2] == k - 1 and f[4]] if k > first else []
        x0 = x
        x += sum(_side(f[0]) for f in ends)
        room = label_room(labelled(bundles, old, k == first))
        label = x + 2.0 + room / 2
        x += room + 4.0 if room else 3.0
        x += sum(_side(f[0]) for f in begins)
        line.gap.append((x0, x))
        line.label.append(label)
        old |= {id(w) for b in bundles for w in b.wires}
        if k <= last:
            wide = max((size_of(c).width for c in made[k].cells), default=0.0)
            line.op.append((x, x + wide))
            x += wide
    line.width = x + (TURN if last + 1 < len(made) else 0.0)
    return line


def whole_in(frame: ColumnFrame, line: WireLine) -> bool:
    """True if a frame begins and ends in a line."""
    return any(f is frame and begins and ends for f, _, _, begins, ends in line.frames)


def _side(frame: ColumnFrame) -> float:
    """Room at one side of a frame; that of a loop is in its own columns."""
    return {"iterate": 0.0, "repeat": BRACKET + 2.0}.get(frame.kind, 5.0)


def heights(line: WireLine, made: list[Column]) -> None:
    """Give every wire of a line its height."""
    part = [made[k] for k in line.columns]
    asked = Demands()
    for bundles in (part[0].left, *(c.right for c in part)):
        _neighbours(asked, bundles)
    rooms = {id(f): _above(f, line) for f, *_ in line.frames}
    for column in part:
        _in_column(asked, column, rooms)
    wires = list(asked.order.values())
    for pair, gap in asked.across.items():
        if ranked(wires, asked.least | {pair: gap}):
            asked.keep(asked.order[pair[0]], asked.order[pair[1]], gap)
    settle(asked)
    _extent(line, part, wires, rooms)


def again(line: WireLine) -> None:
    """Give the wires of a line the heights that they have in it."""
    for w, y in line.wires:
        w.y = y


def _neighbours(asked: Demands, bundles: list[Bundle]) -> None:
    """Wires between two columns keep their distance."""
    wires = [(w, b) for b in bundles for w in b.wires]
    for w, _ in wires:
        asked.order.setdefault(id(w), w)
    for (w, b), (v, c) in pairwise(wires):
        asked.keep(w, v, PITCH if b is c else gap_of(b))
        asked.together[id(w), id(v)] = b is c


def _in_column(asked: Demands, column: Column, rooms: dict[int, float]) -> None:
    """Glyphs have room, and what they join is at one height if it can be."""
    previous: Cell | None = None
    for cell in column.cells:
        size = size_of(cell)
        for a, b, gap in size.apart:
            asked.keep(a, b, gap)
        if previous is not None:
            more = size.over + size_of(previous).under
            more += sum(rooms[id(f)] for f in cell.frames if f not in previous.frames)
            more += sum(5.0 for f in previous.frames if f not in cell.frames)
            for above, below in ((previous.takes, cell.takes), (previous.gives, cell.gives)):
                if above and below:
                    gap = gap_of(above[-1]) + more
                    asked.keep(above[-1].wires[-1], below[0].wires[0], gap)
            if not (previous.passes or cell.passes):  # glyphs that reach over both sides
                for above, below in ((previous.takes, cell.gives), (previous.gives, cell.takes)):
                    if above and below:
                        pair = id(above[-1].wires[-1]), id(below[0].wires[0])
                        asked.across[pair] = 2 * HALF + 3.0 + more
        if cell.takes or cell.gives:
            previous = cell
        force = BENT if isinstance(cell.term, Rearrange) else ONE if cell.whole else STRAIGHT
        asked.friends += [(a, b, force) for a, b in _joined(cell)]
        if isinstance(cell.term, Broadcast):
            for side in (cell.takes, cell.gives):
                asked.close += [(a.wires[-1], b.wires[0]) for a, b in pairwise(side)]


def _extent(line: WireLine, part: list[Column], wires: list[Wire], rooms: dict[int, float]) -> None:
    line.wires = [(w, w.y) for w in wires]
    top = min((w.y for w in wires), default=0.0)
    bottom = max((w.y for w in wires), default=0.0)
    over, under = 5.0, 5.0
    for column in part:
        cells = [c for c in column.cells if c.takes or c.gives]
        if not cells:
            continue
        first, last = cells[0], cells[-1]
        wire = (first.takes or first.gives)[0].wires[0]
        more = size_of(first).over + sum(rooms[id(f)] for f in first.frames)
        over = max(over, top - wire.y + more + 5.0)
        wire = (last.takes or last.gives)[-1].wires[-1]
        more = size_of(last).under + 4.0 * len(last.frames)
        under = max(under, wire.y - bottom + more + 6.0)
    line.top, line.bottom = top - over, bottom + under


def _above(frame: ColumnFrame, line: WireLine) -> float:
    """Room above a frame's first wire."""
    if frame.kind != "iterate":
        return FONT + 6.0
    if not whole_in(frame, line):
        return FONT + 4.0
    return 6.0 + LOOP * fed_wires(frame) + 4.0


def _joined(cell: Cell) -> list[tuple[Wire, Wire]]:
    """Wires that should be at one height if they can."""
    t = cell.term
    if t is None:
        return []
    if isinstance(t, Rearrange):
        found = []
        for n, k in enumerate(t.picks):
            pairs = zip(cell.takes[k].wires, cell.gives[n].wires, strict=False)
            found += [(a, b) for a, b in pairs if a is not b]
        return found
    found = []
    for b in cell.gives:
        for w in b.wires:
            same = [
                v for c in cell.takes for v in c.wires
                if v is not w
                and (v.uid == w.uid if w.axis else v.kind == w.kind and not cell.whole)
            ]  # fmt: skip
            found += [(v, w) for v in same]
    ends = [w for b in cell.takes for w in b.wires if not any(w is a for a, _ in found)]
    starts = [w for b in cell.gives for w in b.wires if not any(w is b2 for _, b2 in found)]
    if isinstance(t, Broadcast) and ends and starts:
        found += [(ends[-1], starts[-1])] if ends[-1] is not starts[-1] else []
    return found
