"""What can be done to the running liquid: show it a certain picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from workbench.errors import ParameterError
from workbench.model.operation import Operation, Write, option

from .images import PICTURES

if TYPE_CHECKING:
    from workbench.model.model import Model


@dataclass(frozen=True)
class Show(Operation):
    """Show a picture from the next sample on; the ones after it follow."""

    picture: int = option(0, "number of one of the embedded digits")

    verb: ClassVar[str] = "show"

    def check(self, model: Model) -> None:
        if self.picture != int(self.picture) or not 0 <= self.picture < PICTURES:
            raise ParameterError(
                f"picture = {self.picture!r} is not there: pictures are numbered from 0 to "
                f"{PICTURES - 1}."
            )

    def writes(self, model: Model, tick: int) -> list[Write]:
        return [Write(tick, "input", "upcoming", np.array([0]), float(self.picture))]
