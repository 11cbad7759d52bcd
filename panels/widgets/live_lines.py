"""A small live line plot over a variable other than time, for a model's own cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, Legend, LegendItem, Range1d
from bokeh.plotting import figure

from workbench.plots.live import theme as themes
from workbench.plots.live.axis_limits import Limits
from workbench.plots.live.time_labels import TimeLabels, unit_of

from .ghost import Before


@dataclass(frozen=True)
class LiveLine:
    """One line of the plot.

    day, night : colours on a light and on a dark page
    dots       : draw the points
    dash       : dash pattern of the line, a name of Bokeh's
    line       : draw the line
    listed     : show its name in the legend
    """

    name: str
    day: str
    night: str
    dots: bool = False
    dash: str = "solid"
    line: bool = True
    listed: bool = True


class LiveLines:
    """Plot of lines that are replaced as a whole by ``show({name: (x, y)})``.

    x_range : range of the horizontal axis, fixed until ``root.x_range`` is changed
    floor   : the lower end of the vertical axis is at most this value
    inside  : place the legend vertically inside the plot, at the upper left
    hover   : format of the tooltip of a point, with @x and @y
    """

    def __init__(
        self,
        lines: Sequence[LiveLine],
        *,
        x_label: str,
        y_label: str,
        x_range: tuple[float, float],
        name: str,
        floor: float | None = 0.0,
        hover: str = "@y{0.00}",
        dark: bool = False,
        inside: bool = False,
    ):
        self.lines = tuple(lines)
        self._limits = Limits(floor=floor) if floor is not None else Limits()
        self._hover_text = hover
        self._labels: dict[str, str] = {}
        fig = figure(
            sizing_mode="stretch_both", min_height=160, min_width=240, tools="", title=None,
            toolbar_location=None, x_range=Range1d(*x_range), y_range=Range1d(0, 1),
            x_axis_label=x_label, y_axis_label=y_label, name=name, min_border_top=6,
        )  # fmt: skip
        unit = unit_of(x_label)
        if unit:
            TimeLabels(fig, unit)
        self.sources = {k.name: ColumnDataSource(data={"x": [], "y": []}) for k in self.lines}
        self._drawn: dict[str, list[Any]] = {}
        for line in self.lines:
            source, drawn = self.sources[line.name], []
            if line.line:
                drawn.append(fig.line("x", "y", source=source, line_width=1.8, line_dash=line.dash))
            if line.dots:
                drawn.append(fig.scatter("x", "y", source=source, size=6))
            self._drawn[line.name] = drawn
        self.items = {
            k: LegendItem(label={"value": k}, renderers=drawn) for k, drawn in self._drawn.items()
        }
        legend = Legend(
            items=[self.items[k.name] for k in self.lines if k.listed], location="top_left",
            orientation="vertical" if inside else "horizontal", margin=0, padding=2,
            spacing=0 if inside else 12, glyph_width=16, label_standoff=4,
        )  # fmt: skip
        fig.add_layout(legend, "center" if inside else "above")
        self._hover = HoverTool(mode="mouse", visible=False)
        fig.add_tools(self._hover)
        self.root: Any = fig
        self.before = Before(fig, x_label)
        self.set_dark(dark)

    def set_dark(self, dark: bool) -> None:
        """Restyle the plot for a dark or a light page."""
        theme = themes.theme(dark)
        themes.apply(self.root, theme)
        self.before.set_dark(dark)
        self._hover.tooltips = themes.tooltip(theme, self._hover_text)
        for line in self.lines:
            color = line.night if dark else line.day
            for renderer in self._drawn[line.name]:
                renderer.glyph.line_color = color
                if hasattr(renderer.glyph, "fill_color"):
                    renderer.glyph.fill_color = color

    def show(self, data: dict[str, tuple[Any, Any]]) -> None:
        """Replace the points of some lines, name -> (x, y), and rescale the vertical axis."""
        for name, (x, y) in data.items():
            self.sources[name].data = {"x": np.asarray(x, float), "y": np.asarray(y, float)}
        heights = [np.asarray(s.data["y"], float) for s in self.sources.values()]
        heights.append(self.before.values("y"))
        known = np.concatenate([h[np.isfinite(h)] for h in heights] or [np.empty(0)])
        if len(known) and self._limits.take(float(known.min()), float(known.max())):
            self.root.y_range.update(start=self._limits.low, end=self._limits.high)

    def label(self, name: str, text: str) -> None:
        """Change the legend text of a line."""
        if self._labels.get(name) != text:
            self._labels[name] = text
            self.items[name].label = {"value": text}

    def clear(self) -> None:
        """Remove all points."""
        self._limits.reset()
        for source in self.sources.values():
            if len(source.data["x"]):
                source.data = {"x": [], "y": []}
