"""What can be done to the learner while it runs: give it other weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from workbench.errors import ParameterError
from workbench.model.operation import Operation, Write, option

from .wiring import start_of

if TYPE_CHECKING:
    from workbench.model.model import Model

KINDS = ("naive", "reference")
MV = 1e-3


@dataclass(frozen=True)
class SetWeights(Operation):
    """Give the learner the weights it began with, or those of the reference."""

    weights: str = option("naive", "naive, or reference: then every spike is matched", KINDS)

    verb: ClassVar[str] = "set weights"

    def check(self, model: Model) -> None:
        if self.weights not in KINDS:
            raise ParameterError(
                f"weights = {self.weights!r} is not there: the learner can be given those called "
                f"{' or '.join(map(repr, KINDS))}."
            )

    def writes(self, model: Model, tick: int) -> list[Write]:
        w = start_of(model, self.weights).ravel() * MV
        return [Write(tick, "learner_recurrent", "w", np.arange(w.size), w)]
