"""What can be done to the dendrites while they run: show another of the stored patterns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from workbench.errors import ParameterError
from workbench.model.operation import Operation, Write, option

from .wiring import patterns

if TYPE_CHECKING:
    from workbench.model.model import Model


@dataclass(frozen=True)
class ShowPattern(Operation):
    """From the next volley on, familiar volleys show another of the stored patterns."""

    pattern: int = option(0, "number of the pattern, 0 to n_patterns - 1")

    verb: ClassVar[str] = "show pattern"

    def check(self, model: Model) -> None:
        count: Any = model.values()["n_patterns"]
        if not (isinstance(self.pattern, int | np.integer) and 0 <= self.pattern < count):
            raise ParameterError(
                f"pattern = {self.pattern!r} is not allowed: this model has stored the patterns 0 "
                f"to {count - 1}."
            )

    def writes(self, model: Model, tick: int) -> list[Write]:
        n_inputs: Any = model.values()["n_inputs"]
        members = np.isin(np.arange(n_inputs), patterns(model)[int(self.pattern)]).astype(float)
        return [Write(tick, "inputs", "member", np.arange(len(members)), members)]

    def describe(self) -> str:
        return f"{self.verb} {self.pattern}"
