"""How often each weight of a sparse projection occurs: a narrow plot beside its density."""

from __future__ import annotations

from typing import Any

from bokeh.models import BasicTicker, ColumnDataSource, NumeralTickFormatter, Plot, Quad, Range1d

from ...palette import effect_color
from ...sparse import Spread
from ..live import theme as themes
from ..live.axis_limits import nice

WIDTH_PX = 142


class HistogramBeside:
    """Bars of counts on a figure, which is hidden while there is nothing to show."""

    def __init__(self, fig: Plot):
        self.root: Any = fig
        self._sign = ""
        self._theme: themes.Theme | None = None
        self.source = ColumnDataSource(data={"low": [], "high": [], "count": []})
        bars = Quad(left="low", right="high", bottom=0, top="count", line_width=0.5)
        self._bars = fig.add_glyph(self.source, bars)
        fig.update(
            x_range=Range1d(0, 1), y_range=Range1d(0, 1), sizing_mode="stretch_height",
            width=WIDTH_PX, min_width=90, min_border_left=60,
            visible=False, toolbar_location=None,
        )  # fmt: skip
        fig.yaxis[0].update(
            axis_label="synapses", formatter=NumeralTickFormatter(format="0,0"),
            ticker=BasicTicker(min_interval=1, desired_num_ticks=3),  # there is no half synapse
        )  # fmt: skip
        fig.xaxis[0].ticker.desired_num_ticks = 3

    def show(self, spread: Spread, unit: str, sign: str = "") -> None:
        """Draw how often each weight occurs, in the colour of what the synapses do."""
        self._sign = sign
        self._ink()
        low, high = float(spread.edges[0]), float(spread.edges[-1])
        room = 0.05 * (high - low)
        # From zero, as what a weight is worth is its distance from there.
        self.root.x_range.update(start=min(low - room, 0.0), end=max(high + room, 0.0))
        self.root.y_range.update(start=0, end=nice(float(spread.counts.max())) or 1.0)
        self.root.xaxis[0].axis_label = f"weight ({unit})" if unit else "weight"
        self.source.data = {
            "low": spread.edges[:-1], "high": spread.edges[1:], "count": spread.counts,
        }  # fmt: skip
        if not self.root.visible:
            self.root.visible = True

    def clear(self) -> None:
        """Nothing to show."""
        self.root.visible = False

    def restyle(self, t: themes.Theme) -> None:
        """Colours of the page."""
        self._theme = t
        self._bars.glyph.line_color = t.surface
        self._ink()

    def _ink(self) -> None:
        if self._theme is not None:
            t = self._theme
            self._bars.glyph.fill_color = effect_color(self._sign, t.muted, t.name == "dark")
