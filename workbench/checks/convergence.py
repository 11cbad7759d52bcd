"""Do the facts of a model depend on its step? Each is measured again at half of it.

A fact that moves by more than its tolerance is one of the step, not of the equations: either the
step is too long, or the fact is about the step itself and says so (``Fact.of_step``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import ParameterError
from ..model.model import Fact, Model
from ..model.time_step import NAME


@dataclass(frozen=True)
class Moved:
    """One fact at the step of the model and at half of it, both in the fact's unit."""

    fact: Fact
    dt_ms: float
    at_step: float
    at_half: float

    @property
    def by(self) -> float:
        """How far it moved."""
        return self.at_half - self.at_step

    @property
    def converged(self) -> bool:
        """Whether it moved by no more than its tolerance; not so for what is not finite."""
        return abs(self.by) <= self.fact.tol


def convergence(
    model: Model,
    *,
    slow: bool = True,
    names: tuple[str, ...] = (),
    progress: Callable[[str], Any] = lambda name: None,
) -> list[Moved]:
    """Measure the facts of a model at its step and at half of it.

    model    : with its step and other values; the tolerances are those of its default values
    slow     : also those that take more than five seconds
    names    : only these facts; all by default
    progress : called with the name of each before it is measured
    returns  : one entry a fact, in the order of declaration; those about the step are left out
    raises   : ParameterError for a model whose step is part of it
    """
    cls = type(model)
    if cls.dt_fixed:
        raise ParameterError(
            f"{cls.slug or cls.__name__} has no other step than {cls.dt_ms:g} ms: {cls.dt_fixed}"
        )
    half = model.dt_ms / 2
    found = []
    for fact in cls.facts:
        if fact.of_step or (fact.slow and not slow) or (names and fact.name not in names):
            continue
        progress(fact.name)
        values = [
            float(fact.measure(cls(**{**model.values(), NAME: dt_ms})))
            for dt_ms in (model.dt_ms, half)
        ]
        found.append(Moved(fact, model.dt_ms, *values))
    return found
