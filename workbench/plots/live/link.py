"""What views share: the neuron under the pointer, the neuron that was clicked, the time axis.

The pointer is followed inside the browser: `Link.hover` is written and read by JavaScript only
and never sent to the server. A click is sent, so that Python can act on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bokeh.models import ColumnDataSource, CustomJS

from .time_axis import TimeAxis

Mark = tuple[str, int, int]  # population, first and last neuron
_NOTHING: dict[str, list[Any]] = {"population": [], "first": [], "last": []}

# Sets what is hovered, but only when it is something else than before.
_HOVER = """
function point(marks) {
  const d = {population: [], first: [], last: []}
  for (const [p, a, b] of marks) { d.population.push(p); d.first.push(a); d.last.push(b) }
  if (JSON.stringify(d) !== JSON.stringify(hover.data)) hover.data = d
}
"""
# What is marked now: what the pointer is on, or else what was clicked.
_MARKED = """
const marked = hover.data.population.length > 0 ? hover.data : picked.data
"""


class SharedSelection:
    """Shared by the views of one page.

    hover  : source with population, first, last (neuron numbers), one row a marked stretch
    picked : the same for what was clicked; known to Python as ``marks``
    """

    def __init__(self) -> None:
        self.hover = ColumnDataSource(data=dict(_NOTHING), syncable=False)
        self.picked = ColumnDataSource(data=dict(_NOTHING))
        self._callbacks: list[Callable[[list[Mark]], Any]] = []
        self.picked.on_change("data", self._picked)
        self._time: TimeAxis | None = None

    def time(self, dt_ms: float, window_ms: float) -> TimeAxis:
        """The one time axis of all plots of time; made on first use."""
        if self._time is None:
            self._time = TimeAxis(dt_ms, window_ms)
        return self._time

    # -- Python side ---------------------------------------------------------------------------

    @property
    def marks(self) -> list[Mark]:
        """What was clicked: (population, first neuron, last neuron)."""
        d = self.picked.data
        return list(zip(d["population"], d["first"], d["last"], strict=True))

    def pick(self, population: str | None, first: int = 0, last: int | None = None) -> None:
        """Mark neurons in every view as a click would; None takes the mark away."""
        if population is None:
            self.picked.data = dict(_NOTHING)
        else:
            end = first if last is None else last
            self.picked.data = {"population": [population], "first": [first], "last": [end]}

    def on_pick(self, callback: Callable[[list[Mark]], Any]) -> None:
        """Call ``callback(marks)`` whenever a neuron is clicked, or unmarked (an empty list)."""
        self._callbacks.append(callback)

    def _picked(self, _attr: str, _old: Any, _new: Any) -> None:
        for callback in self._callbacks:
            callback(self.marks)

    # -- browser side --------------------------------------------------------------------------

    def pointing(self, code: str, **args: Any) -> CustomJS:
        """A callback whose ``code`` calls ``point([[population, first, last], ...])``."""
        return CustomJS(args={"hover": self.hover, **args}, code=_HOVER + code)

    def leaving(self) -> CustomJS:
        """A callback for the moment when the pointer leaves a plot."""
        return self.pointing("point([])")

    def tapping(self) -> CustomJS:
        """A callback that picks what is hovered, or unpicks it when it was picked already."""
        return CustomJS(
            args={"hover": self.hover, "picked": self.picked},
            code="""
            const same = JSON.stringify(hover.data) === JSON.stringify(picked.data)
            picked.data = same ? {population: [], first: [], last: []} : {...hover.data}
            """,
        )

    def marking(self, code: str, **args: Any) -> CustomJS:
        """Run ``code`` with ``marked`` (population, first, last) whenever the mark moves."""
        callback = CustomJS(
            args={"hover": self.hover, "picked": self.picked, **args}, code=_MARKED + code
        )
        self.hover.js_on_change("data", callback)
        self.picked.js_on_change("data", callback)
        return callback
