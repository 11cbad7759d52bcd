"""A layout for a given width: laid out anew, so that text stays readable instead of shrinking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Literal

import numpy as np

from ..elements import Circuit
from .edge_labels import key_of, note
from .label_placement import Label, arrange, extent
from .layout import COMPACT, ROOMY, TIGHT, Direction, Layout, Style, drawn_edges, layout, unjoined

MM = 72 / 25.4  # points in a millimetre
MARGIN = 6.0
SMALLEST_PT = 6.0  # text smaller than this is not read on paper
LARGEST_SCALE = 1.15
FEW_EDGES = 8  # with more, only the kind of a weight is written, not its value
MANY_PARTS = 12  # with more, they stay below each other
MANY_EDGES = 90  # with more, a number on each would be all that is seen

Labels = Literal["auto", "full", "keyed", "none"]
STYLES = {"roomy": ROOMY, "compact": COMPACT, "tight": TIGHT}


@dataclass(frozen=True)
class Fit:
    """A layout, the factor by which it is drawn, and the width of the page in its own points.

    labels : what stands along the edges, in the layout's own points
    key    : annotations that stand in the key under a number; () where they stand on the edges
    left, above : what the labels need beside and over the layout
    """

    layout: Layout
    scale: float
    page: float
    labels: tuple[Label, ...] = ()
    key: tuple[tuple[str, ...], ...] = ()
    left: float = 0.0
    above: float = 0.0
    below: float = 0.0


@lru_cache(maxsize=64)
def fit(
    circuit: Circuit,
    width_mm: float | None,
    direction: Literal["auto", "right", "down"] = "auto",
    labels: Labels = "auto",
    style: Literal["auto", "roomy", "compact", "tight"] = "auto",
    classic: bool = False,
) -> Fit:
    """The most generous layout whose text is at least 6 pt at this width.

    width_mm  : None for the natural size
    direction : "auto" tries from left to right first, then downwards
    style     : "auto" tries from generous to tight
    labels    : annotations on the edges in full, under numbers in the key, or not at all; "auto"
                takes the first of these for which there is room
    """
    directions: tuple[Direction, ...] = ("right", "down") if direction == "auto" else (direction,)
    styles = tuple(STYLES.values()) if style == "auto" else (STYLES[style],)
    if style == "auto" and len(drawn_edges(circuit)) > MANY_EDGES:
        styles = (TIGHT,)  # nothing else can be meant, and each trial takes a while
    count = 1 if circuit.positions else unjoined(circuit)
    # Parts that nothing joins: all side by side, in two rows, below each other.
    rows = sorted({count, -(-count // 2), 0}, reverse=True) if 1 < count <= MANY_PARTS else [0]
    best: tuple[float, Fit] | None = None
    for rank, kind in enumerate(_kinds(circuit, labels)):
        if best is not None and best[0] < rank:
            break  # nothing better can come
        for way, sizes, across in product(directions, styles, rows):
            most = np.inf if best is None else best[0] - rank
            found = _try(circuit, width_mm, way, sizes, kind, classic, most, across)
            if found is None:
                continue
            cost = _cost(found) + rank
            if best is None or cost < best[0]:
                best = (cost, found)
            if cost < rank + 0.5 or width_mm is None:
                break
    assert best is not None
    return best[1]


def _kinds(circuit: Circuit, labels: Labels) -> list[str]:
    """Ways of annotating, the best first; the last one always finds a place."""
    count = len(drawn_edges(circuit))
    if labels == "none" or not count:
        return ["none"]
    if labels == "keyed":
        return ["keyed", "some"]
    if labels == "full" or count <= FEW_EDGES:
        return ["values", "full", "keyed", "some"]
    if count <= 3 * FEW_EDGES:
        return ["full", "keyed", "some"]
    return ["keyed", "some"] if count <= MANY_EDGES else ["none"]


def _try(
    circuit: Circuit,
    width_mm: float | None,
    way: Direction,
    sizes: Style,
    kind: str,
    classic: bool,
    most: float,
    across: int,
) -> Fit | None:
    """One layout with its labels; None where they do not fit in, or it costs more than ``most``."""
    wanted, key = _wanted(circuit, kind)
    placed = layout(circuit, way, _with_room(way, sizes, wanted), classic, across=across)
    bare = placed.width + 2 * MARGIN
    scale = 1.0 if width_mm is None else min(LARGEST_SCALE, width_mm * MM / bare)
    if not circuit.positions and _cost(Fit(placed, scale, bare)) >= most:
        return None
    found, missing = arrange(placed, wanted, sizes.small, kind == "some")
    if missing and kind != "some":
        return None
    natural = placed.width + 2 * MARGIN + sum(_beside(placed, found))
    scale = 1.0 if width_mm is None else min(LARGEST_SCALE, width_mm * MM / natural)
    if circuit.positions and width_mm is not None and scale * sizes.small < SMALLEST_PT:
        # What a person has placed keeps its arrangement; only the distances shrink.
        over = natural - width_mm * MM * sizes.small / SMALLEST_PT
        spread = max(placed.width - 2 * sizes.base, 1.0)
        squeezed = max(0.35, 1 - over / spread)
        placed = layout(circuit, way, _with_room(way, sizes, wanted), classic, squeezed)
        found, missing = arrange(placed, wanted, sizes.small, True)
        natural = placed.width + 2 * MARGIN + sum(_beside(placed, found))
        scale = min(LARGEST_SCALE, width_mm * MM / natural)
    page = natural if width_mm is None else width_mm * MM / scale
    above = max(0.0, -min((n.area[1] for n in found), default=0.0))
    below = max(0.0, max((n.area[3] for n in found), default=0.0) - placed.height)
    left, right = _beside(placed, found)
    left += (page - 2 * MARGIN - placed.width - left - right) / 2
    return Fit(placed, scale, page, tuple(found), key, left, above, below)


def _beside(placed: Layout, labels: list[Label]) -> tuple[float, float]:
    """How far labels stand out of a layout to the left and to the right."""
    left = max(0.0, -min((n.area[0] for n in labels), default=0.0))
    return left, max(0.0, max((n.area[2] for n in labels), default=0.0) - placed.width)


def _wanted(
    circuit: Circuit, kind: str
) -> tuple[dict[int, tuple[str, ...]], tuple[tuple[str, ...], ...]]:
    """Edge -> lines of its label; and the annotations to be explained in the key."""
    edges = drawn_edges(circuit)
    if kind == "none":
        return {}, ()
    notes = [note(e, values=kind == "values") for e in edges]
    if kind in ("values", "full"):
        return {k: n.lines for k, n in enumerate(notes) if n.lines}, ()
    key = key_of(notes)
    at = {lines: k + 1 for k, lines in enumerate(key)}
    # What can be learned is said on the edge itself.
    wanted: dict[int, tuple[str, ...]] = {
        k: ((rf"{at[n.lines]}\;w(t)" if edges[k].plastic else f"{at[n.lines]}"),)
        for k, n in enumerate(notes)
        if n.lines
    }
    return wanted, tuple(key)


def _cost(f: Fit) -> float:
    """What speaks against a layout: small text above all, then crowding, then a tall page."""
    style = f.layout.style
    small = max(0.0, SMALLEST_PT - f.scale * style.small)
    tightness = {ROOMY.name: 0.0, COMPACT.name: 0.8}.get(style.name, 1.5)
    tall = max(0.0, (f.layout.height + 2 * MARGIN) / f.page - 0.6)
    down = 0.4 if f.layout.direction == "down" else 0.0
    return (
        20.0 * small
        + 3.0 * (small > 1e-9)
        + tightness
        + 3.0 * tall
        + down
        + 0.05 * f.layout.error_banner
    )


def _with_room(direction: Direction, style: Style, wanted: dict[int, tuple[str, ...]]) -> Style:
    """The style with gaps wide enough for what is written along the edges."""
    sizes = [extent(lines, style.small) for lines in wanted.values()]
    wide = max((w for w, _ in sizes), default=0.0)
    tall = max((h for _, h in sizes), default=0.0)
    if direction == "down":  # pages are high enough as it is
        return replace(
            style, rank=max(0.72 * style.rank, tall + 14.0), node=max(style.node, 0.55 * wide)
        )
    return replace(style, rank=max(style.rank, wide + 12.0), node=max(style.node, 0.8 * tall))
