"""Which lessons a model has: files in its folder, and those that a teacher has given."""

from __future__ import annotations

from pathlib import Path

from ..errors import unknown
from ..model import registry
from ..model.model import Model
from .declaration import Lesson
from .reading import read_lesson

FOLDER = "lessons"
_given: dict[str, dict[str, Path]] = {}  # model -> name -> file


def give(model: type[Model], path: Path) -> Lesson:
    """Have this process offer the lesson of a file too; it is read now, and again when opened.

    raises : ParameterError or UnknownName, in one sentence, for what is no lesson of the model
    """
    lesson = read_lesson(path, model)
    _given.setdefault(model.slug, {})[lesson.name] = path.resolve()
    return lesson


def lesson_files(model: type[Model]) -> dict[str, Path]:
    """Name -> file, of every lesson of a model, readable or not.

    They are in ``models/NAME/lessons/``, whether the model is ``models/NAME.py`` or a package.
    """
    place = next((e.path for e in registry.entries() if e.model is model), None)
    found = [] if place is None else sorted((place.with_suffix("") / FOLDER).glob("*.toml"))
    return {**{p.stem: p for p in found}, **_given.get(model.slug, {})}


def load_lesson(model: type[Model], name: str) -> Lesson:
    """One lesson of a model, by its name; raises UnknownName or ParameterError."""
    files = lesson_files(model)
    if name not in files:
        raise unknown("lesson", name, files, owner=model.slug)
    return read_lesson(files[name], model)
