"""Plots of two runs: overlaid rasters, difference of rates, difference of weights."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    CustomJSHover,
    FixedTicker,
    HSpan,
    Image,
    Legend,
    LegendItem,
    Line,
    LinearColorMapper,
    Range1d,
    Segment,
)

from workbench.comparison.difference import Common, Tally
from workbench.engine.frames import Frame
from workbench.network import Projection
from workbench.palette import COMPARED
from workbench.plots.in_words import clock, counted
from workbench.plots.live.axis_limits import Limits, nice
from workbench.plots.live.buffers import SpikeLog
from workbench.plots.live.time_axis import TimeAxis
from workbench.plots.live.view import View
from workbench.plots.raster.bands import Bands
from workbench.plots.rates.live import Counts
from workbench.plots.weights.live import WeightsView

GLYPHS = 4000  # more spikes than this are drawn as an image
COLUMNS, ROWS = 700, 300  # size of the image
KEPT = 500_000  # maximum number of spikes kept of each kind
KINDS = ("same", "a", "b")  # in drawing order
SAID = {"same": "in both", "a": "only in A", "b": "only in B"}
BINS = 80

_UNIT = """
for (let k = 0; k < t.names.length; k++)
  if (value >= t.offsets[k] && value < t.offsets[k] + t.sizes[k])
    return t.labels[k] + " · neuron " + (value - t.offsets[k])
return ""
"""


class OverlayView(View):
    """Spikes of A and B on the same rows; spikes that occur in only one of them are coloured.

    common : common numbering of the neurons; ``info`` has its populations
    """

    id = "overlay"
    title = "Overlaid rasters"
    help = "Spikes of A and B on the same rows; those that both have are grey."
    min_height = 240

    def __init__(self, info: Any, common: Common, **options: Any):
        super().__init__(info, **options)
        self.tally = Tally(common)
        self.bands = Bands(info.populations)
        self.logs = {kind: SpikeLog(KEPT) for kind in KINDS}
        self.time = self.link.time(info.dt_ms, self.window_ms)
        self._key: tuple[Any, ...] = ()
        self.root = self._build()
        self._set_empty(True)
        self._restyle()

    # -- interface -----------------------------------------------------------------------------

    def update_pair(self, a: list[Frame], b: list[Frame], t_ms: float) -> None:
        """Add the frames of both; ``t_ms`` is the time that both have reached."""
        for which, frames in (("a", a), ("b", b)):
            for frame in frames:
                self.tally.add(which, frame.steps, frame.units)
        for kind, keys in self.tally.compare(round(t_ms / self.info.dt_ms)).items():
            steps, units = np.divmod(keys, self.tally.common.n_units)
            self.logs[kind].add(steps, units.astype(np.int32))
        self.now_ms = t_ms
        self.time.advance(t_ms)
        if self.seen:
            self._timed(self._draw)

    def describe(self) -> str:
        n = {kind: len(log) for kind, log in self.logs.items()}
        parts = [f"{counted(n[k], 'spike')} {SAID[k]}" for k in KINDS]
        return f"Overlaid rasters up to {clock(self.time.now_ms)}: {', '.join(parts)}."

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> Any:
        fig = self._figure("overlay", y_range=Range1d(0, self.bands.total))
        self.window = self.time.attach(fig, lambda: self._soon(self._draw), self._reset_y)
        self._marks = ColumnDataSource(data=_no_marks())
        self._image = ColumnDataSource(data=_no_image())
        self._colors = LinearColorMapper(palette=["#000000"] * 3, low=-0.5, high=2.5)
        self._cells = LinearColorMapper(palette=["#00000000"] * 4, low=-0.5, high=3.5)
        fig.add_glyph(
            self._image,
            Image(image="image", x="x", y="y", dw="dw", dh="dh", color_mapper=self._cells),
        )
        color = {"field": "kind", "transform": self._colors}
        marks = fig.add_glyph(
            self._marks,
            Segment(x0="t", x1="t", y0="y0", y1="y1", line_color=color, line_width=2),
        )
        marks.update(nonselection_glyph=None, selection_glyph=None)
        lines = ColumnDataSource(data={"y": self.bands.separators})
        self._separators = fig.add_glyph(lines, HSpan(y="y"), level="underlay")
        unit = CustomJSHover(args={"t": self.bands.tables()}, code=_UNIT)
        self._hover(
            fig,
            ("@unit{custom}", "@t{0,0.0} ms, @said"),
            renderers=[marks],
            formatters={"@unit": unit},
        )
        fig.ygrid[0].grid_line_alpha = 0
        at, texts = self.bands.ticks(0.0, self.bands.total, 320)
        fig.yaxis[0].update(
            ticker=FixedTicker(ticks=at), major_tick_out=0,
            major_label_overrides=dict(zip(at, texts, strict=True)),
        )  # fmt: skip
        self._sentence(fig, "The spikes of both appear here,\non the same rows.")
        return fig

    def _restyle(self) -> None:
        super()._restyle()
        a, b, same = COMPARED[self.dark]
        self._colors.palette = [same, a, b]
        self._cells.palette = ["#00000000", same, a, b]
        self._separators.glyph.update(line_color=self.theme.grid, line_width=1)
        self.root.yaxis[0].update(major_tick_line_color=None, axis_line_color=None)

    def _reset_y(self) -> None:
        self.root.y_range.update(start=0, end=self.bands.total)

    # -- drawing -------------------------------------------------------------------------------

    def _draw(self) -> None:
        start, end = self.window.sync()
        y0, y1 = float(self.root.y_range.start), float(self.root.y_range.end)
        self._say_held(self.time.following)
        dt = self.info.dt_ms
        low, high = math.ceil(start / dt - 1e-6), math.floor(end / dt + 1e-6)
        rows = {kind: log.between("step", low, high) for kind, log in self.logs.items()}
        key = (start, end, y0, y1, *rows.values())
        if key == self._key:
            return
        self._key = key
        units = {k: self.logs[k].rows("unit", *rows[k]) for k in KINDS}
        steps = {k: self.logs[k].rows("step", *rows[k]) for k in KINDS}
        y = {k: self.bands.y[u] for k, u in units.items()}
        seen = {k: np.flatnonzero((v >= y0) & (v <= y1)) for k, v in y.items()}
        n = sum(len(s) for s in seen.values())
        if any(len(log) for log in self.logs.values()):
            self._set_empty(False)
        if n > GLYPHS:
            cells = [
                _counts(steps[k][seen[k]] * dt, y[k][seen[k]], start, end, y0, y1) for k in KINDS
            ]
            self._image.data = {
                "image": [painted(*cells)], "x": [start], "y": [y0], "dw": [end - start],
                "dh": [y1 - y0],
            }  # fmt: skip
            if len(self._marks.data["t"]):
                self._marks.data = _no_marks()
            return
        if len(self._image.data["x"]):
            self._image.data = _no_image()
        # A row may be less than a pixel high, but a mark must not be.
        least = 1.4 / 320 * (y1 - y0)
        half = {
            k: np.maximum(0.4 * self.bands.row[self.bands.population[units[k]]], least)
            for k in KINDS
        }
        parts = {
            "t": [np.round(steps[k][seen[k]] * dt, 6) for k in KINDS],
            "y0": [(y[k] - half[k])[seen[k]] for k in KINDS],
            "y1": [(y[k] + half[k])[seen[k]] for k in KINDS],
            "unit": [units[k][seen[k]] for k in KINDS],
            "kind": [np.full(len(seen[k]), i, np.uint8) for i, k in enumerate(KINDS)],
        }
        data: dict[str, Any] = {name: np.concatenate(p) for name, p in parts.items()}
        data["said"] = [SAID[k] for k in KINDS for _ in seen[k]]
        self._marks.data = data


def _no_marks() -> dict[str, list[Any]]:
    return {"t": [], "y0": [], "y1": [], "unit": [], "kind": [], "said": []}


def _no_image() -> dict[str, list[Any]]:
    return {"image": [], "x": [], "y": [], "dw": [], "dh": []}


def _counts(
    t: np.ndarray, y: np.ndarray, start: float, end: float, y0: float, y1: float
) -> np.ndarray:
    """Number of spikes in each cell of the plot, (ROWS, COLUMNS), lowest row first."""
    column = np.clip(((t - start) / (end - start) * COLUMNS).astype(int), 0, COLUMNS - 1)
    row = np.clip(((y - y0) / (y1 - y0) * ROWS).astype(int), 0, ROWS - 1)
    flat = np.bincount(row * COLUMNS + column, minlength=ROWS * COLUMNS)
    return flat.reshape(ROWS, COLUMNS)


def painted(same: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Colour of each cell: 0 none, 1 same, 2 mostly only A, 3 mostly only B; ties alternate."""
    image = (same > 0).astype(np.uint8)
    turn = (np.add.outer(np.arange(a.shape[0]), np.arange(a.shape[1])) % 2).astype(bool)
    differ = (a > 0) | (b > 0)
    more_b = (b > a) | ((a == b) & turn)
    image[differ] = np.where(more_b, 3, 2)[differ]
    return image


class RateDifferenceView(View):
    """Rate in B minus rate in A of each population, over the whole run."""

    id = "rate-difference"
    title = "Difference of rates"
    help = "How much more often each population fires in B than in A, against time."
    min_height = 160

    def __init__(self, info: Any, common: Common, **options: Any):
        super().__init__(info, **options)
        self.common = common
        base = max(1, round(max(info.tick_ms, 0.5) / info.dt_ms))
        n = len(info.populations)
        self._counts = {which: Counts(n, base) for which in ("a", "b")}
        self._population = np.zeros(common.n_units, np.int32)
        for k, p in enumerate(info.populations):
            self._population[p.offset : p.offset + p.size] = k
        self._sizes: dict[str, np.ndarray] = {}
        self._limits = Limits()
        self._end, self._begin_ms = 0, 0.0
        self.root = self._build()
        self._set_empty(True)
        self._restyle()

    def set_networks(self, a: Any, b: Any, begin_ms: float = 0.0) -> None:
        """Set the two networks, whose populations may differ in size, and the start time in ms."""
        self._begin_ms = begin_ms
        for which, info in (("a", a), ("b", b)):
            sizes = {p.name: p.size for p in info.populations}
            self._sizes[which] = np.array(
                [max(sizes.get(p.name, 0), 1) for p in self.info.populations], float
            )

    def update_pair(self, a: list[Frame], b: list[Frame], t_ms: float) -> None:
        """Add the frames of both; ``t_ms`` is the time that both have reached."""
        for which, frames in (("a", a), ("b", b)):
            for frame in frames:
                if len(frame.steps):
                    units = self.common.unit[which][frame.units]
                    steps = frame.steps * self.common.scale[which]
                    self._counts[which].add(steps, self._population[units])
        for counts in self._counts.values():
            counts.reach(int(t_ms / self.info.dt_ms + 1e-6) // counts.steps)
        self.now_ms = t_ms
        if self.seen:
            self._timed(self._draw)

    def describe(self) -> str:
        t = self._source.data["time_ms"]
        if not len(t):
            return "Difference of rates; no data yet."
        parts = [
            f"{p.label} {self._source.data[p.label][-1]:+.3g} Hz" for p in self.info.populations
        ]
        return f"Rate in B minus rate in A at {clock(float(t[-1]))}: {', '.join(parts)}."

    def _build(self) -> Any:
        fig = self._figure("rate-difference", y_range=Range1d(-10, 10))
        self._axis = TimeAxis(self.info.dt_ms, self.window_ms)  # not shared: shows the whole run
        self.window = self._axis.attach(fig, lambda: self.window.sync())
        labels = [p.label for p in self.info.populations]
        self._source = ColumnDataSource(data={k: [] for k in ("time_ms", *labels)})
        self._renderers = []
        for label in labels:
            look = {"x": "time_ms", "y": label, "line_width": 1.6, "line_join": "round"}
            line = fig.add_glyph(self._source, Line(**look), name=label)
            muted = Line(**{**look, "line_alpha": 0.12})
            line.update(nonselection_glyph=None, selection_glyph=None, muted_glyph=muted)
            self._renderers.append(line)
        zero = ColumnDataSource(data={"y": [0.0]})
        self._zero = fig.add_glyph(zero, HSpan(y="y"), level="underlay")
        self._hover(
            fig,
            ("$name", "@$name{+0,0.0} Hz", "@time_ms{0,0.0} ms"),
            renderers=self._renderers,
            line_policy="nearest",
        )
        items = [
            LegendItem(label=label, renderers=[r])
            for label, r in zip(labels, self._renderers, strict=True)
        ]
        legend = Legend(
            items=items, click_policy="mute", margin=2, padding=2, spacing=0, glyph_width=14,
            glyph_height=15, label_height=15, label_standoff=5,
        )  # fmt: skip
        if len(labels) <= 3:
            legend.update(orientation="horizontal", location="top_left", spacing=12)
            fig.add_layout(legend, "above")
        else:
            fig.add_layout(legend, "right")
        fig.yaxis.axis_label = "rate in B − rate in A (Hz)"
        self._sentence(fig, "The difference of the rates appears here.")
        return fig

    def _restyle(self) -> None:
        super()._restyle()
        for p, r in zip(self.info.populations, self._renderers, strict=True):
            r.glyph.line_color = r.muted_glyph.line_color = self.colors[p.name]
        self._zero.glyph.update(line_color=self.theme.axis, line_width=1)

    def _draw(self) -> None:
        counts = self._counts
        end = min(c.end for c in counts.values())
        if end == self._end or not self._sizes:
            return
        self._end = end
        base_ms = counts["a"].steps * self.info.dt_ms
        first = max(*(c.first for c in counts.values()), round(self._begin_ms / base_ms))
        every = max(1, round(nice((end - first) * base_ms / BINS) / base_ms))
        # Bins start at multiples of their width; the first may start before the runs.
        start = max(first // every * every, *(c.first for c in counts.values()))
        hz = {
            k: c.sums(start, end // every * every, every)
            / self._sizes[k][:, None] / (every * base_ms / 1000)
            for k, c in counts.items()
        }  # fmt: skip
        both = hz["b"] - hz["a"]
        if not both.shape[1]:
            return
        self._set_empty(False)
        t = start * base_ms + (np.arange(both.shape[1]) + 0.5) * every * base_ms
        labels = [p.label for p in self.info.populations]
        rows = dict(zip(labels, both.astype(np.float32), strict=True))
        self._source.data = {"time_ms": t, **rows}
        top = max(float(np.abs(both).max()), 1e-9)
        if self._limits.take(-top, top) and top > 1e-6:
            reach = max(-self._limits.low, self._limits.high)
            self.root.y_range.update(start=-reach, end=reach)
        since = first * base_ms
        self._axis.window_ms = max(end * base_ms - since, self.window_ms / 4)
        self._axis.advance(since + self._axis.window_ms)
        self._say_held(self._axis.following)
        self.window.sync()


class WeightDifferenceView(WeightsView):
    """Weights in B minus weights in A, with zero at the centre of the colour map."""

    id = "weight-difference"
    title = "Difference of weights"
    help = "Weight in B minus weight in A: presynaptic neurons to the right, postsynaptic down."

    def __init__(self, info: Any, **options: Any):
        super().__init__(info, **options)
        self.differ: dict[str, float] = {}  # projection -> largest absolute difference so far

    def update_pair(self, weights: dict[str, tuple[float, np.ndarray, np.ndarray]]) -> None:
        """Add projection -> (t_ms, a, b); a projection is drawn once its weights have differed."""
        for name, (t_ms, a, b) in weights.items():
            if name not in self._projections or a.shape != b.shape:
                continue
            difference = b - a
            known = difference[np.isfinite(difference)]
            top = float(np.abs(known).max()) if known.size else 0.0
            if top > 0 or name in self.differ:
                self.differ[name] = max(top, self.differ.get(name, 0.0))
                frame: Any = SimpleNamespace(t_ms=t_ms, weights={name: difference}, sparse={})
                self.update([frame], t_ms)

    def _say_waits(self) -> None:
        super()._say_waits()
        label = self._projections[self.selected].label
        self._empty.text = f"The weights of {label}\nare the same in A and B."

    def _alike(self, weights: np.ndarray) -> bool:
        known = weights[np.isfinite(weights)]
        return bool(known.size) and not known.any()

    def _say_alike(self, p: Projection, weights: np.ndarray) -> str:
        return f"The weights of {p.label}\nare the same again in A and B."

    def _span(self) -> tuple[float, float]:
        known = self._latest.get(self.selected)
        finite = known[1][np.isfinite(known[1])] if known is not None else np.empty(0)
        top = nice(float(np.abs(finite).max())) if finite.any() else 1.0
        return -top, top
