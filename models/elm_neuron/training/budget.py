"""How long to train: by steps, by the clock, or by processor time; whichever ends first."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

from workbench.errors import ParameterError


@dataclass
class Budget:
    """What may be used, and what has been used, over all sittings.

    steps        : training steps; 0 = no limit. Only this one gives the same result twice
    minutes      : wall time; 0 = no limit
    core_minutes : processor time of this process, all threads; 0 = no limit. On a machine that
                   is shared it is what two free cores would have used in half the minutes
    """

    steps: int = 0
    minutes: float = 0.0
    core_minutes: float = 0.0
    used: dict[str, float] = field(default_factory=lambda: {"minutes": 0.0, "core_minutes": 0.0})

    def __post_init__(self) -> None:
        given = (self.steps, self.minutes, self.core_minutes)
        if min(given) < 0 or not any(given):
            raise ParameterError(
                f"A budget of steps = {self.steps}, minutes = {self.minutes:g}, core_minutes = "
                f"{self.core_minutes:g} is not allowed: give one of them, above 0."
            )
        self.start()

    def start(self) -> None:
        """Begin a sitting; the clock runs from here."""
        self._before = dict(self.used)
        self._wall, self._cpu = time.perf_counter(), _cpu_s()

    def done(self, step: int) -> float:
        """Share of the budget used up after ``step`` steps; 1 or more = over."""
        self.used = {
            "minutes": self._before["minutes"] + (time.perf_counter() - self._wall) / 60,
            "core_minutes": self._before["core_minutes"] + (_cpu_s() - self._cpu) / 60,
        }
        shares = [0.0]
        if self.steps:
            shares.append(step / self.steps)
        if self.minutes:
            shares.append(self.used["minutes"] / self.minutes)
        if self.core_minutes:
            shares.append(self.used["core_minutes"] / self.core_minutes)
        return max(shares)


def _cpu_s() -> float:
    spent = os.times()
    return spent.user + spent.system
