"""Receptive fields as coloured squares, the picture that is shown, and the class units' answer."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.layouts import column, row
from bokeh.models import ColumnDataSource, DataRange1d, Range1d
from bokeh.plotting import figure

from models._shared.tiles import GAP, columns_of
from models.symmetric_stdp.fields import HUES, painted
from workbench.plots.live import theme as themes

ASIDE_PX = 190  # width of what stands beside the fields
SHOWN_PX = 100  # height of the picture: with the bars below it, it fits a card of one row
TOLD, TESTED = "input: weight × spikes", "spikes"  # of the class units
# Ranges that are found from an image are none without one.
BLANK: dict[str, Any] = {"image": [np.zeros((1, 1), np.uint32)], "w": [1], "h": [1]}
EMPTY = "Press Run: the fields grow as pictures are shown."


class ReceptiveFields:
    """Squares that turn into digits, in the colour of the class that listens to them.

    Those that fired for the latest picture are framed, the more the stronger.
    """

    def __init__(self) -> None:
        bare: dict[str, Any] = {"tools": "", "toolbar_location": None, "title": None}
        self._fields = figure(
            sizing_mode="stretch_both", min_height=220, min_width=160, name="receptive-fields",
            html_attributes={"role": "img", "aria-label": f"Receptive fields. {EMPTY}"},
            **bare, **square_points(),
        )  # fmt: skip
        self._shown = figure(
            sizing_mode="stretch_width", height=SHOWN_PX, name="picture-shown", **bare,
            **square_points(),
        )  # fmt: skip
        self._units = figure(
            sizing_mode="stretch_both", min_height=130, tools="", toolbar_location=None,
            title=" ", name="class-units", y_range=Range1d(9.6, -0.6), x_range=Range1d(0, 1),
            y_axis_label="digit", x_axis_label=TOLD, min_border_right=10,
        )  # fmt: skip
        self._pixels = ColumnDataSource(data=BLANK)
        self._frames = ColumnDataSource(data={"x": [], "y": [], "alpha": []})
        self._picture = ColumnDataSource(data=BLANK)
        self._bars = ColumnDataSource(data={"y": list(range(10)), "x": [0.0] * 10, "c": [""] * 10})
        drawn = self._fields.image_rgba("image", x=0, y=0, dw="w", dh="h", source=self._pixels)
        for ends in (self._fields.x_range, self._fields.y_range):
            ends.renderers = [drawn]  # frames that come and go move nothing
        self._drawn_frames = self._fields.rect(
            "x", "y", width=1, height=1, fill_color=None, line_width=2, line_alpha="alpha",
            source=self._frames,
        )  # fmt: skip
        self._shown.image_rgba("image", x=0, y=0, dw="w", dh="h", source=self._picture)
        self._units.hbar("y", right="x", height=0.72, color="c", source=self._bars)
        for fig in (self._fields, self._shown):
            fig.axis.visible = fig.grid.visible = False
            fig.outline_line_color = None
        self._units.yaxis.ticker = list(range(10))
        self._units.ygrid.visible = False
        self._units.xaxis.ticker.desired_num_ticks = 3
        self._units.title.text_font_style = "normal"
        self._dark = False
        self._kept: tuple[np.ndarray, np.ndarray] | None = None
        self.root = row(
            self._fields,
            column(self._shown, self._units, width=ASIDE_PX, sizing_mode="stretch_height"),
            sizing_mode="stretch_both",
        )
        self.set_dark(False)

    def clear(self) -> None:
        """Nothing is known any more."""
        self._kept = None
        self._pixels.data = BLANK
        self._frames.data = {"x": [], "y": [], "alpha": []}
        self._picture.data = BLANK
        self._bars.data = {**self._bars.data, "x": [0.0] * 10}
        self._units.title.text = " "

    def show_fields(self, w_input: np.ndarray, w_class: np.ndarray) -> None:
        """w_input : (N, pixels);  w_class : (10, N)"""
        self._kept = (w_input, w_class)
        colors = painted(w_input, w_class, themes.theme(self._dark).surface, self._dark)
        rows, columns = colors.shape[:2]
        self._pixels.data = {"image": [rgba(colors)], "w": [columns], "h": [rows]}

    def show_answer(
        self, picture: np.ndarray, spikes: np.ndarray, units: np.ndarray, words: str, side: int,
        tested: bool = False,
    ) -> None:  # fmt: skip
        """What was shown last, and the answer.

        picture : (side, side) 0 to 1;  spikes : (N,) of the layer
        units   : (10,) what the class units got as input; where they are ``tested``, their spikes
        side    : pixels of a field
        """
        fired = np.flatnonzero(spikes)
        across, step = columns_of(len(spikes)), side + GAP
        self._frames.data = {
            "x": (fired % across) * step + side / 2, "y": (fired // across) * step + side / 2,
            "alpha": 0.25 + 0.75 * spikes[fired] / max(spikes.max(), 1),
        }  # fmt: skip
        self._drawn_frames.glyph.update(width=step, height=step)
        t = themes.theme(self._dark)
        paper, ink = (np.array([int(c[k : k + 2], 16) for k in (1, 3, 5)])
                      for c in (t.surface, t.text))  # fmt: skip
        shades = paper + (0.08 + 0.92 * picture[..., None]) * (ink - paper)
        rows, columns = picture.shape
        self._picture.data = {"image": [rgba(np.rint(shades).astype(np.uint8))],
                              "w": [columns], "h": [rows]}  # fmt: skip
        self._bars.data = {**self._bars.data, "x": np.asarray(units, float)}
        self._units.x_range.end = 1.08 * float(np.max(units)) or 1.0
        self._units.xaxis[0].axis_label = TESTED if tested else TOLD
        if self._units.title.text != words:
            self._units.title.text = words

    def set_dark(self, dark: bool) -> None:
        self._dark = dark
        t = themes.theme(dark)
        for fig in (self._fields, self._shown, self._units):
            themes.apply(fig, t)
        self._units.title.text_color = t.text
        self._drawn_frames.glyph.line_color = t.mark
        self._bars.data = {**self._bars.data, "c": list(HUES[dark])}
        if self._kept is not None:
            self.show_fields(*self._kept)


def square_points() -> dict[str, Any]:
    """Options of a figure in which an image, its first row on top, has square points."""
    return {
        "x_range": DataRange1d(range_padding=0),
        "y_range": DataRange1d(range_padding=0, flipped=True),
        "match_aspect": True,
    }


def rgba(colors: np.ndarray) -> np.ndarray:
    """(rows, columns, 3) uint8 as Bokeh takes them, the first row at the top of the plot."""
    opaque = np.dstack([colors, np.full(colors.shape[:2], 255, np.uint8)])
    return np.ascontiguousarray(opaque).view(np.uint32)[..., 0]
