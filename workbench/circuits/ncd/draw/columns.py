"""A term as columns of cells: what stands above what, and what comes after what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..term.arrays import Array, Axis
from ..term.terms import Block, Broadcast, Compose, Einsum, Iterate, Par, Rearrange, Term


@dataclass(eq=False)
class Wire:
    """One line of the drawing: an axis, the datatype of an array, or a single number."""

    axis: Axis | None
    kind: str = "axis"  # "axis", "bool", "int", "number", or "array" for a whole one
    new: bool = True  # something that was not there before, to be labelled
    y: float = 0.0
    heavy: bool = False  # drawn thick: not of real numbers

    @property
    def uid(self) -> str:
        return self.axis.uid if self.axis is not None else ""


@dataclass(eq=False)
class Bundle:
    """One array between two columns: its wires from top to bottom."""

    array: Array
    wires: list[Wire]
    floats: bool = False  # a function of single numbers stands below its wires

    def of(self, uid: str) -> Wire | None:
        return next((w for w in self.wires if w.uid == uid), None)

    def like(self, wire: Wire) -> Wire | None:
        """The wire of the same axis, or of the datatype."""
        if wire.axis is not None:
            return self.of(wire.uid)
        return next((w for w in self.wires if w.axis is None), None)


@dataclass(eq=False)
class ColumnFrame:
    """A part of the drawing with a bracket or a panel around it."""

    title: str
    kind: str  # "iterate", "block" or "repeat"
    fed: tuple[Array, ...] = ()  # what is fed back
    whole: bool = False  # its arrays are drawn as one wire each
    times: int = 1
    axis: Axis | None = None
    depth: int = 0


@dataclass(eq=False)
class Cell:
    """One glyph in one column, or arrays that pass; what comes in and goes out is filled in.

    opens, closes : the loop that begins or ends here; its fed-back arrays come first
    """

    term: Term | None
    n: int
    frames: tuple[ColumnFrame, ...] = ()
    opens: ColumnFrame | None = None
    closes: ColumnFrame | None = None
    whole: bool = False
    takes: list[Bundle] = field(default_factory=list)
    gives: list[Bundle] = field(default_factory=list)

    @property
    def passes(self) -> bool:
        return self.term is None and self.opens is None and self.closes is None


@dataclass(eq=False)
class Column:
    """Cells above each other, between ``left`` and ``right``."""

    cells: list[Cell]
    left: list[Bundle] = field(default_factory=list)
    right: list[Bundle] = field(default_factory=list)


def columns(term: Term, whole: bool = False) -> list[Column]:
    """The columns of a term, with every wire in its place; wires that pass are the same ones.

    whole : draw an array as one wire, which says the same with fewer lines
    """
    made = [Column(cells) for cells in _flat(term, ())]
    for column in made:
        for cell in column.cells:
            cell.whole = whole
            for frame in cell.frames:
                frame.whole = whole
    bundles = [bundle(a, whole) for a in term.domain]
    for column in made:
        column.left = bundles
        bundles = []
        at = 0
        for cell in column.cells:
            cell.takes = column.left[at : at + cell.n]
            at += cell.n
            cell.gives = _after(cell)
            bundles += cell.gives
        column.right = bundles
    for cell in (c for column in made for c in column.cells):
        if isinstance(cell.term, Broadcast) and cell.term.operator.glyph == "elementwise":
            cell.takes[-1].floats = cell.gives[-1].floats = True
    return made


def _after(cell: Cell) -> list[Bundle]:
    if cell.opens is not None:
        return [*(bundle(a, cell.whole) for a in cell.opens.fed), *cell.takes]
    if cell.closes is not None:
        return cell.takes[len(cell.closes.fed) :]
    return cell.takes if cell.term is None else _given(cell.term, cell.takes, cell.whole)


def bundle(array: Array, whole: bool = False) -> Bundle:
    """New wires for an array; its datatype goes below its first axis."""
    if whole:
        return Bundle(array, [Wire(None, "array", heavy=array.datatype != "real")])
    wires = [Wire(a) for a in array.axes]
    if array.datatype != "real":
        wires.insert(min(1, len(wires)), Wire(None, array.datatype, heavy=True))
    elif not wires:
        wires = [Wire(None, "number")]
    return Bundle(array, wires)


def _flat(term: Term, frames: tuple[ColumnFrame, ...]) -> list[list[Cell]]:
    if isinstance(term, Compose):
        return [column for t in term.terms for column in _flat(t, frames)]
    if isinstance(term, Par):
        parts = [_flat(t, frames) for t in term.terms]
        depth = max(len(p) for p in parts)
        for t, part in zip(term.terms, parts, strict=True):
            # What is shorter stands in the middle of what is longer.
            before = (depth - len(part)) // 2
            part[:0] = [_passing(len(t.domain), frames) for _ in range(before)]
            part += [_passing(len(t.codomain), frames) for _ in range(depth - len(part))]
        return [[c for part in parts for c in part[k]] for k in range(depth)]
    if isinstance(term, Iterate):
        fed = term.body.domain[: term.back]
        frame = ColumnFrame(term.title, "iterate", fed, axis=term.along, depth=len(frames))
        inner = (*frames, frame)
        begin = Cell(None, len(term.domain), inner, opens=frame)
        end = Cell(None, len(term.body.codomain), inner, closes=frame)
        return [[begin], *_flat(term.body, inner), [end]]
    if isinstance(term, Block):
        kind = "repeat" if term.repeat > 1 else "block"
        frame = ColumnFrame(term.title, kind, times=term.repeat, depth=len(frames))
        return _flat(term.body, (*frames, frame))
    if isinstance(term, Rearrange) and term.is_identity:
        return [_passing(len(term.takes), frames)]
    return [[Cell(term, len(term.domain), frames)]]


def _passing(n: int, frames: tuple[ColumnFrame, ...]) -> list[Cell]:
    return [Cell(None, 1, frames) for _ in range(n)]


def _given(term: Term, takes: list[Bundle], whole: bool) -> list[Bundle]:
    """The arrays a cell gives; wires that run past it are those that came in."""
    if isinstance(term, Rearrange):
        return _rearranged(term, takes, whole)
    gives = [bundle(a, whole) for a in term.codomain]
    if isinstance(term, Broadcast) and term.operator.glyph == "read":
        return [_read(takes[0], gives[0])]
    known = {w.uid for b in takes for w in b.wires}
    made = (
        {a.uid for x in term.operator.outputs for a in x.axes}
        if (isinstance(term, Broadcast))
        else set()
    )
    for b in gives:
        for w in b.wires:
            core = isinstance(term, Broadcast) and term.operator.linear and w.uid in made
            w.new = w.axis is None or w.uid not in known or core
    if whole:
        same = len(gives) == 1 and all(t.array == gives[0].array for t in takes)
        for b in gives:
            b.wires[0].new = not same
    if isinstance(term, Broadcast):
        degree = {a.uid for a in term.degree}
    elif isinstance(term, Einsum):
        degree = {w.uid for b in gives for w in b.wires if w.uid}
        seen = [w.uid for b in takes for w in b.wires]
        degree = {u for u in degree if seen.count(u) == 1}
    else:
        degree = set()
    if not keeps_order(term):
        return gives
    for b in gives:
        for k, wire in enumerate(b.wires):
            if wire.uid in degree:
                old = next((w for t in takes for w in t.wires if w.uid == wire.uid), None)
                if old is not None and not any(old in g.wires for g in gives):
                    b.wires[k] = old
    return gives


def _read(taken: Bundle, given: Bundle) -> Bundle:
    """All wires run on, but for one that is another axis from here on."""
    if taken.array == given.array:
        return taken
    pairs = zip(taken.wires, given.wires, strict=True)
    given.wires = [a if a.uid == b.uid and a.kind != "array" else b for a, b in pairs]
    return given


def keeps_order(term: Term) -> bool:
    """True if the wires that pass can be drawn straight: one array in, or nothing to merge."""
    if len(term.domain) != 1 or len(term.codomain) != 1:
        return False
    (taken,), (given,) = term.domain, term.codomain
    kept = [a.uid for a in given.axes if a.uid in [b.uid for b in taken.axes]]
    return kept == [a.uid for a in taken.axes if a.uid in kept]


def _rearranged(term: Rearrange, takes: list[Bundle], whole: bool) -> list[Bundle]:
    """Arrays that keep their order keep their wires; the others get new ones."""
    plain = [not (term.order and term.order[n]) for n in range(len(term.picks))]
    straight = _straight([k if plain[n] else -1 for n, k in enumerate(term.picks)])
    given = []
    for n, k in enumerate(term.picks):
        given.append(takes[k] if n in straight else bundle(term.codomain[n], whole))
        if n not in straight:
            for w in given[-1].wires:
                w.new = False
    return given


def _straight(picks: list[int]) -> set[int]:
    """Places of the longest rising run of picks: these can be drawn without a bend."""
    runs: list[tuple[int, list[int]]] = []
    best: list[int] = []
    for n, k in enumerate(picks):
        if k < 0:
            continue
        longest: list[int] = []
        for last, run in runs:
            if last < k and len(run) > len(longest):
                longest = run
        runs.append((k, [*longest, n]))
        best = runs[-1][1] if len(longest) + 1 > len(best) else best
    return set(best)


def frames_of(made: list[Column]) -> list[tuple[ColumnFrame, int, int]]:
    """Every frame with its first and last column, the outermost first."""
    found: dict[Any, list[int]] = {}
    for k, column in enumerate(made):
        for cell in column.cells:
            for frame in cell.frames:
                found.setdefault(frame, []).append(k)
    spans = [(f, min(ks), max(ks)) for f, ks in found.items()]
    return sorted(spans, key=lambda s: s[0].depth)
