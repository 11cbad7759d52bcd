"""Pictures of the liquid: the astrocyte on its own time scale, branching, weights, the digit."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from bokeh.layouts import column
from bokeh.models import ColumnDataSource, Range1d
from bokeh.plotting import figure

from panels.widgets.waiting import Waiting
from workbench.palette import BY_SIGN, EXCITATORY, INHIBITORY, on_page
from workbench.plots.live import theme as themes
from workbench.plots.live.time_labels import TimeLabels

BIN_MS = 10
SHOWN_MS = 5000.0  # fifty time constants of the astrocyte
SAMPLES_SHOWN = 60
AVERAGED = 10  # samples, of the mean that is said
_INK = {False: ("#0072B2", "#D55E00", "#009E73"), True: ("#56B4E9", "#F0A04B", "#4FD1A5")}
INPUT = BY_SIGN["none"][0]
_GREY = {False: "#5B6470", True: "#A9B2BC"}


def _plain(name: str, x: str, y: str, **options: Any) -> Any:
    return figure(
        sizing_mode="stretch_both", min_width=240, tools="", toolbar_location=None, title=None,
        x_axis_label=x, y_axis_label=y, name=name, **options,
    )  # fmt: skip


class AstrocytePicture:
    """A_minus against A_plus, and what drives it: spikes of the liquid and of the input."""

    def __init__(self) -> None:
        x_range = Range1d(start=0, end=SHOWN_MS / 1000)
        self.source = ColumnDataSource(data={"t": [], "A": [], "A_plus": []})
        self.drive = ColumnDataSource(data={"t": [], "liquid": [], "input": []})
        top = _plain("astrocyte-A", "", "learning rate", x_range=x_range, min_height=110,
                     y_range=Range1d(start=0, end=0.4))  # fmt: skip
        top.xaxis.major_label_text_font_size = "0pt"
        top.yaxis[0].ticker.desired_num_ticks = 3  # in half a card there is no room for more
        low = _plain("astrocyte-drive", "time (s)", "spikes per ms", x_range=x_range,
                     min_height=110, y_range=Range1d(start=0, end=50))  # fmt: skip
        for fig in (top, low):
            TimeLabels(fig, "s")
        low.yaxis[0].ticker.desired_num_ticks = 3
        self._lines = [
            top.line("t", "A", source=self.source, line_width=2, legend_label="A₋ (astrocyte)"),
            top.line("t", "A_plus", source=self.source, line_dash=[6, 3], legend_label="A₊"),
            low.line("t", "liquid", source=self.drive, line_width=1.5, legend_label="liquid"),
            low.line("t", "input", source=self.drive, line_width=1.5, legend_label="input"),
        ]
        for fig in (top, low):
            fig.legend.orientation = "horizontal"
            fig.add_layout(fig.legend[0], "above")
        self._figures, self._x = (top, low), x_range
        self.root = column(top, low, sizing_mode="stretch_both")
        self.reset()
        self.set_dark(False)

    def reset(self) -> None:
        self._bins: dict[int, list[float]] = {}  # bin -> [sum of A, how many, liquid, input]
        self._draw(0.0)

    def take(self, frames: list[Any], liquid: Any, inputs: Any, t_ms: float) -> None:
        """liquid, inputs : (first unit, last + 1)."""
        for frame in frames:
            A = frame.states.get("astrocyte.A")
            if A is not None and len(A):
                for t, value in zip(frame.state_t, A[:, 0], strict=True):
                    cell = self._bins.setdefault(int(t // BIN_MS), [0.0, 0.0, 0.0, 0.0])
                    cell[0] += float(value)
                    cell[1] += 1
            for k, (first, last) in ((2, liquid), (3, inputs)):
                mine = (frame.units >= first) & (frame.units < last)
                when, n = np.unique(frame.steps[mine] // BIN_MS, return_counts=True)
                for b, count in zip(when.tolist(), n.tolist(), strict=True):
                    self._bins.setdefault(b, [0.0, 0.0, 0.0, 0.0])[k] += count
        oldest = (t_ms - SHOWN_MS) // BIN_MS
        for b in [b for b in self._bins if b < oldest]:
            del self._bins[b]

    def draw(self, t_ms: float, A_plus: float) -> None:
        self._draw(t_ms, A_plus)

    def _draw(self, t_ms: float, A_plus: float = 0.0) -> None:
        whole = sorted(b for b in self._bins if (b + 1) * BIN_MS <= t_ms)
        t = np.array([(b + 0.5) * BIN_MS / 1000 for b in whole])
        cells = np.array([self._bins[b] for b in whole]).reshape(-1, 4)
        seen = cells[:, 1] > 0
        A = np.where(seen, cells[:, 0] / np.where(seen, cells[:, 1], 1), np.nan)
        self.source.data = {"t": t, "A": A, "A_plus": np.full(len(t), A_plus)}
        self.drive.data = {"t": t, "liquid": cells[:, 2] / BIN_MS, "input": cells[:, 3] / BIN_MS}
        for fig, shown, least in (
            (self._figures[0], A, 0.4), (self._figures[1], cells[:, 2:] / BIN_MS, 50.0)
        ):  # fmt: skip
            high = np.nanmax(shown, initial=0.0) if np.size(shown) else 0.0
            low = np.nanmin(shown, initial=0.0) if np.size(shown) else 0.0
            fig.y_range.update(start=min(0.0, 1.1 * low), end=max(least, 1.1 * high))
        end = max(t_ms, SHOWN_MS) / 1000
        self._x.update(start=end - SHOWN_MS / 1000, end=end)

    def set_dark(self, dark: bool) -> None:
        for fig in self._figures:
            themes.apply(fig, themes.theme(dark))
        a, b, _ = _INK[dark]
        for line, color in zip(self._lines, (a, _GREY[dark], a, b), strict=True):
            line.glyph.line_color = color


class BranchingPicture:
    """The branching factor of each sample, with the critical line."""

    KINDS = ("astrocyte at work", "astrocyte off")

    def __init__(self) -> None:
        self.source = ColumnDataSource(
            data={"t": [], "factor": [], **{kind: [] for kind in self.KINDS}}
        )
        self._on: list[bool] = []
        self._t: list[float] = []
        self._factor: list[float] = []
        fig = _plain(
            "branching", "time (s)", "branching factor", min_height=180,
            x_range=Range1d(start=0, end=1), y_range=Range1d(start=0, end=2.2),
        )  # fmt: skip
        TimeLabels(fig, "s")
        self._critical = fig.hspan(
            1.0, line_dash=[6, 3], line_width=1.5, legend_label="1: edge of chaos"
        )
        self._line = fig.line("t", "factor", source=self.source, line_width=1.2)
        self._dots = [
            fig.scatter("t", kind, source=self.source, size=6, legend_label=kind)
            for kind in self.KINDS
        ]
        fig.legend.orientation = "horizontal"
        fig.add_layout(fig.legend[0], "above")
        fig.title = " "
        self.root = fig
        self.set_dark(False)

    def reset(self) -> None:
        self._on, self._t, self._factor = [], [], []
        self._draw()

    def add(self, end_ms: float, factor: float, astrocyte: bool) -> None:
        """One sample; ``astrocyte`` tells whether it was at work."""
        self._t.append(end_ms / 1000)
        self._factor.append(factor)
        self._on.append(astrocyte)
        for values in (self._t, self._factor, self._on):
            del values[:-SAMPLES_SHOWN]

    def draw(self) -> None:
        self._draw()

    def _draw(self) -> None:
        on, factor = np.array(self._on, dtype=bool), np.array(self._factor)
        dots = {
            kind: np.where(mine, factor, np.nan)
            for kind, mine in zip(self.KINDS, (on, ~on), strict=True)
        }
        # Copies: what a source holds must not change behind its back.
        self.source.data = {"t": [*self._t], "factor": factor, **dots}
        self.root.title.text = self.in_words()
        top = max([2.2, *(1.1 * f for f in self._factor if np.isfinite(f))])
        self.root.y_range.end = top
        if self._t:
            first, last = self._t[0], self._t[-1]
            last = max(last, first + 1)
            room = 0.03 * (last - first)  # whole dots at both ends
            self.root.x_range.update(start=first - room, end=last + room)

    def in_words(self) -> str:
        """The mean of the latest samples that were made alike; "" while they are too few."""
        latest = zip(self._factor[::-1], self._on[::-1], strict=True)
        alike = itertools.takewhile(lambda sample: sample[1] == self._on[-1], latest)
        known = [factor for factor, _on in alike if np.isfinite(factor)][:AVERAGED]
        if len(known) < 3:
            return ""
        error = np.std(known, ddof=1) / np.sqrt(len(known))
        return f"mean of the last {len(known)}: {np.mean(known):.2f} ± {error:.2f} (standard error)"

    def set_dark(self, dark: bool) -> None:
        themes.apply(self.root, themes.theme(dark))
        self._critical.glyph.line_color = self._line.glyph.line_color = _GREY[dark]
        for dots, color in zip(self._dots, _INK[dark], strict=False):
            dots.glyph.update(line_color=color, fill_color=color)


class WeightPicture:
    """How often each weight occurs, one line for each kind of synapse."""

    KINDS = (
        ("input_synapses", "from input"),
        ("excitatory_synapses", "excitatory"),
        ("inhibitory_synapses", "inhibitory"),
    )

    def __init__(self) -> None:
        fig = _plain(
            "weight-histogram", "weight w", "share of synapses", min_height=180,
            x_range=Range1d(start=-3, end=3), y_range=Range1d(start=0, end=0.2),
        )  # fmt: skip
        self._sources = [ColumnDataSource(data={"w": [], "share": []}) for _ in self.KINDS]
        self._lines = [
            fig.step("w", "share", source=source, mode="center", line_width=2, legend_label=label)
            for source, (_, label) in zip(self._sources, self.KINDS, strict=True)
        ]
        fig.legend.orientation = "horizontal"
        fig.add_layout(fig.legend[0], "above")
        self.root = fig
        self._waiting = Waiting(fig, "How often each weight occurs appears here as the model runs.")
        self.set_dark(False)

    def reset(self) -> None:
        for source in self._sources:
            source.data = {"w": [], "share": []}
        self._waiting.show(True)

    def show(self, weights: dict[str, np.ndarray], w_max: float) -> None:
        """weights : projection -> (n_syn,)"""
        edges = np.linspace(-w_max, w_max, 61)
        highest = 0.0
        for source, (name, _) in zip(self._sources, self.KINDS, strict=True):
            w = weights.get(name)
            if w is None or not len(w):
                continue
            share = np.histogram(w, edges)[0] / len(w)
            highest = max(highest, float(share.max()))
            source.data = {"w": (edges[1:] + edges[:-1]) / 2, "share": share}
        self.root.x_range.update(start=-w_max, end=w_max)
        self.root.y_range.end = max(0.05, 1.1 * highest)
        self._waiting.show(not highest)

    def set_dark(self, dark: bool) -> None:
        themes.apply(self.root, themes.theme(dark))
        self._waiting.set_dark(dark)
        for line, color in zip(self._lines, (INPUT, EXCITATORY, INHIBITORY), strict=True):
            line.glyph.line_color = on_page(color, dark)


def digit_html(pixels: np.ndarray | None, message: str) -> str:
    """The picture that is shown, 8 x 8, and words beside it."""
    if pixels is None:
        return f'<div class="digit"><p>{message}</p></div>'
    rows, columns = pixels.shape
    top = max(float(pixels.max()), 1e-9)
    cells = "".join(
        f'<rect x="{x}" y="{y}" width="1.02" height="1.02" '
        f'fill-opacity="{pixels[y, x] / top:.2f}"/>'
        for y in range(rows)
        for x in range(columns)
        if pixels[y, x] > 0
    )
    return (
        f'<div class="digit"><svg viewBox="0 0 {columns} {rows}" role="img" '
        f'aria-label="the picture shown">{cells}</svg><div>{message}</div></div>'
    )
