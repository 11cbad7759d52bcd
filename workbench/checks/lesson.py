"""Checks of a model's lessons: whether they can be read, and whether what they say is so."""

from __future__ import annotations

from ..lessons import Lesson, lesson_files, load_lesson
from ..lessons.rehearsal import rehearse
from ..model.model import Model
from .check import check, need


@check("has lessons that name its parameters, operations and measures")
def lessons_fit(cls: type[Model]) -> None:
    for name in lesson_files(cls):
        load_lesson(cls, name)


@check("has lessons whose answers are right, and whose targets are reached", slow=True)
def lessons_are_true(cls: type[Model]) -> None:
    for name in lesson_files(cls):
        lesson_is_true(load_lesson(cls, name), cls)


def lesson_is_true(lesson: Lesson, cls: type[Model]) -> None:
    """Raise `CheckFailed` where what the model does is not what the lesson says."""
    for found in rehearse(lesson, cls):
        need(
            found.holds,
            f"{lesson.name}.toml, {found.place}: expected {found.expected}, measured "
            f"{found.value:.4g}.",
        )
