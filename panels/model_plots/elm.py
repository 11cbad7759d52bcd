"""Live plots of an ELM neuron: its dendrite, its memories and branches, its prediction."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.layouts import column
from bokeh.models import BasicTicker, ColorBar, ColumnDataSource, LinearColorMapper, Range1d
from bokeh.palettes import diverging_palette
from bokeh.plotting import figure

from models.elm_neuron.weights import Weights
from workbench.palette import EXCITATORY, INHIBITORY, on_page
from workbench.plots.live import theme as themes
from workbench.plots.live.axis_limits import Limits
from workbench.plots.live.buffers import SampleLog, decimate
from workbench.plots.live.time_labels import TimeLabels

COLUMNS = 400  # of a plot of states against time
DOTS = 250  # events drawn at once; more would only be a blur
DEVIATIONS = 2.5  # the end of the colours where each row has its own scale
BASAL = 0.4  # share of the branches drawn below the soma
KINDS = {1: "excitatory input", -1: "inhibitory input"}  # by the sign of a channel
LEAST_P, MOST_P = 0.01, 1.08  # ends of the axis of the chance of a spike, at least and at most
LINES = {False: ("#0072B2", "#24292F"), True: ("#56B4E9", "#E3E7EB")}  # predicted, measured


def _figure(name: str, **options: Any) -> Any:
    sizes = {"sizing_mode": "stretch_both", "min_height": 120, "min_width": 200}
    return figure(tools="", title=None, toolbar_location=None, name=name, **{**sizes, **options})


def _diverging(dark: bool) -> list[str]:
    """Blue below zero, red above, the page's own colour at zero."""
    t = themes.theme(dark)
    low, high = (on_page(c, dark) for c in (INHIBITORY, EXCITATORY))
    ends = [[themes.mix(t.zero, c, k / 63) for k in range(64)] for c in (low, high)]
    return diverging_palette(ends[0][::-1], ends[1][::-1], n=128)


def _bar(mapper: LinearColorMapper, title: str) -> ColorBar:
    return ColorBar(
        color_mapper=mapper, width=8, padding=4, margin=0, label_standoff=4, title=title,
        ticker=BasicTicker(desired_num_ticks=4),
    )  # fmt: skip


class Scale:
    """A symmetric colour scale that grows at once, and never shrinks within a run."""

    def __init__(self) -> None:
        self.most = 0.0

    def take(self, values: np.ndarray) -> float:
        if values.size:
            self.most = max(self.most, float(np.nanmax(np.abs(values))))
        return self.most or 1.0


class Dendrite:
    """The branches as a tree, coloured by their traces; the latest input as dots on them."""

    def __init__(self, dark: bool = False):
        self._branches = ColumnDataSource(data={"xs": [], "ys": [], "b": []})
        self._events = {s: ColumnDataSource(data={"x": [], "y": []}) for s in KINDS}
        self._mapper = LinearColorMapper(palette=_diverging(dark), low=-1, high=1)
        self._scale = Scale()
        self.dark = dark
        fig = _figure("elm-dendrite", x_range=Range1d(-1.08, 1.08), y_range=Range1d(-0.85, 1.12))
        fig.axis.visible = False
        fig.grid.visible = False
        self._trunk: Any = fig.line([0, 0], [0, 0.62], line_width=5, line_cap="round")
        self._soma: Any = fig.scatter([0], [0], size=26, marker="triangle", line_width=0)
        fig.multi_line(
            "xs", "ys", source=self._branches, line_width=4, line_cap="round",
            line_color={"field": "b", "transform": self._mapper},
        )  # fmt: skip
        self._dots: dict[int, Any] = {
            sign: fig.scatter(
                "x", "y", source=self._events[sign], size=5, line_color=None, legend_label=name
            )
            for sign, name in KINDS.items()
        }
        fig.legend.update(orientation="horizontal", padding=2, margin=0, spacing=10)
        fig.add_layout(fig.legend[0], "above")
        fig.add_layout(_bar(self._mapper, "input b of branch"), "right")
        self.root: Any = fig
        self._ends = np.empty((0, 2, 2))
        self.set_dark(dark)

    def set_dark(self, dark: bool) -> None:
        self.dark = dark
        t = themes.theme(dark)
        themes.apply(self.root, t)
        self._mapper.palette = _diverging(dark)
        self._trunk.glyph.line_color = t.grid
        self._soma.glyph.update(fill_color=t.axis)
        for sign, dots in self._dots.items():
            dots.glyph.fill_color = on_page(EXCITATORY if sign > 0 else INHIBITORY, dark)

    def set_neuron(self, weights: Weights) -> None:
        """Draw the branches of this neuron, and know where each of its synapses lies."""
        self._ends = tree(weights.n_branch)
        used = np.flatnonzero(weights.synapse_mask)
        order = used[np.argsort(weights.input_to_synapse[used], kind="stable")]
        self._first = np.searchsorted(
            weights.input_to_synapse[order], np.arange(weights.n_input + 1)
        )
        branch = weights.synapse_branch[order]
        within = np.zeros(len(weights.synapse_branch))
        for k in range(weights.n_branch):
            mine = np.flatnonzero(weights.synapse_branch == k)
            within[mine] = (np.arange(len(mine)) + 0.5) / max(1, len(mine))
        a, b = self._ends[branch, 0], self._ends[branch, 1]
        self._at = a + within[order][:, None] * (b - a)
        self._sign = weights.input_sign
        self.reset()

    def reset(self) -> None:
        self._scale = Scale()
        self._branches.data = {
            "xs": [e[:, 0] for e in self._ends], "ys": [e[:, 1] for e in self._ends],
            "b": np.zeros(len(self._ends)),
        }  # fmt: skip
        for source in self._events.values():
            source.data = {"x": [], "y": []}

    def show(self, b: np.ndarray, channels: np.ndarray) -> None:
        """b : (n,) traces of the first n branches; channels : those of the latest events."""
        values = np.zeros(len(self._ends))
        values[: len(b)] = b[: len(values)]
        most = self._scale.take(values)
        if self._mapper.high != most:
            self._mapper.update(low=-most, high=most)
        self._branches.patch({"b": [(slice(len(values)), values)]})
        counts = np.diff(self._first)[channels]
        channels, counts = channels[counts > 0], counts[counts > 0]
        # Of more than can be seen, some of all: those of one sign come before those of the other.
        chosen = np.linspace(0, len(channels) - 1, min(len(channels), DOTS)).round().astype(int)
        channels, counts = channels[chosen], counts[chosen]
        # A channel may have synapses on several branches: each in its turn.
        place = self._at[self._first[channels] + np.arange(len(channels)) % counts]
        for sign, source in self._events.items():
            mine = (self._sign[channels] > 0) == (sign > 0)
            source.data = {"x": place[mine, 0], "y": place[mine, 1]}


def tree(n: int) -> np.ndarray:
    """(n, 2, 2) both ends of each branch: basal ones first, then along the apical trunk, tuft."""
    basal = round(BASAL * n) if n > 2 else 0
    tuft = round(0.4 * (n - basal))
    oblique = n - basal - tuft
    found: list[Any] = []
    for k in range(basal):
        angle = np.pi * (1.08 + 0.84 * (k + 0.5) / basal)
        direction = np.array([np.cos(angle), np.sin(angle)])
        length = (0.62, 0.78)[k % 2]
        found.append([0.1 * direction, length * direction * [1.25, 1.0]])
    for k in range(oblique):
        side = 1 if k % 2 else -1
        y = 0.1 + 0.5 * (k + 0.5) / oblique
        found.append([[0.02 * side, y], [side * (0.95 - 0.25 * y), y + 0.16]])
    for k in range(tuft):
        angle = np.pi * (0.86 - 0.72 * (k + 0.5) / tuft)
        direction = np.array([np.cos(angle), np.sin(angle)])
        found.append([[0, 0.62], [1.0 * direction[0], 0.62 + 0.44 * direction[1]]])
    return np.array(found).reshape(n, 2, 2)


class UnitsOverTime:
    """States of many units against time, one row a unit, as a plot.

    each  : show every unit about its own mean, in its own standard deviations of what is shown
    scale : what stands above the colour bar
    """

    def __init__(
        self, name: str, label: str, window_ms: float, scale: str, each: bool = False,
        dark: bool = False,
    ):  # fmt: skip
        self.window_ms = window_ms
        self.each = each
        self.log: SampleLog | None = None
        self.order: np.ndarray | None = None
        self._scale = Scale()
        self._source = ColumnDataSource(data={"image": [], "x": [], "dw": [], "dh": []})
        self._mapper = LinearColorMapper(palette=_diverging(dark), low=-1, high=1)
        fig = _figure(
            name, x_range=Range1d(0, window_ms), y_range=Range1d(0, 1), y_axis_label=label
        )
        self._time = TimeLabels(fig)
        fig.image("image", x="x", y=0, dw="dw", dh="dh", source=self._source,
                  color_mapper=self._mapper)  # fmt: skip
        fig.grid.visible = False
        fig.add_layout(_bar(self._mapper, scale), "right")
        self.root: Any = fig
        self.set_dark(dark)

    def set_dark(self, dark: bool) -> None:
        themes.apply(self.root, themes.theme(dark))
        self._mapper.palette = _diverging(dark)

    def set_rows(self, order: np.ndarray, labels: dict[float, str]) -> None:
        """The order of the rows, from below, and names of some of them."""
        self.order = order
        self.root.y_range.end = max(1, len(order))
        axis = self.root.yaxis[0]
        axis.ticker = [float(k) for k in labels]
        axis.major_label_overrides = dict(labels)

    def reset(self) -> None:
        self.log = None
        self._scale = Scale()
        self._source.data = {"image": [], "x": [], "dw": [], "dh": []}

    def take(self, t: np.ndarray, values: np.ndarray) -> None:
        if self.log is None or self.log.width != values.shape[1]:
            self.log = SampleLog(values.shape[1], cap=20_000)
        self.log.append(t=t, value=values)

    def draw(self, t_ms: float) -> None:
        if self.log is None or not len(self.log) or self.order is None:
            return
        start = max(0.0, t_ms - self.window_ms)
        a, b = self.log.between("t", start, t_ms)
        step = max(1, -(-(b - a) // COLUMNS))
        a += -a % step  # a plot that moves by whole columns does not shimmer
        t, v = self.log.rows("t", a, b)[::step], self.log.rows("value", a, b)[::step]
        if not len(t):
            return
        if self.each:
            spread = v.std(axis=0)
            v = (v - v.mean(axis=0)) / np.where(spread > 1e-6, spread, 1.0)
        most = DEVIATIONS if self.each else self._scale.take(v)
        if self._mapper.high != most:
            self._mapper.update(low=-most, high=most)
        rows = self.order[self.order < v.shape[1]]
        self._source.data = {
            "image": [np.ascontiguousarray(v[:, rows].T)], "x": [float(t[0])],
            "dw": [float(len(t) * step)], "dh": [len(rows)],
        }  # fmt: skip
        self._time.move(start, start + self.window_ms)


class Prediction:
    """Voltage and spike probability, beside the cell's where a trial is played."""

    def __init__(self, window_ms: float, dark: bool = False):
        self.window_ms = window_ms
        x = Range1d(0, window_ms)
        self._message = ColumnDataSource(data={"t": [], "v": [], "p": []})
        self._true = ColumnDataSource(data={"t": [], "v": []})
        self._spikes = ColumnDataSource(data={"t": [], "y": []})
        self.voltage: Any = _figure(
            "elm-voltage", x_range=x, y_range=Range1d(-80, -60), y_axis_label="voltage (mV)"
        )
        self.chance: Any = _figure(
            "elm-p-spike", x_range=x, y_range=Range1d(0, MOST_P), y_axis_label="P(spike)",
            sizing_mode="stretch_width", height=100, min_height=80,
        )  # fmt: skip
        self._times = [TimeLabels(fig) for fig in (self.voltage, self.chance)]
        self.voltage.xaxis.visible = False
        self.chance.yaxis[0].ticker.desired_num_ticks = 3
        self._lines: list[Any] = [
            self.voltage.line(
                "t", "v", source=self._message, line_width=1.6, legend_label="neuron"
            ),
            self.voltage.line("t", "v", source=self._true, line_width=1.2, legend_label="cell"),
            self.chance.vbar("t", 1.0, "p", source=self._message),
            self.chance.scatter("t", "y", source=self._spikes, marker="inverted_triangle", size=8),
        ]
        self.voltage.legend.orientation = "horizontal"
        self._of_cell = self.voltage.legend[0].items[1]
        self._of_cell.visible = False  # until a trial of the cell is played
        self.voltage.add_layout(self.voltage.legend[0], "above")
        self.root: Any = column(self.voltage, self.chance, sizing_mode="stretch_both")
        self.log = SampleLog(2, cap=40_000)
        self._volts, self._chances = Limits(), Limits(floor=0.0)
        self.set_dark(dark)

    def set_dark(self, dark: bool) -> None:
        for fig in (self.voltage, self.chance):
            themes.apply(fig, themes.theme(dark))
        message, true = LINES[dark]
        for k, (renderer, ink) in enumerate(
            zip(self._lines, (message, true, message, true), strict=True)
        ):
            renderer.glyph.update(line_color=ink)
            if k > 1:
                renderer.glyph.update(fill_color=ink)

    def reset(self) -> None:
        self.log = SampleLog(2, cap=40_000)
        self._volts.reset()
        self._chances.reset()
        for source in (self._message, self._true, self._spikes):
            source.data = {k: [] for k in source.data}

    def take(self, t: np.ndarray, v: np.ndarray, p: np.ndarray) -> None:
        self.log.append(t=t, value=np.stack([v, p], axis=1))

    def draw(self, t_ms: float, true: tuple[np.ndarray, np.ndarray, np.ndarray] | None) -> None:
        """true : times and voltages of the cell, and times of its spikes, of what is played."""
        start = max(0.0, t_ms - self.window_ms)
        a, b = self.log.between("t", start, t_ms)
        if b <= a:
            return
        t, y = decimate(self.log.rows("t", a, b), self.log.rows("value", a, b), a, 1200)
        self._message.data = {"t": t, "v": y[:, 0], "p": y[:, 1]}
        seen = [y[:, 0]]
        if self._of_cell.visible != (true is not None):
            self._of_cell.visible = true is not None
        if true is not None:
            times, volts, spikes = true
            mine = (times >= start) & (times <= t_ms)
            self._true.data = {"t": times[mine], "v": volts[mine]}
            now = spikes[(spikes >= start) & (spikes <= t_ms)]
            self._spikes.data = {"t": now, "y": np.ones(len(now))}
            seen.append(volts[mine])
        elif len(self._true.data["t"]):
            self._true.data, self._spikes.data = {"t": [], "v": []}, {"t": [], "y": []}
        everything = np.concatenate(seen)
        if self._volts.take(float(everything.min()), float(everything.max())):
            self.voltage.y_range.update(start=self._volts.low, end=self._volts.high)
        # The cell's spikes stand at 1.
        most = 1.0 if true is not None else max(float(y[:, 1].max()), LEAST_P)
        if self._chances.take(0.0, most):
            self.chance.y_range.end = min(self._chances.high, MOST_P)
        for labels in self._times:
            labels.move(start, start + self.window_ms)
