"""What can be done to the running spiking ring, besides moving its sliders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from workbench.model.model import Model
from workbench.model.operation import Operation, Write

from .network import count


@dataclass(frozen=True)
class Show(Operation):
    """Show a stimulus from here on, whatever the sliders say; they take over when they move.

    t_ms        : when, ms
    contrast    : of the grating, %;  orientation : of the grating, degrees
    mask        : contrast of the second grating, %;  mask_angle : from the first, degrees
    surround    : contrast of the surround, %
    g_extra     : extra excitatory conductance of all inhibitory neurons, nS
    """

    contrast: float = 50.0
    orientation: float = 90.0
    mask: float = 0.0
    mask_angle: float = 90.0
    surround: float = 0.0
    g_extra: float = 0.0

    verb: ClassVar[str] = "show"

    def check(self, model: Model) -> None:
        for name, value in self.args().items():
            parameter = model.parameter(name)
            parameter.check(parameter.convert(value))

    def writes(self, model: Model, tick: int) -> list[Write]:
        si = {**self.args(), "g_extra": 1e-9 * self.g_extra}
        return [Write(tick, "stimulus", name, np.array([0]), v) for name, v in si.items()]

    def describe(self) -> str:
        words = [f"show {self.contrast:g} % at {self.orientation:g}°"]
        if self.mask:
            words.append(f"with {self.mask:g} % at {self.mask_angle:g}° from it")
        if self.surround:
            words.append(f"in a surround of {self.surround:g} %")
        if self.g_extra:
            words.append(f"with {self.g_extra:g} nS onto the inhibitory neurons")
        return ", ".join(words)


@dataclass(frozen=True)
class ResetGains(Operation):
    """Put the slow gain of every neuron back to 1.

    t_ms : when, ms
    """

    verb: ClassVar[str] = "reset the gains"

    def writes(self, model: Model, tick: int) -> list[Write]:
        return [Write(tick, "neurons", "gain", np.arange(sum(count(model))), 1.0)]
