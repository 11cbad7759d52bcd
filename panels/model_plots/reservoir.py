"""The rates of all neurons over the last steps as one picture: stripes below the flip."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import (
    BasicTicker,
    ColorBar,
    ColumnDataSource,
    FixedTicker,
    LinearColorMapper,
    Range1d,
    Span,
)
from bokeh.plotting import figure

from workbench.plots.live import theme as themes

STEPS = 80
SHADES = 64
NARROWEST = 0.1  # range of rates that the colours span


class Rates:
    """One row a neuron, one column a step; inhibitory neurons below the line."""

    def __init__(self) -> None:
        self.source = ColumnDataSource(data={"image": [], "y": [], "dh": [], "x": []})
        self._mapper = LinearColorMapper(palette=["#000000"] * SHADES, low=0, high=1)
        fig = figure(
            sizing_mode="stretch_both", min_height=170, min_width=260, tools="", title=None,
            toolbar_location=None, x_range=Range1d(-STEPS, 0), y_range=Range1d(0, 1),
            x_axis_label="steps back", name="rates",
            html_attributes={"role": "img", "aria-label": "rates of all neurons, last steps"},
        )  # fmt: skip
        fig.grid.visible = False
        fig.yaxis[0].major_tick_out = 0
        fig.image("image", x="x", y="y", dw=STEPS, dh="dh", source=self.source,
                  color_mapper=self._mapper)  # fmt: skip
        self._line = Span(dimension="width", location=0, line_width=3)  # a gap
        fig.add_layout(self._line)
        bar = ColorBar(
            color_mapper=self._mapper, width=8, padding=4, margin=0, label_standoff=4, title="rate",
            ticker=BasicTicker(desired_num_ticks=4),
        )  # fmt: skip
        fig.add_layout(bar, "right")
        self.root: Any = fig
        self.clear()
        self.set_dark(False)

    def set_dark(self, dark: bool) -> None:
        """Restyle for a dark or a light page: silent is the page's colour, full is that of text.

        Both kinds of neurons have the same shades: their own colours would say nothing here. The
        shades span the rates that there are, for alternation is about a mean.
        """
        t = themes.theme(dark)
        themes.apply(self.root, t)
        shades = np.linspace(0, 1, SHADES)
        self._mapper.palette = [themes.mix(t.surface, t.text, float(k)) for k in shades]
        self._line.line_color = t.surface

    def clear(self) -> None:
        self._rows: list[np.ndarray] = []
        self.source.data = {"image": [], "y": [], "dh": [], "x": []}

    def take(self, excitatory: np.ndarray, inhibitory: np.ndarray) -> None:
        """Rates of some steps, (T, n) each."""
        self._rows = [*self._rows, *np.concatenate([inhibitory, excitatory], axis=1)][-STEPS:]
        self._n_inh = inhibitory.shape[1]

    def _name_rows(self, n_inh: int, n: int) -> None:
        self._line.location = n_inh
        labels = {n_inh / 2: "inhibitory", (n_inh + n) / 2: "excitatory"}
        axis = self.root.yaxis[0]
        if axis.major_label_overrides != labels:
            axis.update(ticker=FixedTicker(ticks=list(labels)), major_label_overrides=labels)

    def draw(self) -> None:
        if not self._rows:
            return
        image = np.full((len(self._rows[0]), STEPS), np.nan, np.float32)
        image[:, STEPS - len(self._rows) :] = np.array(self._rows).T
        self.root.y_range.end = len(image)
        low, high = (float(x) for x in np.nanquantile(image, (0.02, 0.98)))
        if high - low < NARROWEST:
            low, high = (low + high - NARROWEST) / 2, (low + high + NARROWEST) / 2
        ends = np.array([self._mapper.low, self._mapper.high])
        if np.abs(ends - (low, high)).max() > 0.1 * (high - low):  # no flicker
            self._mapper.update(low=low, high=high)
        self._name_rows(self._n_inh, len(image))
        self.source.data = {"image": [image], "y": [0], "dh": [len(image)], "x": [-STEPS]}
