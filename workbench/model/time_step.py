"""`TimeStep`: the integration step of a model, a parameter that every model has.

A command takes effect between two steps, at a tick. So a tick is a whole number of steps, and of
the step only the parts of a tick are allowed: for a tick of 1 ms 1, 0.5, 0.3333, 0.25 ms, ...
"""

from __future__ import annotations

import math
from typing import Any

import param

from ..errors import ParameterError
from .parameter import Parameter
from .units import number_of

NAME = "dt_ms"
GROUP = "Numerics"
LEAST_MS = 1e-5  # a step that Brian2's clocks still count exactly over a day
ROUNDED = 2e-5  # 0.33333 ms, as it is written, is a third of 1 ms
USUAL = (1, 2, 4, 5, 10, 20, 40, 50, 100, 200, 400, 500, 1000)


class TimeStep(Parameter):
    """The step ``dt_ms`` of a model, in ms; `Model` makes one of each class's plain number.

    tick_ms : length of a tick, of which the step is a whole part
    fixed   : why the step is part of the model, as a sentence; "" where it may be chosen
    raises  : ParameterError for a step that is no part of a tick, or any other one than the
              model's where it is fixed
    """

    __slots__ = ["fixed", "tick_ms"]

    _slot_defaults = dict(Parameter._slot_defaults, tick_ms=1.0, fixed="")

    def __init__(
        self,
        default: float = param.Undefined,
        *,
        tick_ms: float = param.Undefined,
        fixed: str = param.Undefined,
        **params: Any,
    ):
        self.tick_ms = tick_ms
        self.fixed = fixed
        given = {
            "unit": "ms",
            "live": False,
            "symbol": "dt",
            "group": GROUP,
            "source": "the model's own choice",
            "doc": "integration step: halve it to see whether a result depends on it",
        }
        if default is not param.Undefined:
            part = max(1, round(tick_ms / default))
            longest = tick_ms / max(1, part // 2)
            given["bounds"] = (min(LEAST_MS, default), max(tick_ms, default))
            given["softbounds"] = (default / 4, max(longest, default))
        super().__init__(default, **{**given, **params})

    def convert(self, value: Any) -> float:
        """``value`` in ms, exactly a whole part of a tick."""
        number = number_of(value, self.unit, what=self._who(), such_as=self.text())
        if number == self.default:
            return number
        if self.fixed:
            raise ParameterError(
                f"{self._who()} = {self._in_full(number)} is not allowed, only {self.text()}: "
                f"{self.fixed}"
            )
        self.check(number)
        part = self.tick_ms / number
        if abs(part - round(part)) > ROUNDED * part:
            near = [self.tick_ms / n for n in (math.ceil(part), math.floor(part)) if n]
            raise ParameterError(
                f"{self._who()} = {self._in_full(number)} is not allowed: a tick, "
                f"{self.tick_ms:g} ms, must be a whole number of steps, such as of "
                f"{' or '.join(self.text(v) for v in near)}."
            )
        exact = self.tick_ms / round(part)
        return number if math.isclose(number, exact, rel_tol=1e-12) else exact

    def check(self, val: Any) -> None:
        if val != self.default:  # that of the declaration is evaluated by the checks of models
            super().check(val)

    def near(self, value: float) -> float:
        """The part of a tick next to ``value``."""
        return self.tick_ms / max(1, round(self.tick_ms / value))

    def usual(self) -> list[float]:
        """Steps to offer, ms, shortest first: round parts of a tick, and the model's own."""
        low, high = self.softbounds
        parts = {round(self.tick_ms / n, 12) for n in USUAL}
        return sorted({v for v in parts if low / 2.5 <= v <= high * 2.5} | {self.default})

    def allowed(self) -> str:
        if self.fixed:
            return f"{self.text()}: {self.fixed}"
        most = f"{self.tick_ms / LEAST_MS:,.0f}"
        return f"a tick, {self.tick_ms:g} ms, divided by a whole number from 1 to {most}"
