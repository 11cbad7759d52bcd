"""Recorded weights as a matrix while the model runs: at the present, or where the slider stands."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.layouts import column
from bokeh.models import (
    BasicTicker,
    ColorBar,
    CustomJSTickFormatter,
    Image,
    LinearColorMapper,
    NumeralTickFormatter,
    Plot,
    Range1d,
    Slider,
)

from ..in_words import clock, whose
from ..live.axis_limits import nice
from ..recorded import RecordedView
from ..weights.live import TICK_FORMAT, scale_colors
from . import KIND
from .moment import Moment
from .static import binned, sizes


class MatrixView(RecordedView):
    """A matrix and a slider of the recorded times; at its right end it follows the present."""

    id, title, help = KIND.id, KIND.title, KIND.help
    min_height = 200

    def _build(self) -> Plot:
        self._drawn: tuple[Any, ...] = ()
        self._range = (0.0, 0.0)
        self._following = True
        self._setting = False
        fig = self._figure(
            "weight-matrix", min_border_left=52, x_range=Range1d(0, 1), y_range=Range1d(1, 0)
        )
        self.source.data = {"image": [], "w": [], "h": []}
        self._mapper = LinearColorMapper(palette=["#000000"], low=0, high=1)
        image = Image(image="image", x=-0.5, y=-0.5, dw="w", dh="h", color_mapper=self._mapper)
        fig.add_glyph(self.source, image)
        self._bar = ColorBar(
            color_mapper=self._mapper, width=10, padding=6, margin=0, label_standoff=5,
            ticker=BasicTicker(desired_num_ticks=5),
        )  # fmt: skip
        fig.add_layout(self._bar, "right")
        for axis in (fig.xaxis[0], fig.yaxis[0]):
            axis.ticker = BasicTicker(min_interval=1, desired_num_ticks=6)
            axis.formatter = NumeralTickFormatter(format="0,0")
        fig.title = " "
        self._sentence(fig, self.nothing)
        self.slider = Slider(
            start=0, end=1, value=1, step=0.001, title="time (ms)", sizing_mode="stretch_width",
            format="0,0.0", margin=(0, 16, 4, 56), syncable=True,
        )  # fmt: skip
        self.slider.on_change("value", lambda _a, _old, new: self._moved(new))
        self.page = column(fig, self.slider, sizing_mode="stretch_both")
        return fig

    @property
    def shown_ms(self) -> float | None:
        """The time that is shown; None while the present is."""
        return None if self._following else float(self.slider.value)

    def for_figure(self) -> dict[str, Any]:
        """What a figure must know to show the same."""
        return {} if self.shown_ms is None else {"at_ms": self.shown_ms}

    def _moved(self, value: float) -> None:
        if not self._setting:
            self._following = value >= self.slider.end - 1e-9
            self._draw()

    def _cleared(self) -> None:
        self._drawn, self._range, self._following = (), (0.0, 0.0), True
        self.root.title.text = ""
        super()._cleared()

    def _name_axes(self) -> None:
        message = next((r for r in self.info.recordables if r.name == self.selected), None)
        source, target = (message.source, message.target) if message is not None else ("", "")
        self.root.xaxis[0].axis_label = whose("presynaptic neuron", source)
        self.root.yaxis[0].axis_label = whose("postsynaptic", target)
        unit = f" {self.unit}" if self.unit else ""
        self._bar.formatter = CustomJSTickFormatter(args={"unit": unit}, code=TICK_FORMAT)

    def _draw(self) -> None:
        history, entries = self.now, self._entries.get(self.selected, {})
        if history is None or "pre" not in entries:
            return
        first, last = history.t[0], history.t[-1]
        self._setting = True
        try:
            if last > first:
                self.slider.update(start=first, end=last, step=max((last - first) / 1000, 1e-3))
            if self._following:
                self.slider.value = last
        finally:
            self._setting = False
        t_ms, values = history.at(last if self._following else float(self.slider.value))
        if (self.selected, t_ms) == self._drawn:
            return
        self._drawn = (self.selected, t_ms)
        message = next((r for r in self.info.recordables if r.name == self.selected), None)
        ends = (message.source, message.target) if message is not None else ("", "")
        moment = Moment(
            "", self.variable, self.unit, t_ms, values, entries["pre"], entries["post"], (0, 1),
            *ends,
        )  # fmt: skip
        size = sizes(self.info, moment)
        low, high = self._range
        least, most = float(np.nanmin(values)), float(np.nanmax(values))
        low = min(low, -nice(-least) if least < 0 else 0.0)
        high = max(high, nice(most) if most > 0 else 0.0)
        self._range = (low, high)
        colors, low, high = scale_colors(low, high if high > low else low + 1, self.theme)
        self._mapper.update(low=low, high=high, palette=colors)
        cells = binned(moment, size).astype(np.float32)
        self.root.x_range.update(start=-0.5, end=size[1] - 0.5)
        self.root.y_range.update(start=size[0] - 0.5, end=-0.5)
        self.source.data = {"image": [cells], "w": [size[1]], "h": [size[0]]}
        self._set_empty(False)
        self.root.title.text = f"{self.axis_label} at {clock(t_ms)}"

    def _restyle(self) -> None:
        super()._restyle()
        self._mapper.nan_color = self.theme.nothing
        self._drawn = ()
