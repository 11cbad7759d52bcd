"""How active each population is: its mean rate in bins of time."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    Legend,
    LegendItem,
    Line,
    Plot,
    Range1d,
)

from ...engine.frames import Frame
from ..in_words import clock
from ..live.axis_limits import Limits, nice
from ..live.gaps import Gaps
from ..live.view import SLOWER, View
from . import KIND
from .bins import fitting

BINS = 50  # in a window, about, where there is no faster rhythm
MOST_BINS = 1500  # in a window
LOOKED_AT = 2**14  # short bins, the latest of the window, in which a rhythm is looked for
LOOK_EVERY_S = 0.5
CALM = 4  # looks after which bins may become wider again, so that they do not change to and fro


class Counts:
    """Spikes of each population in short, equal bins: a ring of the last ``cap`` bins.

    Bin ``k`` holds the spikes with ``k * steps <= step < (k + 1) * steps``.
    """

    def __init__(self, n_populations: int, steps: int, cap: int = 120_000):
        self.steps = steps
        self.cap = cap
        self._n = n_populations
        self.clear()

    def clear(self) -> None:
        self._ring = np.zeros((self._n, min(1024, self.cap)), np.int32)
        self.first = self.end = 0  # bins that are known

    def reach(self, end: int) -> None:
        """All bins up to ``end`` are known now, and empty unless spikes are added."""
        if end <= self.end:
            return
        room = self._ring.shape[1]
        if end - self.first > room and room < self.cap:
            wider = np.zeros((self._n, min(self.cap, max(2 * room, end - self.first))), np.int32)
            keep = np.arange(self.first, self.end)[-wider.shape[1] :]
            wider[:, keep % wider.shape[1]] = self._ring[:, keep % room]
            self._ring, room = wider, wider.shape[1]
        new = np.arange(max(self.end, end - room), end)
        self._ring[:, new % room] = 0
        self.end = end
        self.first = max(self.first, end - room)

    def add(self, steps: np.ndarray, populations: np.ndarray) -> None:
        bins = steps // self.steps
        self.reach(int(bins.max()) + 1)
        bins, populations = bins[known := bins >= self.first], populations[known]
        if not len(bins):
            return
        first = int(bins.min())
        width = int(bins.max()) + 1 - first
        found = np.bincount(populations * width + (bins - first), minlength=self._n * width)
        place = np.arange(first, first + width) % self._ring.shape[1]
        self._ring[:, place] += found.reshape(self._n, width)

    def sums(self, first: int, last: int, every: int) -> np.ndarray:
        """Counts of bins ``first`` to ``last``, ``every`` of them together: (P, n) int."""
        first = max(first, -(-self.first // every) * every)
        n = max((min(last, self.end) - first) // every, 0)
        index = np.arange(first, first + n * every) % self._ring.shape[1]
        return self._ring[:, index].reshape(self._n, n, every).sum(axis=2)


class RatesView(View):
    """Mean rate of each population in Hz; a click on its name in the legend mutes a line."""

    id, title, help = KIND.id, KIND.title, KIND.help
    min_height = 160

    def __init__(self, info, **options: Any):
        super().__init__(info, **options)
        self.time = self.link.time(info.dt_ms, self.window_ms)
        base = max(1, round(max(info.tick_ms, 0.5) / info.dt_ms))
        self._counts = Counts(len(info.spikers), base)
        self._gaps = Gaps()
        n = max((p.offset + p.size for p in info.spikers), default=0)
        self._population = np.zeros(n, np.int32)
        for k, p in enumerate(info.spikers):
            self._population[p.offset : p.offset + p.size] = k
        self._sizes = np.array([max(p.size, 1) for p in info.spikers], float)
        self._limits = Limits(floor=0.0)
        self._key: tuple = ()
        self._own_y = False
        self._every, self._calm = 1, 0
        self._looked: tuple[float, float] = (-math.inf, 0.0)  # when, at a window of which width
        self.root = self._build()
        self._restyle()
        self._set_empty(True)

    # -- contract ------------------------------------------------------------------------------

    def update(self, frames: list[Frame], t_ms: float) -> None:
        for frame in frames:
            self._gaps.add(frame.missing)
            if len(frame.steps):
                self._counts.add(frame.steps, self._population[frame.units])
        self._counts.reach(int(t_ms / self.info.dt_ms + 1e-6) // self._counts.steps)
        self.now_ms = t_ms
        self.time.advance(t_ms)
        self._soon(self._draw, every_s=SLOWER)

    def reset(self) -> None:
        self._counts.clear()
        self._gaps.clear()
        self._limits.reset()
        self._key = ()
        self._looked = (-math.inf, 0.0)
        self.time.restart()
        if len(self._source.data["time_ms"]):
            self._source.data = {k: [] for k in self._source.data}
        self._set_empty(True)

    def settle(self) -> None:
        # What stands still shows its own rhythm: nothing more comes that could change the bins.
        self._looked, self._calm = (-math.inf, 0.0), CALM
        super().settle()

    def set_window(self, window_ms: float) -> None:
        """Show the last ``window_ms``, in this and all linked plots."""
        self.window_ms = window_ms
        self.time.set_window(window_ms)

    @property
    def bin_ms(self) -> float:
        """Width of a bin of the plot: a round part of what is visible, or less for a rhythm."""
        return self._every * self._counts.steps * self.info.dt_ms

    def describe(self) -> str:
        t = self._source.data["time_ms"]
        if not len(t):
            return "Rates of all populations; no data yet."
        latest = {p.label: self._source.data[p.label][-1] for p in self.info.spikers}
        if np.isnan([*latest.values()]).any():
            return f"Rates at {clock(float(t[-1]))}: more spikes than could be drawn."
        parts = [f"{name} {rate:.3g} Hz" for name, rate in latest.items()]
        return f"Rates in bins of {self.bin_ms:g} ms at {clock(float(t[-1]))}: {', '.join(parts)}."

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> Plot:
        fig = self._figure("rates", y_range=Range1d(0, 10))
        self.window = self.time.attach(fig, lambda: self._soon(self._user_moved), self._reset_y)
        columns = ["time_ms", *(p.label for p in self.info.spikers)]
        self._source = ColumnDataSource(data={k: [] for k in columns})
        self._renderers = []
        for p in self.info.spikers:
            look = {"x": "time_ms", "y": p.label, "line_width": 1.6, "line_join": "round"}
            line = fig.add_glyph(self._source, Line(**look), name=p.label)
            muted = Line(**{**look, "line_alpha": 0.12})
            line.update(nonselection_glyph=None, selection_glyph=None, muted_glyph=muted)
            self._renderers.append(line)
        self._hover(
            fig,
            ("$name", "@$name{0,0.0} Hz", "@time_ms{0,0.0} ms"),
            renderers=self._renderers,
            line_policy="nearest",
        )
        self._legend = Legend(
            items=[
                LegendItem(label=p.label, renderers=[r])
                for p, r in zip(self.info.spikers, self._renderers, strict=True)
            ],
            click_policy="mute",
            margin=2,
            padding=2,
            spacing=0,
            glyph_width=14,
            glyph_height=15,
            label_height=15,
            label_standoff=5,
        )
        if len(self.info.spikers) <= 3:
            self._legend.update(orientation="horizontal", location="top_left", spacing=12)
            fig.add_layout(self._legend, "above")
        else:
            fig.add_layout(self._legend, "right")
        self._sentence(fig, "The mean rate of each population\nappears here as the model runs.")
        return fig

    def _restyle(self) -> None:
        super()._restyle()
        for p, r in zip(self.info.spikers, self._renderers, strict=True):
            r.glyph.line_color = r.muted_glyph.line_color = self.colors[p.name]

    # -- drawing -------------------------------------------------------------------------------

    def _draw(self) -> None:
        self._say_held(self.time.following)
        start, end = self.window.sync()
        counts, dt = self._counts, self.info.dt_ms
        base = counts.steps * dt
        self._choose_bins(start, end)
        every = self._every
        # Bins start at multiples of their width, so they do not change while the window moves.
        first = max(0, math.floor(start / base / every)) * every
        first = max(first, -(-counts.first // every) * every)
        last = min(math.ceil(end / base / every) * every, counts.end // every * every)
        key = (first, last, every)
        if last <= first or key == self._key:
            return
        self._key = key
        sums = counts.sums(first, last, every)
        bin_ms = every * base
        rates = sums / self._sizes[:, None] / (bin_ms / 1000)
        unknown = self._gaps.in_bins(first * counts.steps, every * counts.steps, sums.shape[1])
        rates[:, unknown] = np.nan
        t = (first * base) + (np.arange(sums.shape[1]) + 0.5) * bin_ms
        top = float(np.nanmax(rates, initial=0.0))
        if top and self._limits.take(0.0, top) and not self._own_y:
            self._show_limits()
        self._set_empty(False)
        labels = [p.label for p in self.info.spikers]
        columns = dict(zip(labels, rates.astype(np.float32), strict=True))
        self._source.data = {"time_ms": t, **columns}

    def _choose_bins(self, start: float, end: float) -> None:
        """Look now and then for a rhythm in what is visible: at once in a window of a new width."""
        counts, base = self._counts, self._counts.steps * self.info.dt_ms
        now, width = time.monotonic(), end - start
        moved = not math.isclose(width, self._looked[1])
        if not moved and now - self._looked[0] < LOOK_EVERY_S:
            return
        self._looked = now, width
        coarse = max(1, round(nice(width / BINS) / base))
        first, last = math.floor(start / base), min(math.ceil(end / base), counts.end)
        seen = counts.sums(max(first, last - LOOKED_AT), last, 1)
        wanted = fitting(seen, coarse, int(MOST_BINS * seen.shape[1] * base / width))
        if moved or wanted < self._every or self._calm >= CALM:
            self._every, self._calm = wanted, 0
        self._calm = self._calm + 1 if wanted > self._every else 0
        label = f"rate (Hz), bins of {self.bin_ms:g} ms"
        if self.root.yaxis[0].axis_label != label:
            self.root.yaxis[0].axis_label = label

    def _show_limits(self) -> None:
        if self._limits.known:
            self.root.y_range.update(start=self._limits.low, end=self._limits.high)

    def _user_moved(self) -> None:
        now = (self.root.y_range.start, self.root.y_range.end)
        self._own_y = self._limits.known and now != (self._limits.low, self._limits.high)
        self._draw()

    def _reset_y(self) -> None:
        self._own_y = False
        self._show_limits()
