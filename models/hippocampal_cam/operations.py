"""What can be done to the hippocampal memory: learn, recall by cue or by content, freeze."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from workbench.errors import ParameterError
from workbench.model.operation import Operation, Write, option

from .network import PLASTIC_PROJECTIONS

if TYPE_CHECKING:
    from workbench.model.model import Model

LEARN_TICKS = 3  # a memory is presented for three ticks, a question for one


def whole_number(value: Any, what: str) -> int:
    """``value`` as an int; raises ParameterError if it is none."""
    try:
        if isinstance(value, bool | np.bool_):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise ParameterError(
            f"{what} = {value!r} is not allowed: it must be a whole number."
        ) from None


def bits(value: Any, what: str = "content") -> tuple[int, ...]:
    """``value`` as sorted numbers of content bits; takes any iterable of ints, or one int."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        value = (value,)
    return tuple(sorted({whole_number(v, f"An entry of {what}") for v in value}))


@dataclass(frozen=True)
class _Memory(Operation):
    """Shared by the three: their checks, and how they write into the two input populations."""

    ticks: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if hasattr(self, "cue"):
            object.__setattr__(self, "cue", whole_number(self.cue, "cue"))
        if hasattr(self, "content"):
            object.__setattr__(self, "content", bits(self.content))

    def check(self, model: Model) -> None:
        sizes: Any = model.values()
        if hasattr(self, "cue") and not 0 <= self.cue < sizes["n_cues"]:
            raise ParameterError(
                f"cue = {self.cue} is not allowed: the memory has the cues 0 to "
                f"{sizes['n_cues'] - 1}."
            )
        if hasattr(self, "content"):
            if not self.content:
                raise ParameterError(
                    "content is empty: name at least one content bit; a memory without any "
                    "cannot be told from no memory."
                )
            wrong = [b for b in self.content if not 0 <= b < sizes["n_content"]]
            if wrong:
                raise ParameterError(
                    f"content bit {wrong[0]} is not allowed: the memory has the content bits 0 to "
                    f"{sizes['n_content'] - 1}."
                )

    def writes(self, model: Model, tick: int) -> list[Write]:
        driven = {}
        if hasattr(self, "cue"):
            driven["in_cue"] = np.array([self.cue])
        if hasattr(self, "content"):
            driven["in_content"] = np.array(self.content, dtype=int)
        return [
            Write(tick + k, population, "drive", index, 1.0)
            for k in range(self.ticks)
            for population, index in driven.items()
        ]

    def describe(self) -> str:
        words = [self.verb]
        if hasattr(self, "cue"):
            words.append(str(self.cue))
        if hasattr(self, "content"):
            words.append("{" + ", ".join(map(str, self.content)) + "}")
        return " ".join(words)


@dataclass(frozen=True)
class Learn(_Memory):
    """Store ``content`` under ``cue``; what was stored there before is forgotten."""

    cue: int = option(0, "number of the cue, 0 to n_cues - 1")
    content: tuple[int, ...] = option(
        (), "numbers of the content bits that are 1, each 0 to n_content - 1"
    )

    verb: ClassVar[str] = "learn cue"
    ticks: ClassVar[int] = LEARN_TICKS


@dataclass(frozen=True)
class RecallByCue(_Memory):
    """Ask which content is stored under ``cue``."""

    cue: int = option(0, "number of the cue, 0 to n_cues - 1")

    verb: ClassVar[str] = "recall by cue"


@dataclass(frozen=True)
class RecallByContent(_Memory):
    """Ask for all cues whose stored content shares at least one bit with ``content``."""

    content: tuple[int, ...] = option(
        (), "numbers of the content bits asked for, each 0 to n_content - 1"
    )

    verb: ClassVar[str] = "recall by content"


@dataclass(frozen=True)
class Freeze(Operation):
    """Stop plasticity from here on, so that asking leaves no mark."""

    verb: ClassVar[str] = "freeze the weights"

    def writes(self, model: Model, tick: int) -> list[Write]:
        return [
            Write(tick, name, variable, np.array([0]), 0.0)
            for name in PLASTIC_PROJECTIONS
            for variable in ("A_plus", "A_minus")
        ]
