"""Figures for paper: vector, exact in millimetres, fonts embedded, provenance inside the file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from ..disk_errors import sentence
from ..errors import ParameterError, StoreError, unknown
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
PANELS = ("circuit", "raster", "map", "rates", "traces", "weights")
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
    """Draw one picture of a run, or any HoloViews element, at exactly ``width_mm``.

    what      : a `Run`, a `Circuit`, or a HoloViews element or layout (``view`` is then ignored)
    view      : "raster", "map", "rates", "traces", "weights" or "circuit"
    path      : file to write; its ending says how: svg, pdf, png or csv
    height_mm : None for a height that suits what is shown
    options   : of the view, such as ``projection`` for weights, ``t_ms=(0, 100)``, or ``notation``
                for a circuit: "senk", "classic", "ncd" or "cpt"
    returns   : the path, or without one the Matplotlib figure
    raises    : UnknownName, ParameterError for what cannot be drawn; StoreError for what cannot be
                written
    """
    if path is None:
        _check_size(width_mm, height_mm)
        with _drawing():
            return _draw(what, view, width_mm, height_mm, options)
    path = Path(path)
    fmt = _ending(path, FORMATS if _is_run(what) else VECTOR_OR_IMAGE)
    if _is_run(what):
        return _write(path, figure_bytes(what, view, fmt, width_mm, height_mm, **options))
    return _write(path, element_bytes(what, fmt, width_mm, height_mm, **options))


def figure_bytes(
    run: Run,
    view: str = "raster",
    fmt: str = "pdf",
    width_mm: float = 85,
    height_mm: float | None = None,
    **options: Any,
) -> bytes:
    """One picture of a run as the bytes of a file: svg, pdf, png or csv."""
    if fmt not in FORMATS:
        raise unknown("file format", fmt, FORMATS)
    if fmt == "csv":
        return csv_text(run, view, **options).encode()
    _check_size(width_mm, height_mm)
    with _drawing():
        drawn = _draw(run, view, width_mm, height_mm, options)
        return file_bytes(drawn, fmt, f"{run.model}: {view}", header_of(run))


def element_bytes(
    element: Any,
    fmt: str = "pdf",
    width_mm: float = 174,
    height_mm: float | None = None,
    **options: Any,
) -> bytes:
    """A circuit, or any HoloViews element or layout, as the bytes of a file: svg, pdf or png."""
    _check_size(width_mm, height_mm)
    with _drawing():
        drawn = _draw(element, "", width_mm, height_mm, options)
        return file_bytes(drawn, fmt, "figure", {})


def panel_figure(
    run: Run,
    views: Sequence[str | tuple[str, dict[str, Any]]] = PANELS,
    path: str | Path | None = None,
    width_mm: float = 174,
    fmt: str = "pdf",
    height_mm: float | None = None,
) -> Path | bytes:
    """Several views as one figure with panel letters; returns the path, or the bytes.

    views : names, or (name, options) pairs; those of which the run has no data are left out
    """
    if path is not None:
        fmt = _ending(Path(path), VECTOR_OR_IMAGE)
    _check_size(width_mm, height_mm)
    named = [(item, {}) if isinstance(item, str) else item for item in views]
    with _drawing():
        parts = [_part(run, name, options) for name, options in named if has_data(run, name)]
        if not parts:
            raise ParameterError(f"This run of {run.model} has nothing that could be drawn.")
        if width_mm < TWO_COLUMNS_MM or len(parts) == 1:
            drawn = page(parts, width_mm, height_mm, letters=len(parts) > 1)
        else:
            drawn = collage(parts, width_mm, height_mm)
        data = file_bytes(drawn, fmt, run.model, header_of(run))
    return data if path is None else _write(Path(path), data)


# -- drawing ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def _drawing() -> Iterator[None]:
    """Matplotlib in our style whatever the user's, one thread at a time, then put back."""
    import matplotlib as mpl

    from ..plots import load_backend

    # Names of backends and paths are about the machine; the rest would change the picture.
    keep = ("backend", "interactive", "toolbar", "webagg", "tk", "macosx", "savefig.directory")
    plain = {k: v for k, v in mpl.rcParamsDefault.items() if not k.startswith(keep)}
    with _lock, mpl.rc_context():
        load_backend()
        settings: Any = mpl.rcParams
        settings.update(plain | STYLE)
        yield


def _draw(
    what: Any, view: str, width_mm: float, height_mm: float | None, options: dict[str, Any]
) -> Any:
    import holoviews as hv

    from ..circuits.elements import Circuit

    if _is_run(what):
        return page([_part(what, view, options)], width_mm, height_mm)
    if isinstance(what, Circuit):
        return page([Part(what, "circuit", notation=_notation(options))], width_mm, height_mm)
    if isinstance(what, hv.Layout | hv.GridSpace | hv.NdLayout):
        elements = list(what.values())
        columns = min(what._max_cols, len(what)) if isinstance(what, hv.Layout) else len(what)
        parts = [Part(element) for element in elements]
        return page(parts, width_mm, height_mm, columns, letters=len(parts) > 1)
    return page([Part(what)], width_mm, height_mm)


def _part(run: Run, view: str, options: dict[str, Any]) -> Part:
    import holoviews as hv

    from ..plots import VIEWS, colors_of

    if view not in VIEWS:
        raise unknown("view", view, VIEWS)
    try:
        element = VIEWS[view](run, **options)
    except TypeError as error:
        if "unexpected keyword" not in str(error):
            raise
        raise ParameterError(f"The view {view!r} cannot be drawn so: {error}.") from error
    part = Part(element, view, colors=colors_of(run), notation=options.get("notation", ""))
    if view in ("raster", "rates"):
        part.n_rows = len(options.get("populations") or run.info.spikers or run.info.populations)
    elif view == "traces":
        part.n_rows = len(element) if isinstance(element, hv.Layout) else 1
    elif view == "weights" and isinstance(element, hv.QuadMesh):
        p = run.info.projection(options.get("projection") or _default_projection(run))
        part.shape = (run.info.population(p.target).entries, run.info.population(p.source).entries)
    return part


def _notation(options: dict[str, Any]) -> str:
    """The notation of a circuit, the only option it has."""
    from ..circuits.render.notations import DEFAULT, drawer

    rest = {k: v for k, v in options.items() if k != "notation"}
    if rest:
        raise unknown("option", next(iter(rest)), ["notation"], owner="a circuit's figure")
    notation = options.get("notation", DEFAULT)
    drawer(notation)
    return notation


def _default_projection(run: Run) -> str:
    from ..plots import default_projection

    return default_projection(run)


def has_data(run: Run, view: str) -> bool:
    """Whether a panel of this view would show something: a page has no room for empty ones."""
    if view == "circuit":
        return run.info.circuit is not None
    if view == "map":
        return any(name in run.states for name in run.info.maps)
    if view in ("raster", "rates"):
        return run.info.spiking
    return bool({"traces": run.states, "weights": run.weights}.get(view, True))


def _is_run(what: Any) -> bool:
    from ..run import Run

    return isinstance(what, Run)


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
            said = f"the folder {path.parent} does not exist: make it first."
        else:
            said = sentence(error, path, len(data))
        raise StoreError(f"{path} cannot be written: {said}") from error
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
