"""A recorded state over neurons or compartments and the last stretch of time, while it runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import (
    BasicTicker,
    ColorBar,
    CustomJSTickFormatter,
    Image,
    LinearColorMapper,
    NumeralTickFormatter,
    Plot,
    Range1d,
)

from ...recordings import Block
from ..live.axis_limits import Limits
from ..recorded import RecordedView
from ..weights.live import TICK_FORMAT, scale_colors
from . import KIND
from .static import COLUMNS, KINDS, ROWS, farthest


class StateMapView(RecordedView):
    """Time along and entries down, in the window of time that the page shows."""

    id, title, help = KIND.id, KIND.title, KIND.help
    kinds = KINDS
    min_height = 200
    nothing = "A recording of several neurons or compartments appears here."

    def _build(self) -> Plot:
        self._drawn: tuple[Any, ...] = ()
        self._limits = Limits()
        self.time = self.link.time(self.info.dt_ms, self.window_ms)
        fig = self._figure("state-map", y_range=Range1d(1, 0))
        self.window = self.time.attach(fig, lambda: self._soon(self._draw), lambda: None)
        self.source.data = {"image": [], "x": [], "dw": [], "h": []}
        self._mapper = LinearColorMapper(palette=["#000000"], low=0, high=1)
        image = Image(image="image", x="x", y=-0.5, dw="dw", dh="h", color_mapper=self._mapper)
        fig.add_glyph(self.source, image)
        self._bar = ColorBar(
            color_mapper=self._mapper, width=10, padding=6, margin=0, label_standoff=5,
            ticker=BasicTicker(desired_num_ticks=5),
        )  # fmt: skip
        fig.add_layout(self._bar, "right")
        fig.yaxis[0].ticker = BasicTicker(min_interval=1, desired_num_ticks=6)
        fig.yaxis[0].formatter = NumeralTickFormatter(format="0,0")
        fig.title = " "
        self._sentence(fig, self.nothing)
        return fig

    def _fits(self, key: str, block: Block) -> bool:
        # What is watched by itself is drawn as lines.
        return block.values.shape[1] > 1 and key not in self.info.watched

    def _advance(self, t_ms: float) -> None:
        self.time.advance(t_ms)

    def set_window(self, window_ms: float) -> None:
        """Show the last ``window_ms``, in this and all linked plots."""
        self.window_ms = window_ms
        self.time.set_window(window_ms)

    def _cleared(self) -> None:
        self._drawn = ()
        self._limits.reset()
        self.root.title.text = ""
        super()._cleared()

    def _name_axes(self) -> None:
        owner = self.info.population_label(self.selected.partition("#")[0].rpartition(".")[0])
        message = next(
            r for r in self.info.recordables if r.name == self.selected.partition("#")[0]
        )
        one = "compartment" if message.of == "compartments" else "neuron"
        self.root.yaxis[0].axis_label = f"{one} of {owner}"
        unit = f" {self.unit}" if self.unit else ""
        self._bar.formatter = CustomJSTickFormatter(args={"unit": unit}, code=TICK_FORMAT)

    def _draw(self) -> None:
        start, end = self.window.sync()
        self._say_held(self.time.following)
        history = self.now
        if history is None or len(history.t) < 2:
            return
        t = np.asarray(history.t)
        a, b = np.searchsorted(t, [start, end + 1e-9])
        a = max(int(a) - 1, 0)
        if b - a < 2 or (self.selected, t[a], t[b - 1]) == self._drawn:
            return
        self._drawn = (self.selected, t[a], t[b - 1])
        values = np.stack(history.values[a:b])
        cells = farthest(farthest(values, COLUMNS).T, ROWS)
        self._limits.take(float(np.nanmin(cells)), float(np.nanmax(cells)))
        low, high = self._limits.low, self._limits.high
        colors, low, high = (
            scale_colors(low, high, self.theme)
            if not self.unit
            else (scale_colors(0.0, 1.0, self.theme)[0], low, high)
        )
        self._mapper.update(low=low, high=high, palette=colors)
        n = values.shape[1]
        self.root.y_range.update(start=n - 0.5, end=-0.5)
        step = (t[b - 1] - t[a]) / (b - a - 1)
        self.source.data = {
            "image": [cells.astype(np.float32)], "x": [t[a]], "dw": [t[b - 1] - t[a] + step],
            "h": [n],
        }  # fmt: skip
        self._set_empty(False)
        index = self._entries.get(self.selected, {}).get("index")
        which = "" if index is None else f", {int(index[0])} to {int(index[-1])}"
        self.root.title.text = f"{self.selected}{which}"

    def _restyle(self) -> None:
        super()._restyle()
        self._mapper.nan_color = self.theme.nothing
        self._drawn = ()
