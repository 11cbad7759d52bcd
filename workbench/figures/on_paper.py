"""Draw a `FigurePage`: each panel on axes of its own, which `placing` then puts in their places."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import ParameterError, WorkbenchError, in_brief
from ..plots import styling as ps
from ..plots.registry import plot_kind
from ..plots.traces.static import drawn_names
from .as_seen import draw_panel, panel_height_mm
from .canvas import ExportedFigure
from .csv import header
from .drawing import GRID, drawing
from .file_format import VECTOR_OR_IMAGE, file_bytes
from .page import Part, rasterise, render, tidy
from .placing import Cell, place
from .time_axes import count_from, hide_time, scale_bars

if TYPE_CHECKING:
    from .composed import FigurePage, Panel

STROKE, STROKE_PT = 0.07, 0.6  # of the height of the axes: a spike marked on a trace
LOWEST_MM = 16.0  # of a panel whose height is not given


def draw(page: FigurePage) -> Any:
    """The Matplotlib figure, exactly as wide as the page says.

    raises : ParameterError without panels, or for a panel whose run has no data for it
    """
    with drawing(page.lettering), _fitting(page):
        return _drawn(page)


def encode(page: FigurePage, fmt: str) -> bytes:
    """The figure as the bytes of a file, with what it takes to repeat its runs.

    raises : UnknownName for a format that is none of svg, pdf and png; ParameterError as `draw`
    """
    from ..errors import unknown

    if fmt not in VECTOR_OR_IMAGE:
        raise unknown("file format", fmt, VECTOR_OR_IMAGE)
    runs = {id(p.run): p.run for p in page.panels if p.run is not None}
    about = {
        "caption": page.caption(), "runs": [header(run) for run in runs.values()],
        "panels": [p.plot or p.name for p in page.panels],
    }  # fmt: skip
    with drawing(page.lettering), _fitting(page):
        return file_bytes(_drawn(page), fmt, "Figure", about)


def height_of(page: FigurePage) -> float:
    """Height of the whole figure."""
    with drawing(page.lettering), _fitting(page):
        return sum(_row_heights(page, [[_part(page, p) for p in row] for row in page.rows()]))


@contextmanager
def _fitting(page: FigurePage) -> Iterator[None]:
    """Within the block, what a card showed may be from a file whose parts do not fit together."""
    try:
        yield
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        if isinstance(error, WorkbenchError) or not any(p.seen for p in page.panels):
            raise
        raise ParameterError(
            f"What a card showed cannot be drawn ({in_brief(error)}): save the figure again."
        ) from error


def _drawn(page: FigurePage) -> Any:
    if not page.panels:
        raise ParameterError("A figure without panels cannot be drawn: add one first.")
    rows = page.rows()
    parts = [[_part(page, panel) for panel in row] for row in rows]
    heights = _row_heights(page, parts)
    figure = ExportedFigure(page.width_mm, sum(heights), placed=True)
    cells: list[Cell] = []
    for r, row in enumerate(rows):
        start = 0
        for panel, part in zip(row, parts[r], strict=True):
            cell = Cell(r, start, start + panel.columns, page.letter(len(cells)))
            cells.append(cell)
            start = cell.end
            _fill(figure, cell, panel, part, page)
    for cell, panel in zip(cells, page.panels, strict=True):
        _time(cell, panel, goes_on=_goes_on_below(cell, panel, cells, page.panels))
    place(figure, cells, heights, page.lettering)
    rasterise(figure)
    return figure


def _part(page: FigurePage, panel: Panel) -> Part:
    """What a panel draws, and its height at a width."""
    if panel.seen is not None:
        return Part(panel.seen, partial(panel_height_mm, panel.seen))
    run, kind = panel.run, plot_kind(panel.plot)
    assert run is not None
    if not kind.has_data(run):
        raise ParameterError(f"This run of {run.model} has nothing for the plot {kind.id!r}.")
    element = kind.element(run, panel_mm=_width_mm(page, panel), **panel.options)
    return Part(
        element,
        lambda width: kind.height_mm(width, run, element, **panel.options),
        colors=ps.colors_of(run),
        notation=panel.options.get("notation", ""),
    )


def _width_mm(page: FigurePage, panel: Panel) -> float:
    return page.width_mm * panel.columns / GRID


def _row_heights(page: FigurePage, parts: list[list[Part]]) -> list[float]:
    """The highest panel of each row; a circuit has the height of its layout at least."""
    found = []
    for row, drawn in zip(page.rows(), parts, strict=True):
        heights = []
        for panel, part in zip(row, drawn, strict=True):
            suits = part.height_mm(_width_mm(page, panel))
            given = panel.height_mm if panel.height_mm is not None else max(suits, LOWEST_MM)
            heights.append(max(given, suits) if part.draws_itself else given)
        found.append(max(heights))
    return found


def _fill(figure: Any, cell: Cell, panel: Panel, part: Part, page: FigurePage) -> None:
    """Draw a panel on new axes, and note which these are."""
    import holoviews as hv

    before = list(figure.axes)
    if part.draws_itself:
        from ..circuits.render.export import draw as draw_circuit

        scene = part.scene(_width_mm(page, panel))
        axes = cell.add_axes(figure)
        axes.set(xlim=(0, scene.width), ylim=(scene.height, 0), aspect="equal", anchor="N")
        axes.axis("off")
        draw_circuit(axes, scene)
        cell.fills = True
        return
    if panel.seen is not None:
        draw_panel(figure, cell.add_axes(figure), panel.seen)
    else:
        stack = list(part.element.values()) if isinstance(part.element, hv.Layout) else None
        for element in stack or [part.element]:
            render(element, figure, cell.add_axes(figure))
        if panel.spikes:
            _mark_spikes(cell, panel)
    cell.note_others([axes for axes in figure.axes if axes not in before])
    equal = panel.seen is not None and panel.seen.equal
    for axes in [*cell.axes, *cell.others]:
        tidy(axes, page.lettering)
        if equal and axes in cell.axes:
            axes.set_aspect("equal", adjustable="box")
        for label in (axes.xaxis.label, axes.yaxis.label):
            label.set_text(_in_sentence_case(label.get_text()))


def _mark_spikes(cell: Cell, panel: Panel) -> None:
    """Strokes above the lines at the spikes of their neurons, in the colours of the lines."""
    run, span = panel.run, panel.span_ms
    assert run is not None and span is not None
    scale, _unit = ps.time_unit(*span)
    names = drawn_names(run, panel.options.get("name"))
    for axes, name in zip(cell.axes, names, strict=False):
        population = name.rpartition(".")[0]
        samples = run.samples(name)
        if population not in run.populations or samples.of != "neurons":
            continue
        t, neuron = run.spikes(population, span)
        lines = list(axes.lines)
        low, high = axes.get_ylim()
        room = STROKE * (high - low)
        for k, (index, line) in enumerate(zip(samples.index.tolist(), lines, strict=False)):
            top = high + room * (k + 1)
            axes.vlines(
                t[neuron == index] * scale, top - 0.8 * room, top, colors=line.get_color(),
                linewidth=STROKE_PT,
            )  # fmt: skip
        axes.set_ylim(low, high + room * (len(lines) + 0.3))


def _in_sentence_case(label: str) -> str:
    """Words of a label with a capital; a symbol, such as r, keeps its letter."""
    return ps.sentence(label) if len(label.split(" ")[0]) > 2 else label


def _time(cell: Cell, panel: Panel, goes_on: bool) -> None:
    """The axis of time, as the panel wants it."""
    if not panel.has_time:
        return
    span = panel.span_ms
    assert span is not None
    scale, unit = ps.time_unit(*span)
    if panel.seen is not None:
        scale, unit = panel.seen.x_scale, "s" if panel.seen.x_scale < 1 else "ms"
    if panel.zero_ms:
        for axes in cell.axes:
            count_from(axes, panel.zero_ms * scale)
    for axes in cell.axes[:-1]:
        axes.tick_params(labelbottom=False)
        axes.set_xlabel("")
    if panel.axis == "scale bar":
        traces = panel.plot == "traces"
        for axes in cell.axes:
            last = axes is cell.axes[-1] and not goes_on
            scale_bars(axes, unit if last else "", values=traces)
    elif goes_on:
        hide_time(cell.axes[-1])


def _goes_on_below(cell: Cell, panel: Panel, cells: list[Cell], panels: list[Panel]) -> bool:
    """Whether the panel below it has the same axis of time, which then serves both."""
    return any(
        (other.row, other.start, other.end) == (cell.row + 1, cell.start, cell.end)
        and below.span_ms is not None
        and (below.span_ms, below.zero_ms, below.axis) == (panel.span_ms, panel.zero_ms, panel.axis)
        for other, below in zip(cells, panels, strict=True)
    )
