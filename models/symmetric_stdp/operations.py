"""What can be done to the running network: show it a certain picture, make its readout forget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from workbench.errors import ParameterError
from workbench.model.operation import Operation, Write, option

from .pictures import CLASSES

if TYPE_CHECKING:
    from workbench.model.model import Model


@dataclass(frozen=True)
class Show(Operation):
    """Show a certain picture next, in place of the one whose turn it is."""

    picture: int = option(0, "its number: those to learn from come first, then those to test with")

    verb: ClassVar[str] = "show"

    def check(self, model: Model) -> None:
        values: Any = model.values()
        there = values["n_train"] + values["n_test"]
        if self.picture != int(self.picture) or not 0 <= self.picture < there:
            raise ParameterError(
                f"picture = {self.picture!r} is not there: pictures are numbered from 0 to "
                f"{there - 1}, those to be tested with from {values['n_train']} on."
            )

    def writes(self, model: Model, tick: int) -> list[Write]:
        return [Write(tick, "protocol", "upcoming", np.array([0]), float(self.picture))]


@dataclass(frozen=True)
class ForgetReadout(Operation):
    """Make all weights onto the class units alike; the receptive fields stay."""

    verb: ClassVar[str] = "make the readout forget"

    def writes(self, model: Model, tick: int) -> list[Write]:
        values: Any = model.values()
        size = values["n_hidden"] * CLASSES
        return [Write(tick, "excitatory_to_classes", "w", np.arange(size), values["w_mean_class"])]
