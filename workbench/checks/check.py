"""What a check is, and the list of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..brian.errors import explained, plain, sentence
from ..errors import WorkbenchError
from ..model.model import Model


class CheckFailed(WorkbenchError, AssertionError):
    """A model fails a check; the message says where, and what would be right."""


@dataclass(frozen=True)
class Check:
    """One check. ``check`` returns for a model that keeps it and raises `CheckFailed` otherwise."""

    name: str
    title: str
    holds: Callable[[type[Model]], None]

    def check(self, cls: type[Model]) -> None:
        """Hold ``cls`` to the check; anything that goes wrong on the way breaks it too."""
        try:
            self.holds(cls)
        except CheckFailed:
            raise
        except Exception as error:
            raise CheckFailed(f"It could not be checked. {_why(cls, error)}") from error


def _why(cls: type[Model], error: Exception) -> str:
    """What went wrong, in the words of a run."""
    if isinstance(error, WorkbenchError):
        return str(error)
    return sentence(error, cls, built=False) if explained(error) else plain(error)


CHECKS: list[Check] = []


def check(title: str) -> Callable[[Callable[[type[Model]], None]], Callable[[type[Model]], None]]:
    """Add the decorated function to the checks."""

    def add(function: Callable[[type[Model]], None]) -> Callable[[type[Model]], None]:
        CHECKS.append(Check(function.__name__, title, function))
        return function

    return add


def need(kept: bool, sentence: str) -> None:
    """Raise `CheckFailed` with ``sentence`` unless ``kept``."""
    if not kept:
        raise CheckFailed(sentence)
