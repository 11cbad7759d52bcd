"""How far somebody has come in a lesson, and what it is worth: plain data, no page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import ParameterError
from ..model.units import number_of
from .declaration import Lesson, Prediction


@dataclass(frozen=True)
class Score:
    """Predictions that were right and targets that were reached, each of so many."""

    right: int
    predictions: int
    reached: int
    targets: int


@dataclass
class Progress:
    """Of one person in one lesson.

    at       : the step, from 0; the number of steps when all are done
    answers  : step -> the answer: its number from 1, or a number in the question's unit
    revealed : steps whose answer was revealed; it cannot be changed any more
    reached  : steps whose target was reached
    """

    lesson: Lesson
    at: int = 0
    answers: dict[int, float] = field(default_factory=dict)
    revealed: set[int] = field(default_factory=set)
    reached: set[int] = field(default_factory=set)

    @property
    def over(self) -> bool:
        return self.at >= len(self.lesson.steps)

    def prediction(self, step: int) -> Prediction | None:
        return self.lesson.steps[step].predict if 0 <= step < len(self.lesson.steps) else None

    def answer(self, step: int, given: Any, unit: str = "") -> None:
        """Note an answer; one that was revealed stays as it is.

        unit   : of the question's number, in which a number without a unit is
        raises : ParameterError for what is no answer to this question
        """
        asked = self.prediction(step)
        if asked is None or step in self.revealed:
            return
        if asked.answers:
            if not isinstance(given, int) or isinstance(given, bool):
                raise ParameterError("Choose one of the answers.")
            if not 1 <= given <= len(asked.answers):
                raise ParameterError(f"Choose one of the answers 1 to {len(asked.answers)}.")
            self.answers[step] = given
        else:
            self.answers[step] = number_of(given, unit or "1", what="Your answer")

    def is_right(self, step: int) -> bool:
        """Whether the answer to this step's question is right; False where there is none."""
        asked = self.prediction(step)
        if asked is None or step not in self.answers:
            return False
        given = self.answers[step]
        if asked.answers:
            return given == asked.right
        assert asked.value is not None and asked.tolerance is not None
        # What is typed in decimals may lie on the edge, and be beyond it by rounding.
        return abs(given - asked.value) <= asked.tolerance * (1 + 1e-9)

    def reveal(self, step: int) -> bool:
        """From now on the answer counts; False where there is none yet."""
        if step not in self.answers:
            return False
        self.revealed.add(step)
        return True

    def score(self) -> Score:
        steps = range(len(self.lesson.steps))
        return Score(
            right=sum(k in self.revealed and self.is_right(k) for k in steps),
            predictions=sum(self.lesson.steps[k].predict is not None for k in steps),
            reached=len(self.reached),
            targets=sum(self.lesson.steps[k].target is not None for k in steps),
        )

    # -- as the browser keeps it -----------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """Plain data, from which `from_json` makes it again."""
        return {
            "at": self.at, "answers": {str(k): v for k, v in self.answers.items()},
            "revealed": sorted(self.revealed), "reached": sorted(self.reached),
        }  # fmt: skip

    @classmethod
    def from_json(cls, lesson: Lesson, kept: Any) -> Progress:
        """What a browser has kept; what does not fit the lesson, as after an edit, is left out."""
        found = cls(lesson)
        if not isinstance(kept, Mapping):
            return found
        n = len(lesson.steps)
        at: Any = kept.get("at")
        found.at = at if _is_whole(at) and 0 <= at <= n else 0
        answers = kept.get("answers")
        for key, value in answers.items() if isinstance(answers, Mapping) else ():
            if not (str(key).isdecimal() and len(str(key)) < 4 and int(key) < n):
                continue
            asked = lesson.steps[int(key)].predict
            if asked is None or not isinstance(value, int | float) or not math.isfinite(value):
                continue
            if not asked.answers or (_is_whole(value) and 1 <= value <= len(asked.answers)):
                found.answers[int(key)] = value
        found.revealed = {k for k in _steps(kept.get("revealed"), n) if k in found.answers}
        targets = {k for k, step in enumerate(lesson.steps) if step.target is not None}
        found.reached = _steps(kept.get("reached"), n) & targets
        return found


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _steps(given: Any, n: int) -> set[int]:
    return {k for k in given if _is_whole(k) and 0 <= k < n} if isinstance(given, list) else set()
