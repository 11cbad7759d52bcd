"""What can be done to the running reader: give it a certain letter, numb parts of the finger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from workbench.errors import ParameterError
from workbench.model.operation import Operation, Write, option

from .letters import touches_of
from .weights import CHANNELS

if TYPE_CHECKING:
    from workbench.model.model import Model


@dataclass(frozen=True)
class Show(Operation):
    """Feel a certain touch next, when this letter is read; the ones after it follow."""

    touch: int = option(0, "number of the touch, in the order of the recordings")

    verb: ClassVar[str] = "feel touch"

    def check(self, model: Model) -> None:
        values: Any = model.values()
        n = len(touches_of(values))
        if self.touch != int(self.touch) or not 0 <= self.touch < n:
            raise ParameterError(
                f"touch = {self.touch!r} is not there: touches are numbered from 0 to {n - 1}."
            )

    def writes(self, model: Model, tick: int) -> list[Write]:
        return [Write(tick, "finger", "upcoming", np.array([0]), float(self.touch))]


@dataclass(frozen=True)
class Numb(Operation):
    """Channels of the finger feel nothing from now on; all others feel."""

    channels: tuple[int, ...] = option((), "numbers of the channels, 0 to 11")

    verb: ClassVar[str] = "numb channels"

    def check(self, model: Model) -> None:
        for channel in self.channels:
            if channel != int(channel) or not 0 <= channel < CHANNELS:
                raise ParameterError(
                    f"channels has {channel!r}: the finger has the channels 0 to {CHANNELS - 1}."
                )

    def writes(self, model: Model, tick: int) -> list[Write]:
        feels = np.ones(CHANNELS)
        feels[list(self.channels)] = 0.0
        return [Write(tick, "finger", "feels", np.arange(CHANNELS), feels)]

    def describe(self) -> str:
        if not self.channels:
            return "every channel feels"
        return f"{self.verb} {', '.join(map(str, self.channels))}"
