"""What can be done to the reservoir while it runs: the design in one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from workbench.model.operation import Operation, Write

from .wiring import designed, wiring

if TYPE_CHECKING:
    from workbench.model.model import Model


@dataclass(frozen=True)
class Design(Operation):
    """Scale each neuron's inhibition at once so that its target is a fixed point at mean input."""

    verb: ClassVar[str] = "design in one step"

    def writes(self, model: Model, tick: int) -> list[Write]:
        weights = designed(model, wiring(model))
        return [Write(tick, "from_inhibitory", "w", np.arange(len(weights)), weights)]
