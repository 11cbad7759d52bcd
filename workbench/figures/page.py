"""Lay out plots on a page of an exact size, and adapt HoloViews' output for print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .drawing import LETTER_PT, LETTERING, MM, Lettering

RASTERISE_ABOVE = 50_000  # a vector file with more marks is too large to open
LETTER_MM = 4.0  # height of a panel letter
PAGE_MM = 235.0  # usable height of a journal page


@dataclass(eq=False)
class Part:
    """One panel: the element to draw, and its preferred height at a given width.

    height : function of the width in mm that returns the height in mm, or None for the default
    """

    element: Any
    height: Callable[[float], float | None] = lambda _width_mm: None
    colors: dict[str, str] = field(default_factory=dict)
    notation: str = ""  # of a circuit

    @property
    def draws_itself(self) -> bool:
        """Whether it is a circuit, which is drawn without HoloViews."""
        from ..circuits.elements import Circuit

        return isinstance(self.element, Circuit)

    def height_mm(self, width_mm: float) -> float:
        """Preferred height of the panel in mm at a given width."""
        if self.draws_itself:
            scene = self.scene(width_mm)
            return float(scene.height * scene.scale / 72 / MM)
        found = self.height(width_mm)
        return min(0.62 * width_mm, 110.0) if found is None else found

    def scene(self, width_mm: float) -> Any:
        """Lay out the circuit for a given width."""
        from ..circuits.render.notations import DEFAULT, drawer

        return drawer(self.notation or DEFAULT)(self.element, width_mm, False, self.colors)


def page(
    parts: Sequence[Part],
    width_mm: float,
    height_mm: float | None = None,
    columns: int = 1,
    letters: bool = False,
) -> Any:
    """Draw a Matplotlib figure of exactly ``width_mm``: rows of ``columns`` panels each."""
    columns = max(1, min(columns, len(parts)))
    rows = [list(parts[k : k + columns]) for k in range(0, len(parts), columns)]
    above = LETTER_MM if letters else 0.0
    heights = [max(p.height_mm(width_mm / columns) for p in row) + above for row in rows]
    drawn = _canvas(width_mm, height_mm or sum(heights))
    strips = drawn.subfigures(len(rows), 1, squeeze=False, height_ratios=heights)[:, 0]
    k = 0
    for strip, row in zip(strips, rows, strict=True):
        cells = strip.subfigures(1, columns, squeeze=False)[0]
        for cell, part in zip(cells, row, strict=False):
            _fill(drawn, cell, part, width_mm / columns, letter_of(k) if letters else "")
            k += 1
    return _finished(drawn)


def collage(parts: Sequence[Part], width_mm: float, height_mm: float | None = None) -> Any:
    """Draw a Matplotlib figure with lettered panels in two columns of about equal height.

    A panel that is much lower at full width, such as a long circuit, spans both columns.
    """
    half = width_mm / 2
    wide = [p for p in parts if p.height_mm(width_mm) + 30.0 < p.height_mm(half)]
    columns: tuple[list[Part], list[Part]] = ([], [])
    filled = [0.0, 0.0]
    for part in (p for p in parts if p not in wide):
        k = int(filled[1] < filled[0] - 1e-6)
        columns[k].append(part)
        filled[k] += part.height_mm(half) + LETTER_MM
    bands = [p.height_mm(width_mm) + LETTER_MM for p in wide]
    if any(filled):
        bands.append(max(filled))
    if sum(bands) > PAGE_MM and any(filled):  # shrink the columns; wide panels keep their height
        bands[-1] = max(PAGE_MM - sum(bands[:-1]), 0.6 * bands[-1])
    drawn = _canvas(width_mm, height_mm or sum(bands))
    strips = drawn.subfigures(len(bands), 1, squeeze=False, height_ratios=bands)[:, 0]
    for k, part in enumerate(wide):
        _fill(drawn, strips[k], part, width_mm, letter_of(k))
    if not any(filled):
        return _finished(drawn)
    block = strips[-1].subfigures(1, 2, squeeze=False)[0]
    cells = []  # (start from the top as a fraction of the column height, cell, part)
    for cell, column in zip(block, columns, strict=True):
        if column:
            heights = [p.height_mm(half) + LETTER_MM for p in column]
            stack = cell.subfigures(len(column), 1, squeeze=False, height_ratios=heights)[:, 0]
            starts = np.cumsum([0.0, *heights[:-1]]) / sum(heights)
            cells += list(zip(starts, stack, column, strict=True))
    in_order = sorted(cells, key=lambda c: round(c[0], 2))  # stable: left before right
    for k, (_, cell, part) in enumerate(in_order, len(wide)):
        _fill(drawn, cell, part, half, letter_of(k))
    return _finished(drawn)


def letter_of(k: int) -> str:
    """Letter of panel ``k``, from 0: a to z, then aa."""
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    return alphabet[k] if k < 26 else alphabet[k // 26 - 1] + alphabet[k % 26]


def _canvas(width_mm: float, height_mm: float) -> Any:
    from .canvas import ExportedFigure

    return ExportedFigure(width_mm, height_mm)


def _finished(drawn: Any) -> Any:
    for axes in drawn.axes:
        tidy(axes)
    rasterise(drawn)
    return drawn


def _fill(drawn: Any, cell: Any, part: Part, width_mm: float, letter: str) -> None:
    import holoviews as hv

    from .as_seen import draw_panel, is_seen

    if letter:
        cell.suptitle(letter, x=0.012, ha="left", fontweight="bold", fontsize=LETTER_PT)
    if part.draws_itself:
        _circuit(cell, part, width_mm, LETTER_MM if letter else 0.0)
    elif is_seen(part.element):
        draw_panel(cell, cell.subplots(), part.element)
    elif isinstance(part.element, hv.Layout):
        stack = list(part.element.values())
        all_axes = cell.subplots(len(stack), 1, sharex=True, squeeze=False)[:, 0]
        for axes, element in zip(all_axes, stack, strict=True):
            render(element, drawn, axes)
            if axes is not all_axes[-1]:
                axes.tick_params(labelbottom=False)
        cell.align_ylabels(all_axes)
    else:
        render(part.element, drawn, cell.subplots())


def render(element: Any, drawn: Any, axes: Any) -> None:
    """Let HoloViews draw an element on given axes, so that the layout takes it into account."""
    import holoviews as hv

    hv.renderer("matplotlib").get_plot(element, fig=drawn, axis=axes)


def _circuit(cell: Any, part: Part, width_mm: float, above_mm: float) -> None:
    """Draw a circuit in the middle of its panel, at the size of its layout."""
    from ..circuits.render.export import draw

    scene = part.scene(width_mm)
    high = part.height_mm(width_mm)
    axes = cell.add_axes((0, 0, 1, high / (high + above_mm)), in_layout=False)
    axes.set(xlim=(0, scene.width), ylim=(scene.height, 0), aspect="equal")
    axes.axis("off")
    draw(axes, scene)


def tidy(axes: Any, lettering: Lettering = LETTERING) -> None:
    """Set text sizes, hide spines and clean up the legend."""
    if not axes.axison:
        return
    axes.set_aspect("auto")
    if axes.get_label() != "<colorbar>":
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    for text in (axes.xaxis.label, axes.yaxis.label):
        text.set_size(lettering.label_pt)
    axes.tick_params(labelsize=lettering.tick_pt, labelrotation=0)
    if axes.title.get_text():
        axes.title.set_size(lettering.label_pt)
    legend = axes.get_legend()
    if legend is not None:
        legend.set_title(None)
        for text in legend.get_texts():
            text.set_size(lettering.tick_pt)
    for text in axes.texts:
        text.set_size(max(text.get_size(), lettering.tick_pt))


def rasterise(drawn: Any) -> None:
    """Rasterise the marks if there are too many; axes and text remain vectors."""
    for axes in drawn.axes:
        marks = {c: _n_marks(c) for c in axes.collections}
        if sum(marks.values()) > RASTERISE_ABOVE:
            for collection, n in marks.items():
                collection.set_rasterized(n > 100)


def _n_marks(collection: Any) -> int:
    from matplotlib.collections import LineCollection, PathCollection

    if isinstance(collection, PathCollection):
        return int(np.ma.shape(collection.get_offsets())[0])
    if isinstance(collection, LineCollection):
        return len(collection.get_paths())
    return 0
