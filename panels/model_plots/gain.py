"""Live plots that the gain-control apps share: lines, ellipses, and the classic figure's button.

Each is drawn a few times a second from the latest samples; nothing is simulated here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
from bokeh.models import (
    ColumnDataSource,
    DataRange1d,
    FixedTicker,
    Node,
    Range1d,
    SingleIntervalTicker,
    Span,
)
from bokeh.plotting import figure

from models._shared.geometric_sweep import GeometricSweep
from panels.extension import ModelPage
from panels.parts.controls import from_operations
from panels.widgets.ghost import Before
from panels.widgets.icons import icon
from panels.widgets.pace import Pace
from panels.widgets.presets import Preset, buttons
from panels.widgets.waiting import sentence
from workbench.numerals import numeral
from workbench.palette import EXCITATORY, INHIBITORY, on_page
from workbench.plots.live import theme as themes
from workbench.plots.live.time_labels import TimeLabels, unit_of

DRAW_EVERY_S = 0.2
SHARE = 0.2  # of the time at most goes into these plots
HEADROOM = 0.45  # of the span of y, for a sentence of two lines
TEXT_PX = 44  # two lines above the first plot
DOT, CLOUD = 5, 1000  # px; more points than this are a cloud
FINE_DECADES = 2.5  # an axis of more has ticks at powers of ten alone
COLORS = {
    dark: (*plain, on_page(EXCITATORY, dark), on_page(INHIBITORY, dark), orange)
    for dark, plain, orange in (
        (False, ("#117733", "#8A63B5", "#999933", "#A64D79", "#5B6470"), "#D55E00"),
        (True, ("#4CC9A0", "#AB8BD0", "#C9C95A", "#E39AC4", "#A9B2BC"), "#F0A04B"),
    )
}
EXC, INH = 5, 6  # as excitation and inhibition are drawn in the circuit
ORANGE = 7


@dataclass(frozen=True)
class Curve:
    """One line of a plot: name in the legend ("" for none), colour number, dashed, points."""

    key: str
    label: str = ""
    color: int = 0
    dashed: bool = False
    points: bool = False


class Lines:
    """A few lines against a common axis, redrawn as a whole.

    empty : the sentence that stands in the plot until there are data
    level : value of a thin line across, None for none
    equal : x and y have one scale, as an ellipse needs
    every : distance of the ticks along x, such as 45 degrees; None for round numbers
    whole : x counts something, of which there is no half
    title : stands above the plot, where a card holds several
    few   : so many points are not yet what ``empty`` tells of, which stands above them
    """

    def __init__(
        self, name: str, x: str, y: str, lines: Sequence[Curve], *, empty: str, logx: bool = False,
        logy: bool = False, level: float | None = None, equal: bool = False,
        every: float | None = None, whole: bool = False, title: str = "",
        few: int = 0,
    ):  # fmt: skip
        self.lines = tuple(lines)
        self.sources = {k.key: ColumnDataSource(data={"x": [], "y": []}) for k in lines}
        # Ranges that the browser finds by itself are none without data, of which Bokeh complains at
        # every drawing; only they can have one scale for x and y.
        self._fitted, self._few = not equal, few
        self._log = {"x": logx, "y": logy}
        ranges: dict[str, Any] = (
            {f"{a}_range": Range1d(*((0.1, 1) if log else (0, 1))) for a, log in self._log.items()}
            if self._fitted
            else {f"{a}_range": DataRange1d(only_visible=True) for a in self._log}
        )
        fig = figure(
            **ranges, sizing_mode="stretch_both", min_height=170, min_width=240, tools="",
            title=title or None, toolbar_location=None, x_axis_label=x, y_axis_label=y, name=name,
            x_axis_type="log" if logx else "linear", y_axis_type="log" if logy else "linear",
            match_aspect=equal, html_attributes={"role": "img", "aria-label": f"{name}: {empty}"},
        )  # fmt: skip
        unit = unit_of(x)
        self._time = TimeLabels(fig, unit) if unit else None
        self._frame = fig.scatter([-1, 1], [-1, 1], alpha=0, visible=not self._fitted)
        self._drawn = []
        for k in lines:
            options: Any = {"legend_label": k.label} if k.label else {}
            source = self.sources[k.key]
            if k.points:
                drawn = fig.scatter("x", "y", source=source, size=DOT, **options)
            else:
                dash = [5, 3] if k.dashed else []
                width = 1.3 if k.dashed else 2
                drawn = fig.line(
                    "x", "y", source=source, line_width=width, line_dash=dash, line_cap="round",
                    line_join="round", **options,
                )  # fmt: skip
            self._drawn.append(drawn)
        if any(k.label for k in lines):
            narrow = {"glyph_width": 10, "spacing": 6} if len(lines) > 4 else {"spacing": 10}
            fig.legend.update(orientation="horizontal", padding=2, margin=0, **narrow)
            fig.add_layout(fig.legend[0], "above")
        named = [k.key for k in lines if k.label]
        self._items = dict(zip(named, fig.legend[0].items, strict=True)) if named else {}
        self._level = None
        if level is not None:
            self._level = Span(dimension="width", location=level, line_width=1, line_dash=[2, 3])
            fig.add_layout(self._level)
            self._level.visible = False
        self._empty = sentence(fig, empty)
        if every is not None:
            fig.xaxis[0].ticker = SingleIntervalTicker(interval=every)
        if whole:
            fig.xaxis[0].ticker.min_interval = 1
        self.root: Any = fig
        self.before = Before(fig, x)
        self._inks: dict[str, dict[bool, str]] = {}
        self._dark = False
        self.set_dark(False)
        self._show_axes(False)

    def color(self, **inks: dict[bool, str]) -> None:
        """Colours of lines that are of a population, and so have its colour: key -> dark -> it."""
        self._inks |= inks
        self.set_dark(self._dark)

    def set_dark(self, dark: bool) -> None:
        self._dark = dark
        t = themes.theme(dark)
        themes.apply(self.root, t)
        self._empty.update(text_color=t.muted, background_fill_color=t.surface)
        self.before.set_dark(dark)
        if self._level is not None:
            self._level.line_color = t.muted
        for line, drawn in zip(self.lines, self._drawn, strict=True):
            own = self._inks.get(line.key)
            color = COLORS[dark][line.color % len(COLORS[dark])] if own is None else own[dark]
            drawn.glyph.update(line_color=color)
            if line.points:
                drawn.glyph.update(fill_color=color)

    def _fit(self) -> None:
        """Let the axes reach from the least to the largest value, with a little room."""
        for axis, log in self._log.items():
            shown = [s.data[axis] for s in self.sources.values()]
            values = np.concatenate([*shown, self.before.values(axis)])
            known = values[np.isfinite(values) & (values > (0 if log else -np.inf))]
            if axis == "y" and self._level is not None and known.size:
                known = np.append(known, self._level.location)
            if known.size:
                start, end = _around(float(known.min()), float(known.max()), log)
                if axis == "y" and self._waits:  # for the sentence above what is drawn
                    end = end * (end / start) ** HEADROOM if log else end + HEADROOM * (end - start)
                if axis == "x" and self._time is not None:
                    self._time.move(start, end)
                else:
                    getattr(self.root, f"{axis}_range").update(start=start, end=end)
                if log:
                    self._tick(axis, start, end)

    @property
    def _waits(self) -> bool:
        """Whether there is nothing yet but what the plot's own data will be compared with."""
        # A line begins with its second point.
        return not any(
            len(self.sources[k.key].data["x"]) > (self._few if k.points else 1)
            for k in self.lines
            if not k.dashed
        )

    def _tick(self, axis: str, start: float, end: float) -> None:
        """Ticks of a logarithmic axis: 1, 2, 5 and so on, or powers of ten alone where it is long.

        Bokeh's own are evenly spaced numbers, such as 50 and 100, on an axis of two decades.
        """
        shown = log_ticks(start, end)
        part = (self.root.xaxis if axis == "x" else self.root.yaxis)[0]
        if getattr(part.ticker, "ticks", None) != shown:
            labels = {tick: numeral(tick) for tick in shown}
            part.update(ticker=FixedTicker(ticks=shown), major_label_overrides=labels)

    def _show_axes(self, shown: bool) -> None:
        if not self._fitted and self._frame.visible == shown:
            self._frame.visible = not shown
        # What else there is to see is said until it is there, above what it is compared with.
        waits, place = self._waits, "top_center" if shown else "center"
        if self._empty.visible != waits:
            self._empty.visible = waits
        if self._empty.y.symbol != place:
            self._empty.y = Node(target="frame", symbol=place, offset=6 if shown else 0)
            self._empty.text_baseline = "top" if shown else "middle"
        level = () if self._level is None else (self._level,)
        for part in (*self.root.axis, *self.root.grid, *level):
            if part.visible != shown:
                part.visible = shown
        for item in self.root.legend.items if self.root.legend else ():
            there = any(np.isfinite(r.data_source.data["y"]).any() for r in item.renderers)
            if item.visible != there:
                item.visible = there

    def show(self, **data: tuple[Any, Any]) -> None:
        """key -> (x, y); those not named keep what they show."""
        for key, (x, y) in data.items():
            self.sources[key].data = {"x": np.asarray(x, float), "y": np.asarray(y, float)}
            self._thin(key)
        if self._fitted:
            self._fit()
        self._show_axes(any(len(s.data["x"]) for s in self.sources.values()))

    def _thin(self, key: str) -> None:
        """Draw points small and pale where they are many, so that their density is seen."""
        k = next(k for k, line in enumerate(self.lines) if line.key == key)
        if self.lines[k].points:
            many = len(self.sources[key].data["x"]) > CLOUD
            size, alpha = (3, 0.4) if many else (DOT, 1.0)
            glyph = self._drawn[k].glyph
            if glyph.size != size:
                glyph.update(size=size, fill_alpha=alpha, line_alpha=0.0 if many else 1.0)

    def label(self, key: str, text: str) -> None:
        """Say something else of a line in the legend."""
        item = self._items[key]
        if item.label["value"] != text:
            item.label = {"value": text}

    def clear(self) -> None:
        for source in self.sources.values():
            source.data = {"x": [], "y": []}
        self._show_axes(False)

    @property
    def pane(self) -> Any:
        return pane_of(self)


def pane_of(plot: Any) -> Any:
    """What holds a plot's Bokeh figure in a card."""
    return pn.pane.Bokeh(plot.root, sizing_mode="stretch_both", margin=0)


def log_ticks(start: float, end: float) -> list[float]:
    """Round numbers between two positive ones: 1, 2, 5, ..., or powers of ten if those are many."""
    exponents = range(math.floor(math.log10(start)), math.ceil(math.log10(end)) + 1)
    steps = (1, 2, 5) if math.log10(end / start) < FINE_DECADES else (1,)
    found = (float(f"{step}e{k}") for k in exponents for step in steps)
    return [tick for tick in found if start <= tick <= end]


def _around(low: float, high: float, log: bool) -> tuple[float, float]:
    """Limits of an axis with 5 % of room at both ends; from zero where there is but one value."""
    if log:
        room = (high / low) ** 0.05 if high > low else 1.5
        return low / room, high * room
    span = high - low
    if span <= 1e-12 * max(abs(low), abs(high)):
        return (min(2 * low, 0.0), max(2 * high, 0.0)) if high else (-0.5, 0.5)
    return low - 0.05 * span, high + 0.05 * span


class Shown:
    """The cards of a model's page: plots by title, and a text above the first.

    A subclass sets ``plots``; each has ``root``, ``set_dark(dark)`` and ``clear()``.
    """

    plots: dict[str, Any]
    text: Any = None

    def _dark(self, dark: bool) -> None:
        for plot in self.plots.values():
            plot.set_dark(dark)

    @property
    def cards(self) -> dict[str, Any]:
        found: dict[str, Any] = {title: pane_of(plot) for title, plot in self.plots.items()}
        if self.text is not None:
            first = next(iter(found))
            self.text.min_height = TEXT_PX  # else the plot below would move when the text comes
            found[first] = pn.Column(
                self.text, found[first], sizing_mode="stretch_both", margin=0
            )  # fmt: skip
        return found


class Watcher(Shown):
    """Keeps the latest samples of an explorer's states and redraws now and then.

    A subclass sets ``plots`` and has ``clear()``, ``take(states, t_ms)`` and ``draw()``.
    """

    slower: tuple[str, ...] = ()  # titles of plots that ``draw`` leaves out

    def __init__(self, explorer: ModelPage):
        self.explorer = explorer
        explorer.on_info(lambda _info: self._reset())
        explorer.on_reset(self._reset)
        explorer.on_frames(self._frames)
        explorer.on_dark(self._dark)
        explorer.show_before(p.before for p in self.plots.values() if isinstance(p, Lines))
        often = tuple(title for title in self.plots if title not in self.slower)
        explorer.draw_with(Pace(lambda _t_ms: self.draw(), DRAW_EVERY_S, SHARE, often))

    def _reset(self) -> None:
        for plot in self.plots.values():
            plot.clear()
        self.clear()

    def _frames(self, frames: list[Any], t_ms: float) -> None:
        for frame in frames:
            if frame.weights:
                self.learned(frame.weights)
            if len(frame.state_t):
                self.take(frame.states, np.asarray(frame.state_t))

    def held(self, kind: type[GeometricSweep], t_ms: float) -> tuple[float, float]:
        """What a parameter that can be swept was at a time, and for how many ms a sweep held it.

        Infinitely long where no sweep goes on.
        """
        swept = [e for e in self.explorer.interventions if e.name == kind.__name__]
        if swept:
            found = kind(t_ms=swept[-1].t_ms, **swept[-1].args).at(t_ms - swept[-1].t_ms)
            if found is not None:
                return found
        return float(self.explorer.values[kind.parameter]), math.inf

    def clear(self) -> None:
        """A new run begins."""

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        """The samples of a frame: name -> (T, n), and their times, (T,) ms."""

    def learned(self, weights: dict[str, np.ndarray]) -> None:
        """Weights of the projections that the page asks for, (post, pre)."""

    def draw(self) -> None:
        """Bring the plots up to the data."""


def ellipse(covariance: np.ndarray, points: int = 90) -> tuple[np.ndarray, np.ndarray]:
    """One standard deviation around the origin, of the first two dimensions."""
    values, axes = np.linalg.eigh(covariance[:2, :2])
    angle = np.linspace(0, 2 * np.pi, points)
    circle = np.array([np.cos(angle), np.sin(angle)])
    x, y = axes @ (np.sqrt(np.clip(values, 0, None))[:, None] * circle)
    return x, y


def classic(explorer: ModelPage) -> Any:
    """A button that opens the Experiments tab and redoes the model's classic figure."""
    button = pmui.Button(
        label="Redo the classic figure", icon=icon("list"), variant="text", size="small",
        css_classes=["wb-classic"], sizing_mode="stretch_width", margin=(6, 0, 0, 0),
        description="Runs the first experiment in a process of its own, and compares it with the "
        "published numbers.",
    )  # fmt: skip

    button.on_click(lambda _e: explorer.later(explorer.redo_first_experiment))
    return button


def _pressed(act: Callable[[], Any]) -> Callable[[Any], Any]:
    return lambda _event: act()


def controls_of(explorer: ModelPage, *more: tuple[str, str, Callable[[], Any]]) -> Any:
    """Controls made from the model's operations, further buttons, and the classic figure.

    more : (label, CSS class, what it does)
    """
    parts = list(from_operations(explorer.model_class.operations, explorer.do))
    for label, css_class, act in more:
        button = pmui.Button(
            label=label, variant="outlined", size="small", css_classes=[css_class],
            sizing_mode="stretch_width", margin=(6, 0, 0, 0),
        )  # fmt: skip
        button.on_click(_pressed(act))
        parts.append(button)
    return pn.Column(*parts, classic(explorer), sizing_mode="stretch_width", margin=0)


def controls_with(explorer: ModelPage, presets: tuple[Preset, ...]) -> Any:
    """Buttons of presets under "Try", above the controls that `controls_of` makes."""
    return pn.Column(
        buttons(explorer, presets, "Try"), controls_of(explorer), sizing_mode="stretch_width",
        margin=0,
    )  # fmt: skip
