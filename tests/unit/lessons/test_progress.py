"""Answers are noted until they are revealed, counted, and kept by the browser."""

from __future__ import annotations

import math

import pytest

from workbench.errors import ParameterError
from workbench.lessons import Lesson, Prediction, Progress, Score, Step, Target

CHOICE = Prediction(ask="?", answers=("a", "b", "c"), right=2)
NUMBER = Prediction(ask="?", value=3.1, tolerance=0.1, unit="Hz")
LESSON = Lesson(
    name="one", title="One",
    steps=(
        Step(text="t", predict=CHOICE),
        Step(text="t", predict=NUMBER),
        Step(text="t", target=Target(ask="!", measure="mean_rate", of="x", low=1, solution={})),
        Step(text="t"),
    ),
)  # fmt: skip


@pytest.fixture
def progress():
    return Progress(LESSON)


def test_an_answer_counts_once_it_is_revealed(progress):
    assert not progress.reveal(0)  # there is none yet
    progress.answer(0, 2)
    assert progress.score() == Score(right=0, predictions=2, reached=0, targets=1)
    assert progress.reveal(0)
    assert progress.score().right == 1
    progress.answer(0, 1)
    assert progress.answers[0] == 2 and progress.score().right == 1


def test_a_wrong_answer_does_not_count(progress):
    progress.answer(0, 3)
    progress.reveal(0)
    assert not progress.is_right(0) and progress.score().right == 0


@pytest.mark.parametrize(
    ("given", "right"),
    [("3.1", True), ("3.2", True), ("3.0 Hz", True), ("0.00315 kHz", True), ("3.21", False),
     ("2.9", False)],
)  # fmt: skip
def test_a_number_is_right_within_its_tolerance(progress, given, right):
    progress.answer(1, given, "Hz")
    progress.reveal(1)
    assert progress.is_right(1) is right


@pytest.mark.parametrize(
    ("step", "given"), [(0, 0), (0, 4), (0, "1"), (0, True), (1, "fast"), (1, "3 mV"), (1, "nan")]
)
def test_what_is_no_answer_is_refused(progress, step, given):
    with pytest.raises(ParameterError):
        progress.answer(step, given, "Hz")
    assert progress.answers == {}


def test_what_is_kept_is_the_same_again(progress):
    progress.answer(0, 2)
    progress.answer(1, 3.0)
    progress.reveal(0)
    progress.reached.add(2)
    progress.at = 2
    assert Progress.from_json(LESSON, progress.to_json()) == progress


@pytest.mark.parametrize(
    "kept",
    [None, 3, {}, {"at": "2", "answers": [1], "revealed": "0", "reached": None},
     {"at": 9, "answers": {"0": 9, "1": math.inf, "2": 1, "x": 1, "77": 1}, "revealed": [0, 2, "1"],
      "reached": [0, 3, 99, True]}],
)  # fmt: skip
def test_what_does_not_fit_the_lesson_is_left_out(kept):
    assert Progress.from_json(LESSON, kept) == Progress(LESSON)
