"""The distribution of recorded weights while the model runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import BasicTicker, NumeralTickFormatter, Plot, Quad, Range1d

from ...palette import effect_color
from ...recordings import variable_of
from ..in_words import clock, counted
from ..live.axis_limits import nice
from ..recorded import RecordedView
from . import KIND
from .static import BINS


class HistogramView(RecordedView):
    """Bars of the latest sample; the bins only ever widen."""

    id, title, help = KIND.id, KIND.title, KIND.help
    min_height = 160

    def _build(self) -> Plot:
        self._drawn: tuple[Any, ...] = ()
        self._span = (np.inf, -np.inf)
        fig = self._figure("weight-histogram", x_range=Range1d(0, 1), y_range=Range1d(0, 1))
        self.source.data = {"left": [], "right": [], "top": []}
        bars = Quad(left="left", right="right", top="top", bottom=0, fill_color="#4477AA")
        self._bars = fig.add_glyph(self.source, bars)
        self._bars.update(nonselection_glyph=None, selection_glyph=None)
        fig.yaxis[0].update(
            axis_label="synapses", formatter=NumeralTickFormatter(format="0,0"),
            ticker=BasicTicker(min_interval=1),  # there is no half synapse
        )  # fmt: skip
        fig.title = " "
        self._hover(fig, ("@top synapses", "@left{0.0000} to @right{0.0000}"))
        self._sentence(fig, self.nothing)
        return fig

    def _cleared(self) -> None:
        self._drawn, self._span = (), (np.inf, -np.inf)
        self.root.title.text = ""
        super()._cleared()

    def _name_axes(self) -> None:
        self.root.xaxis[0].axis_label = self.axis_label
        self._ink()

    def _draw(self) -> None:
        history = self.now
        if history is None or (self.selected, history.t[-1]) == self._drawn:
            return
        t_ms, values = history.t[-1], history.values[-1]
        self._drawn = (self.selected, t_ms)
        known = values[np.isfinite(values)]
        if not known.size:
            return
        low = min(self._span[0], float(known.min()))
        high = max(self._span[1], float(known.max()))
        self._span = (low, high)
        counts, edges = np.histogram(known, BINS, (low, high if high > low else low + 1.0))
        self.source.data = {"left": edges[:-1], "right": edges[1:], "top": counts}
        self.root.x_range.update(start=float(edges[0]), end=float(edges[-1]))
        self.root.y_range.update(start=0, end=nice(float(max(counts.max(), 1))))
        self._set_empty(False)
        self.root.title.text = f"{counted(len(values), 'synapse')} at {clock(t_ms)}"

    def _restyle(self) -> None:
        super()._restyle()
        self._bars.glyph.line_color = self.theme.surface
        self._ink()

    def _ink(self) -> None:
        """Bars have the colour of what the synapses do."""
        sign = self.info.sign_of(variable_of(self.selected).rpartition(".")[0])
        self._bars.glyph.fill_color = effect_color(sign, "#4477AA", self.dark)
