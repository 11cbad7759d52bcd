"""Figures for paper: vector, exact in millimetres, fonts embedded, provenance inside the file."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from ..disk_errors import sentence
from ..errors import ParameterError, StoreError, unknown
from ..plots.kind import PlotKind
from ..plots.registry import in_figure, plot_kind
from .csv import csv_text
from .csv import header as header_of
from .file_format import VECTOR_OR_IMAGE, file_bytes
from .page import STYLE, Part, collage, page

if TYPE_CHECKING:
    from ..run import Run

__all__ = ["csv_text", "element_bytes", "figure", "figure_bytes", "panel_figure"]

FORMATS = (*VECTOR_OR_IMAGE, "csv")
WIDTHS_MM = (20.0, 400.0)
HEIGHTS_MM = (10.0, 1000.0)
TWO_COLUMNS_MM = 110.0  # panels stand side by side from this width on
# Matplotlib's settings and HoloViews' options are the process's; a server draws for many.
_lock = RLock()


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
    view      : which plot: `workbench.plots.kinds` lists them, with their options
    path      : file to write; its ending says how: svg, pdf, png or csv
    height_mm : None for a height that suits what is shown
    options   : of the plot, such as ``projection`` for weights, ``t_ms=(0, 100)``, or ``notation``
                for a circuit
    returns   : the path, or without one the Matplotlib figure
    raises    : UnknownName, ParameterError for what cannot be drawn; StoreError for what cannot be
                written
    """
    plot = _plot(what, view, options)
    if path is None:
        return plot.draw(width_mm, height_mm)
    path = Path(path)
    return _write(path, plot.encode(_ending(path, plot.formats), width_mm, height_mm))


def figure_bytes(
    run: Run,
    view: str = "raster",
    fmt: str = "pdf",
    width_mm: float = 85,
    height_mm: float | None = None,
    **options: Any,
) -> bytes:
    """One plot of a run as the bytes of a file: svg, pdf, png or csv."""
    return _plot(run, view, options).encode(fmt, width_mm, height_mm)


def element_bytes(
    element: Any,
    fmt: str = "pdf",
    width_mm: float = 174,
    height_mm: float | None = None,
    **options: Any,
) -> bytes:
    """A circuit, or any HoloViews element or layout, as the bytes of a file: svg, pdf or png."""
    return _plot(element, "", options).encode(fmt, width_mm, height_mm)


def panel_figure(
    run: Run,
    views: Sequence[str | tuple[str, dict[str, Any]]] | None = None,
    path: str | Path | None = None,
    width_mm: float = 174,
    fmt: str = "pdf",
    height_mm: float | None = None,
) -> Path | bytes:
    """Several plots as one figure with panel letters; returns the path, or the bytes.

    views : names, or (name, options) pairs; those of which the run has no data are left out.
            None: all plots
    """
    names = [k.id for k in in_figure(run)] if views is None else views
    named = [(item, {}) if isinstance(item, str) else item for item in names]
    plot = _all_of(run, named)
    if path is None:
        return plot.encode(fmt, width_mm, height_mm)
    path = Path(path)
    return _write(path, plot.encode(_ending(path, plot.formats), width_mm, height_mm))


# -- what is drawn -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Plot:
    """What becomes a figure: drawn, then encoded.

    title, header : written into the file
    layout        : makes the Matplotlib figure from a width and a height in mm
    table         : makes the text of a CSV file, where the plot has one
    """

    title: str
    header: dict[str, Any]
    layout: Callable[[float, float | None], Any]
    table: Callable[[], str] | None = None

    @property
    def formats(self) -> tuple[str, ...]:
        return VECTOR_OR_IMAGE if self.table is None else FORMATS

    def draw(self, width_mm: float, height_mm: float | None) -> Any:
        """The Matplotlib figure."""
        _check_size(width_mm, height_mm)
        with _drawing():
            return self.layout(width_mm, height_mm)

    def encode(self, fmt: str, width_mm: float, height_mm: float | None) -> bytes:
        """The bytes of a file."""
        if fmt not in self.formats:
            raise unknown("file format", fmt, self.formats)
        if fmt == "csv" and self.table is not None:
            return self.table().encode()
        _check_size(width_mm, height_mm)
        with _drawing():
            return file_bytes(self.layout(width_mm, height_mm), fmt, self.title, self.header)


def _plot(what: Any, view: str, options: dict[str, Any]) -> _Plot:
    """One plot of a run, a circuit, or an element or layout of HoloViews."""
    from ..run import Run

    if isinstance(what, Run):
        kind = plot_kind(view)
        return _Plot(
            f"{what.model}: {view}",
            header_of(what),
            lambda width, height: page([_part(what, kind, options)], width, height),
            None if kind.table is None else lambda: csv_text(what, view, **options),
        )
    return _Plot("figure", {}, lambda width, height: _page_of(what, options, width, height))


def _all_of(run: Run, named: Sequence[tuple[str, dict[str, Any]]]) -> _Plot:
    """Plots of a run side by side."""
    shown = [(plot_kind(name), options) for name, options in named]

    def layout(width_mm: float, height_mm: float | None) -> Any:
        parts = [_part(run, kind, options) for kind, options in shown if kind.has_data(run)]
        if not parts:
            raise ParameterError(f"This run of {run.model} has nothing that could be drawn.")
        if width_mm < TWO_COLUMNS_MM or len(parts) == 1:
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


def _part(run: Run, kind: PlotKind, options: dict[str, Any]) -> Part:
    from ..plots import colors_of

    element = kind.element(run, **options)
    return Part(
        element,
        lambda width_mm: kind.height_mm(width_mm, run, element, **options),
        colors=colors_of(run),
        notation=options.get("notation", ""),
    )


def _notation(options: dict[str, Any]) -> str:
    """The notation of a circuit, the only option it has."""
    from ..circuits.render.notations import DEFAULT, drawer

    rest = {k: v for k, v in options.items() if k != "notation"}
    if rest:
        raise unknown("option", next(iter(rest)), ["notation"], owner="a circuit's figure")
    notation = options.get("notation", DEFAULT)
    drawer(notation)
    return notation


@contextlib.contextmanager
def _drawing() -> Iterator[None]:
    """Matplotlib in our style whatever the user's, one thread at a time, then put back."""
    import matplotlib as mpl

    from ..plots import load_backend

    # Names of backends and paths are about the machine; the rest would change the plot.
    keep = ("backend", "interactive", "toolbar", "webagg", "tk", "macosx", "savefig.directory")
    plain = {k: v for k, v in mpl.rcParamsDefault.items() if not k.startswith(keep)}
    with _lock, mpl.rc_context():
        load_backend()
        settings: Any = mpl.rcParams
        settings.update(plain | STYLE)
        yield


# -- files -----------------------------------------------------------------------------------------


def _ending(path: Path, allowed: Sequence[str]) -> str:
    fmt = path.suffix.lower().lstrip(".")
    if fmt not in allowed:
        endings = ", ".join(f".{f}" for f in allowed[:-1]) + f" or .{allowed[-1]}"
        raise ParameterError(f"{path.name!r} has no ending that can be written: use {endings}.")
    return fmt


def _write(path: Path, data: bytes) -> Path:
    try:
        path.write_bytes(data)
    except OSError as error:
        if not path.parent.exists():
            message = f"the folder {path.parent} does not exist: make it first."
        else:
            message = sentence(error, path, len(data))
        raise StoreError(f"{path} cannot be written: {message}") from error
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
