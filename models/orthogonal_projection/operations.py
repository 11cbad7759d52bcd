"""What can be done to the running circuit: begin a task, also one that was learnt before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from workbench.errors import ParameterError
from workbench.model.operation import Operation, Write, option

if TYPE_CHECKING:
    from workbench.model.model import Model

COUNTING = ("input", "subspace", "readout", "control")


@dataclass(frozen=True)
class StartTask(Operation):
    """Begin a task; those after it follow as usual. One that is begun again is learnt again."""

    task: int = option(0, "number of the task, 0 to n_tasks - 1")

    verb: ClassVar[str] = "start task"

    def check(self, model: Model) -> None:
        values: Any = model.values()
        if self.task != int(self.task) or not 0 <= self.task < values["n_tasks"]:
            raise ParameterError(
                f"task = {self.task!r} is not there: this model has the tasks 0 to "
                f"{values['n_tasks'] - 1}."
            )

    def writes(self, model: Model, tick: int) -> list[Write]:
        values: Any = model.values()
        first = float(self.task * values["samples"] - 1)  # counted up before it is shown
        return [Write(tick, name, "shown", np.array([0]), first) for name in COUNTING]
