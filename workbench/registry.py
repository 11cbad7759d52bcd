"""Finds the models: every file of the ``models`` folder holds at most one `Model` subclass."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from .errors import WorkbenchError, unknown
from .model import Model


@dataclass(frozen=True)
class Entry:
    """One model file: the class it holds, or the reason why it holds none."""

    slug: str
    path: Path
    model: type[Model] | None
    error: str = ""
    details: str = ""


def model_folders() -> list[Path]:
    """The folders that are scanned: the packaged models, then those in ``WORKBENCH_MODELS``."""
    extra = os.environ.get("WORKBENCH_MODELS", "")
    return _packaged() + [Path(p) for p in extra.split(os.pathsep) if p]


def entries() -> list[Entry]:
    """Every model file, readable or not, sorted by name. A broken file hides no other."""
    found = []
    taken: dict[str, Path] = {}
    for folder in model_folders():
        for path in sorted(folder.glob("[a-z]*.py")):
            entry = _read(path, folder in _packaged())
            if entry is None:
                continue
            if entry.slug in taken:
                entry = Entry(
                    path.stem,
                    path,
                    None,
                    f"the name {entry.slug!r} is already taken by {taken[entry.slug].name}",
                )
            taken.setdefault(entry.slug, path)
            found.append(entry)
    return sorted(found, key=lambda e: e.slug)


def models() -> dict[str, type[Model]]:
    """Registry name -> model class, for every file that could be read."""
    return {e.slug: e.model for e in entries() if e.model is not None}


def model_class(slug: str) -> type[Model]:
    """The class of one model; raises UnknownName, or WorkbenchError when its file is broken."""
    known = entries()
    for entry in known:
        if entry.slug == slug:
            if entry.model is None:
                raise WorkbenchError(f"{entry.path.name} cannot be read: {entry.error}.")
            return entry.model
    raise unknown("model", slug, [e.slug for e in known if e.model])


def load(slug: str, **values: Any) -> Model:
    """A model by its registry name, with some of its quantities set."""
    return model_class(slug)(**values)


def _packaged() -> list[Path]:
    """The folder of the ``models`` package."""
    spec = importlib.util.find_spec("models")
    return [Path(p) for p in (spec.submodule_search_locations or [])] if spec else []


def _read(path: Path, packaged: bool) -> Entry | None:
    try:
        module = (
            importlib.import_module(f"models.{path.stem}") if packaged else import_model_file(path)
        )
        classes = [
            c
            for c in vars(module).values()
            if isinstance(c, type) and issubclass(c, Model) and c.__module__ == module.__name__
        ]
        classes = [c for c in classes if c.slug]
        if len(classes) > 1:
            names = ", ".join(c.__name__ for c in classes)
            raise WorkbenchError(f"one file holds one model, this one holds {names}")
    except (Exception, SystemExit) as error:
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        return Entry(path.stem.replace("_", "-"), path, None, said, traceback.format_exc())
    return Entry(classes[0].slug, path, classes[0]) if classes else None


def import_model_file(path: Path) -> ModuleType:
    """Import a model file from outside the package, anew when it was edited."""
    name = f"workbench_user_models.{path.parent.name}_{path.stem}"
    stamp = path.stat().st_mtime_ns
    if name in sys.modules and getattr(sys.modules[name], "_stamp", None) == stamp:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise WorkbenchError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    module._stamp = stamp  # type: ignore[attr-defined]
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
