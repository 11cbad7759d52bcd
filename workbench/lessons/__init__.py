"""Lessons: steps on a model's page, with questions to predict and targets to reach."""

from __future__ import annotations

from .declaration import Lesson, Measured, Prediction, Step, Target
from .finding import give, lesson_files, load_lesson
from .progress import Progress, Score
from .reading import lesson_of, read_lesson

__all__ = [
    "Lesson",
    "Measured",
    "Prediction",
    "Progress",
    "Score",
    "Step",
    "Target",
    "give",
    "lesson_files",
    "lesson_of",
    "load_lesson",
    "read_lesson",
]
