"""Every spike of every population: marks when there are few, an image when there are many."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    CustomJSHover,
    FixedTicker,
    GlyphRenderer,
    HSpan,
    HStrip,
    Image,
    LinearColorMapper,
    Plot,
    Range1d,
    Scatter,
    Segment,
    VStrip,
)

from ...engine.frames import Frame
from ..in_words import clock, counted
from ..live import theme as themes
from ..live.buffers import SpikeLog
from ..live.gaps import Gaps
from ..live.view import View
from . import KIND
from .bands import Bands
from .tile_image import TileImage

GLYPHS = 5000  # more spikes than this are drawn as an image
TICK_PX = 3.0  # a row at least this high gets upright marks, a lower one dots
ROOM = (700, 320)  # pixels assumed before the browser has told
WAITS = "Spikes appear here as the model\nruns: a row for each neuron,\na band for each population."
NONE_YET = "No neuron has fired so far."

_AT_Y = """
function at(y) {
  for (let k = 0; k < t.names.length; k++) {
    const u = (t.bottoms[k] + t.heights[k] - y) / t.heights[k]
    if (u >= 0 && u < 1) return [k, Math.floor(u * t.sizes[k])]
  }
  return null
}
"""
_OF_UNIT = """
for (let k = 0; k < t.names.length; k++)
  if (value >= t.offsets[k] && value < t.offsets[k] + t.sizes[k])
    return t.labels[k] + " · neuron " + (value - t.offsets[k])
return ""
"""
_OF_Y = (
    _AT_Y
    + """
const found = at(special_vars.y)
return found ? t.labels[found[0]] + " · near neuron " + found[1] : ""
"""
)
_POINT = (
    _AT_Y
    + """
const found = at(cb_obj.y)
const inside = cb_obj.x >= range.start && cb_obj.x <= range.end
point(found && inside ? [[t.names[found[0]], found[1], found[1]]] : [])
"""
)
_MARK = """
const d = {y0: [], y1: []}
for (let r = 0; r < marked.population.length; r++) {
  const k = t.names.indexOf(marked.population[r])
  if (k < 0) continue
  const row = t.heights[k] / t.sizes[k], top = t.bottoms[k] + t.heights[k]
  d.y1.push(top - marked.first[r] * row)
  d.y0.push(top - (marked.last[r] + 1) * row)
}
rows.data = d
"""
_NO_DOTS: dict[str, list] = {"t": [], "y": [], "unit": [], "pop": []}
_NO_TICKS: dict[str, list] = {"t": [], "y0": [], "y1": [], "unit": [], "pop": []}


class RasterView(View):
    """A dot or tick a spike; populations stacked, the first one and neuron 0 at the top."""

    id, title, help = KIND.id, KIND.title, KIND.help
    min_height = 240

    def __init__(self, info, **options):
        super().__init__(info, **options)
        self.log = SpikeLog()
        self.bands = Bands(info.spikers)
        self.time = self.link.time(info.dt_ms, self.window_ms)
        self._gaps = Gaps()
        self._open: GlyphRenderer | None = None  # where spikes are missing, once they are
        self._cell = 1.25
        self._hint = ""
        self._key: tuple = ()
        self._shown: tuple = ()
        self._levels = max(1, min(16, 254 // max(len(info.spikers), 1)))
        self.image = TileImage(self.log, self.bands, info.dt_ms, self._levels)
        self.root = self._build()
        self._set_empty(True)
        self._restyle()
        self._draw()

    # -- contract ------------------------------------------------------------------------------

    def update(self, frames: list[Frame], t_ms: float) -> None:
        for frame in frames:
            self.log.add(frame.steps, frame.units)
            self._gaps.add(frame.missing)
        self.now_ms = t_ms
        self.time.advance(t_ms)
        if self.seen:
            self._timed(self._draw)

    def reset(self) -> None:
        self.log.clear()
        self._gaps.clear()
        self._show_gaps()
        self._key, self._shown = (), ()
        self.time.restart()
        self.now_ms = 0.0
        self.image.clear()
        for source, empty in ((self._ticks, _NO_TICKS), (self._dots, _NO_DOTS)):
            if len(source.data["t"]):
                source.data = dict(empty)
        self._set_empty(True)
        self._draw()

    def set_window(self, window_ms: float) -> None:
        """Show the last ``window_ms``, in this and all linked plots."""
        self.window_ms = window_ms
        self.time.set_window(window_ms)

    def for_figure(self) -> dict[str, Any]:
        """What a figure must know to show the same."""
        y0, y1 = float(self.root.y_range.start), float(self.root.y_range.end)
        rows = self.bands.rows_between(y0, y1)
        return {} if rows is None else {"rows": rows}

    @property
    def mode(self) -> str:
        """How spikes are drawn now: "glyphs" or "image"."""
        return "glyphs" if self.image.tiles is None else "image"

    def describe(self) -> str:
        start, end = self.time.span
        a, b = self._rows_between(start, end)
        units = self.log.rows("unit", a, b)
        seconds = max(min(end, self.time.now_ms) - start, 0.0) / 1000
        shown = self.info.spikers
        n_units, n_pop = sum(p.size for p in shown), len(shown)
        text = f"Raster of {counted(n_units, 'neuron')} in {counted(n_pop, 'population')}"
        first, last = (round(t / self.info.dt_ms) for t in (start, end))
        if self._gaps.in_bins(first, max(last - first, 1), 1).any():
            text += ", in which not all spikes could be drawn (shaded)"
        if not len(self.log):
            return text + "; no spikes yet."
        text += f", {clock(start)} to {clock(min(end, self.time.now_ms))}: "
        parts = []
        for p in self.info.spikers:
            n = int(np.count_nonzero((units >= p.offset) & (units < p.offset + p.size)))
            rate = f" ({n / p.size / seconds:.3g} Hz)" if seconds and p.size else ""
            parts.append(f"{p.label} {counted(n, 'spike')}{rate}")
        return text + ", ".join(parts) + "."

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> Plot:
        t = self.bands.tables()
        fig = self._figure("raster", y_range=Range1d(0, self.bands.total))
        self.window = self.time.attach(fig, lambda: self._soon(self._draw), self._reset_y)
        self._ticks = ColumnDataSource(data=dict(_NO_TICKS))
        self._dots = ColumnDataSource(data=dict(_NO_DOTS))
        n = len(self.info.spikers)
        self._image_colors = LinearColorMapper(palette=["#00000000"] * 256, low=0, high=256)
        self._colors = LinearColorMapper(palette=["#000000"] * n, low=-0.5, high=n - 0.5)
        color = {"field": "pop", "transform": self._colors}
        images = [
            fig.add_glyph(s, Image(image="image", x="x", y="y", dw="dw", dh="dh"))
            for s in (self.image.past, self.image.live)
        ]
        for renderer in images:
            renderer.glyph.color_mapper = self._image_colors
        self._tick_glyph = Segment(
            x0="t", x1="t", y0="y0", y1="y1", line_color=color, line_width=1.5
        )
        dot = Scatter(x="t", y="y", marker="square", size=2.6, fill_color=color, line_color=None)
        marks = [fig.add_glyph(self._ticks, self._tick_glyph), fig.add_glyph(self._dots, dot)]
        for renderer in marks:  # a click marks a neuron everywhere, it does not fade the others
            renderer.update(nonselection_glyph=None, selection_glyph=None)

        lines = ColumnDataSource(data={"y": self.bands.separators})
        self._separators = fig.add_glyph(lines, HSpan(y="y"), level="underlay")
        self._rows = ColumnDataSource(data={"y0": [], "y1": []}, syncable=False)
        self._mark = fig.add_glyph(self._rows, HStrip(y0="y0", y1="y1"), level="overlay")
        self.link.marking(_MARK, t=t, rows=self._rows)
        fig.js_on_event("mousemove", self.link.pointing(_POINT, t=t, range=self.window.range))

        unit = CustomJSHover(args={"t": t}, code=_OF_UNIT)
        near = CustomJSHover(args={"t": t}, code=_OF_Y)
        self._hover(
            fig, ("@unit{custom}", "@t{0,0.0} ms"), renderers=marks, formatters={"@unit": unit}
        )
        self._hover(
            fig,
            ("$y{custom}", "$x{0,0.0} ms"),
            renderers=images,
            formatters={"$y": near},
        )
        fig.ygrid[0].grid_line_alpha = 0
        fig.yaxis[0].update(ticker=FixedTicker(ticks=[]), major_tick_out=0)
        self._label_bands(fig, 0.0, self.bands.total)
        self._sentence(fig, WAITS)
        return fig

    def _restyle(self) -> None:
        super()._restyle()
        t = self.theme
        colors = [self.colors[p.name] for p in self.info.spikers]
        self._colors.palette = colors
        alphas = (np.arange(self._levels) + 1) / self._levels
        shaded = [themes.with_alpha(c, a) for c in colors[:254] for a in alphas]
        palette = ["#00000000", *shaded]
        self._image_colors.palette = palette + ["#00000000"] * (256 - len(palette))
        self._separators.glyph.update(line_color=t.grid, line_width=1)
        self._mark.glyph.update(
            fill_color=t.mark, fill_alpha=0.14, line_color=t.mark, line_alpha=0.45, line_width=1
        )
        self.root.yaxis[0].update(major_tick_line_color=None, axis_line_color=None)
        if self._open is not None:
            self._open.glyph.update(
                fill_color=t.mark, fill_alpha=0.1, line_color=None, hatch_pattern="/",
                hatch_color=t.mark, hatch_alpha=0.35, hatch_weight=0.6, hatch_scale=10,
            )  # fmt: skip

    def _set_empty(self, empty: bool) -> None:
        super()._set_empty(empty)
        self._separators.visible = not empty

    def advise(self, hint: str) -> None:
        """Say what to do, as long as no neuron has fired."""
        self._hint = hint
        self._say_why_empty()

    def _say_why_empty(self) -> None:
        text = self._hint or (NONE_YET if self.now_ms > 0 else WAITS)
        if self._empty.text != text:
            self._empty.text = text

    def _label_bands(self, fig: Plot, y0: float, y1: float) -> None:
        at, texts = self.bands.ticks(y0, y1, self._pixels(fig)[1])
        axis = fig.yaxis[0]
        if list(axis.ticker.ticks) != at or list(axis.major_label_overrides.values()) != texts:
            axis.ticker.ticks = at
            axis.major_label_overrides = dict(zip(at, texts, strict=True))

    def _reset_y(self) -> None:
        self.root.y_range.update(start=0, end=self.bands.total)

    @staticmethod
    def _pixels(fig: Plot) -> tuple[int, int]:
        try:
            width, height = fig.inner_width, fig.inner_height
        except Exception:  # not known before the browser has drawn the figure
            return ROOM
        return (width or ROOM[0], height or ROOM[1])

    # -- drawing -------------------------------------------------------------------------------

    def _rows_between(self, start: float, end: float) -> tuple[int, int]:
        dt = self.info.dt_ms
        return self.log.between("step", math.ceil(start / dt - 1e-6), math.floor(end / dt + 1e-6))

    def _draw(self) -> None:
        start, end = self.window.sync()
        y0, y1 = float(self.root.y_range.start), float(self.root.y_range.end)
        width, height = self._pixels(self.root)
        a, b = self._rows_between(start, end)
        self._say_held(self.time.following)
        if not len(self.log):
            self._say_why_empty()
        key = (start, end, y0, y1, a, b, width, height)
        if key == self._key:
            return
        self._key = key
        self._show_gaps()
        self._label_bands(self.root, y0, y1)
        if len(self.log):
            self._set_empty(False)
        if self._wants_image(a, b, y0, y1):
            self._draw_image(start, end, y0, y1, width, height, b - a)
        else:
            self._draw_glyphs(a, b, start, end, y0, y1, width, height)

    def _show_gaps(self) -> None:
        """Shade what is not known here: it is no silence."""
        found = self._gaps.in_ms(self.info.dt_ms)
        if self._open is None:
            if not self._gaps:
                return
            source = ColumnDataSource(data=found)
            self._open = self.root.add_glyph(source, VStrip(x0="x0", x1="x1"), level="underlay")
            self._restyle()
        elif self._open.data_source.data != found:
            self._open.data_source.data = found

    def _wants_image(self, a: int, b: int, y0: float, y1: float) -> bool:
        # The way back is a little longer than the way there, so it does not flip to and fro.
        limit = GLYPHS if self.image.tiles is None else 0.8 * GLYPHS
        if b - a <= limit:
            return False
        if y0 <= 0 and y1 >= self.bands.total:
            return True
        y = self.bands.y[self.log.rows("unit", a, b)]
        return int(np.count_nonzero((y >= y0) & (y <= y1))) > limit

    def _draw_glyphs(self, a, b, start, end, y0, y1, width, height) -> None:
        self.image.clear()
        tall = self.bands.row / (y1 - y0) * height >= TICK_PX
        stroke = self._stroke(start, end, width)
        shown = (a, b, y0, y1, stroke, tuple(tall.tolist()))
        if shown == self._shown:
            return
        self._shown = shown
        units, steps = self.log.rows("unit", a, b), self.log.rows("step", a, b)
        y = self.bands.y[units]
        if y0 > 0 or y1 < self.bands.total:
            edge = float(self.bands.row.max())
            seen = np.flatnonzero((y >= y0 - edge) & (y <= y1 + edge))
            units, steps, y = units[seen], steps[seen], y[seen]
        pop = self.bands.population[units]
        times = np.round(steps * self.info.dt_ms, 6)
        up = tall[pop]
        if up.any() or len(self._ticks.data["t"]):
            half = 0.4 * self.bands.row[pop[up]].astype(np.float32)
            self._tick_glyph.line_width = stroke
            self._ticks.data = {
                "t": times[up],
                "y0": y[up] - half,
                "y1": y[up] + half,
                "unit": units[up],
                "pop": pop[up],
            }
        if not up.all() or len(self._dots.data["t"]):
            dot = ~up
            self._dots.data = {"t": times[dot], "y": y[dot], "unit": units[dot], "pop": pop[dot]}

    def _stroke(self, start: float, end: float, width: int) -> float:
        """Width of a tick: as wide as a time step when steps can be told apart."""
        step = width * self.info.dt_ms / max(end - start, 1e-9)
        return float(np.clip(round(0.5 * step * 2) / 2, 1.5, 4.0))

    def _draw_image(self, start, end, y0, y1, width, height, spikes) -> None:
        self._cell = cell_size(spikes, self._cell)
        columns = int(np.clip(width / self._cell, 200, 900))
        rows = int(np.clip(height / self._cell, 120, 400))
        col_steps = max(1, round((end - start) / self.info.dt_ms / columns))
        if self.image.fit(y0, y1, rows, col_steps):
            self.time.quantum_ms = col_steps * self.info.dt_ms
            for source, empty in ((self._ticks, _NO_TICKS), (self._dots, _NO_DOTS)):
                if len(source.data["t"]):
                    source.data = dict(empty)
            self._shown = ()
        self.image.draw(start, end, self.time.now_ms)


def cell_size(spikes: int, now: float) -> float:
    """Pixels of a cell of the image: large while spikes are few enough to stand alone.

    The size changes back a little later than it changes there, so it does not flicker.
    """
    for size, most in ((2.0, 15_000), (1.5, 60_000)):
        if spikes < most * (1.3 if now >= size else 1.0):
            return size
    return 1.25
