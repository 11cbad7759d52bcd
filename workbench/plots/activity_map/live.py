"""A continuous state of every neuron of a population against time, as a map of colours.

What a raster is to neurons that spike, this is to units that have a rate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import (
    BasicTicker,
    ColorBar,
    ColumnDataSource,
    CustomJSTickFormatter,
    Image,
    LinearColorMapper,
    NumeralTickFormatter,
    Plot,
    Range1d,
)

from ...engine.frames import Frame
from ...errors import unknown
from ...numerals import unit_text
from ..in_words import clock, counted, whose, with_unit
from ..live.axis_limits import Limits
from ..live.buffers import SampleLog
from ..live.view import SLOWER, View
from ..weights.live import TICK_FORMAT, scale_colors
from . import KIND

COLUMNS = 240  # of the plot; a column is the mean of its samples
ROWS = 180  # more neurons than this share rows
KEPT = 20_000_000  # numbers kept for looking back
NEAR_ZERO = 1 / 3  # of the highest value
_NO_IMAGE: dict[str, list] = {"image": [], "x": [], "dw": [], "h": []}


class MapView(View):
    """One variable at a time: time along, neurons down, colour from little to much.

    names    : what can be shown, "population.variable"
    selected : what is shown; change it with ``select(name)``
    """

    id, title, help = KIND.id, KIND.title, KIND.help
    min_height = 200

    def __init__(self, info, **options: Any):
        super().__init__(info, **options)
        self.names = tuple(info.maps)
        self.selected = self.names[0] if self.names else ""
        self.time = self.link.time(info.dt_ms, self.window_ms)
        self._logs: dict[str, SampleLog] = {}
        self._limits = Limits()
        self._signed = False  # values below zero were seen
        self._key: tuple = ()
        self.root = self._build()
        self._restyle()
        self._name_axes()
        self._set_empty(True)

    # -- contract ------------------------------------------------------------------------------

    def update(self, frames: list[Frame], t_ms: float) -> None:
        for frame in frames:
            for name in self.names:
                values = frame.states.get(name)
                if values is not None and len(values):
                    log = self._logs.get(name)
                    if log is None or log.width != values.shape[1]:
                        log = SampleLog(values.shape[1], max(1000, KEPT // values.shape[1]))
                        self._logs[name] = log
                    log.append(t=frame.state_t[-len(values) :], value=values)
        self.now_ms = t_ms
        self.time.advance(t_ms)
        self._soon(self._draw, every_s=SLOWER)

    def reset(self) -> None:
        self._logs.clear()
        self._limits.reset()
        self._signed = False
        self._key = ()
        self.time.restart()
        if len(self._image.data["image"]):
            self._image.data = dict(_NO_IMAGE)
        self._set_empty(True)

    def set_window(self, window_ms: float) -> None:
        """Show the last ``window_ms``, in this and all linked plots."""
        self.window_ms = window_ms
        self.time.set_window(window_ms)

    def select(self, name: str) -> None:
        """Show another variable; raises UnknownName with the nearest one."""
        if name not in self.names:
            raise unknown("map", name, self.names)
        if name != self.selected:
            self.selected = name
            self._limits.reset()
            self._signed = False
            self._key = ()
            self._image.data = dict(_NO_IMAGE)
            self._set_empty(True)
            self._name_axes()
            self._draw()

    def describe(self) -> str:
        if not self.selected:
            return "No map: this model samples no state of all neurons."
        log = self._logs.get(self.selected)
        text = f"{self.selected} of {counted(self._size, 'neuron')}"
        if log is None or not len(log):
            return text + "; no samples yet."
        now = log["value"][-1]
        unit = self._unit()
        return (
            f"{text} at {clock(float(log['t'][-1]))}: from {now.min():.4g} to "
            f"{now.max():.4g}{unit}, largest in neuron {int(now.argmax())}."
        )

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> Plot:
        fig = self._figure("map", y_range=Range1d(1, 0))
        self.window = self.time.attach(fig, lambda: self._soon(self._draw), self._whole)
        self._image = ColumnDataSource(data=dict(_NO_IMAGE))
        self._mapper = LinearColorMapper(palette=["#000000"], low=0, high=1)
        image = fig.add_glyph(
            self._image,
            Image(image="image", x="x", y=-0.5, dw="dw", dh="h", color_mapper=self._mapper),
        )
        self._hover(fig, ("@image{0.[000]}", "neuron $y{0}", "$x{0,0.0} ms"), renderers=[image])
        self._bar = ColorBar(
            color_mapper=self._mapper, width=10, padding=6, margin=0, label_standoff=5,
            ticker=BasicTicker(desired_num_ticks=5),
        )  # fmt: skip
        fig.add_layout(self._bar, "right")
        for grid in fig.grid:
            grid.grid_line_alpha = 0
        fig.yaxis[0].ticker = BasicTicker(min_interval=1, desired_num_ticks=6)
        fig.yaxis[0].formatter = NumeralTickFormatter(format="0,0")
        fig.title = " "
        self._sentence(fig, "")
        return fig

    def _restyle(self) -> None:
        super()._restyle()
        self._mapper.nan_color = self.theme.nothing
        self._color()

    def _unit(self) -> str:
        unit = unit_text(self.info.maps.get(self.selected) or "1")
        return f" {unit}" if unit else ""

    @property
    def _size(self) -> int:
        population = self.selected.rpartition(".")[0]
        return self.info.population(population).entries if population else 1

    def _name_axes(self) -> None:
        population = self.selected.rpartition(".")[0]
        what = self.info.label_of(self.selected) if self.selected else ""
        self.root.yaxis[0].axis_label = whose("neuron", population)
        self._bar.formatter = CustomJSTickFormatter(args={"unit": self._unit()}, code=TICK_FORMAT)
        self.root.title.text = with_unit(what, self.info.maps.get(self.selected) or "1")
        self._empty.text = (
            f"{with_unit(what, '1')}: every neuron of {population.replace('_', ' ')},\n"
            "here as the model runs."
        )
        self._whole()

    def _whole(self) -> None:
        self.root.y_range.update(start=self._size - 0.5, end=-0.5)

    # -- drawing -------------------------------------------------------------------------------

    def _draw(self) -> None:
        start, end = self.window.sync()
        self._say_held(self.time.following)
        log = self._logs.get(self.selected)
        if log is None or not len(log):
            return
        # Columns begin at whole multiples of their width, so the plot does not shimmer.
        width = max((end - start) / COLUMNS, self.info.tick_ms)
        width = max(1, round(width / self.info.tick_ms)) * self.info.tick_ms
        first = int(np.floor(start / width))
        a, b = log.between("t", first * width, end)
        key = (self.selected, a, b, width)
        if b <= a or key == self._key:
            return
        self._key = key
        t, values = log.rows("t", a, b), log.rows("value", a, b)
        plot, left = binned(t, values, width)
        low, high = float(np.nanmin(plot)), float(np.nanmax(plot))
        if low < 0:
            self._signed = True
        if self._from_zero(low, high):
            low, high = 0.0, max(high, 0.0)
        if self._limits.take(low, high):
            self._color()
        n = plot.shape[1]
        self._image.data = {
            "image": [np.ascontiguousarray(plot)], "x": [left], "dw": [n * width],
            "h": [self._size],
        }  # fmt: skip
        self._set_empty(False)

    def _from_zero(self, low: float, high: float) -> bool:
        """Whether the colours begin at zero, as of a rate: not where all is far from there."""
        return not self._signed and low < NEAR_ZERO * high

    def _color(self) -> None:
        low, high = (self._limits.low, self._limits.high) if self._limits.known else (0.0, 1.0)
        if self._from_zero(low, high):
            low = 0.0
        palette, low, high = scale_colors(low, high, self.theme)
        self._mapper.update(palette=palette, low=low, high=high)


def binned(t: np.ndarray, values: np.ndarray, width_ms: float) -> tuple[np.ndarray, float]:
    """Samples as a plot, (rows, columns) float32, and where its first column begins, ms.

    t      : (T,) ms, ascending;  values : (T, n)
    Each column is the mean of the samples within ``width_ms``, NaN where there is none; neurons
    share rows where there are more than ``ROWS``.
    """
    column = np.floor(t / width_ms + 1e-9).astype(int)
    first = int(column[0])
    starts = np.flatnonzero(np.diff(column, prepend=first - 1))
    sums = np.add.reduceat(values, starts, axis=0)
    means = sums / np.diff(np.append(starts, len(t)))[:, None]
    if means.shape[1] > ROWS:
        edges = np.arange(ROWS) * means.shape[1] // ROWS
        widths = np.diff(np.append(edges, means.shape[1]))
        means = np.add.reduceat(means, edges, axis=1) / widths
    plot = np.full((means.shape[1], int(column[-1]) - first + 1), np.nan, np.float32)
    plot[:, column[starts] - first] = means.T
    return plot, first * width_ms
