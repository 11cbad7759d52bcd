"""A layout for a given width: laid out anew, so that text stays readable instead of shrinking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

from . import text
from .form import Circuit
from .layout import COMPACT, ROOMY, TIGHT, Direction, Layout, Style, layout

MM = 72 / 25.4  # points in a millimetre
MARGIN = 6.0
SMALLEST_PT = 6.0  # text smaller than this is not read on paper
LARGEST_SCALE = 1.15
FEW_EDGES = 6  # with more, rules along the edges are in one another's way


STYLES = {"roomy": ROOMY, "compact": COMPACT, "tight": TIGHT}


@dataclass(frozen=True)
class Fit:
    """A layout, the factor by which it is drawn, and the width of the page in its own points."""

    layout: Layout
    scale: float
    page: float
    labels: bool


def fit(
    circuit: Circuit,
    width_mm: float | None,
    direction: Literal["auto", "right", "down"] = "auto",
    labels: bool | None = None,
    style: Literal["auto", "roomy", "compact", "tight"] = "auto",
) -> Fit:
    """The most generous layout whose text is at least 6 pt at this width.

    width_mm  : None for the natural size
    direction : "auto" tries from left to right first, then downwards
    style     : "auto" tries from generous to tight
    labels    : connection rules along the edges; None: where there are few edges
    """
    if labels is None:
        labels = 0 < len(circuit.edges) <= FEW_EDGES
    directions: tuple[Direction, ...] = ("right", "down") if direction == "auto" else (direction,)
    best: tuple[float, Fit] | None = None
    styles = STYLES.values() if style == "auto" else (STYLES[style],)
    for way, sizes in product(directions, styles):
        placed = layout(circuit, way, _with_room(circuit, way, sizes, labels))
        natural = placed.width + 2 * MARGIN
        if width_mm is None:
            return Fit(placed, 1.0, natural, labels)
        scale = min(LARGEST_SCALE, width_mm * MM / natural)
        found = Fit(placed, scale, width_mm * MM / scale, labels)
        cost = _cost(found)
        if best is None or cost < best[0]:
            best = (cost, found)
        if cost < 0.5:
            break  # nothing better can come
    assert best is not None
    return best[1]


def _cost(f: Fit) -> float:
    """What speaks against a layout: small text above all, then crowding, then a tall page."""
    style = f.layout.style
    small = max(0.0, SMALLEST_PT - f.scale * style.small)
    tightness = {ROOMY.name: 0.0, COMPACT.name: 0.8}.get(style.name, 1.5)
    tall = max(0.0, (f.layout.height + 2 * MARGIN) / f.page - 0.5)
    down = 0.4 if f.layout.direction == "down" else 0.0
    return 20.0 * small + tightness + 2.5 * tall + down + 0.05 * f.layout.trouble


def _with_room(circuit: Circuit, direction: Direction, style: Style, labels: bool) -> Style:
    """The style with gaps wide enough for what is written along the edges."""
    if direction == "down":  # pages are high enough as it is
        rank, node = (10.0, 14.0) if labels else (0.0, 0.0)
        return replace(style, rank=0.66 * style.rank + rank, node=style.node + node)
    if not labels:
        return style
    widest = max(
        (text.width(e.rule.words, style.small) for e in circuit.edges if e.rule), default=0.0
    )
    return replace(style, rank=max(style.rank, widest + 22.0), node=style.node + 8.0)
