"""Figures for paper: vector, exact in millimetres, fonts embedded, provenance inside the file."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from .callable_module import make_callable
from .errors import ParameterError, StoreError, unknown
from .table import csv_text
from .table import header as header_of

if TYPE_CHECKING:
    from .run import Run

__all__ = ["csv_text", "element_bytes", "figure", "figure_bytes", "panel_figure"]

FORMATS = ("svg", "pdf", "png", "csv")
WIDTHS_MM = (20.0, 400.0)
MM = 1 / 25.4
ASPECT = {"raster": 0.72, "rates": 0.5, "traces": 0.5, "weights": 0.75}
RASTERISE_ABOVE = 50_000  # so many marks make a vector file too heavy to open
STYLE = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 7,
    "axes.labelsize": 7,
    "axes.titlesize": 7,
    "axes.linewidth": 0.6,
    "xtick.labelsize": 6,
    "ytick.labelsize": 6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.fontsize": 6,
    "legend.frameon": False,
    "pdf.fonttype": 42,  # TrueType, embedded: journals refuse Type 3
    "svg.fonttype": "path",  # letters as outlines: the same everywhere
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}
_lock = Lock()  # Matplotlib's settings are the process's; a server draws for many


def figure(
    what: Any,
    view: str = "raster",
    path: str | Path | None = None,
    width_mm: float = 85,
    height_mm: float | None = None,
    **options: Any,
) -> Any:
    """Draw one picture of a run, or any HoloViews element, at exactly ``width_mm``.

    what    : a `Run`, or a HoloViews element or layout (``view`` is then ignored)
    view    : "raster", "rates", "traces", "weights" or "circuit"
    path    : file to write; its ending says how: svg, pdf, png or csv
    options : of the view, such as ``projection`` for weights or ``t_ms=(0, 100)``
    returns : the path, or without one the Matplotlib figure (for "circuit": the SVG text)
    raises  : UnknownName, ParameterError for what cannot be drawn; StoreError for what cannot be
              written
    """
    if path is None:
        if view == "circuit" and _is_run(what):
            return _circuit(what).to_svg(width_mm=width_mm)
        with _drawing():
            return _draw(what, view, width_mm, height_mm, options)
    path = Path(path)
    fmt = path.suffix.lower().lstrip(".")
    if fmt not in FORMATS:
        raise ParameterError(
            f"{path.name!r} has no ending that can be written: use .svg, .pdf, .png or .csv."
        )
    if not _is_run(what):
        data = element_bytes(what, fmt=fmt, width_mm=width_mm, height_mm=height_mm)
    else:
        data = figure_bytes(what, view, fmt, width_mm, height_mm, **options)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}.") from error
    return path


def figure_bytes(
    run: Run,
    view: str = "raster",
    fmt: str = "pdf",
    width_mm: float = 85,
    height_mm: float | None = None,
    **options: Any,
) -> bytes:
    """One picture of a run as the bytes of a file."""
    if fmt not in FORMATS:
        raise unknown("file format", fmt, FORMATS)
    if fmt == "csv":
        return csv_text(run, view, **options).encode()
    _check_width(width_mm)
    if view == "circuit":
        return _circuit_bytes(run, fmt, width_mm)
    with _drawing():
        drawn = _draw(run, view, width_mm, height_mm, options)
        return _file(drawn, fmt, f"{run.model}: {view}", header_of(run))


def element_bytes(
    element: Any, fmt: str = "pdf", width_mm: float = 174, height_mm: float | None = None
) -> bytes:
    """Any HoloViews element or layout as the bytes of a file."""
    if fmt not in FORMATS[:3]:
        raise unknown("file format", fmt, FORMATS[:3])
    with _drawing():
        drawn = _draw(element, "", width_mm, height_mm, {})
        return _file(drawn, fmt, "figure", {})


def panel_figure(
    run: Run,
    views: Sequence[str | tuple[str, dict[str, Any]]] = ("raster", "rates", "traces", "weights"),
    path: str | Path | None = None,
    width_mm: float = 174,
    fmt: str = "pdf",
) -> Path | bytes:
    """Several views as one figure with panel letters; returns the path, or the bytes."""
    from .plot import VIEWS, load_backend

    load_backend()
    parts = []
    for item in views:
        name, options = (item, {}) if isinstance(item, str) else item
        if name not in VIEWS:
            raise unknown("view", name, VIEWS)
        with contextlib.suppress(ParameterError):  # a run without states has no traces to show
            parts.append((name, VIEWS[name](run, **options)))
    _check_width(width_mm)
    with _drawing():
        drawn = _grid(parts, width_mm)
        data = _file(
            drawn, Path(path).suffix.lstrip(".") if path else fmt, run.model, header_of(run)
        )
    if path is None:
        return data
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}.") from error
    return Path(path)


# -- drawing ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def _drawing() -> Iterator[None]:
    """Matplotlib in our style, on no screen, and put back afterwards."""
    import holoviews as hv
    import matplotlib as mpl

    from .plot import load_backend

    with _lock:
        load_backend()
        backend = hv.Store.current_backend
        hv.Store.set_current_backend("matplotlib")
        try:
            with mpl.rc_context(STYLE):
                yield
        finally:
            hv.Store.set_current_backend(backend)


def _draw(
    what: Any, view: str, width_mm: float, height_mm: float | None, options: dict[str, Any]
) -> Any:
    _check_width(width_mm)
    if _is_run(what):
        what = _element(what, view, options)
    height = height_mm or width_mm * ASPECT.get(view, 0.62)
    import holoviews as hv

    if isinstance(what, hv.Layout | hv.GridSpace | hv.NdLayout):
        columns = min(what._max_cols, len(what)) if isinstance(what, hv.Layout) else len(what)
        return _grid([("", element) for element in what.values()], width_mm, columns, height_mm)
    drawn = _canvas()
    _render_on(what, drawn, drawn.add_subplot())
    drawn.set_size_inches(width_mm * MM, height * MM)
    for axes in drawn.axes:
        _tidy(axes)
    return drawn


def _canvas() -> Any:
    from matplotlib.figure import Figure

    drawn = Figure(layout="constrained")
    drawn.get_layout_engine().set(w_pad=1.5 / 72, h_pad=1.5 / 72)
    return drawn


def _render_on(element: Any, drawn: Any, axes: Any) -> None:
    """Let HoloViews draw an element on axes of ours, where the layout can see it."""
    import holoviews as hv

    hv.renderer("matplotlib").get_plot(element, fig=drawn, axis=axes)


def _element(run: Run, view: str, options: dict[str, Any]) -> Any:
    from .plot import VIEWS

    if view not in VIEWS:
        raise unknown("view", view, [*VIEWS, "circuit"])
    try:
        return VIEWS[view](run, **options)
    except TypeError as error:
        if "unexpected keyword" not in str(error):
            raise
        raise ParameterError(f"The view {view!r} cannot be drawn so: {error}.") from error


def _grid(
    parts: list[tuple[str, Any]], width_mm: float, columns: int = 2, height_mm: float | None = None
) -> Any:
    """Panels with letters, ``columns`` abreast."""
    columns = max(1, min(columns, len(parts)))
    rows = -(-len(parts) // columns)
    drawn = _canvas()
    height = height_mm or rows * width_mm / columns * 0.72
    drawn.set_size_inches(width_mm * MM, height * MM)
    cells = drawn.subfigures(rows, columns, squeeze=False)  # each panel keeps to its own margins
    names = [name for name, _ in parts]
    for k, (name, element) in enumerate(parts):
        axes = cells[k // columns, k % columns].subplots()
        _render_on(element, drawn, axes)
        if len(parts) > 1:
            letter = "abcdefghijklmnopqrstuvwxyz"[k % 26]
            axes.set_title(letter, loc="left", fontweight="bold", fontsize=8)
        if name == "rates" and "raster" in names and axes.get_legend():
            axes.get_legend().remove()  # the raster names the colours
    for axes in drawn.axes:
        _tidy(axes)
    return drawn


def _tidy(axes: Any) -> None:
    """What HoloViews sets by itself, made fit for print: sizes, spines, the number of marks."""
    axes.set_aspect("auto")
    if axes.get_label() != "<colorbar>":
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    texts = [axes.xaxis.label, axes.yaxis.label]
    for text in texts:
        text.set_size(7)
    axes.tick_params(labelsize=6, rotation=0)
    if axes.title.get_text() and axes.title.get_size() > 8:
        axes.title.set_size(7)
    legend = axes.get_legend()
    if legend is not None:
        legend.set_title(None)
        for text in legend.get_texts():
            text.set_size(6)
    for collection in axes.collections:
        offsets = np.ma.shape(collection.get_offsets())
        if offsets and offsets[0] > RASTERISE_ABOVE:
            collection.set_rasterized(True)


def _file(drawn: Any, fmt: str, title: str, about: dict[str, Any]) -> bytes:
    """Save at the exact size, with parameters, seed and versions in the file's metadata."""
    if fmt not in FORMATS[:3]:
        raise unknown("file format", fmt, FORMATS[:3])
    text = json.dumps(about)
    metadata = {
        "pdf": {"Title": title, "Subject": "Circuit workbench figure", "Keywords": text},
        "svg": {"Title": title, "Description": text},
        "png": {"Title": title, "Description": text},
    }[fmt]
    buffer = io.BytesIO()
    drawn.savefig(buffer, format=fmt, dpi=600, metadata=metadata)
    return buffer.getvalue()


# -- circuits draw themselves ----------------------------------------------------------------------


def _circuit(run: Run) -> Any:
    if run.info.circuit is None:
        raise ParameterError(f"This run of {run.model} was stored without its circuit.")
    return run.info.circuit


def _circuit_bytes(run: Run, fmt: str, width_mm: float) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"circuit.{fmt}"
        _circuit(run).save(path, width_mm=width_mm)
        return path.read_bytes()


def _is_run(what: Any) -> bool:
    from .run import Run

    return isinstance(what, Run)


def _check_width(width_mm: float) -> None:
    low, high = WIDTHS_MM
    if not low <= width_mm <= high:
        raise ParameterError(
            f"width_mm = {width_mm!r} is not allowed: between {low:g} and {high:g} mm; journals "
            "take 85 (one column), 120 or 174 (two columns)."
        )


os.environ.setdefault("MPLBACKEND", "Agg")  # a server has no screen
make_callable(__name__, figure)
