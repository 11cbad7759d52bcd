"""Figures for papers: vector formats, exact size in mm, embedded fonts and provenance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ParameterError, StoreError, unknown
from ..plots.kind import PlotKind
from ..plots.registry import in_figure, plot_kind
from ..whole_file import written_whole
from .as_seen import panel_height_mm
from .csv import csv_text
from .csv import header as header_of
from .drawing import drawing
from .file_format import VECTOR_OR_IMAGE, file_bytes
from .page import Part, collage, page

if TYPE_CHECKING:
    from ..plots.live.seen import Seen
    from ..run import Run

__all__ = ["csv_text", "element_bytes", "figure", "figure_bytes", "panel_figure"]

FORMATS = (*VECTOR_OR_IMAGE, "csv")
WIDTHS_MM = (20.0, 400.0)
HEIGHTS_MM = (10.0, 1000.0)
TWO_COLUMNS_MM = 110.0  # from this width on, panels are placed in two columns


def figure(
    what: Any,
    view: str = "raster",
    path: str | Path | None = None,
    width_mm: float = 85,
    height_mm: float | None = None,
    **options: Any,
) -> Any:
    """Draw one plot of a run, or any HoloViews element, at exactly ``width_mm``.

    what      : a `Run`, a `Circuit`, or a HoloViews element or layout (``view`` is then ignored)
    view      : name of the plot; `workbench.plots.kinds` lists the plots and their options
    path      : file to write; its extension sets the format: svg, pdf, png or csv
    height_mm : None for a height that suits the content
    options   : options of the plot, such as ``projection`` for weights, ``t_ms=(0, 100)``, or
                ``notation`` for a circuit
    returns   : the path, or the Matplotlib figure if no path is given
    raises    : UnknownName or ParameterError if it cannot be drawn; StoreError if it cannot be
                written
    """
    plot = _plot(what, view, options)
    if path is None:
        return plot.draw(width_mm, height_mm)
    path = Path(path)
    return write(path, plot.encode(ending(path, plot.formats), width_mm, height_mm))


def figure_bytes(
    run: Run,
    view: str = "raster",
    fmt: str = "pdf",
    width_mm: float = 85,
    height_mm: float | None = None,
    **options: Any,
) -> bytes:
    """Encode one plot of a run as the bytes of a file: svg, pdf, png or csv."""
    return _plot(run, view, options).encode(fmt, width_mm, height_mm)


def element_bytes(
    element: Any,
    fmt: str = "pdf",
    width_mm: float = 174,
    height_mm: float | None = None,
    **options: Any,
) -> bytes:
    """Encode a circuit or a HoloViews element or layout as a file: svg, pdf or png."""
    return _plot(element, "", options).encode(fmt, width_mm, height_mm)


def panel_figure(
    run: Run,
    views: Sequence[str | tuple[str, dict[str, Any]]] | None = None,
    path: str | Path | None = None,
    width_mm: float = 174,
    fmt: str = "pdf",
    height_mm: float | None = None,
    also: Sequence[Seen] = (),
) -> Path | bytes:
    """Draw several plots as one figure with panel letters; return the path, or the bytes.

    views : names, or (name, options) pairs; plots for which the run has no data are left out.
            None: all plots
    also  : further panels, as they are seen on a page
    """
    names = [k.id for k in in_figure(run)] if views is None else views
    named = [(item, {}) if isinstance(item, str) else item for item in names]
    plot = _all_of(run, named, also)
    if path is None:
        return plot.encode(fmt, width_mm, height_mm)
    path = Path(path)
    return write(path, plot.encode(ending(path, plot.formats), width_mm, height_mm))


# -- drawing -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Plot:
    """A plot that can be drawn and encoded as a file.

    title, header : metadata written into the file
    layout        : function of a width and a height in mm that returns the Matplotlib figure
    table         : function that returns the text of a CSV file, if the plot has one
    """

    title: str
    header: dict[str, Any]
    layout: Callable[[float, float | None], Any]
    table: Callable[[], str] | None = None

    @property
    def formats(self) -> tuple[str, ...]:
        return VECTOR_OR_IMAGE if self.table is None else FORMATS

    def draw(self, width_mm: float, height_mm: float | None) -> Any:
        """Draw the Matplotlib figure."""
        _check_size(width_mm, height_mm)
        with drawing():
            return self.layout(width_mm, height_mm)

    def encode(self, fmt: str, width_mm: float, height_mm: float | None) -> bytes:
        """Encode the plot as the bytes of a file."""
        if fmt not in self.formats:
            raise unknown("file format", fmt, self.formats)
        if fmt == "csv" and self.table is not None:
            return self.table().encode()
        _check_size(width_mm, height_mm)
        with drawing():
            return file_bytes(self.layout(width_mm, height_mm), fmt, self.title, self.header)


def _plot(what: Any, view: str, options: dict[str, Any]) -> _Plot:
    """Plot of a run, a circuit, or a HoloViews element or layout."""
    from ..run import Run

    if isinstance(what, Run):
        kind = plot_kind(view)
        return _Plot(
            f"{what.model}: {view}",
            header_of(what),
            lambda width, height: page([_part(what, kind, options, width)], width, height),
            None if kind.table is None else lambda: csv_text(what, view, **options),
        )
    return _Plot("figure", {}, lambda width, height: _page_of(what, options, width, height))


def _all_of(
    run: Run, named: Sequence[tuple[str, dict[str, Any]]], also: Sequence[Seen] = ()
) -> _Plot:
    """Plots of a run side by side."""
    shown = [(plot_kind(name), options) for name, options in named]

    def layout(width_mm: float, height_mm: float | None) -> Any:
        drawn = [(kind, options) for kind, options in shown if kind.has_data(run)]
        if not drawn and not also:
            raise ParameterError(f"This run of {run.model} has nothing that could be drawn.")
        one = width_mm < TWO_COLUMNS_MM or len(drawn) + len(also) == 1
        parts = [_part(run, *each, width_mm if one else width_mm / 2) for each in drawn]
        parts += [Part(seen, partial(panel_height_mm, seen)) for seen in also]
        if one:
            return page(parts, width_mm, height_mm, letters=len(parts) > 1)
        return collage(parts, width_mm, height_mm)

    return _Plot(run.model, header_of(run), layout)


def _page_of(what: Any, options: dict[str, Any], width_mm: float, height_mm: float | None) -> Any:
    import holoviews as hv

    from ..circuits.elements import Circuit

    if isinstance(what, Circuit):
        return page([Part(what, notation=_notation(options))], width_mm, height_mm)
    if isinstance(what, hv.Layout | hv.GridSpace | hv.NdLayout):
        parts = [Part(element) for element in what.values()]
        columns = min(what._max_cols, len(what)) if isinstance(what, hv.Layout) else len(what)
        return page(parts, width_mm, height_mm, columns, letters=len(parts) > 1)
    return page([Part(what)], width_mm, height_mm)


def _part(run: Run, kind: PlotKind, options: dict[str, Any], panel_mm: float) -> Part:
    from ..plots import colors_of

    element = kind.element(run, panel_mm=panel_mm, **options)
    return Part(
        element,
        lambda width_mm: kind.height_mm(width_mm, run, element, **options),
        colors=colors_of(run),
        notation=options.get("notation", ""),
    )


def _notation(options: dict[str, Any]) -> str:
    """Return the notation of a circuit, its only option."""
    from ..circuits.render.notations import DEFAULT, drawer

    rest = {k: v for k, v in options.items() if k != "notation"}
    if rest:
        raise unknown("option", next(iter(rest)), ["notation"], owner="a circuit's figure")
    notation = options.get("notation", DEFAULT)
    drawer(notation)
    return notation


# -- files -----------------------------------------------------------------------------------------


def ending(path: Path, allowed: Sequence[str]) -> str:
    """The format that a path names; raises ParameterError for one that is not allowed."""
    fmt = path.suffix.lower().lstrip(".")
    if fmt not in allowed:
        endings = ", ".join(f".{f}" for f in allowed[:-1]) + f" or .{allowed[-1]}"
        raise ParameterError(f"{path.name!r} has no ending that can be written: use {endings}.")
    return fmt


def write(path: Path, data: bytes) -> Path:
    """Write a file; raises StoreError with what to do."""
    if not path.parent.exists():
        raise StoreError(
            f"{path} cannot be written: the folder {path.parent} does not exist: make it first."
        )
    with written_whole(path, len(data)) as new:
        new.write_bytes(data)
    return path


def _check_size(width_mm: float, height_mm: float | None) -> None:
    low, high = WIDTHS_MM
    if not (isinstance(width_mm, int | float) and low <= width_mm <= high):
        raise ParameterError(
            f"width_mm = {width_mm!r} is not allowed: between {low:g} and {high:g} mm; journals "
            "take 85 (one column), 120 or 174 (two columns)."
        )
    low, high = HEIGHTS_MM
    if height_mm is not None and not (
        isinstance(height_mm, int | float) and low <= height_mm <= high
    ):
        raise ParameterError(
            f"height_mm = {height_mm!r} is not allowed: between {low:g} and {high:g} mm, or None "
            "for one that suits."
        )
