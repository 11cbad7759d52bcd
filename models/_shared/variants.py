"""What the experiments on the gain-control models share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.model.model import Model

Progress = Callable[[float, str], Any]


def no_progress(_fraction: float, _text: str) -> None:
    """For those who do not watch."""


def varied(model: Model, **values: Any) -> Any:
    """The same model with some parameters set otherwise."""
    return type(model)(**{**model.values(), **values})


def key_of(model: Any) -> tuple[Any, tuple[tuple[str, float], ...]]:
    """Class and values of a model: what a measurement that is remembered goes by."""
    return type(model), tuple(model.values().items())


def fast_engine() -> str:
    """The compiled engine where there is a compiler: long experiments are for it."""
    from workbench.engine.compiled.cache import compiler

    return "compiled" if compiler() else "numpy"


def part(progress: Progress, start: float, stop: float, text: str) -> Callable[[float], Any]:
    """A run's progress as the part from ``start`` to ``stop`` of an experiment's."""
    return lambda fraction: progress(start + (stop - start) * fraction, text)
