"""What a lesson consists of: every field of its file, declared once.

The reader, the sentences about what is wrong, and the tables of the reference are made from this.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..model.operation import Operation

KINDS = {  # of a field -> how it is written
    "text": "text",
    "line": "text of one line",
    "name": "name",
    "lines": "list of texts",
    "number": "number",
    "positive": "number above 0",
    "time": "number, 0 or more",
    "whole": "whole number",
    "values": '`{ parameter = value }`, a number or `"3 mV"`',
    "operations": '`[{ operation = "Name", at_ms = 10, option = 1 }]`',
    "table": "table",
    "tables": "tables",
}

ALL = "*"  # in a list of parameters: all that no list names


def entry(kind: str, doc: str, default: Any = dataclasses.MISSING) -> Any:
    """A field of the file: how it is written, and what it is; one without a default is needed."""
    more: dict[str, Any] = {"default_factory": dict} if default == {} else {"default": default}
    needed = default is dataclasses.MISSING
    return dataclasses.field(metadata={"kind": kind, "doc": doc, "needed": needed}, **more)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What is measured from the running network."""

    measure: str = entry("name", "what is measured: a measure of the table below", "")
    of: str = entry("name", "the population or trace that it is measured of", "")
    over_ms: float = entry("positive", "over how much of the run, simulated ms", 500.0)
    after_ms: float = entry(
        "time", "how much of the run is left out after each change, simulated ms", 0.0
    )
    low: float | None = entry("number", "at least this much, in the measure's unit", None)
    high: float | None = entry("number", "at most this much", None)

    def holds(self, value: float) -> bool:
        """Whether ``value`` is within the range; nan never is."""
        above = value == value if self.low is None else value >= self.low
        return above and (self.high is None or value <= self.high)


@dataclass(frozen=True, kw_only=True)
class Prediction(Measured):
    """A question that is answered before what happens is seen.

    Either a choice, ``answers`` and ``right``, or a number, ``value`` and ``tolerance``. With a
    measure, the check runs the model and measures whether the answer is right: a number by its
    tolerance, a choice by ``low`` and ``high``.
    """

    title: ClassVar[str] = "predict"

    ask: str = entry("text", "the question")
    answers: tuple[str, ...] = entry("lines", "two to eight answers to choose from", ())
    right: int = entry("whole", "the number of the right answer, from 1", 0)
    value: float | None = entry("number", "the right number", None)
    tolerance: float | None = entry("time", "how far from it an answer may be", None)
    unit: str = entry("name", "unit of the number; without it, that of the measure", "")
    values: Mapping[str, float] = entry(
        "values", "parameters that are set when the answer is revealed", {}
    )
    do: tuple[Operation, ...] = entry("operations", "what is done then, each at its `at_ms`", ())
    explain: str = entry("text", "what is said when the answer is revealed", "")


@dataclass(frozen=True, kw_only=True)
class Target(Measured):
    """A range of a measure that is reached by moving sliders."""

    title: ClassVar[str] = "target"

    ask: str = entry("text", "what is to be reached")
    solution: Mapping[str, float] = entry(
        "values", "values of free parameters with which it is reached, for the check; not shown"
    )


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a lesson. It begins a new run at t = 0."""

    title: str = entry("line", "a heading", "")
    text: str = entry("text", "what is said; an empty line begins a paragraph")
    values: Mapping[str, float] = entry(
        "values", "parameters that differ from their defaults in this step", {}
    )
    do: tuple[Operation, ...] = entry(
        "operations", "what is done to the running model, each at its `at_ms`", ()
    )
    every_ms: float | None = entry("positive", "all of `do` is done again every so often", None)
    free: tuple[str, ...] = entry("lines", "parameters that can be moved", ())
    locked: tuple[str, ...] = entry("lines", "parameters that are shown and cannot be moved", ())
    hidden: tuple[str, ...] = entry("lines", "parameters that are not shown", ())
    cards: tuple[str, ...] = entry(
        "lines", "titles of the cards that are shown; without it, all", ()
    )
    predict: Prediction | None = entry("table", "a question: `[steps.predict]`", None)  # noqa: RUF009
    target: Target | None = entry("table", "what to reach: `[steps.target]`", None)  # noqa: RUF009

    def state_of(self, parameter: str) -> str:
        """ "free", "locked" or "hidden"; "*" in a list means all that no list names."""
        lists = {name: getattr(self, name) for name in ("free", "locked", "hidden")}
        rest = next((name for name, named in lists.items() if ALL in named), "free")
        return next((name for name, named in lists.items() if parameter in named), rest)


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A sequence of steps on a model's page.

    name : of its file, without the ending; the address says ``lesson=NAME``
    """

    name: str
    title: str = entry("line", "name of the lesson")
    about: str = entry("text", "what is learnt, in a sentence or two", "")
    speed: float | None = entry(
        "positive", "simulated ms per second; without it, the model's", None
    )
    steps: tuple[Step, ...] = entry("tables", "the steps: `[[steps]]`, at most 40")


TABLES: dict[str, tuple[type, str]] = {
    "The file": (Lesson, "the lesson"),
    "`[[steps]]`": (Step, "one step"),
    "`[steps.predict]`": (Prediction, "a question that is answered before it is seen"),
    "`[steps.target]`": (Target, "something to reach"),
}


def entries_of(cls: type) -> dict[str, dataclasses.Field[Any]]:
    """The fields that a table of the file may have, in the order of their declaration."""
    return {f.name: f for f in dataclasses.fields(cls) if "kind" in f.metadata}
