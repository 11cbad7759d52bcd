"""Pacing: simulated time that follows the wall clock."""

from __future__ import annotations


class Pace:
    """When each tick is due, at a speed; what is far behind is not caught up.

    tick_ms : length of a tick;  speed : simulated ms per wall second
    late_s  : trailing by more than this counts as behind
    """

    def __init__(self, tick_ms: float, late_s: float):
        self.tick_ms = tick_ms
        self.late_s = late_s
        self.behind_ms = 0.0  # how late the latest tick was that came too late
        self._began: tuple[float, int] | None = None

    def restart(self) -> None:
        """Count from the next tick that is asked about."""
        self._began = None

    def begin(self, tick: int, now: float) -> None:
        """Count from this tick, which is now."""
        self._began = (now, tick)

    def due(self, tick: int, speed: float, now: float) -> float:
        """The wall time at which ``tick`` is due; in the past when it comes late."""
        if self._began is None:
            self._began = (now, tick)
        began, first = self._began
        due = began + (tick - first) * self.tick_ms / speed
        if now - due > self.late_s:
            self.begin(tick, now)
            self.behind_ms = (now - due) * 1e3
        return due
