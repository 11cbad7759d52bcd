"""What can be done to the adapting population while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from workbench.model.operation import Operation, Write

if TYPE_CHECKING:
    from workbench.model.model import Model


@dataclass(frozen=True)
class ResetGains(Operation):
    """Forget the adaptation: every gain is 1 again."""

    verb: ClassVar[str] = "reset the gains"

    def writes(self, model: Model, tick: int) -> list[Write]:
        n: Any = model.values()["n_neurons"]
        return [Write(tick, "v1", "g", np.arange(n), 1.0)]
