"""What can be done to a whitening circuit while it runs: change what it is shown, set its gains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from workbench.errors import ParameterError
from workbench.model.operation import Operation, Write, option

from .network import mixing

if TYPE_CHECKING:
    from workbench.model.model import Model

LONGEST_MS = 1e7


def _written(model: Model, context: int, tick: int) -> Write:
    root = mixing(model)[context]
    return Write(tick, "stimulus", "w", np.arange(root.size), root.ravel())


@dataclass(frozen=True)
class SwitchContext(Operation):
    """From the next sample on, the input has the covariance of another context."""

    context: int = option(0, "number of the context, 0 to n_contexts - 1")

    verb: ClassVar[str] = "switch to context"

    def check(self, model: Model) -> None:
        count: Any = model.values()["n_contexts"]
        if not (isinstance(self.context, int | np.integer) and 0 <= self.context < count):
            raise ParameterError(
                f"context = {self.context!r} is not allowed: this model has the contexts 0 to "
                f"{count - 1}."
            )

    def writes(self, model: Model, tick: int) -> list[Write]:
        return [_written(model, int(self.context), tick)]

    def describe(self) -> str:
        return f"{self.verb} {self.context}"


@dataclass(frozen=True)
class CycleContexts(Operation):
    """Show one context after the other, each for a while."""

    every_ms: float = option(10_000.0, "how long each is shown, a multiple of the tick")
    rounds: int = option(2, "how often all of them are gone through")

    verb: ClassVar[str] = "cycle through the contexts"

    def check(self, model: Model) -> None:
        ticks = self.every_ms / model.tick_ms
        if not (0 < self.every_ms <= LONGEST_MS and abs(ticks - round(ticks)) < 1e-6):
            raise ParameterError(
                f"every_ms = {self.every_ms!r} is not allowed: a multiple of {model.tick_ms:g} ms, "
                f"above 0 and at most {LONGEST_MS:g}."
            )
        if not (isinstance(self.rounds, int | np.integer) and 1 <= self.rounds <= 1000):
            raise ParameterError(f"rounds = {self.rounds!r} is not allowed: 1 to 1000.")

    def writes(self, model: Model, tick: int) -> list[Write]:
        count: Any = model.values()["n_contexts"]
        every = round(self.every_ms / model.tick_ms)
        return [
            _written(model, k % count, tick + k * every) for k in range(count * int(self.rounds))
        ]


@dataclass(frozen=True)
class SetGains(Operation):
    """Put the gains of the interneurons somewhere; they adapt on from there."""

    gains: tuple[float, ...] = option((0.0, 0.0, 0.0), "one number an interneuron")

    verb: ClassVar[str] = "set the gains to"

    def check(self, model: Model) -> None:
        k: Any = model.values()["n_inter"]
        if len(self.gains) != k or not np.all(np.abs(np.asarray(self.gains, float)) <= 1e6):
            raise ParameterError(
                f"gains = {self.gains!r} are not allowed: one number for each of the {k} "
                "interneurons."
            )

    def writes(self, model: Model, tick: int) -> list[Write]:
        values = np.asarray(self.gains, dtype=float)
        return [Write(tick, "interneurons", "g", np.arange(len(values)), values)]
