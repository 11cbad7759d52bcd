"""Operations that raise a parameter of the stimulus in equal ratios: contrast, or size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from workbench.errors import ParameterError
from workbench.model.operation import Operation, Write, option

if TYPE_CHECKING:
    from workbench.model.model import Model


@dataclass(frozen=True)
class GeometricSweep(Operation):
    """Raise a parameter in equal ratios, then put it back. A subclass says which.

    parameter : a live parameter, which is a shared variable of each of ``groups``
    most      : the largest value that it may be given
    in_si     : its unit in SI units: 1e-3 for mV
    """

    lowest: float = option(1.0, "first value")
    highest: float = option(100.0, "last value")
    steps: int = option(25, "how many, in equal ratios")
    each_ms: float = option(300.0, "how long each is shown, a multiple of the tick")

    parameter: ClassVar[str] = ""
    groups: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    most: ClassVar[float] = 1000.0
    in_si: ClassVar[float] = 1.0

    def check(self, model: Model) -> None:
        ticks = self.each_ms / model.tick_ms
        wrong = {
            "lowest": not 0 < self.lowest <= self.most,
            "highest": not self.lowest < self.highest <= self.most,
            "steps": not 2 <= self.steps <= 200,
            "each_ms": not (0 < ticks <= 1e4 and abs(ticks - round(ticks)) < 1e-6),
        }
        allowed = {
            "lowest": f"above 0 and at most {self.most:g}",
            "highest": f"above the lowest and at most {self.most:g}",
            "steps": "2 to 200",
            "each_ms": f"a multiple of {model.tick_ms:g} ms, up to 10,000 of them",
        }
        for name in (n for n, bad in wrong.items() if bad):
            raise ParameterError(
                f"{name} = {getattr(self, name)!r} is not allowed: {allowed[name]}."
            )

    def shown(self) -> np.ndarray:
        """(steps,) the values, in their order."""
        return np.geomspace(self.lowest, self.highest, int(self.steps))

    def at(self, since_ms: float) -> tuple[float, float] | None:
        """(value, for how many ms it has been shown) so long after the beginning; None outside."""
        k = int(since_ms // self.each_ms)
        if since_ms < 0 or k >= int(self.steps):
            return None
        return float(self.shown()[k]), since_ms - k * self.each_ms

    def writes(self, model: Model, tick: int) -> list[Write]:
        every = round(self.each_ms / model.tick_ms)
        before: Any = model.values()[self.parameter]
        return [
            Write(tick + k * every, group, self.parameter, np.array([0]), self.in_si * float(value))
            for k, value in enumerate([*self.shown(), before])
            for group in self.groups
        ]


@dataclass(frozen=True)
class ContrastSweep(GeometricSweep):
    """Raise the contrast in equal ratios, then put it back: a contrast response curve."""

    lowest: float = option(1.0, "first contrast")
    highest: float = option(100.0, "last contrast")

    verb: ClassVar[str] = "sweep the contrast"
    parameter: ClassVar[str] = "contrast"
