"""The course of recorded synapses over the whole run, while the model runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import MultiLine, Plot, Range1d

from ..live import theme as themes
from ..live.axis_limits import Limits
from ..live.buffers import decimate
from ..live.time_labels import TimeLabels
from ..recorded import RecordedView
from . import KIND
from .static import MOST

POINTS = 1000


class CourseView(RecordedView):
    """Lines from the beginning of the recording to the present; at most ``MOST`` of them."""

    id, title, help = KIND.id, KIND.title, KIND.help
    min_height = 160

    def _build(self) -> Plot:
        self._drawn: tuple[Any, ...] = ()
        self._limits = Limits()
        fig = self._figure("weight-course", x_range=Range1d(0, 1), y_range=Range1d(0, 1))
        self.source.data = {"xs": [], "ys": [], "color": [], "label": []}
        lines = MultiLine(xs="xs", ys="ys", line_color="color", line_width=1)
        self._lines = fig.add_glyph(self.source, lines)
        self._lines.update(nonselection_glyph=None, selection_glyph=None)
        self._hover(fig, ("@label", "$y{0.0000}", "$x{0,0.0} ms"), line_policy="nearest")
        self._time = TimeLabels(fig)
        fig.title = " "
        self._sentence(fig, self.nothing)
        return fig

    def _cleared(self) -> None:
        self._drawn = ()
        self._limits.reset()
        self.root.title.text = ""
        super()._cleared()

    def _name_axes(self) -> None:
        self.root.yaxis[0].axis_label = self.axis_label

    def _draw(self) -> None:
        history = self.now
        if history is None or (self.selected, history.t[-1]) == self._drawn:
            return
        self._drawn = (self.selected, history.t[-1])
        n = len(history.values[-1])
        columns = np.arange(min(n, MOST)) * n // min(n, MOST)
        values = np.stack([row[columns] for row in history.values])
        t, y = decimate(np.asarray(history.t), values, 0, POINTS)
        index = self._entries.get(self.selected, {}).get("index", np.arange(n))
        self.source.data = {
            "xs": [t] * len(columns),
            "ys": [np.ascontiguousarray(y[:, k]) for k in range(len(columns))],
            "color": themes.shades(self.theme.text, len(columns), self.theme),
            "label": [f"synapse {index[k]}" for k in columns],
        }
        self._time.move(float(t[0]), float(max(t[-1], t[0] + 1)))
        if self._limits.take(float(np.nanmin(y)), float(np.nanmax(y))):
            self.root.y_range.update(start=self._limits.low, end=self._limits.high)
        self._set_empty(False)
        of = f"{len(columns)} of {n} synapses" if n > len(columns) else f"{n} synapses"
        self.root.title.text = of

    def _restyle(self) -> None:
        super()._restyle()
        self._drawn = ()
