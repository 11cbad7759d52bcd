"""Legend below a circuit diagram; lists only symbols that occur in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from ..elements import Circuit, Edge
from ..geometry.curves import Curve
from ..geometry.shapes import Shape, aspect, dendrites, outline, shape_of
from ..layout.edge_labels import STRUCK
from ..layout.label_placement import Label
from ..rules import Rule
from ..text import fonts as text
from ..text import math as formula
from .arrowheads import edge_marks, sign_color
from .primitives import Formula, Group, Ink, Item, Mark, Words

GAP, LINE_ROOM = 11.0, 19.0
SAMPLE = 9.5  # height of the outline of a node
BETWEEN = 2.5  # between outlines in rows below one another, without their lines
_MEANING = (
    (r"\delta", "one-to-one"), (r"\Omega", "all-to-all"), ("X", "explicit list"),
    ("f(r)", "function of place"), ("p(r)", "probability by place"),
    ("p", "pairwise probability"), (r"N_{\mathrm {syn}}", "fixed total number"),
    (r"K_{\mathrm {in}}", "fixed in-degree"), (r"K_{\mathrm {out}}", "fixed out-degree"),
    ("A", "autapses"), (STRUCK["A"], "no autapses"), ("M", "multapses"),
    (STRUCK["M"], "no multapses"), (r"\bar{w}", "constant"), (r"w\sim", "distributed"),
    ("w(t)", "plastic"), ("{}^{*}", "inferred from the synapses"),
    ("{}^{?}", "inferred, uncertain"),
)  # fmt: skip


@dataclass(frozen=True)
class LegendEntry:
    """One entry: an outline, an edge or a formula, with its meaning as text or as a formula."""

    label: str = ""
    shape: Shape | None = None
    thin: bool = False
    edge: Edge | None = None
    tex: str = ""
    says: str = ""

    def room(self, size: float) -> float:
        """Width of the sample."""
        if self.tex:
            return formula.width(self.tex, size)
        wide = 0.0
        if self.shape is not None:
            wide += SAMPLE * aspect(self.shape) + 1.0
        if self.edge is not None:
            wide += LINE_ROOM - (3.0 if self.shape else 0.0)
        return wide

    def width(self, size: float) -> float:
        message = formula.width(self.says, size) if self.says else text.width(self.label, size)
        return self.room(size) + 3.5 + message


def legend_of(
    circuit: Circuit,
    edges: Sequence[Edge],
    key: Sequence[tuple[str, ...]] = (),
    classic: bool = False,
    labels: Sequence[Label] = (),
) -> list[list[LegendEntry]]:
    """Legend entries in paragraphs: shapes and lines, symbols, and numbered annotations."""
    written = [line for lines in key for line in lines]
    written += [line for n in labels for line in n.lines]
    paragraphs = [samples(circuit, edges, classic), _symbols(written)]
    paragraphs.append([LegendEntry(tex=f"{k + 1}", says=r",\,".join(n)) for k, n in enumerate(key)])
    return [p for p in paragraphs if p]


def samples(circuit: Circuit, edges: Sequence[Edge], classic: bool = False) -> list[LegendEntry]:
    """Entries for the node shapes, outlines and edge tips of this circuit, in a fixed order."""
    shapes = {shape_of(n.kind, n.sign, classic): n for n in circuit.nodes}
    arrowheads = {e.sign: e for e in edges if e.directed and e.kind != "recording"}
    found = [LegendEntry("input", "hexagon")] if "hexagon" in shapes else []
    for sign in ("excitatory", "inhibitory"):
        shape = shape_of("population", sign, classic)
        if shape in shapes or sign in arrowheads:
            edge = Edge("", "", "", sign) if sign in arrowheads else None
            found.append(LegendEntry(sign, shape if shape in shapes else None, edge=edge))
    if "square" in shapes:
        senders = {e.source for e in edges if e.directed and e.kind != "recording"}
        kinds = {
            "modulator" if n.kind == "modulator"
            else "unknown" if n.sign == "none" and n.name in senders
            else n.sign
            for n in circuit.nodes
            if shape_of(n.kind, n.sign) == "square"
        }  # fmt: skip
        message = {"mixed": "mixed", "none": "no output", "modulator": "modulator",
                   "unknown": "sign unknown"}  # fmt: skip
        found.append(LegendEntry(" or ".join(message[k] for k in sorted(kinds)), "square"))
    if "parallelogram" in shapes:
        found.append(LegendEntry("recorder", "parallelogram", thin=True))
    if arrowheads.keys() & {"mixed", "unknown"}:
        message = {"mixed": "either sign", "unknown": "sign unknown"}
        label = " or ".join(message[k] for k in sorted(arrowheads.keys() & set(message)))
        found.append(LegendEntry(label, edge=Edge("", "", "")))
    if "modulatory" in arrowheads:
        found.append(LegendEntry("modulatory", edge=Edge("", "", "", "modulatory")))
    if any(not e.directed for e in edges):
        found.append(
            LegendEntry("gap junctions", edge=Edge("", "", "", "mixed", kind="gap junction"))
        )
    if classic and any(e.plastic for e in edges):
        sign = next(e.sign for e in edges if e.plastic)
        found.append(LegendEntry("plastic", edge=Edge("", "", "", sign, True)))
    if any(e.rule is not None and e.rule.probabilistic for e in edges):
        found.append(LegendEntry("probabilistic", edge=_plain(Rule("p", 0.1))))
    if any(n.unit for n in circuit.nodes if n.kind != "recorder"):
        unit = next(n for n in circuit.nodes if n.unit and n.kind != "recorder")
        found.append(LegendEntry("single unit", shape_of(unit.kind, unit.sign, classic), thin=True))
    return found


def _plain(rule: Rule) -> Edge:
    return Edge("", "", "", "unknown", rule=rule)


def _symbols(written: Sequence[str]) -> list[LegendEntry]:
    """Entries for the symbols that occur in these formulas."""
    parts = {p for line in written for p in line.split(r",\,")}
    heads = {p.split("=")[0] for p in parts}
    bare = {h.replace("^{*}", "").replace("^{?}", "") for h in heads}
    overlined = any(h.startswith((r"\bar", r"\overline")) for h in bare)
    there = bare | ({r"\bar{w}"} if overlined else set())
    there |= {r"w\sim"} if any(r"\sim" in h for h in heads) else set()
    there |= {"w(t)"} if any("w(t)" in h for h in heads) else set()
    there |= {mark for mark in ("{}^{*}", "{}^{?}") if any(mark[2:] in h for h in heads)}
    return [LegendEntry(label, tex=tex) for tex, label in _MEANING if tex in there]


def draw(
    paragraphs: Sequence[Sequence[LegendEntry]],
    size: float,
    page: float,
    top: float,
    ink: Ink,
    classic: bool,
) -> tuple[Group, float]:
    """Legend centred below ``top`` on a page of width ``page``, and its height."""
    items: list[Item] = []
    y = top + 6.0
    for entries in paragraphs:
        left = list(entries)
        counts = rows([e.width(size) for e in entries], GAP, page - 12.0)
        for count in counts:
            row, left = left[:count], left[count:]
            pitch = _pitch(row, size)
            y += pitch / 2
            x = (page - sum(e.width(size) for e in row) - GAP * (count - 1)) / 2
            for e in row:
                items += _entry(e, x, y, size, ink, classic)
                x += e.width(size) + GAP
            y += pitch / 2
    height = y - top + 2.0 if paragraphs else 0.0
    return Group(tuple(items), cls="legend"), height


def column_height(paragraphs: Sequence[Sequence[LegendEntry]], size: float) -> float:
    """Height of the legend as one column."""
    return sum(_pitch([e], size) for p in paragraphs for e in p)


def beside(
    paragraphs: Sequence[Sequence[LegendEntry]],
    size: float,
    left: float,
    height: float,
    ink: Ink,
    classic: bool,
) -> tuple[Group, float]:
    """Legend as a column to the right of a drawing that ends at ``left``, and the width it adds.

    ``height`` is the total height; the column is centred vertically.
    """
    entries = [e for p in paragraphs for e in p]
    y = (height - column_height(paragraphs, size)) / 2
    items: list[Item] = []
    room = max((e.room(size) for e in entries), default=0.0)  # align the labels
    for e in entries:
        pitch = _pitch([e], size)
        items += _entry(e, left + GAP + room - e.room(size), y + pitch / 2, size, ink, classic)
        y += pitch
    wide = max((room - e.room(size) + e.width(size) for e in entries), default=-GAP)
    return Group(tuple(items), cls="legend"), GAP + wide + 6.0


def _pitch(row: Sequence[LegendEntry], size: float) -> float:
    """Height of a row: of its text, or of its outlines, which must not touch those below."""
    return max(size * 1.75, SAMPLE + 1.4 + BETWEEN if any(e.shape for e in row) else 0.0)


def _entry(e: LegendEntry, x: float, y: float, size: float, ink: Ink, classic: bool) -> list[Item]:
    items: list[Item] = []
    base = y + size * text.ASCENT / 2
    at = x
    if e.shape is not None:
        w = SAMPLE * aspect(e.shape)
        width = 0.6 if e.thin else 1.4
        items.append(
            Mark(outline(e.shape, at + w / 2, y, w, SAMPLE), stroke=ink.muted, width=width)
        )
        if e.shape == "pyramid":
            path = dendrites(at + w / 2, y, w, SAMPLE)
            items.append(Mark(path, stroke=ink.muted, width=0.9))
        at += w + 1.0
    if e.edge is not None:
        end = x + e.room(size)
        curve = Curve(0, ((at, y), (at + 3, y), (end - 3, y), (end, y)))
        items += edge_marks(curve, e.edge, sign_color(e.edge.sign, ink), classic)
    if e.tex:
        items.append(Formula(x, base, e.tex, size, ink.text, "start"))
    start = x + e.room(size) + 3.5
    if e.says:
        items.append(Formula(start, base, e.says, size, ink.text, "start"))
    else:
        items.append(Words(start, base, e.label, size, ink.text, "start"))
    return items


def rows(widths: Sequence[float], gap: float, limit: float) -> list[int]:
    """Number of entries in each row: the fewest rows, filled evenly."""
    if len(widths) > 12:  # too many combinations: fill row after row
        counts, used = [0], -gap
        for w in widths:
            if used + gap + w > limit and counts[-1]:
                counts.append(0)
                used = -gap
            counts[-1] += 1
            used += gap + w
        return counts
    count = 1
    while True:
        even = _split(widths, gap, count)
        if max(even[1]) <= limit or count >= len(widths):
            return even[0]
        count += 1


def _split(widths: Sequence[float], gap: float, count: int) -> tuple[list[int], list[float]]:
    best: tuple[float, list[int], list[float]] | None = None
    for cuts in combinations(range(1, len(widths)), count - 1):
        edges = [0, *cuts, len(widths)]
        parts = [widths[a:b] for a, b in pairwise(edges)]
        lengths = [sum(p) + gap * (len(p) - 1) for p in parts]
        if best is None or max(lengths) < best[0]:
            best = (max(lengths), [len(p) for p in parts], lengths)
    assert best is not None
    return best[1], best[2]
