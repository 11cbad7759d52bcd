"""A live plot of a few square matrices side by side, on one scale of colours."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
from bokeh.models import ColorBar, ColumnDataSource, Label, LinearColorMapper, Node
from bokeh.palettes import Blues256, Reds256, diverging_palette
from bokeh.plotting import figure

from workbench.plots.live import theme as themes

GAP = 0.08  # between two matrices, of their width
MOST = 64  # rows and columns that are sent to the page


class Matrices:
    """Matrices of one kind, each with its name above; blue is negative, red positive.

    empty : the sentence that stands in the plot until there are data
    """

    def __init__(self, name: str, titles: tuple[str, ...], label: str, *, empty: str):
        self.titles = titles
        self.source = ColumnDataSource(data={"image": [], "x": []})
        self.mapper = LinearColorMapper(
            palette=diverging_palette(Blues256, Reds256, 128), low=-1, high=1
        )
        width = len(titles) + GAP * (len(titles) - 1)
        fig = figure(
            sizing_mode="stretch_both", min_height=170, min_width=240, tools="", title=None,
            toolbar_location=None, name=name, x_range=(0, width), y_range=(0, 1.14),
            match_aspect=True, html_attributes={"role": "img", "aria-label": f"{name}: {empty}"},
        )  # fmt: skip
        fig.image("image", "x", 0, 1, 1, source=self.source, color_mapper=self.mapper)
        fig.axis.visible = fig.grid.visible = False
        self._labels = [
            Label(x=k * (1 + GAP), y=1.02, text=title, text_font=themes.FONT,
                  text_font_size="12px", visible=False)
            for k, title in enumerate(titles)
        ]  # fmt: skip
        self._empty = Label(
            x=Node(target="frame", symbol="center"), y=Node(target="frame", symbol="center"),
            text=empty, text_align="center", text_baseline="middle", text_font=themes.FONT,
            text_font_size="13px", level="overlay",
        )  # fmt: skip
        self._bar = ColorBar(color_mapper=self.mapper, title=label, width=8, visible=False,
                             background_fill_color=None)  # fmt: skip
        for part in (*self._labels, self._empty):
            fig.add_layout(part)
        fig.add_layout(self._bar, "right")
        self.root: Any = fig
        self.set_dark(False)

    def set_dark(self, dark: bool) -> None:
        """Restyle in place for a dark or a light page."""
        t = themes.theme(dark)
        themes.apply(self.root, t)
        self.root.grid.visible = False
        for part in (*self._labels, self._empty):
            part.text_color = t.muted
        self._bar.update(title_text_color=t.muted, major_label_text_color=t.text)

    def show(self, *matrices: np.ndarray) -> None:
        """One matrix for each title, first row at the bottom."""
        step = max(1, -(-max(len(m) for m in matrices) // MOST))
        small = [np.asarray(m, np.float32)[::step, ::step] for m in matrices]
        top = max(float(np.abs(m).max()) for m in small) or 1.0
        self.mapper.update(low=-top, high=top)
        self.source.data = {"image": small, "x": [k * (1 + GAP) for k in range(len(small))]}
        self._visible(True)

    def clear(self) -> None:
        """No matrices any more."""
        self.source.data = {"image": [], "x": []}
        self._visible(False)

    def _visible(self, shown: bool) -> None:
        if self._empty.visible == shown:
            self._empty.visible = not shown
            for part in (*self._labels, self._bar):
                part.visible = shown

    @property
    def pane(self) -> Any:
        return pn.pane.Bokeh(self.root, sizing_mode="stretch_both", margin=0)
