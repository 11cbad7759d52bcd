"""Files for a paper: SVG with its font inside, or PDF and PNG through Matplotlib."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as File
from typing import Any

from ...errors import ParameterError
from ...settings import PNG_DPI
from ..elements import Circuit
from ..geometry.shapes import Path
from ..text import fonts as text
from ..text import math as formula
from .notations import DEFAULT, drawer
from .primitives import Formula, Scene, Words
from .svg import to_svg

_NARROWEST_MM, _WIDEST_MM = 20.0, 1000.0
_ANCHOR = {"middle": "center", "start": "left", "end": "right"}
_CODES = {"M": 1, "L": 2, "Q": 3, "C": 4}  # of matplotlib.path.Path


def save(
    circuit: Circuit,
    path: File,
    *,
    width_mm: float,
    dark: bool = False,
    colors: Mapping[str, str] | None = None,
    dpi: float = PNG_DPI,
    metadata: Mapping[str, str] | None = None,
    background: str | None = None,
    notation: str = DEFAULT,
    **options: Any,
) -> File:
    """Write one circuit; what `Circuit.save` does."""
    kind = path.suffix.lower()
    if kind not in (".svg", ".pdf", ".png"):
        raise ParameterError(
            f"A circuit cannot be saved as {path.name!r}: the name must end in .svg, .pdf or .png."
        )
    if not _NARROWEST_MM <= width_mm <= _WIDEST_MM:
        raise ParameterError(
            f"A circuit cannot be {width_mm:g} mm wide: give a width between "
            f"{_NARROWEST_MM:g} and {_WIDEST_MM:g} mm, such as 85 or 174."
        )
    if background is None and dark:
        background = "#1B1F24"  # light lines are unreadable on white paper
    if kind == ".svg":
        options = {"live": False, **options}
        svg = to_svg(
            circuit, width_mm, dark, colors, notation=notation, background=background,
            metadata=metadata, **options,
        )  # fmt: skip
        path.write_text('<?xml version="1.0" encoding="utf-8"?>\n' + svg, encoding="utf-8")
        return path
    drawn = drawer(notation)(circuit, width_mm, dark, colors, **options)
    figure = to_figure(drawn, background or "#FFFFFF")
    import matplotlib

    with matplotlib.rc_context({"pdf.fonttype": 42, "font.family": text.FAMILY}):
        figure.savefig(
            path,
            dpi=dpi,
            facecolor=figure.get_facecolor(),
            metadata=_metadata(circuit, kind, dict(metadata or {})),
        )
    return path


def to_figure(drawn: Scene, background: str = "#FFFFFF") -> Any:
    """A Matplotlib figure of the exact size of the drawing."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    inches = drawn.scale / 72
    figure = Figure(figsize=(drawn.width * inches, drawn.height * inches), facecolor=background)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, drawn.width), ylim=(drawn.height, 0))
    axes.axis("off")
    draw(axes, drawn)
    return figure


def draw(axes: Any, drawn: Scene) -> None:
    """Draw into axes whose data coordinates are the drawing's points."""
    from matplotlib.colors import to_rgba
    from matplotlib.font_manager import FontProperties
    from matplotlib.patches import PathPatch

    font = FontProperties(fname=str(text.font_path()))
    order = 1.0
    for group in drawn.groups:
        if group.live:
            continue
        for item in group.items:
            order += 1e-3
            if isinstance(item, Words):
                axes.text(
                    item.x, item.y, item.text, fontsize=item.size * drawn.scale, color=item.color,
                    ha=_ANCHOR[item.anchor], va="baseline",
                    fontproperties=font.copy(), zorder=order,
                ).set_fontsize(item.size * drawn.scale)  # fmt: skip
            elif isinstance(item, Formula):
                for patch in _formula(item, drawn.scale):
                    patch.set_zorder(order)
                    axes.add_patch(patch)
            elif item.cls != "hit":
                axes.add_patch(
                    PathPatch(
                        _mpl_path(item.path),
                        facecolor=to_rgba(item.fill, item.opacity) if item.fill else "none",
                        edgecolor=item.stroke or "none",
                        linewidth=item.width * drawn.scale,
                        linestyle=_dashes(item.dash, item.width),
                        capstyle="butt" if item.fill or item.dash else "round",
                        joinstyle="round",
                        zorder=order,
                        clip_on=False,
                    )
                )


def _formula(f: Formula, scale: float) -> list[Any]:
    """A formula as patches."""
    from matplotlib.patches import PathPatch

    found, size = formula.outlined(f.tex), f.size / formula.EM
    left = f.left()

    def moved(path: Path) -> Any:
        made = _mpl_path(path)
        made.vertices = made.vertices * size + (left, f.y)
        return made

    patches = [PathPatch(moved(found.path), facecolor=f.color, edgecolor="none", clip_on=False)]
    patches += [
        PathPatch(moved(path), facecolor="none", edgecolor=f.color, clip_on=False,
                  linewidth=width * size * scale)
        for path, width in found.strokes
    ]  # fmt: skip
    return patches


def _dashes(dash: tuple[float, ...], width: float) -> Any:
    """Matplotlib counts dashes in widths of the line."""
    return (0, tuple(d / width for d in dash)) if dash else "solid"


def _mpl_path(path: Path) -> Any:
    from matplotlib.path import Path as MplPath

    vertices: list[tuple[float, float]] = []
    codes: list[Any] = []
    start = (0.0, 0.0)
    for step in path:
        points = list(zip(step[1::2], step[2::2], strict=True))
        if step[0] == "Z":
            vertices.append(start)
            codes.append(MplPath.CLOSEPOLY)
            continue
        if step[0] == "M":
            start = points[0]
        vertices += points
        codes += [_CODES[step[0]]] * len(points)
    return MplPath(vertices, codes)


def _metadata(circuit: Circuit, kind: str, entries: dict[str, str]) -> dict[str, Any]:
    title = circuit.title or "Circuit"
    if kind == ".png":
        return {"Title": title, **{str(k): str(v) for k, v in entries.items()}}
    message = "; ".join(f"{k}: {v}" for k, v in entries.items())
    return {"Title": title, "Subject": message or circuit.describe(), "CreationDate": None}
