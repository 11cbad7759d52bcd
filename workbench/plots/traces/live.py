"""The state of a few neurons against time: one parameter at a time, one line a neuron."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import (
    CDSView,
    ColumnDataSource,
    CustomJSHover,
    IndexFilter,
    Legend,
    LegendItem,
    MultiLine,
    Plot,
    Range1d,
    Span,
)

from ...engine.frames import Frame
from ...errors import unknown
from ...numerals import unit_text
from ...palette import distinct_colors
from ...recordings import Block, variable_of
from ..in_words import clock, counted, with_unit
from ..live import theme as themes
from ..live.axis_limits import Limits
from ..live.buffers import SampleLog, decimate
from ..live.view import SLOWER, View
from ..outline import ends_joined, outline, step_said
from . import KIND
from .lines import MOST_LINES

FEW = 5  # lines of a state that is sampled of every neuron
POINTS = 2000  # a line has at most about this many
SPELT = 3  # neurons whose names the legend spells out
GLYPH_PX, LETTER_PX = 32, 6.5  # widths in the legend
ROOM_PX = 400  # assumed before the browser has told

_COLUMNS = ("xs", "ys", "color", "label", "key", "population", "neuron")
_NO_LINES: dict[str, list] = {k: [] for k in _COLUMNS}
_POINT = """
const found = cb_data.index.indices.length > 0 ? cb_data.index.indices
  : cb_data.index.line_indices ?? []
if (cb_data.renderer === line)
  point(found.slice(0, 1).map(i => {
    const d = lines.data
    return [d.population[i], d.neuron[i], d.neuron[i]]
  }))
"""
_MARK = """
const found = []
for (let i = 0; i < lines.data.neuron.length; i++)
  for (let r = 0; r < marked.population.length; r++)
    if (lines.data.population[i] === marked.population[r]
        && lines.data.neuron[i] >= marked.first[r] && lines.data.neuron[i] <= marked.last[r])
      found.push(i)
if (JSON.stringify(found) !== JSON.stringify(filter.indices)) filter.indices = found
"""
_VALUE = """
return String(Number(value.toPrecision(4))).replace("-", "\u2212") + unit
"""


def _spread(n: int, most: int) -> tuple[int, ...]:
    """Numbers of at most ``most`` of n neurons, evenly spaced about the middle one.

    That is where the stimulus of most maps is: of those at its edge there may be nothing to see.
    """
    shown = min(n, most)
    return tuple(((2 * np.arange(shown) + 1) * n // (2 * shown)).tolist()) if n else ()


class TracesView(View):
    """Lines of the watched neurons, in tints of their population's colour.

    names    : what can be shown, "population.variable"
    selected : what is shown; change it with ``select(name)``
    levels   : name -> value of a dashed line, such as a threshold, in the trace's unit
    """

    id, title, help = KIND.id, KIND.title, KIND.help
    min_height = 160

    def __init__(self, info, *, levels: dict[str, float] | None = None, **options: Any):
        super().__init__(info, **options)
        self.names = tuple(info.traces)
        self.waits = not self.names  # for the first recording
        self.selected = self.names[0] if self.names else ""
        self.levels = dict(levels or {})
        self.watched = {k: tuple(v) for k, v in info.watched.items() if k in self.names}
        for name in self.watched:
            if name in info.maps:  # all are sampled, for a map; a few are drawn as lines
                self.watched[name] = _spread(len(self.watched[name]), FEW)
        self.time = self.link.time(info.dt_ms, self.window_ms)
        self._logs: dict[str, SampleLog] = {}
        self._last: dict[str, Block] = {}  # of each recording, its latest sample
        self._steps: dict[str, str] = {}  # how it is sampled
        self._limits = Limits()
        self._key: tuple = ()
        self._own_y = False  # the user chose the y axis
        self.root = self._build()
        self._restyle()
        self._name_axis()
        self._set_empty(True)

    @property
    def has_data(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self.names)

    # -- contract ------------------------------------------------------------------------------

    def update(self, frames: list[Frame], t_ms: float) -> None:
        for frame in frames:
            for key, entries in frame.entries.items():
                if key not in self.watched or key not in self.info.watched:
                    self.watched[key] = tuple(entries["index"].tolist())
            for key, block in frame.recorded.items():
                self._take_recorded(key, block)
            for name, values in frame.states.items():
                if len(values) and name in self.names and name not in frame.recorded:
                    shown = np.asarray(values)
                    if name in self.info.maps:
                        shown = shown[:, list(self.watched[name])]
                    if name not in self._steps:  # else finer samples come with other frames
                        self._take(name, frame.state_t, shown)
        self.now_ms = t_ms
        self.time.advance(t_ms)
        self._soon(self._draw, every_s=SLOWER)

    def _take_recorded(self, key: str, block: Block) -> None:
        """Samples with times of their own; new ones can be chosen from now on."""
        message = next((r for r in self.info.recordables if r.name == variable_of(key)), None)
        few = self.watched.get(key, ())
        if key in self.info.maps and 0 < len(few) < block.values.shape[1]:
            block = block.part(slice(None), np.array(few))  # the map shows all
        width = block.values.shape[1]
        if message is None or message.of in ("synapses", "events") or width > MOST_LINES:
            return
        if key not in self.names:
            self.names = (*self.names, key)
            self.selected = self.selected or key
            self._name_axis()
        before = self._last.get(key)
        if before is not None and before.values.shape[1] == width:
            t, y = outline(ends_joined(before, block))
            t, y = t[1:], y[1:]
        else:
            t, y = outline(block)
        self._last[key] = Block(block.t_ms[-1:], block.values[-1:])
        if len(block.t_ms) > 1 and key not in self._steps:
            self._steps[key] = step_said(
                float(np.round(np.diff(block.t_ms).min(), 6)), block.low is not None
            )
            self._name_axis()
        self._take(key, t, y)

    def reset(self) -> None:
        self._logs.clear()
        self._last.clear()
        self._steps.clear()
        self._key = ()
        self._limits.reset()
        self.time.restart()
        if len(self._lines.data["xs"]):
            self._lines.data = dict(_NO_LINES)
        self._set_empty(True)

    def set_window(self, window_ms: float) -> None:
        """Show the last ``window_ms``, in this and all linked plots."""
        self.window_ms = window_ms
        self.time.set_window(window_ms)

    def select(self, name: str) -> None:
        """Show another trace; raises UnknownName with the nearest one."""
        if name not in self.names:
            raise unknown("trace", name, self.names)
        if name != self.selected:
            self.selected = name
            self._limits.reset()
            self._own_y = False
            self._key = ()
            self._lines.data = dict(_NO_LINES)
            self._name_axis()
            self._draw()

    def watch(self, watched: dict[str, tuple[int, ...]]) -> None:
        """The neurons that are sampled from now on; older samples of changed ones are dropped."""
        for name, neurons in watched.items():
            if self.watched.get(name) != tuple(neurons):
                self.watched[name] = tuple(neurons)
                self._logs.pop(name, None)
                self._last.pop(name, None)
        self._key = ()

    def describe(self) -> str:
        if not self.selected:
            return "No traces: this model samples no states."
        unit = self._unit(self.selected)
        log = self._logs.get(self.selected)
        neurons = self._neurons(self.selected, log.width if log else 0)
        text = f"{self.selected} of {counted(len(neurons), 'neuron')}"
        if log is None or not len(log):
            return text + "; no samples yet."
        latest = ", ".join(
            f"neuron {n} {v:.4g}{unit}" for n, v in zip(neurons, log["value"][-1], strict=True)
        )
        return f"{text} at {clock(float(log['t'][-1]))}: {latest}."

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> Plot:
        fig = self._figure("traces", y_range=Range1d(0, 1))
        self.window = self.time.attach(fig, lambda: self._soon(self._user_moved), self._reset_y)
        self._lines = ColumnDataSource(data=dict(_NO_LINES))
        look: dict[str, Any] = {"xs": "xs", "ys": "ys", "line_color": "color"}
        # A hairline: without a GPU, wider lines cost the browser as much as all else here.
        self._line = fig.add_glyph(self._lines, MultiLine(**look, line_width=1))
        self._line.update(nonselection_glyph=None, selection_glyph=None)
        marked = IndexFilter(indices=[], syncable=False)
        self._mark = fig.add_glyph(
            self._lines, MultiLine(**look, line_width=3), view=CDSView(filter=marked)
        )
        self._mark.update(nonselection_glyph=None, selection_glyph=None)
        self._level = Span(dimension="width", location=0, visible=False, line_dash=[4, 4])
        fig.add_layout(self._level)
        self._legend = Legend(
            items=[LegendItem(label={"field": "key"}, renderers=[self._line])],
            orientation="horizontal",
            location="top_left",
            margin=0,
            padding=2,
            spacing=12,
            glyph_width=16,
            label_standoff=4,
        )
        fig.add_layout(self._legend, "above")

        self._value = CustomJSHover(args={"unit": ""}, code=_VALUE)
        self.link.marking(_MARK, lines=self._lines, filter=marked)
        self._hover(
            fig,
            ("@label", "$y{custom}", "$x{0,0.0} ms"),
            renderers=[self._line],
            line_policy="nearest",
            formatters={"$y": self._value},
            callback=self.link.pointing(_POINT, lines=self._lines, line=self._line),
        )
        self._sentence(fig, "")
        return fig

    def _restyle(self) -> None:
        super()._restyle()
        self._level.update(line_color=self.theme.muted, line_width=1)
        if len(self._lines.data["xs"]):
            self._lines.data = {**self._lines.data, "color": self._tints()}

    def _set_empty(self, empty: bool) -> None:
        super()._set_empty(empty)
        if self.root.yaxis[0].visible == empty:  # its numbers would mean nothing yet
            self.root.yaxis[0].visible = not empty

    def _unit(self, name: str) -> str:
        unit = unit_text(self.info.unit_of(variable_of(name)) or "1")
        return f" {unit}" if unit else ""

    def _name_axis(self) -> None:
        name = variable_of(self.selected)
        population, what = name.rpartition(".")[0], self.info.label_of(name)
        self._value.args = {"unit": self._unit(self.selected)}
        step = self._steps.get(self.selected)
        label = with_unit(what, self.info.unit_of(name) or "1")
        # In one line it would be longer than the axis of a card of one row.
        self.root.yaxis[0].axis_label = f"{label}\n{step}" if step else label
        level = self.levels.get(self.selected)
        self._level.visible = level is not None
        if level is not None:
            self._level.location = level
        if not self.selected:
            self._empty.text = "This model samples no states."
            return
        where = self._label(population)
        n = len(self.watched.get(self.selected, ()))
        who = counted(n, "neuron") if n else "the watched neurons"
        self._empty.text = f"{with_unit(what, '1')}: {who} of {where},\nhere as the model runs."

    def _label(self, population: str) -> str:
        return self.info.population_label(population)

    def _one(self, population: str, neuron: int) -> str:
        found = self.info.populations_by_name.get(population)
        return str(neuron) if found is None else found.unit_label(neuron)

    def _shades(self, population: str, n: int) -> list[str]:
        """Tints of the population's colour; units that stand for something are told apart."""
        found = self.info.populations_by_name.get(population)
        if found is not None and found.unit_names:
            return list(distinct_colors(list(map(str, range(n))), dark=self.dark).values())
        return themes.shades(self.colors.get(population, self.theme.text), n, self.theme)

    # -- drawing -------------------------------------------------------------------------------

    def _neurons(self, name: str, width: int) -> tuple[int, ...]:
        known = self.watched.get(name, ())
        return known if len(known) == width or not width else tuple(range(width))

    def _tints(self) -> list[str]:
        population = variable_of(self.selected).rpartition(".")[0]
        return self._shades(population, len(self._lines.data["xs"]))

    def _take(self, name: str, t: np.ndarray, values: np.ndarray) -> None:
        values = values.reshape(len(values), -1)
        log = self._logs.get(name)
        if log is None or log.width != values.shape[1]:
            log = self._logs[name] = SampleLog(values.shape[1])
        log.append(t=np.asarray(t)[-len(values) :], value=values)

    def _draw(self) -> None:
        start, end = self.window.sync()
        self._say_held(self.time.following)
        log = self._logs.get(self.selected)
        if log is None or not len(log):
            return
        a, b = log.between("t", start, end)
        a, b = max(a - 1, log.first), min(b + 1, log.end)  # lines go on to the edge
        key = (self.selected, a, b)
        if key == self._key:
            return
        self._key = key
        t, y = log.rows("t", a, b), log.rows("value", a, b)
        points = max(200, POINTS)
        t, y = decimate(t, y, a, points)
        self._scale(y)
        self._set_empty(False)
        neurons = self._neurons(self.selected, log.width)
        population = variable_of(self.selected).rpartition(".")[0]
        where = self._label(population)
        n = len(neurons)
        data = {
            "xs": [t] * n,
            "ys": [np.ascontiguousarray(y[:, k]) for k in range(n)],
            "label": [f"{where} {self._one(population, k)}" for k in neurons],
            "key": self._keys(where, [self._one(population, k) for k in neurons]),
            "population": [population] * n,
            "neuron": list(neurons),
        }
        data["color"] = self._shades(population, n)
        self._lines.data = data

    def _keys(self, where: str, names: list[str]) -> list[str]:
        """Names of the lines in the legend, which has one line of text.

        Where the names do not fit, the first stands for all; where the numbers do not fit either,
        the first and the last number do, and the tooltip names a line.
        """
        spelt = len(names) <= SPELT
        keys = [f"{where} {k}" if spelt or k == names[0] else k for k in names]
        try:
            room = self.root.inner_width or ROOM_PX
        except Exception:  # not known before the browser has drawn the figure
            room = ROOM_PX
        if sum(GLYPH_PX + LETTER_PX * len(key) for key in keys) > room:
            return [f"{where} {names[0]} to {names[-1]}"] * len(names)
        return keys

    def _scale(self, y: np.ndarray) -> None:
        if not y.size or np.isnan(y).all():
            return
        low, high = float(np.nanmin(y)), float(np.nanmax(y))
        level = self.levels.get(self.selected)
        if level is not None:
            low, high = min(low, level), max(high, level)
        if self._limits.take(low, high) and not self._own_y:
            self._show_limits()

    def _show_limits(self) -> None:
        if self._limits.known:
            self.root.y_range.update(start=self._limits.low, end=self._limits.high)

    def _user_moved(self) -> None:
        wanted = (self._limits.low, self._limits.high)
        now = (self.root.y_range.start, self.root.y_range.end)
        self._own_y = self._limits.known and now != wanted
        self._draw()

    def _reset_y(self) -> None:
        self._own_y = False
        self._show_limits()
