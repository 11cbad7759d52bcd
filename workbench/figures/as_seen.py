"""A card as it is seen, as a figure for paper and as a table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError
from .drawing import LABEL_PT, MM, TICK_PT, drawing
from .file_format import file_bytes

if TYPE_CHECKING:
    from ..plots.live.seen import Layer, Seen

POINT = 0.55  # points on paper for a pixel of the screen: cards are half as wide on paper
TALLEST_MM, LOWEST_MM = 110.0, 34.0  # of a panel
WORDS_PX = 60.0  # of the screen, which the words below a panel take


def is_seen(element: Any) -> bool:
    """Whether it is a `Seen`; without loading Bokeh for what is none."""
    return type(element).__name__ == "Seen"


def bytes_as_seen(
    parts: Sequence[Seen], fmt: str, width_mm: float, title: str, about: dict[str, Any]
) -> bytes:
    """Draw the panels of a card below one another, or write what they show as a table.

    fmt    : "svg", "pdf", "png" or "csv";  about: is written into the file
    raises : UnknownName for another format, ParameterError without panels
    """
    if not parts:
        raise ParameterError(f"{title} shows no plot that could be saved.")
    if fmt == "csv":
        return _csv(parts, about).encode()
    with drawing():
        return file_bytes(draw(parts, width_mm), fmt, title, about)


def draw(parts: Sequence[Seen], width_mm: float) -> Any:
    """The Matplotlib figure, exactly ``width_mm`` wide."""
    from .canvas import ExportedFigure

    heights = [panel_height_mm(part, width_mm) for part in parts]
    figure = ExportedFigure(width_mm, sum(heights))
    cells = figure.subplots(len(parts), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, part in zip(cells, parts, strict=True):
        draw_panel(figure, axes, part)
    return figure


def panel_height_mm(part: Seen, width_mm: float) -> float:
    """As high as on the screen at this width, where that can be read."""
    if part.equal:
        return min(0.9 * width_mm, TALLEST_MM)
    wanted = (part.height + WORDS_PX) * POINT / 72 / MM
    return min(max(wanted, LOWEST_MM), TALLEST_MM)


def draw_panel(figure: Any, axes: Any, part: Seen) -> None:
    """Draw one figure of a card on given axes."""
    if part.words:
        axes.text(0.5, 0.5, part.words, ha="center", va="center", wrap=True,
                  transform=axes.transAxes, fontsize=TICK_PT)  # fmt: skip
        axes.axis("off")
        return
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    other = None
    if part.right is not None:
        other = axes.twinx()
        other.spines["top"].set_visible(False)
        other.set(ylim=part.right, ylabel=part.right_label)
    for layer in part.layers:
        _draw(other if layer.right and other is not None else axes, layer, part.x_scale)
    axes.set(xlabel=part.x_label, ylabel=part.y_label)
    axes.set_xscale("log" if part.log[0] else "linear")
    axes.set_yscale("log" if part.log[1] else "linear")
    axes.set(xlim=[x * part.x_scale for x in part.x], ylim=part.y)
    if part.equal:
        axes.set_aspect("equal", adjustable="datalim")
    if part.y_ticks is not None:
        axes.set_yticks([p for p, _ in part.y_ticks], [text for _, text in part.y_ticks])
        axes.tick_params(axis="y", length=0)
    if part.bare:
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set(xticks=[], yticks=[], xlabel="", ylabel="")
    if part.title:
        axes.set_title(part.title, fontsize=LABEL_PT, loc="left")
    if part.bar is not None:
        _colour_bar(figure, axes, part.bar)
    named = [h for a in (axes, other) if a is not None for h in a.get_legend_handles_labels()[0]]
    if named:
        axes.legend(
            handles=named, loc="lower left", bbox_to_anchor=(0, 1), ncol=min(len(named), 4),
            borderaxespad=0.1, handlelength=1.2, columnspacing=1.0, frameon=False,
        )  # fmt: skip


def _draw(axes: Any, layer: Layer, scale: float) -> None:
    from matplotlib.collections import LineCollection, PolyCollection

    data, label = layer.data, layer.name if layer.listed else None
    color = layer.colors[0]
    style: dict[str, Any] = {"color": color, "linewidth": layer.width * POINT, "label": label}
    if layer.dash:
        style["linestyle"] = (0, tuple(d / max(layer.width, 1.0) for d in layer.dash))
    if layer.kind == "line":
        axes.plot(data["x"] * scale, data["y"], **style)
    elif layer.kind == "steps":
        axes.step(data["x"] * scale, data["y"], where="mid", **style)
    elif layer.kind == "dots":
        colors = layer.colors if len(layer.colors) > 1 else color
        axes.scatter(
            data["x"] * scale, data["y"], s=(layer.width * POINT) ** 2, c=colors,
            marker=layer.marker, linewidths=0, label=label,
        )  # fmt: skip
    elif layer.kind == "strokes":
        ends = np.stack([data["x0"] * scale, data["y0"], data["x1"] * scale, data["y1"]], axis=1)
        pairs: Any = ends.reshape(-1, 2, 2)
        lines = LineCollection(pairs, colors=list(layer.colors), linewidths=0.6)
        axes.add_collection(lines, autolim=False)
    elif layer.kind == "boxes":
        left, right = data["left"] * scale, data["right"] * scale
        corners = [(left, data["bottom"]), (left, data["top"]), (right, data["top"]),
                   (right, data["bottom"])]  # fmt: skip
        boxes: Any = np.stack([np.stack(np.broadcast_arrays(*c), axis=1) for c in corners], axis=1)
        axes.add_collection(PolyCollection(boxes, facecolors=list(layer.colors)), autolim=False)
    elif layer.kind == "image":
        x, y = data["x"] * scale, data["y"]
        extent = (x, x + data["dw"] * scale, y, y + data["dh"])
        axes.imshow(data["cells"], extent=extent, origin="lower", aspect="auto",
                    interpolation="nearest")  # fmt: skip
    elif data["along"] == "width":
        axes.axhline(data["at"], color=color, linewidth=0.5, linestyle=(0, (2, 2)))
    else:
        axes.axvline(data["at"] * scale, color=color, linewidth=0.5, linestyle=(0, (2, 2)))


def _colour_bar(figure: Any, axes: Any, bar: tuple[tuple[str, ...], float, float, str]) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import ListedColormap, Normalize

    colors, low, high, words = bar
    mapped = ScalarMappable(Normalize(low, high), ListedColormap(colors))
    drawn = figure.colorbar(mapped, ax=axes, shrink=0.95, pad=0.02, aspect=18)
    drawn.set_label(words)
    drawn.outline.set_visible(False)


def table_of(parts: Iterable[Seen]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """What is seen, as a table: (column names, rows), a row a point, a bar or a cell.

    Only what lies within the ranges of the axes; of an image, the values of its cells.
    """
    rows: list[tuple[Any, ...]] = []
    for number, part in enumerate(parts, 1):
        for k, layer in enumerate(part.layers, 1):
            name = layer.name or f"{layer.kind} {k}"
            rows += [(number, name, *row) for row in _rows(layer, part)]
    return ("panel", "name", "x", "y", "value"), rows


def _rows(layer: Layer, part: Seen) -> Iterable[tuple[Any, ...]]:
    data = layer.data
    low, high = sorted(part.x)
    bottom, top = sorted(part.right if layer.right and part.right else part.y)
    if layer.kind == "image":
        rows, columns = data["values"].shape
        x = data["x"] + (np.arange(columns) + 0.5) * data["dw"] / columns
        y = data["y"] + (np.arange(rows) + 0.5) * data["dh"] / rows
        there = np.outer((y >= bottom) & (y <= top), (x >= low) & (x <= high))
        for r, c in zip(*np.nonzero(there & np.isfinite(data["values"])), strict=True):
            yield float(x[c]), float(y[r]), float(data["values"][r, c])
        return
    if layer.kind == "level":
        return
    x, y = (
        np.asarray(data.get(a, data.get(b, data.get(c, ()))), float)
        for a, b, c in (("x", "x0", "left"), ("y", "y1", "top"))
    )
    inside = (x >= low) & (x <= high) & np.isfinite(y)
    if layer.kind in ("dots", "strokes"):
        inside &= (y >= bottom) & (y <= top)
    for a, b in zip(x[inside].tolist(), y[inside].tolist(), strict=True):
        yield a, b, ""


def _csv(parts: Sequence[Seen], about: dict[str, Any]) -> str:
    columns, rows = table_of(parts)
    out = io.StringIO()
    for key, value in about.items():
        out.write(f"# {key}: {value if isinstance(value, str) else json.dumps(value)}\n")
    for number, part in enumerate(parts, 1):
        out.write(f"# panel {number}: x {part.x_label}, y {part.y_label}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()
