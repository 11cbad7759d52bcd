"""Put the axes of a figure's panels in their places, in mm, so that they are aligned.

Matplotlib's own layouts align what stands in one grid; panels of one axes, of several below one
another, with bars of colours and with a second plot beside them do not. What surrounds the axes is
measured instead: axes that begin at one line of the grid leave as much room at the left as the one
among them that needs most, and so for the three other sides.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from matplotlib.ticker import FixedLocator, MaxNLocator

from .drawing import GRID, Lettering

BETWEEN_MM, EDGE_MM = 2.0, 0.5  # beside another panel, at the edge of the figure
ABOVE_MM = 1.2  # of a row, but the first
STACKED_MM = 1.2  # between axes below one another
BAR_MM, BAR_GAP_MM = 1.8, 1.2  # of a bar of colours
LEAST_MM = 4.0  # axes are no smaller, whatever surrounds them
A_TICK_MM = {"x": 11.0, "y": 5.5}  # at most one number each
MEASURED_DPI = 432  # letters of few pixels are drawn wider or narrower than they are on paper
PASSES = 3  # room changes the numbers at the axes, and these the room
LEGEND: dict[str, Any] = {
    "loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.1, "borderpad": 0.1,
    "handlelength": 1.0, "handletextpad": 0.4, "columnspacing": 1.2, "labelspacing": 0.25,
    "frameon": False,
}  # fmt: skip


@dataclass(eq=False)
class Cell:
    """One panel: where it stands, and its axes.

    row, start, end : the row, and the lines of the grid between which it stands
    letter : "" for none
    axes   : below one another
    bars   : bars of colours, each of one of the axes;  twins: axes on top of others
    beside : a second plot at the right, and its share of the width
    fills  : the axes take all of the panel, as of a circuit
    """

    row: int
    start: int
    end: int
    letter: str = ""
    axes: list[Any] = field(default_factory=list)
    bars: list[Any] = field(default_factory=list)
    twins: list[Any] = field(default_factory=list)
    beside: Any = None
    share: float = 0.0
    fills: bool = False

    @property
    def others(self) -> list[Any]:
        return [*self.bars, *self.twins, *([] if self.beside is None else [self.beside])]

    def add_axes(self, figure: Any) -> Any:
        """New axes below those that there are."""
        grid = figure.add_gridspec(1, 1)
        self.axes.append(figure.add_subplot(grid[0], label=f"{id(self)}-{len(self.axes)}"))
        return self.axes[-1]

    def note_others(self, found: Iterable[Any]) -> None:
        """Tell apart what a plot has added to its axes."""
        for axes in found:
            if axes in self.axes:
                continue
            if axes.get_label() == "<colorbar>":
                axes.set_box_aspect(None)
                self.bars.append(axes)
            elif any(axes in main.get_shared_x_axes().get_siblings(main) for main in self.axes):
                self.twins.append(axes)
            else:
                self.beside = axes
                first, second = axes.get_subplotspec().get_gridspec().get_width_ratios()
                self.share = second / (first + second)


@dataclass
class Room:
    """What surrounds axes, in mm."""

    left: float = 0.0
    right: float = 0.0
    top: float = 0.0
    bottom: float = 0.0
    inside: float = 0.0  # between two axes below one another
    between: float = 0.0  # between the axes and the plot beside them

    def grow(self, other: Room) -> None:
        for name in vars(self):
            setattr(self, name, max(getattr(self, name), getattr(other, name)))


def place(figure: Any, cells: list[Cell], heights_mm: list[float], lettering: Lettering) -> None:
    """Put everything in its place; ``heights_mm`` are those of the rows."""
    dpi = figure.dpi
    figure.set_dpi(MEASURED_DPI)
    try:
        _place(figure, cells, heights_mm, lettering)
    finally:
        figure.set_dpi(dpi)


def _place(figure: Any, cells: list[Cell], heights_mm: list[float], lettering: Lettering) -> None:
    mm = 1 / 25.4
    width, height = (inches / mm for inches in figure.get_size_inches())
    tops = [height - sum(heights_mm[:r]) for r in range(len(heights_mm))]
    for cell in cells:
        if cell.letter:
            x = cell.start / GRID * width + (BETWEEN_MM / 2 if cell.start else EDGE_MM)
            y = tops[cell.row] - (ABOVE_MM if cell.row else EDGE_MM)
            figure.text(
                x / width, y / height, cell.letter, fontsize=lettering.letter_pt,
                fontweight="bold", ha="left", va="top",
            )  # fmt: skip
    found = {id(c): Room(left=10, right=2, top=4, bottom=9, inside=3, between=8) for c in cells}
    for attempt in range(PASSES):
        for cell, box in _boxes(cells, found, tops, heights_mm, width, lettering):
            _set(cell, box, found[id(cell)], width, height)
        for cell in cells:
            if not cell.fills:
                _fit(cell, lettering, names=attempt > 0)  # at first, places are guessed
        if attempt < PASSES - 1:
            if attempt:  # the names are broken where they have to be
                _align_names(figure, cells)
            figure.draw_without_rendering()
            found = {id(c): _measured(c) for c in cells}
    _align_names(figure, cells)


def _boxes(
    cells: list[Cell],
    found: dict[int, Room],
    tops: list[float],
    heights: list[float],
    width: float,
    lettering: Lettering,
) -> Iterable[tuple[Cell, tuple[float, float, float, float]]]:
    """The place of each panel's axes together: left, bottom, right, top in mm."""
    left: dict[int, Room] = {}
    right: dict[int, Room] = {}
    rows: dict[int, Room] = {}
    for cell in cells:
        if cell.fills:
            continue
        room = found[id(cell)]
        left.setdefault(cell.start, Room()).grow(room)
        right.setdefault(cell.end, Room()).grow(room)
        rows.setdefault(cell.row, Room()).grow(room)
    letter_mm = 1.15 * lettering.letter_pt * 25.4 / 72
    for cell in cells:
        x0 = cell.start / GRID * width + (BETWEEN_MM / 2 if cell.start else EDGE_MM)
        x1 = cell.end / GRID * width - (BETWEEN_MM / 2 if cell.end < GRID else EDGE_MM)
        y1 = tops[cell.row] - (ABOVE_MM if cell.row else EDGE_MM)
        y0 = tops[cell.row] - heights[cell.row] + EDGE_MM
        lettered = letter_mm if any(c.letter for c in cells if c.row == cell.row) else 0.0
        if cell.fills:
            yield cell, (x0, y0, x1, y1 - lettered)
            continue
        row = rows[cell.row]
        least = letter_mm if cell.letter else 0.0  # of room at the left, for its letter
        x0 += max(left[cell.start].left, least)
        x1 = max(x1 - right[cell.end].right, x0 + LEAST_MM)
        y0, y1 = y0 + row.bottom, y1 - max(row.top, lettered)
        yield cell, (x0, min(y0, y1 - LEAST_MM), x1, y1)


def _set(
    cell: Cell, box: tuple[float, float, float, float], room: Room, width: float, height: float
) -> None:
    x0, y0, x1, y1 = box
    n = len(cell.axes)
    gap = (room.inside + STACKED_MM) if n > 1 else 0.0
    each = max((y1 - y0 - gap * (n - 1)) / n, LEAST_MM)
    end = x1
    if cell.beside is not None:
        inner = x1 - x0 - room.between
        end = x0 + max((1 - cell.share) * inner, LEAST_MM)
        _put(cell.beside, end + room.between, y0, x1, y1, width, height)
    for k, axes in enumerate(cell.axes):
        top = y1 - k * (each + gap)
        _put(axes, x0, top - each, end, top, width, height)
        for twin in cell.twins:
            if axes in twin.get_shared_x_axes().get_siblings(twin):
                _put(twin, x0, top - each, end, top, width, height)
    for bar in cell.bars:  # at the right of the first of the axes
        at = end + BAR_GAP_MM
        _put(bar, at, y1 - each, at + BAR_MM, y1, width, height)


def _put(
    axes: Any, x0: float, y0: float, x1: float, y1: float, width: float, height: float
) -> None:
    axes.set_position((x0 / width, y0 / height, (x1 - x0) / width, (y1 - y0) / height))
    axes.set_in_layout(True)  # what is placed by hand would not be measured


def _fit(cell: Cell, lettering: Lettering, names: bool) -> None:
    """No more numbers than there is room for; legends and names no longer than their axes."""
    for axes in cell.axes if names else ():
        _fit_name(axes)
    for axes in [*cell.axes, *cell.others]:
        box = axes.get_window_extent()
        dpi = axes.get_figure(root=True).dpi
        for name, axis, pixels in (("x", axes.xaxis, box.width), ("y", axes.yaxis, box.height)):
            if axes in cell.bars and name == "x":
                continue
            locator = axis.get_major_locator()
            if isinstance(locator, FixedLocator) or axis.get_scale() != "linear":
                continue
            most = max(2, int(pixels / dpi * 25.4 / A_TICK_MM[name] * 6 / lettering.tick_pt))
            if isinstance(locator, MaxNLocator):
                locator.set_params(nbins=min(most, 8), min_n_ticks=2)
        _fit_legend(axes, lettering)


def _fit_name(axes: Any) -> None:
    """Break a name that is longer than its axis at a comma or a bracket.

    What is too long even so loses what is behind the comma, which the caption says too.
    """
    label, room = axes.yaxis.label, axes.get_window_extent().height
    text = label.get_text()
    if not text or label.get_window_extent().height <= room:
        return
    if "\n" not in text and (", " in text or " (" in text):
        label.set_text(
            text.replace(", ", ",\n", 1) if ", " in text else text.replace(" (", "\n(", 1)
        )
    if ",\n" in label.get_text() and label.get_window_extent().height > room:
        label.set_text(text.replace(",\n", ", ").partition(", ")[0])


def _fit_legend(axes: Any, lettering: Lettering) -> None:
    legend = axes.get_legend()
    if legend is None:
        return
    names = [text.get_text() for text in legend.get_texts()]
    handles = list(legend.legend_handles)
    for columns in range(len(names), 0, -1):
        new = axes.legend(handles, names, ncols=columns, fontsize=lettering.tick_pt, **LEGEND)
        if new.get_window_extent().width <= 1.02 * axes.get_window_extent().width:
            return


def _measured(cell: Cell) -> Room:
    """How far the names, numbers, legends and bars reach out of the axes."""
    if cell.fills:
        return Room()
    figure = cell.axes[0].get_figure(root=True)
    renderer, mm = figure.canvas.get_renderer(), 25.4 / figure.dpi
    room = Room()
    reach = []
    for axes in cell.axes:
        inner, outer = axes.get_window_extent(), axes.get_tightbbox(renderer)
        satellites = [
            t for t in cell.twins if t.get_position().bounds == axes.get_position().bounds
        ]
        boxes = [outer, *(s.get_tightbbox(renderer) for s in satellites)]
        boxes = [b for b in boxes if b is not None]
        reach.append(
            Room(
                left=inner.x0 - min(b.x0 for b in boxes),
                right=max(b.x1 for b in boxes) - inner.x1,
                top=max(b.y1 for b in boxes) - inner.y1,
                bottom=inner.y0 - min(b.y0 for b in boxes),
            )
        )
    for each in reach:
        room.grow(Room(left=each.left, right=each.right))
    edge = cell.axes[0].get_window_extent().x1
    for bar in cell.bars:
        room.right = max(room.right, bar.get_tightbbox(renderer).x1 - edge)
    room.top, room.bottom = reach[0].top, reach[-1].bottom
    for upper, lower in itertools.pairwise(reach):
        room.inside = max(room.inside, upper.bottom + lower.top)
    if cell.beside is not None:
        inner, outer = cell.beside.get_window_extent(), cell.beside.get_tightbbox(renderer)
        room.between = room.right + inner.x0 - outer.x0 + 1.0 / mm
        room.right = outer.x1 - inner.x1
        room.bottom = max(room.bottom, inner.y0 - outer.y0)
        room.top = max(room.top, outer.y1 - inner.y1)
    return Room(**{name: max(value, 0.0) * mm for name, value in vars(room).items()})


def _align_names(figure: Any, cells: list[Cell]) -> None:
    """Names of vertical axes that begin at one line of the grid stand in one line too."""
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    lines: dict[int, list[Any]] = {}
    for cell in cells:
        named = [axes for axes in cell.axes if axes.get_ylabel() and not cell.fills]
        lines.setdefault(cell.start, []).extend(named)
    for axes_of in lines.values():
        if len(axes_of) < 2:
            continue
        right = min(axes.yaxis.label.get_window_extent(renderer).x1 for axes in axes_of)
        for axes in axes_of:
            label, inner = axes.yaxis.label, axes.get_window_extent()
            shift = right - label.get_window_extent(renderer).x1
            x, _y = label.get_transform().transform(label.get_position())
            axes.yaxis.set_label_coords((x + shift - inner.x0) / inner.width, 0.5)
