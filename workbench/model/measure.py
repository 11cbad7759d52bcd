"""`RunMeasure`: one number taken from a run, or from the stretch of one that a page shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..run import Run


@dataclass(frozen=True)
class RunMeasure:
    """A number that a lesson asks for, and measures from the running network.

    name     : how a lesson names it
    title    : what it is, for people: "mean rate"
    unit     : of the number; "1" if it has none; "" for that of the trace that it is taken of
    of       : what else it needs to know: "population", "trace", or "" for nothing
    function : (run, name of what it is taken of) -> the number; nan where there is none. The run
               may be a stretch of a longer one, whose t = 0 is where the stretch begins
    """

    name: str
    title: str
    unit: str
    of: str
    function: Callable[[Run, str], float]
