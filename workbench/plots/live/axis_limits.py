"""Axis limits that follow the data without trembling."""

from __future__ import annotations

import math
from collections import deque

NARROWER = 0.75  # of the room that there is: what fits into more of it is left as it is


def nice(value: float) -> float:
    """The next round number, such as 1.2, 1.5, 2, 25 or 600, that is not below ``value``."""
    if not (value > 0 and math.isfinite(value)):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10):
        if value <= step * power * (1 + 1e-9):
            return step * power
    return 10 * power


class Limits:
    """Limits that widen at once and narrow once most of the room has been empty for long.

    They are around all data of the last ``patience`` updates, so that one quiet moment narrows
    nothing, and none widens again what was narrowed just before.

    floor : keep the lower limit here (0 for rates);  patience : updates before narrowing
    """

    def __init__(self, floor: float | None = None, patience: int = 24):
        self.floor = floor
        self._lately: deque[tuple[float, float]] = deque(maxlen=patience)
        self.reset()

    def reset(self) -> None:
        self.low = self.high = math.nan
        self._lately.clear()

    @property
    def known(self) -> bool:
        return math.isfinite(self.low)

    def take(self, low: float, high: float) -> bool:
        """Account for data from ``low`` to ``high``; True if the limits changed."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return False
        if self.floor is not None:
            low = min(low, self.floor)
        self._lately.append((low, high))
        inside = self.known and self.low <= low and high <= self.high
        if inside and len(self._lately) < (self._lately.maxlen or 0):
            return False
        before = (self.low, self.high)
        wanted = self._around(min(a for a, _ in self._lately), max(b for _, b in self._lately))
        if inside and wanted[1] - wanted[0] > NARROWER * (self.high - self.low):
            return False
        self.low, self.high = wanted
        return before != wanted

    def _around(self, low: float, high: float) -> tuple[float, float]:
        if self.floor is not None and low >= self.floor:
            return self.floor, self.floor + nice(1.12 * max(high - self.floor, 1e-12))
        span = high - low
        if span <= 1e-9 * max(abs(low), abs(high), 1e-300):
            span = max(abs(low), abs(high)) * 0.2 or 1.0
            low, high = low - span / 2, high + span / 2
        step = nice(span / 8)
        return (
            math.floor((low - 0.04 * span) / step) * step,
            math.ceil((high + 0.04 * span) / step) * step,
        )
