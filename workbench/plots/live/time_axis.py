"""The time axis that several plots share: it follows the present until the user zooms."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from bokeh.events import PanEnd, PanStart, RangesUpdate, Reset
from bokeh.models import Plot, Range1d

from .tick_marks import TickMarks
from .time_labels import TimeLabels


class TimeAxis:
    """What stretch of time several figures show, in ms.

    It is the last ``window_ms`` and ends now. Zooming or panning in any of the figures holds it;
    the reset tool, or ``follow()``, lets it go again. The end moves in whole steps of
    ``quantum_ms``, so that columns of a binned plot stay on the same pixels.

    Each figure has a Bokeh range of its own, because moving a range redraws all figures that have
    it: so a plot that is drawn less often costs less. Figures follow with ``Window.sync``.
    """

    def __init__(self, dt_ms: float, window_ms: float):
        self.dt_ms = dt_ms
        self.window_ms = window_ms
        self.quantum_ms = dt_ms
        self.now_ms = 0.0
        self.following = True
        self.gesture_until = 0.0
        self._held = (0.0, window_ms)
        self._windows: list[Window] = []
        self.marks = TickMarks()

    @property
    def span(self) -> tuple[float, float]:
        """What is to be seen: (start, end) in ms."""
        if not self.following:
            return self._held
        quantum = max(self.quantum_ms, 1e-9)
        end = max(self.window_ms, math.ceil(self.now_ms / quantum - 1e-6) * quantum)
        return end - self.window_ms, end

    def attach(
        self,
        fig: Plot,
        redraw: Callable[[], Any],
        on_reset: Callable[[], Any] | None = None,
    ) -> Window:
        """Let ``fig`` use this axis; ``redraw()`` is called when other times are to be seen."""
        window = Window(self, fig, redraw, on_reset)
        self._windows.append(window)
        return window

    def advance(self, t_ms: float) -> None:
        """The present is now ``t_ms``."""
        self.now_ms = t_ms

    def set_window(self, window_ms: float) -> None:
        """Show this much, in ms; while the user has zoomed, from the next reset on."""
        if window_ms != self.window_ms:
            self.window_ms = window_ms
            if self.following:
                self.redraw()

    def hold(self, start_ms: float, end_ms: float) -> None:
        """Show this stretch, whatever the present is."""
        self.following, self._held = False, (start_ms, end_ms)
        self.redraw()

    def follow(self) -> None:
        """Let go of a zoom: end at the present again."""
        self.following, self.gesture_until = True, 0.0
        self.redraw()

    def restart(self) -> None:
        """A new run starts at 0."""
        self.now_ms, self.following = 0.0, True
        self.marks.show(())
        for window in self._windows:
            window.sync()

    def redraw(self) -> None:
        """Let every figure draw what is to be seen now."""
        for window in self._windows:
            window.redraw()


class Window:
    """The part of a `TimeAxis` that one figure shows."""

    def __init__(
        self,
        axis: TimeAxis,
        fig: Plot,
        redraw: Callable[[], Any],
        on_reset: Callable[[], Any] | None,
    ):
        self.axis = axis
        self.redraw = redraw
        self._on_reset = on_reset
        start, end = axis.span
        self.range = fig.x_range = Range1d(start=start, end=end)
        # What was sent lately: an event that brings one of these back is no zoom of time.
        self._sent: deque[tuple[float, float]] = deque([(start, end)], maxlen=120)
        self.style_marks = axis.marks.attach(fig)
        self._labels = TimeLabels(fig)
        fig.on_event(RangesUpdate, self.user_moved)
        fig.on_event(Reset, self.user_reset)
        fig.on_event(PanStart, self._pan_started)
        fig.on_event(PanEnd, self._pan_ended)

    def sync(self) -> tuple[float, float]:
        """Move the figure to what is to be seen; returns what it shows, (start, end) in ms."""
        if time.monotonic() >= self.axis.gesture_until:
            start, end = self.axis.span
            if (self.range.start, self.range.end) != (start, end):
                self._labels.move(start, end)
                self._sent.append((start, end))
        return float(self.range.start), float(self.range.end)

    def user_moved(self, event: Any) -> None:
        """The user zoomed or panned in this figure, along either axis."""
        x0, x1 = event.x0, event.x1
        if x0 is None or x1 is None:
            return
        near = 1e-6 * max(abs(x1 - x0), 1e-9)
        if any(abs(x0 - a) < near and abs(x1 - b) < near for a, b in self._sent):
            self.redraw()  # only the other axis was moved
        else:
            self.axis.gesture_until = 0.0
            self.axis.hold(x0, x1)

    def user_reset(self, _event: Any = None) -> None:
        """The reset tool of this figure was used."""
        if self._on_reset is not None:
            self._on_reset()
        self.axis.follow()

    def _pan_started(self, _event: Any) -> None:
        # While a box is drawn the plot must not run away under it; if the end of the gesture
        # gets lost, the plot goes on after a while.
        self.axis.gesture_until = time.monotonic() + 10.0

    def _pan_ended(self, _event: Any) -> None:
        self.axis.gesture_until = 0.0
