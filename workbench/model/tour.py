"""`Tour`: what a model shows to somebody who has never seen it, in some twenty seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import ParameterError
from .operation import Operation

if TYPE_CHECKING:
    from .model import Model


@dataclass(frozen=True)
class Step:
    """One thing that happens, and what is to be seen.

    t_ms    : simulated time since the run began
    caption : a sentence or two; what it claims of the run is checked by a test
    values  : live parameters that are changed then; at 0 the run begins with them
    operation : what is done then
    card    : title of the card in which it is seen best, "" for none
    """

    t_ms: float
    caption: str
    values: Mapping[str, float] = field(default_factory=dict)
    operation: Operation | None = None
    card: str = ""


@dataclass(frozen=True)
class Tour:
    """Steps of a run with default values.

    until_ms : when it is over, and the simulation pauses
    speed    : simulated ms per wall second, at which it can be followed
    """

    steps: tuple[Step, ...]
    until_ms: float
    speed: float

    @property
    def seconds(self) -> float:
        """How long it takes on a machine that keeps up."""
        return self.until_ms / self.speed

    def check(self, model: Model) -> None:
        """Raise ParameterError or UnknownName where a step does not fit ``model``."""
        times = [step.t_ms for step in self.steps]
        if not times or times != sorted(set(times)) or times[0] < 0 or times[-1] >= self.until_ms:
            raise ParameterError(
                f"The times of a tour must grow, from 0 to less than {self.until_ms:g} ms; "
                f"got {times}."
            )
        for step in self.steps:
            for name, value in step.values.items():
                parameter = model.parameter(name)
                if not parameter.live:
                    raise ParameterError(
                        f"{name} cannot change while the model runs: a tour needs live parameters."
                    )
                parameter.check(parameter.convert(value))
            if step.operation is not None:
                step.operation.check(model)
