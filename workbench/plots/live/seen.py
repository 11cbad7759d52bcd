"""What a live plot shows at this moment, as plain data: ranges, lines, dots, images, words.

Read from the models that the browser draws, so that a file made from it is what is seen: the same
stretch, neurons, bins and values. Colours are those of a white page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from bokeh.models import (
    AllIndices,
    Axis,
    ColorBar,
    HBar,
    Image,
    ImageRGBA,
    Label,
    Legend,
    Line,
    LinearAxis,
    LogScale,
    MultiLine,
    Plot,
    Quad,
    Scatter,
    Segment,
    Span,
    Step,
    VBar,
)

from ...palette import on_page
from . import theme as themes
from .time_labels import in_seconds, time_label

Kind = Literal["line", "dots", "strokes", "boxes", "steps", "image", "level"]
_INKS = {
    getattr(themes.DARK, ink).upper(): getattr(themes.LIGHT, ink)
    for ink in ("text", "muted", "axis", "grid", "nothing")
}
_GROUNDS = ("zero", "surface", "grid")  # inks from which scales lead away
SAME_INK = 12.0  # of three times 255
_MARKERS = {"circle": "o", "square": "s", "triangle": "^", "inverted_triangle": "v", "diamond": "D"}


@dataclass(frozen=True)
class Layer:
    """One thing that is drawn; what its ``data`` are depends on ``kind``.

    line, steps, dots : x, y (n,)
    strokes  : x0, y0, x1, y1 (n,)
    boxes    : left, right, bottom, top (n,)
    image    : cells (rows, columns, 4) from 0 to 1, the first row at the bottom; values (rows,
               columns), what they stand for, NaN where that is not known; x, y, dw, dh
    level    : at, and along "width" or "height"
    colors   : one, or one for each mark;  right: it belongs to the axis at the right
    name     : in the legend and in tables, "" for none
    """

    kind: Kind
    data: dict[str, Any]
    colors: tuple[str, ...] = ("#24292F",)
    name: str = ""
    listed: bool = False
    width: float = 1.0
    dash: tuple[float, ...] = ()
    marker: str = "o"
    right: bool = False


@dataclass(frozen=True)
class Seen:
    """One figure as it is seen.

    x, y, right : (from, to) of the axes, as on the screen; the one at the right is None if absent
    x_label, y_label, right_label, title : words
    x_scale : factor from the data to the numbers at the x axis
    log     : which axes are logarithmic
    y_ticks : (place, text) where the axis names things
    bar     : (colours, low, high, words) of a colour bar
    words   : the sentence of a plot without data
    bare    : without axes, as an image whose places mean nothing
    height  : in pixels of the screen
    """

    x: tuple[float, float]
    y: tuple[float, float]
    layers: tuple[Layer, ...]
    x_label: str = ""
    y_label: str = ""
    title: str = ""
    right: tuple[float, float] | None = None
    right_label: str = ""
    x_scale: float = 1.0
    log: tuple[bool, bool] = (False, False)
    equal: bool = False
    y_ticks: tuple[tuple[float, str], ...] | None = None
    bar: tuple[tuple[str, ...], float, float, str] | None = None
    words: str = ""
    bare: bool = False
    height: float = 240.0


def seen_of(fig: Plot) -> Seen:
    """What a Bokeh figure shows now."""
    x_label, scale = _x_axis(fig)
    legend = _legend(fig)
    layers = [layer for r in fig.renderers if r.visible for layer in _layers(r, legend)]
    layers += [
        Layer("level", {"at": float(s.location), "along": s.dimension}, (_ink(s.line_color),),
              dash=_dash(s.line_dash))
        for s in fig.select({"type": Span}) if s.visible and s.location is not None
    ]  # fmt: skip
    labels = [a.text for a in fig.center if isinstance(a, Label) and a.visible and a.text]
    bars = [b for b in fig.select({"type": ColorBar}) if b.visible]
    extra = list(fig.extra_y_ranges.items())
    y_axis = next(iter(fig.left), None)
    return Seen(
        x=_ends(fig.x_range, [la for la in layers if not la.right], "x"),
        y=_ends(fig.y_range, [la for la in layers if not la.right], "y"),
        layers=tuple(layers),
        x_label=x_label,
        y_label=getattr(y_axis, "axis_label", None) or "",
        title=(fig.title.text or "").strip() if fig.title is not None else "",
        right=_ends(extra[0][1], [la for la in layers if la.right], "y") if extra else None,
        right_label=next((a.axis_label or "" for a in fig.right if isinstance(a, LinearAxis)), ""),
        x_scale=scale,
        log=(isinstance(fig.x_scale, LogScale), isinstance(fig.y_scale, LogScale)),
        equal=bool(fig.match_aspect),
        y_ticks=_ticks(y_axis),
        bar=_bar(bars[0]) if bars else None,
        words="" if layers_have_data(layers) else " ".join(labels),
        bare=not any(
            axis.visible
            for axis in (*fig.below, *fig.left, *fig.above, *fig.right)
            if isinstance(axis, Axis)
        ),
        height=float(_inner(fig, "inner_height") or fig.min_height or 240),
    )


def figures_in(model: Any) -> list[Plot]:
    """The figures of a layout that are visible, in their order; a figure itself."""
    if isinstance(model, Plot):
        return [model] if model.visible else []
    children = getattr(model, "children", ())
    inside = [c[0] if isinstance(c, tuple) else c for c in children]
    return [fig for child in inside for fig in figures_in(child)]


def layers_have_data(layers: Iterable[Layer]) -> bool:
    """Whether anything is drawn but levels."""
    return any(layer.kind != "level" for layer in layers)


# -- the parts of a figure -------------------------------------------------------------------------


def _layers(renderer: Any, legend: dict[str, str]) -> list[Layer]:
    glyph, source = renderer.glyph, renderer.data_source
    if not isinstance(renderer.view.filter, AllIndices):
        return []  # what is marked by the pointer
    n = max((len(v) for v in source.data.values()), default=0)
    if not n and not isinstance(glyph, Image | ImageRGBA):
        return []
    name = legend.get(renderer.id, "")
    look: dict[str, Any] = {
        "name": name or renderer.name or "", "listed": bool(name),
        "right": renderer.y_range_name != "default",
    }  # fmt: skip

    def numbers(spec: str) -> np.ndarray:
        return _numbers(getattr(glyph, spec), source, n)

    if isinstance(glyph, Line | Step):
        look |= _stroke(glyph, source, n)
        kind: Kind = "line" if isinstance(glyph, Line) else "steps"
        return [Layer(kind, {"x": numbers("x"), "y": numbers("y")}, **look)]
    if isinstance(glyph, Scatter):
        if _one(glyph.fill_alpha, 1.0) == 0:
            return []  # it only holds the axes open
        fill = glyph.fill_color if glyph.fill_color is not None else glyph.line_color
        marker = getattr(glyph.marker, "value", glyph.marker)
        look |= {"marker": _MARKERS.get(str(marker), "o"), "width": float(_one(glyph.size, 4.0))}
        return [Layer("dots", {"x": numbers("x"), "y": numbers("y")},
                      _colors(fill, source, n), **look)]  # fmt: skip
    if isinstance(glyph, Segment):
        ends = {end: numbers(end) for end in ("x0", "y0", "x1", "y1")}
        return [Layer("strokes", ends, _colors(glyph.line_color, source, n), **look)]
    if isinstance(glyph, HBar):
        half = numbers("height") / 2
        sides = {"left": numbers("left"), "right": numbers("right"),
                 "bottom": numbers("y") - half, "top": numbers("y") + half}  # fmt: skip
        return [Layer("boxes", sides, _colors(glyph.fill_color, source, n), **look)]
    if isinstance(glyph, Quad | VBar):
        if isinstance(glyph, VBar):
            half = numbers("width") / 2
            sides = {"left": numbers("x") - half, "right": numbers("x") + half}
        else:
            sides = {"left": numbers("left"), "right": numbers("right")}
        sides |= {"bottom": numbers("bottom"), "top": numbers("top")}
        return [Layer("boxes", sides, _colors(glyph.fill_color, source, n), **look)]
    if isinstance(glyph, MultiLine):
        return _lines(glyph, source, look)
    if isinstance(glyph, Image | ImageRGBA):
        return _images(glyph, source, look)
    return []  # marks of what the pointer is on, and separators


def _lines(glyph: Any, source: Any, look: dict[str, Any]) -> list[Layer]:
    xs, ys = (source.data[_field(spec)] for spec in (glyph.xs, glyph.ys))
    names = list(source.data.get("label", source.data.get("key", ())))
    colors = _colors(glyph.line_color, source, len(xs))
    found = []
    for k, (x, y) in enumerate(zip(xs, ys, strict=True)):
        one = {**look, "name": str(names[k]), "listed": True} if names else look
        data = {"x": np.asarray(x, float), "y": np.asarray(y, float)}
        width = float(_one(glyph.line_width, 1.0))
        found.append(Layer("line", data, (colors[k % len(colors)],), width=width, **one))
    return found


def _images(glyph: Any, source: Any, look: dict[str, Any]) -> list[Layer]:
    found = []
    images = source.data.get(_field(glyph.image), ())
    for k, values in enumerate(images):
        at = {
            side: float(_numbers(getattr(glyph, side), source, len(images))[k])
            for side in ("x", "y", "dw", "dh")
        }
        if isinstance(glyph, Image):
            values = np.asarray(values, float)
            cells = _shaded(values, glyph.color_mapper)
        else:  # colours, which stand for nothing that could be told
            cells = _painted(np.asarray(values))
            values = np.full(cells.shape[:2], np.nan)
        found.append(Layer("image", {"cells": cells, "values": values, **at}, **look))
    return found


def _painted(values: np.ndarray) -> np.ndarray:
    """(rows, columns, 4) colours from 0 to 1 of one 32-bit number a cell, or of four bytes."""
    cells = np.ascontiguousarray(values)
    if cells.ndim == 2:
        cells = cells.astype(np.uint32).view(np.uint8).reshape(*cells.shape, 4)
    return cells.astype(float) / 255


def _shaded(values: np.ndarray, mapper: Any) -> np.ndarray:
    """(rows, columns, 4) colours from 0 to 1, as the browser maps them."""
    palette = np.array([_rgba(c) for c in on_white(mapper.palette)])
    low, high = float(mapper.low), float(mapper.high)
    with np.errstate(invalid="ignore"):
        place = np.floor((values - low) / max(high - low, 1e-300) * len(palette))
    known = np.isfinite(place)
    cells = palette[np.clip(np.where(known, place, 0), 0, len(palette) - 1).astype(int)]
    cells[~known] = _rgba(mapper.nan_color)
    return cells


def on_white(palette: Any) -> list[Any]:
    """A scale that leads away from the ink of a dark page, led away from a white one's instead.

    Others, such as one from blue to yellow, are the same on both.
    """
    colors = list(palette)
    if not all(isinstance(c, str) and len(c) == 7 for c in colors) or len(set(colors)) < 3:
        return colors
    values = np.array([_rgb(c) for c in colors])
    for dark, light in ((getattr(themes.DARK, n), getattr(themes.LIGHT, n)) for n in _GROUNDS):
        away = np.abs(values - _rgb(dark)).sum(axis=1)
        middle = int(away.argmin())
        if away[middle] > SAME_INK or middle not in (
            0,
            *range(len(colors) // 2 - 2, len(colors) // 2 + 2),
        ):
            continue
        found = []
        for k, each in enumerate(values):
            end = colors[0] if k < middle else colors[-1]
            whole = np.abs(_rgb(end) - _rgb(dark)).sum() or 1.0
            share = min(1.0, float(np.abs(each - _rgb(dark)).sum() / whole))
            found.append(themes.mix(light, on_page(end, False), share))
        return found
    return colors


def _rgb(color: str) -> np.ndarray:
    return np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)], float)


def _rgba(color: Any) -> tuple[float, ...]:
    if isinstance(color, tuple | list):  # Bokeh's (r, g, b, a) of what is transparent
        return (*(c / 255 for c in color[:3]), float(color[3]) if len(color) > 3 else 1.0)
    text = str(color)
    if not text.startswith("#"):  # "gray" of an unset NaN
        return (0.85, 0.85, 0.85, 1.0)
    ink = _ink(text[:7])
    alpha = int(text[7:9], 16) / 255 if len(text) == 9 else 1.0
    return (*(int(ink[k : k + 2], 16) / 255 for k in (1, 3, 5)), alpha)


def _ink(color: Any) -> str:
    """A colour as it is on a white page."""
    text = color.get("value") if isinstance(color, dict) else getattr(color, "value", color)
    if not isinstance(text, str) or not text.startswith("#"):
        return "#24292F"
    return on_page(_INKS.get(text.upper(), text), False)


def _field(spec: Any) -> str | None:
    """The column that a property takes its values from."""
    if isinstance(spec, str):
        return spec
    found = spec.get("field") if isinstance(spec, dict) else getattr(spec, "field", None)
    return found if isinstance(found, str) else None


def _one(spec: Any, default: float) -> float:
    value = spec if isinstance(spec, int | float) else getattr(spec, "value", default)
    return float(value) if isinstance(value, int | float) else default


def _numbers(spec: Any, source: Any, n: int) -> np.ndarray:
    column = _field(spec)
    if column is not None and column in source.data:
        return np.asarray(source.data[column], float)
    return np.full(n, _one(spec, 0.0))


def _colors(spec: Any, source: Any, n: int) -> tuple[str, ...]:
    column = _field(spec)
    if column is None or column not in source.data:
        return (_ink(spec),)
    values = source.data[column]
    mapper = spec.get("transform") if isinstance(spec, dict) else getattr(spec, "transform", None)
    if mapper is None or not hasattr(mapper, "palette"):
        return tuple(_ink(c) for c in values)
    cells = (np.asarray(values, float) - mapper.low) / max(mapper.high - mapper.low, 1e-300)
    place = np.clip((cells * len(mapper.palette)).astype(int), 0, len(mapper.palette) - 1)
    palette = on_white(mapper.palette)
    return tuple(_ink(palette[k]) for k in place)


def _stroke(glyph: Any, source: Any, n: int) -> dict[str, Any]:
    return {
        "colors": _colors(glyph.line_color, source, n)[:1],
        "width": _one(glyph.line_width, 1.0), "dash": _dash(glyph.line_dash),
    }  # fmt: skip


def _dash(dash: Any) -> tuple[float, ...]:
    named = {"dashed": (6.0, 3.0), "dotted": (2.0, 3.0)}
    if isinstance(dash, str):
        return named.get(dash, ())
    parts = dash if isinstance(dash, list | tuple) else getattr(dash, "value", None)
    return tuple(float(d) for d in parts) if isinstance(parts, list | tuple) else ()


def _legend(fig: Plot) -> dict[str, str]:
    """Renderer -> what the legend calls it."""
    found: dict[str, str] = {}
    for legend in fig.select({"type": Legend}):
        for item in legend.items if legend.visible else ():
            label = item.label.get("value") if isinstance(item.label, dict) else None
            label = label or getattr(item.label, "value", None)
            if item.visible and isinstance(label, str):
                found |= {r.id: label for r in item.renderers}
    return found


def _ends(range_: Any, layers: list[Layer], axis: str) -> tuple[float, float]:
    """Ends of an axis; those of the data where the browser alone knows."""
    start: Any = getattr(range_, "start", None)
    end: Any = getattr(range_, "end", None)
    known = isinstance(start, int | float) and isinstance(end, int | float) and start != end
    if known and np.isfinite(start) and np.isfinite(end):
        return float(start), float(end)
    values = [
        np.asarray(v, float).ravel()
        for layer in layers if layer.kind not in ("image", "level")
        for k, v in layer.data.items()
        if k[0] == axis or k in {"x": ("left", "right"), "y": ("bottom", "top")}[axis]
    ]  # fmt: skip
    shown = np.concatenate(values or [np.empty(0)])
    shown = shown[np.isfinite(shown)]
    if not shown.size:
        return 0.0, 1.0
    low, high = float(shown.min()), float(shown.max())
    room = 0.05 * (high - low) or 0.5
    return low - room, high + room


def _x_axis(fig: Plot) -> tuple[str, float]:
    """Label, and factor from the data to its numbers."""
    axis = next(iter(fig.below), None)
    label = getattr(axis, "axis_label", None) or ""
    args = getattr(getattr(axis, "formatter", None), "args", {})
    if "late_span" not in args:
        return label, 1.0
    start, end = float(fig.x_range.start), float(fig.x_range.end)
    return time_label(start, end), 1e-3 if in_seconds(start, end) else 1.0


def _ticks(axis: Any) -> tuple[tuple[float, str], ...] | None:
    places = getattr(getattr(axis, "ticker", None), "ticks", None)
    named = getattr(axis, "major_label_overrides", {}) or {}
    if not places or not named:
        return None
    texts = {float(k): str(getattr(v, "text", v)) for k, v in named.items()}
    return tuple((float(p), texts[float(p)]) for p in places if float(p) in texts)


def _bar(bar: Any) -> tuple[tuple[str, ...], float, float, str]:
    mapper = bar.color_mapper
    unit = (getattr(bar.formatter, "args", {}) or {}).get("unit", "")
    words = f"{bar.title or ''} ({unit.strip()})" if unit else bar.title or ""
    colors = tuple(_ink(c) for c in on_white(mapper.palette))
    return colors, float(mapper.low), float(mapper.high), words.strip()


def _inner(fig: Plot, side: str) -> Any:
    try:
        return getattr(fig, side)
    except Exception:  # not known before the browser has drawn the figure
        return None
