"""Axis limits that follow the data without trembling."""

from __future__ import annotations

import math


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
    """Limits that widen at once and narrow only when most of the room has been empty for long.

    floor : keep the lower limit here (0 for rates);  patience : updates before narrowing
    """

    def __init__(self, floor: float | None = None, patience: int = 90):
        self.floor = floor
        self.patience = patience
        self.reset()

    def reset(self) -> None:
        self.low = self.high = math.nan
        self._calm = 0

    @property
    def known(self) -> bool:
        return math.isfinite(self.low)

    def take(self, low: float, high: float) -> bool:
        """Account for data from ``low`` to ``high``; True if the limits changed."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return False
        if self.floor is not None:
            low = min(low, self.floor)
        inside = self.known and self.low <= low and high <= self.high
        room = self.high - self.low
        if inside and (high - low) > 0.45 * room:
            self._calm = 0
            return False
        if inside:
            self._calm += 1
            if self._calm < self.patience:
                return False
        self._calm = 0
        before = (self.low, self.high)
        self.low, self.high = self._around(low, high)
        return before != (self.low, self.high)

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
