"""The class `Check`, and the list of checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..brian.errors import explained, plain, sentence
from ..errors import WorkbenchError
from ..model.model import Model


class CheckFailed(WorkbenchError, AssertionError):
    """Raised when a model fails a check; the message names the place and the expected value."""


@dataclass(frozen=True)
class Check:
    """One check. ``run`` returns for a model that passes it and raises `CheckFailed` otherwise.

    slow : it builds a network for each parameter, which takes half a minute for a large model
    """

    name: str
    title: str
    holds: Callable[[type[Model]], None]
    slow: bool = False

    def run(self, cls: type[Model]) -> None:
        """Run the check on ``cls``; any other exception counts as a failure."""
        try:
            self.holds(cls)
        except CheckFailed:
            raise
        except Exception as error:
            raise CheckFailed(f"It could not be checked. {_why(cls, error)}") from error


def _why(cls: type[Model], error: Exception) -> str:
    """Describe an error as a run would report it."""
    if isinstance(error, WorkbenchError):
        return str(error)
    return sentence(error, cls, built=False) if explained(error) else plain(error)


CHECKS: list[Check] = []


def check(
    title: str, slow: bool = False
) -> Callable[[Callable[[type[Model]], None]], Callable[[type[Model]], None]]:
    """Register the decorated function as a check."""

    def add(function: Callable[[type[Model]], None]) -> Callable[[type[Model]], None]:
        CHECKS.append(Check(function.__name__, title, function, slow))
        return function

    return add


def need(holds: bool, sentence: str) -> None:
    """Raise `CheckFailed` with ``sentence`` unless ``holds`` is true."""
    if not holds:
        raise CheckFailed(sentence)
