"""The time axis that several pictures share: it follows the present until the user zooms."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from bokeh.events import PanEnd, PanStart, RangesUpdate, Reset
from bokeh.models import CustomJS, CustomJSTickFormatter, Plot, Range1d

SECONDS_FROM_MS = 2000.0  # a span this long is labelled in seconds

_FORMAT = """
const k = range.end - range.start >= limit ? 1000 : 1
const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) / k : 1
let digits = 0
while (digits < 6 && Math.abs(step * 10**digits - Math.round(step * 10**digits)) > 1e-6) digits++
const [whole, part] = (tick / k).toFixed(digits).split(".")
const grouped = whole.length > 4 ? whole.replace(/\\B(?=(\\d{3})+$)/g, ",") : whole
return (part ? grouped + "." + part : grouped).replace("-", "\\u2212")
"""
_LABEL = """
const label = range.end - range.start >= limit ? "time (s)" : "time (ms)"
if (axis.axis_label !== label) axis.axis_label = label
"""


def time_label(span_ms: float) -> str:
    """Label of a time axis that shows this much."""
    return "time (s)" if span_ms >= SECONDS_FROM_MS else "time (ms)"


class TimeAxis:
    """A Bokeh range in ms that scrolls, shared by the figures that were attached to it.

    It shows the last ``window_ms`` and ends now. Zooming or panning in any of the figures holds
    it; the reset tool, or ``follow()``, lets it go again. The end moves in whole steps of
    ``quantum_ms``, so that columns of a binned picture stay on the same pixels.
    """

    def __init__(self, dt_ms: float, window_ms: float):
        self.dt_ms = dt_ms
        self.window_ms = window_ms
        self.quantum_ms = dt_ms
        self.now_ms = 0.0
        self.following = True
        self.range = Range1d(0.0, window_ms)
        self._gesture_until = 0.0
        self._sent: deque[tuple[float, float]] = deque([(0.0, window_ms)], maxlen=120)
        self._redraw: list[Callable[[], Any]] = []
        self._reset: list[tuple[Plot, Callable[[], Any]]] = []

    @property
    def span(self) -> tuple[float, float]:
        """What is visible now: (start, end) in ms."""
        return float(self.range.start), float(self.range.end)

    def attach(
        self,
        fig: Plot,
        redraw: Callable[[], Any],
        on_reset: Callable[[], Any] | None = None,
        labelled: bool = True,
    ) -> None:
        """Let ``fig`` use this axis; ``redraw()`` is called when the user changed what is seen."""
        fig.x_range = self.range
        self._redraw.append(redraw)
        axis = fig.xaxis[0]
        args = {"range": self.range, "limit": SECONDS_FROM_MS}
        axis.formatter = CustomJSTickFormatter(args=args, code=_FORMAT)
        if labelled:
            axis.axis_label = time_label(self.window_ms)
            label = CustomJS(args={**args, "axis": axis}, code=_LABEL)
            self.range.js_on_change("start", label)
            self.range.js_on_change("end", label)
        fig.on_event(RangesUpdate, self._user_moved)
        fig.on_event(PanStart, lambda _event: self._gesture(10.0))
        fig.on_event(PanEnd, lambda _event: self._gesture(0.0))
        fig.on_event(Reset, lambda _event: self._user_reset(on_reset))

    def advance(self, t_ms: float) -> None:
        """The present is now ``t_ms``; moves the range if it follows."""
        self.now_ms = t_ms
        if self.following and time.monotonic() >= self._gesture_until:
            self._show()

    def set_window(self, window_ms: float) -> None:
        """Show this much, in ms; while the user has zoomed, from the next reset on."""
        if window_ms == self.window_ms:
            return
        self.window_ms = window_ms
        if self.following:
            self._show()
            self._redraw_all()

    def follow(self) -> None:
        """Let go of a zoom: end at the present again."""
        self.following = True
        self._gesture_until = 0.0
        self._show()
        self._redraw_all()

    def restart(self) -> None:
        """A new run starts at 0."""
        self.now_ms = 0.0
        self.following = True
        self._show()

    # -- private -------------------------------------------------------------------------------

    def _show(self) -> None:
        quantum = max(self.quantum_ms, 1e-9)
        end = max(self.window_ms, math.ceil(self.now_ms / quantum - 1e-6) * quantum)
        new = (end - self.window_ms, end)
        if new != self.span:
            self.range.update(start=new[0], end=new[1])
            self._sent.append(new)

    def _gesture(self, seconds: float) -> None:
        # While a box is drawn the picture must not run away under it; if the end of the gesture
        # gets lost, the picture goes on after a while.
        self._gesture_until = time.monotonic() + seconds if seconds else 0.0

    def _user_moved(self, event: RangesUpdate) -> None:
        x0, x1 = event.x0, event.x1
        if x0 is not None and x1 is not None:
            near = 1e-6 * max(abs(x1 - x0), 1e-9)
            ours = any(abs(x0 - a) < near and abs(x1 - b) < near for a, b in self._sent)
            if not ours:  # else only the other axis was zoomed
                self.following = False
        self._redraw_all()

    def _user_reset(self, on_reset: Callable[[], Any] | None) -> None:
        if on_reset is not None:
            on_reset()
        self.follow()

    def _redraw_all(self) -> None:
        for redraw in self._redraw:
            redraw()
