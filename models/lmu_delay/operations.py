"""What can be done to the running delay line: silence a share of its neurons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from workbench.errors import ParameterError
from workbench.model.operation import Operation, Write, option

if TYPE_CHECKING:
    from workbench.model.model import Model


@dataclass(frozen=True)
class Silence(Operation):
    """A share of each ensemble fires no more, all others do; the decoders stay as they are."""

    share: float = option(0.2, "share of the neurons, 0 to 1; 0 revives all")

    verb: ClassVar[str] = "silence neurons"

    def check(self, model: Model) -> None:
        if not 0 <= self.share <= 1:
            raise ParameterError(f"share = {self.share!r} is not allowed: from 0 to 1.")

    def writes(self, model: Model, tick: int) -> list[Write]:
        values: Any = model.values()
        size = int(values["n_neurons"])
        alive = np.tile(np.arange(size) >= round(self.share * size), int(values["order"]))
        return [Write(tick, "ensembles", "alive", np.arange(len(alive)), alive.astype(float))]
