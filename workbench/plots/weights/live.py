"""The weights of one projection as a matrix: presynaptic neurons along, postsynaptic down."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from bokeh.layouts import row
from bokeh.models import (
    BasicTicker,
    ColorBar,
    ColumnDataSource,
    CustomJSHover,
    CustomJSTickFormatter,
    HStrip,
    Image,
    LinearColorMapper,
    NumeralTickFormatter,
    Plot,
    Range1d,
    VStrip,
)
from bokeh.palettes import RdBu11, Viridis256, interp_palette

from ...engine.frames import Frame
from ...errors import unknown
from ...network import Projection
from ...sparse import Spread
from ..in_words import clock, counted, whose
from ..live import theme as themes
from ..live.axis_limits import nice
from ..live.view import View
from . import KIND
from .beside import HistogramBeside

_POINT = """
const s = shape.data, cols = s.cols[0], rows = s.rows[0], n = s.pre[0], m = s.post[0]
const c = Math.floor((cb_obj.x + 0.5) / n * cols), r = Math.floor((cb_obj.y + 0.5) / m * rows)
if (c < 0 || r < 0 || c >= cols || r >= rows) point([])
else point([
  [s.source[0], Math.ceil(c * n / cols), Math.ceil((c + 1) * n / cols) - 1],
  [s.target[0], Math.ceil(r * m / rows), Math.ceil((r + 1) * m / rows) - 1],
])
"""
# A neuron is marked as a column where it is presynaptic, and as a row where it is postsynaptic.
_MARK = """
const s = shape.data, v = {x0: [], x1: []}, h = {y0: [], y1: []}
const point = marked.population.length
for (let r = 0; r < point; r++) {
  const first = r === 0 || point !== 2, second = r === 1 || point !== 2
  if (first && marked.population[r] === s.source[0]) {
    v.x0.push(marked.first[r] - 0.5); v.x1.push(marked.last[r] + 0.5)
  }
  if (second && marked.population[r] === s.target[0]) {
    h.y0.push(marked.first[r] - 0.5); h.y1.push(marked.last[r] + 0.5)
  }
}
columns.data = v
rows.data = h
"""
_BIN = """
const s = shape.data
const [n, bins] = axis === "x" ? [s.pre[0], s.cols[0]] : [s.post[0], s.rows[0]]
const where = (axis === "x" ? special_vars.x : special_vars.y) + 0.5
const b = Math.floor(where / n * bins)
const first = Math.ceil(b * n / bins), last = Math.ceil((b + 1) * n / bins) - 1
const label = axis === "x" ? s.source_label[0] : s.target_label[0]
return label + " " + (last > first ? first + "–" + last : first)
"""
_VALUE = """
const unit = shape.data.unit[0]
return isNaN(value) ? "no synapse" : Number(value.toPrecision(4)) + (unit ? " " + unit : "")
"""

# The uppermost number of the colour bar carries the unit.
TICK_FORMAT = """
const text = String(Number(tick.toPrecision(6))).replace("-", "\u2212")
return index === ticks.length - 1 ? text + unit : text
"""

NARROWEST_PX = 200

# Bokeh's copies of the maps that paper figures use: `palette.DIVERGING`, `palette.SEQUENTIAL`.
_DIVERGING = list(interp_palette(RdBu11, 256))
_SEQUENTIAL = list(Viridis256)


def scale_colors(low: float, high: float, t: themes.Theme) -> tuple[list[str], float, float]:
    """Colours of weights between two limits: (palette, low, high).

    Around zero when there are both signs, with zero as near to the page as can be; from little
    to much otherwise, where "much" is the larger magnitude.
    """
    if low < 0 < high:
        top = max(-low, high)
        if t.name == "dark":
            return list(interp_palette(("#6FB1F0", t.zero, "#FF8A75"), 256)), -top, top
        return _DIVERGING, -top, top
    return (_SEQUENTIAL[::-1] if high <= 0 and low < 0 else _SEQUENTIAL), low, high


class WeightsView(View):
    """One projection at a time; a cell covers several neurons where there are many.

    names    : projections that carry weights
    selected : the one that is shown; change it with ``select(name)``
    """

    id, title, help = KIND.id, KIND.title, KIND.help
    min_height = 220

    def __init__(self, info, **options: Any):
        super().__init__(info, **options)
        self._projections = {p.name: p for p in info.projections if p.weight is not None}
        self.names = tuple(self._projections)
        plastic = [p.name for p in self._projections.values() if p.plastic]
        self.selected = (plastic or [*self.names, ""])[0]
        self._latest: dict[str, tuple[float, np.ndarray]] = {}
        self._spread: dict[str, Spread] = {}  # of sparse projections
        self._shown: tuple[str, np.ndarray] | None = None
        self._limits: dict[str, tuple[float, float]] = {}
        self.root = self._build()
        self._restyle()
        self._name_axes()

    # -- contract ------------------------------------------------------------------------------

    def update(self, frames: list[Frame], t_ms: float) -> None:
        for frame in frames:
            self._spread |= frame.sparse
            for name, matrix in frame.weights.items():
                if name in self._projections:
                    self._latest[name] = (frame.t_ms, np.asarray(matrix, np.float32))
        self.now_ms = t_ms
        if self.seen:
            self._timed(self._draw)

    def _reached_ms(self) -> float:
        """When the weights were read that are shown."""
        return self._latest[self.selected][0] if self.selected in self._latest else self.now_ms

    def reset(self) -> None:
        self._latest.clear()
        self._spread.clear()
        self._limits.clear()
        self.beside.clear()
        self._shown = None
        if len(self._image.data["image"]):
            self._image.data = {"image": [], "w": [], "h": []}
        self.root.title.text = ""
        if self.selected:
            self._say_waits()
        self._set_empty(True)

    def select(self, name: str) -> None:
        """Show another projection; raises UnknownName with the nearest one."""
        if name not in self._projections:
            raise unknown("projection with weights", name, self.names)
        if name != self.selected:
            self.selected = name
            self._shown = None
            self.beside.clear()
            self._image.data = {"image": [], "w": [], "h": []}
            self.root.title.text = ""
            self._set_empty(True)
            self._name_axes()
            self._draw()

    def describe(self) -> str:
        if not self.selected:
            return "No weights: no projection of this network carries any."
        p = self._projections[self.selected]
        text = f"Weights of {p.label}, {counted(p.n_synapses, 'synapse')}"
        if self.selected not in self._latest:
            return text + "; not received yet."
        t_ms, matrix = self._latest[self.selected]
        return f"{text}, at {clock(t_ms)}: {self._summary(p, matrix)}."

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> Plot:
        fig = self._figure(
            "weights", min_border_left=52, x_range=Range1d(0, 1), y_range=Range1d(1, 0)
        )
        self._image = ColumnDataSource(data={"image": [], "w": [], "h": []})
        self._mapper = LinearColorMapper(palette=["#000000"], low=0, high=1)
        image = fig.add_glyph(
            self._image,
            Image(image="image", x=-0.5, y=-0.5, dw="w", dh="h", color_mapper=self._mapper),
        )
        # Until weights are drawn: no cell, so that the pointer is over none.
        unknown = {"rows": [0], "cols": [0], "pre": [1], "post": [1]}
        texts = ("source", "target", "source_label", "target_label", "unit")
        names = {name: [""] for name in texts}
        self._shape = ColumnDataSource(data={**unknown, **names}, name="shape")
        self._columns = ColumnDataSource(data={"x0": [], "x1": []}, syncable=False)
        self._rows = ColumnDataSource(data={"y0": [], "y1": []}, syncable=False)
        self._marks = (
            fig.add_glyph(self._columns, VStrip(x0="x0", x1="x1"), level="overlay"),
            fig.add_glyph(self._rows, HStrip(y0="y0", y1="y1"), level="overlay"),
        )
        self.link.marking(_MARK, shape=self._shape, columns=self._columns, rows=self._rows)
        fig.js_on_event("mousemove", self.link.pointing(_POINT, shape=self._shape))
        shape = {"shape": self._shape}
        self._hover(
            fig,
            ("@image{custom}", "from $x{custom}", "to $y{custom}"),
            renderers=[image],
            formatters={
                "@image": CustomJSHover(args=shape, code=_VALUE),
                "$x": CustomJSHover(args={**shape, "axis": "x"}, code=_BIN),
                "$y": CustomJSHover(args={**shape, "axis": "y"}, code=_BIN),
            },
        )
        self._bar = ColorBar(
            color_mapper=self._mapper,
            width=10,
            padding=6,
            margin=0,
            label_standoff=5,
            ticker=BasicTicker(desired_num_ticks=5),
        )
        fig.add_layout(self._bar, "right")
        for grid in fig.grid:
            grid.grid_line_alpha = 0
        for axis in (fig.xaxis[0], fig.yaxis[0]):
            axis.ticker = BasicTicker(min_interval=1, desired_num_ticks=6)
            axis.formatter = NumeralTickFormatter(format="0,0")
        fig.title = " "
        fig.on_event("reset", lambda _event: self._whole())
        self._sentence(fig, "")
        self.beside = HistogramBeside(self._figure("weights-how-often"))
        # Side by side also on a phone: one below the other, both would be too low for the names of
        # their axes.
        fig.min_width = NARROWEST_PX
        self.page = row(fig, self.beside.root, sizing_mode="stretch_both")
        return fig

    def _restyle(self) -> None:
        super()._restyle()
        t = self.theme
        self._mapper.nan_color = t.nothing
        self.beside.restyle(t)
        look = {"fill_alpha": 0.10, "line_alpha": 0.8, "line_width": 1}
        for mark in self._marks:
            mark.glyph.update(fill_color=t.mark, line_color=t.mark, **look)
        if self.selected:
            self._color()

    def _name_axes(self) -> None:
        fig = self.root
        if not self.selected:
            self._empty.text = "No projection of this network carries weights."
            self._bar.visible = False
            for axis in (fig.xaxis[0], fig.yaxis[0]):
                axis.visible = False
            return
        p = self._projections[self.selected]
        fig.xaxis[0].axis_label = whose("presynaptic neuron", p.ends[0])
        fig.yaxis[0].axis_label = whose("postsynaptic", p.ends[1])
        self._name_bar(p)
        self._say_waits()
        self._whole()
        self._color()

    def _say_waits(self) -> None:
        label = self._projections[self.selected].label
        self._empty.text = f"The weights of {label}\nappear here when the model is built."
        self._bar.visible = True

    def _name_bar(self, p: Projection) -> None:
        unit = "" if p.unit in ("1", "") else f" {p.unit}"
        if self.spread is not None:
            unit = " %"
        self._bar.formatter = CustomJSTickFormatter(args={"unit": unit}, code=TICK_FORMAT)
        self._bar.title = None if self.spread is None else "pairs joined"

    def _whole(self) -> None:
        if self.selected:
            n, m = self._extent()
            self.root.x_range.update(start=-0.5, end=n - 0.5)  # neuron k lies around k
            self.root.y_range.update(start=m - 0.5, end=-0.5)

    def _extent(self) -> tuple[int, int]:
        """Neurons along x and along y."""
        p = self._projections[self.selected]
        return self.info.population(p.source).entries, self.info.population(p.target).entries

    # -- drawing -------------------------------------------------------------------------------

    @property
    def spread(self) -> Spread | None:
        """Of a sparse projection: its density is drawn, and a histogram of its weights beside."""
        return self._spread.get(self.selected)

    def _draw(self) -> None:
        if self.selected not in self._latest:
            return
        weights = self._latest[self.selected][1]
        if self._shown is not None and np.array_equal(self._shown[1], weights, equal_nan=True):
            return
        first = self._shown is None
        self._shown = (self.selected, weights)
        p = self._projections[self.selected]
        matrix = weights if self.spread is None else 100 * self.spread.density
        # Beside the histogram there is room for few numbers.
        self.root.xaxis[0].ticker.desired_num_ticks = 6 if self.spread is None else 2
        if self.spread is not None:
            self.beside.show(self.spread, "" if p.unit in ("1", "") else p.unit, p.sign)
        n, m = self._extent()
        if first:
            self._shape.data = {
                "cols": [matrix.shape[1]],
                "rows": [matrix.shape[0]],
                "pre": [n],
                "post": [m],
                "source": [p.source],
                "target": [p.target],
                "source_label": [p.ends[0]],
                "target_label": [p.ends[1]],
                "unit": [("" if p.unit == "1" else p.unit) if self.spread is None else "%"],
            }
            self._name_bar(p)
        self._color()
        # One colour all over says less than the number does.
        alike = self.spread is None and self._alike(weights)
        if alike:
            self._empty.text = self._say_alike(p, weights)
            self._image.data = {"image": [], "w": [], "h": []}
        else:
            self._image.data = {"image": [matrix], "w": [n], "h": [m]}
        self._bar.visible = not alike
        self._set_empty(alike)
        self.root.title.text = "" if alike else self._summary(p, weights)

    def _alike(self, weights: np.ndarray) -> bool:
        """Whether all pairs are joined, and by the same weight."""
        return bool(np.isfinite(weights).all()) and _equal(weights.min(), weights.max())

    def _say_alike(self, p: Projection, weights: np.ndarray) -> str:
        unit = "" if p.unit in ("1", "") else f" {p.unit}"
        value = f"{_number(float(weights.flat[0]))}{unit}"
        if p.n_synapses == 1:
            return f"The weight of {p.label}\nis {value}."
        return f"All {p.n_synapses:,} weights of {p.label}\nare {value}."

    def _color(self) -> None:
        low, high = self._span()
        colors, low, high = scale_colors(low, high, self.theme)
        if (self._mapper.low, self._mapper.high) != (low, high):
            self._mapper.update(low=low, high=high)
        if self._mapper.palette != colors:
            self._mapper.palette = colors

    def _span(self) -> tuple[float, float]:
        """Limits of the colours: the model's, or round numbers that only ever widen."""
        p = self._projections[self.selected]
        if self.spread is not None:
            return 0.0, nice(100 * float(self.spread.density.max())) or 1.0
        if p.limits is not None and p.limits[1] > p.limits[0]:
            return p.limits
        low, high = self._limits.get(self.selected, (0.0, 0.0))
        if self.selected in self._latest:
            matrix = self._latest[self.selected][1]
            known = matrix[np.isfinite(matrix)]
            if known.size:
                low = min(low, -nice(-float(known.min())) if known.min() < 0 else 0.0)
                high = max(high, nice(float(known.max())) if known.max() > 0 else 0.0)
                self._limits[self.selected] = (low, high)
        return (low, high) if high > low else (0.0, 1.0)

    def _summary(self, p: Projection, matrix: np.ndarray) -> str:
        known = matrix[np.isfinite(matrix)]
        if not known.size:
            return "no synapses"
        unit = "" if p.unit in ("1", "") else f" {p.unit}"
        mean, low, high = (float(f(known)) for f in (np.mean, np.min, np.max))
        if self.spread is not None and len(self.spread.counts) > 1:
            # Of the weights, which reach further than the means of cells.
            low, high = (float(self.spread.edges[k]) for k in (0, -1))
        if _equal(low, high):
            return f"all {_number(mean)}{unit}{self._share(p)}"
        found = f"mean {_number(mean)}{unit}, from {_number(low)} to {_number(high)}{unit}"
        return found + self._share(p)

    def _share(self, p: Projection) -> str:
        """Of a sparse projection, how many of its pairs are joined."""
        n, m = self._extent()
        return "" if self.spread is None else f"; {100 * p.n_synapses / (n * m):.2g} % of pairs"


def _equal(low: float, high: float) -> bool:
    return math.isclose(low, high, rel_tol=1e-6, abs_tol=1e-12)


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
