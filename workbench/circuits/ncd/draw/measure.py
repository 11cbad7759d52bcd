"""How much room glyphs and labels take, in points."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...text import fonts as text
from ...text import math as formula
from ..term.arrays import Array, Axis
from ..term.operators import Linear, Operator
from ..term.program import Machine
from ..term.terms import Broadcast, Einsum, Rearrange
from .columns import Bundle, Cell, ColumnFrame, Wire, bundle

FONT = 6.2  # labels, at the final size: above 6 points, what journals ask for
PITCH = 9.0  # between wires of one array
GAP = 14.0  # between arrays
HALF = 3.6  # of a glyph on one wire
LEAD = 3.5  # wire between the edge of a column and its glyph
HEX = 3.9  # half the height of a hexagon
LINE = 7.0  # of text in a box
LOOP = 3.2  # between the lines of a loop
BRACKET = 5.0


@dataclass
class Size:
    """Room of a cell: its width, what it needs beyond its wires, and more than `PITCH` between
    two of them."""

    width: float = 0.0
    over: float = 0.0
    under: float = 0.0
    apart: tuple[tuple[Wire, Wire, float], ...] = ()


def label_of(axis: Axis) -> str:
    """TeX of an axis."""
    return formula.symbol(axis.symbol) if axis.symbol else str(axis.size or "")


def tex_width(tex: str, size: float = FONT) -> float:
    return formula.width(tex, size) if tex else 0.0


def gap_of(above: Bundle) -> float:
    """Least distance from the last wire of an array to the first of the next."""
    return GAP + 2.0 if above.wires[0].kind == "array" else GAP


def dash_height(above: Bundle, below: Bundle) -> float:
    """Where the dashes between two arrays run: above the labels of the lower one."""
    gap = below.wires[0].y - above.wires[-1].y
    if gap >= 2 * GAP:  # the room is for what stands over the lower array: a loop, a bracket
        return above.wires[-1].y + 0.6 * GAP + (PITCH if above.floats else 0.0)
    return below.wires[0].y - gap_of(above) + 0.33 * GAP


def label_of_wire(w: Wire, array: Array) -> str:
    """TeX of what stands on a wire."""
    if w.axis is not None:
        return label_of(w.axis)
    if w.kind != "array":
        return ""
    letter = {"bool": r"\mathbb{B}", "int": r"\mathbb{Z}"}.get(array.datatype, r"\mathbb{R}")
    axes = r"\times ".join(label_of(a) for a in array.axes)
    return f"{letter}^{{{axes}}}" if axes else letter


def fed_wires(frame: ColumnFrame) -> int:
    """How many wires a loop feeds back."""
    return sum(len(bundle(a, frame.whole).wires) for a in frame.fed)


def name_lines(op: Operator) -> tuple[str, ...]:
    """The name of a box in lines of text; () when it is a formula."""
    if not isinstance(op, Machine) or op.kind != "neurons":
        return ()
    words = re.sub(r"[^\w\[\]:. -]", "", op.name)
    return text.wrap(words, FONT, 34.0)


def box_size(op: Operator) -> tuple[float, float]:
    """Width and height that the name of a box needs."""
    lines = name_lines(op)
    if not lines:
        return (max(12.0, tex_width(op.name) + 6.0), 2 * HALF)
    wide = max(text.width(line, FONT) for line in lines)
    return (max(16.0, wide + 6.0), len(lines) * LINE + 3.0)


def core_in(cell: Cell) -> list[Wire]:
    """The wires that end in a glyph."""
    if not isinstance(cell.term, Broadcast):
        return [w for b in cell.takes for w in b.wires]
    found = []
    for k, b in enumerate(cell.takes):
        own = {a.uid for a in cell.term.operator.inputs[k].axes}
        own |= {
            r.axis.uid for r in cell.term.reindexings
            if r.source == k and any(a.uid in own for a in r.to) and r.axis.uid not in own
        }  # fmt: skip
        found += [w for w in b.wires if w.axis is None or w.uid in own]
    return found


def core_out(cell: Cell) -> list[Wire]:
    """The wires that begin at a glyph."""
    if not isinstance(cell.term, Broadcast):
        return [w for b in cell.gives for w in b.wires]
    if not cell.takes:
        return [w for b in cell.gives for w in b.wires]
    found = []
    for array, b in zip(cell.term.operator.outputs, cell.gives, strict=True):
        own = {a.uid for a in array.axes}
        found += [w for w in b.wires if w.axis is None or w.uid in own]
    return found


def tags(cell: Cell) -> list[tuple[Wire, str, str]]:
    """Hexagons and tags on the wires that come in: (wire, TeX, "hexagon" or "tag")."""
    if not isinstance(cell.term, Broadcast):
        return []
    found = []
    for r in cell.term.reindexings:
        b = cell.takes[r.source]
        wire = b.wires[0] if cell.whole else b.of(r.axis.uid)
        if wire is not None and r.label:
            same = any(a.uid == r.axis.uid for a in r.to)
            found.append((wire, r.label, "hexagon" if same else "tag"))
    return found


def tag_width(tex: str) -> float:
    return tex_width(tex) + 2 * HEX + 1.0


def tag_room(cell: Cell) -> float:
    """Width of the part of a cell in which its wires are re-indexed."""
    if not isinstance(cell.term, Broadcast):
        return 0.0
    core = set(map(id, core_in(cell)))
    room: dict[int, float] = {}
    for w, tex, _ in tags(cell):
        if id(w) in core:  # one after the other
            room[id(w)] = room.get(id(w), 0.0) + tag_width(tex) + LEAD
    return max(room.values(), default=0.0)


def elementwise_tags(cell: Cell) -> float:
    """Room for what is re-indexed before several arrays meet."""
    return max((tag_width(tex) + LEAD for _, tex, _ in tags(cell)), default=0.0)


def gathers(cell: Cell) -> bool:
    """True if broadcast wires of several arrays are joined before the glyph."""
    t = cell.term
    if not isinstance(t, Broadcast) or t.operator.glyph in ("add", "elementwise"):
        return False
    core = set(map(id, [*core_in(cell), *core_out(cell)]))
    given = {id(w) for b in cell.gives for w in b.wires}
    return any(id(w) not in core and id(w) not in given for b in cell.takes for w in b.wires)


def size_of(cell: Cell) -> Size:
    """Room that a cell takes."""
    t = cell.term
    frame = cell.opens or cell.closes
    if frame is not None:
        return Size(BRACKET + 9.0 + LOOP * fed_wires(frame))
    if t is None:
        return Size()
    if isinstance(t, Rearrange):
        moved = sum(a is not b for a, b in zip(cell.takes, cell.gives, strict=False))
        return Size(14.0 + min(moved, 5) * 2.0)
    if isinstance(t, Einsum):
        return Size(20.0)
    assert isinstance(t, Broadcast)
    op = t.operator
    glyph = op.glyph
    if glyph == "add":
        return Size(18.0)
    if glyph == "elementwise":
        wide = tex_width(op.name) + 15.0
        free = max((tag_width(tex) for _, tex, _ in tags(cell)), default=0.0)
        if len(cell.takes) > 1:
            return Size(wide + 12.0 + elementwise_tags(cell) + 2 * LEAD, under=PITCH)
        return Size(max(wide, free) + 2 * LEAD, under=PITCH)
    if glyph == "read":
        wide = max((tag_width(tex) for _, tex, _ in tags(cell)), default=0.0)
        return Size(wide + 2 * LEAD, over=1.0)
    if glyph in ("softmax", "circle"):
        return Size(2 * HALF + 2 * LEAD + 4 + tag_room(cell))
    if glyph in ("source", "sink"):
        return Size(tex_width(op.name) + 16.0)
    wide, high = box_size(op)
    wide += 2 * LEAD + tag_room(cell) + (13.0 if gathers(cell) else 0.0)
    free_tags = [tag_width(tex) for w, tex, _ in tags(cell) if w not in core_in(cell)]
    wide = max(wide, max(free_tags, default=0.0) + 2 * LEAD)
    return _box(cell, Size(wide), high)


def _box(cell: Cell, size: Size, high: float) -> Size:
    """Make room for the height of a box, and for a hexagon beside it."""
    inside = list(core_out(cell)) or core_in(cell)
    own = set(map(id, [*core_in(cell), *core_out(cell)]))
    has = (max(len(inside), 1) - 1) * PITCH + 2 * HALF
    more = max(0.0, (high - has) / 2)
    apart: list[tuple[Wire, Wire, float]] = []
    for b in (*cell.takes, *cell.gives):
        for above, below in zip(b.wires, b.wires[1:], strict=False):
            edge = (id(above) in own) != (id(below) in own)
            if edge:
                apart.append((above, below, max(PITCH, HALF + 3.0 + more)))
    for wire, _, kind in tags(cell):
        for b in cell.takes:
            for above, below in zip(b.wires, b.wires[1:], strict=False):
                if wire in (above, below) and kind == "hexagon":
                    apart.append((above, below, HEX + HALF + 2.2))
    size.apart = tuple(apart)
    top = cell.gives[0].wires[0] if cell.gives else None
    size.over = more if top is None or id(top) in own else 0.0
    last = cell.gives[-1].wires[-1] if cell.gives else None
    size.under = more if last is None or id(last) in own else 0.0
    if any(kind == "hexagon" for _, _, kind in tags(cell)):
        size.over = max(size.over, 1.0)
    return size


def labelled(bundles: list[Bundle], old: set[int], start: bool) -> list[tuple[Wire, str]]:
    """The wires that get a label between two columns: what is new there, or all of a line."""
    return [
        (w, label_of_wire(w, b.array)) for b in bundles for w in b.wires
        if id(w) not in old and (w.new or start) and w.kind != "number"
    ]  # fmt: skip


def label_room(labels: list[tuple[Wire, str]]) -> float:
    """Width of labels."""
    return max((tex_width(tex) if tex else 5.0 for _, tex in labels), default=0.0)


def sign_of(op: Operator) -> str:
    return op.sign if isinstance(op, Linear) else ""
