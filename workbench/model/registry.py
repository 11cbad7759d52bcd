"""Finds the models: a file or a package of the ``models`` folder holds at most one `Model`.

So does the module that an installed package names in the entry points ``workbench.models``.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ..bundled_packages import bundled
from ..errors import WorkbenchError, unknown
from .folders import candidates, installed_models, model_folders, packaged
from .model import Model

# The modules of models from outside the package ``models`` are kept under this name.
USER_MODELS = "workbench_user_models"


@dataclass(frozen=True)
class ModelEntry:
    """One model's file or package: the class it holds, or the reason why it holds none."""

    slug: str
    path: Path
    model: type[Model] | None
    error: str = ""
    details: str = ""


_opened: dict[str, ModelEntry] = {}


def offer(model: type[Model], path: Path) -> None:
    """Have this process list a model that is in no folder: one of a script that was opened."""
    _opened[model.slug] = ModelEntry(model.slug, path, model)


def entries() -> list[ModelEntry]:
    """Every model file, readable or not, sorted by name. A broken file hides no other."""
    found = list(_opened.values())
    taken: dict[str, Path] = {e.slug: e.path for e in found}
    for entry in _read_all():
        if entry.slug in taken:
            entry = ModelEntry(
                entry.path.stem,
                entry.path,
                None,
                f"the name {entry.slug!r} is already taken by {taken[entry.slug].name}",
            )
        taken.setdefault(entry.slug, entry.path)
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
    """A model by its registry name, with some of its parameters set."""
    return model_class(slug)(**values)


def _read_all() -> Iterator[ModelEntry]:
    """Of the workbench itself, of ``WORKBENCH_MODELS``, and of what is installed, in this order."""
    for folder in model_folders():
        of_the_workbench = folder in packaged()
        for path in candidates(folder):
            module = f"{bundled('models')}.{path.stem}"
            entry = (
                _read(path, importlib.import_module, module)
                if of_the_workbench
                else _read(path, import_model_file, path)
            )
            if entry is not None:
                yield entry
    for name, module in installed_models().items():
        entry = _read(Path(name), importlib.import_module, module)
        yield entry or ModelEntry(name, Path(name), None, f"{module} holds no model")


def _read(path: Path, load: Callable[[Any], ModuleType], what: Any) -> ModelEntry | None:
    """What a module holds; None where that is no model. One that cannot be loaded is an entry."""
    try:
        module = load(what)
        classes = [
            c
            for c in vars(module).values()
            if isinstance(c, type)
            and issubclass(c, Model)
            and f"{c.__module__}.".startswith(f"{module.__name__}.")
        ]
        classes = [c for c in classes if c.slug]
        if len(classes) > 1:
            names = ", ".join(c.__name__ for c in classes)
            raise WorkbenchError(f"one file holds one model, this one holds {names}")
    except (Exception, SystemExit) as error:
        message = f"{type(error).__name__}: {error}".splitlines()[0]
        return ModelEntry(path.stem.replace("_", "-"), path, None, message, traceback.format_exc())
    return ModelEntry(classes[0].slug, path, classes[0]) if classes else None


def import_model_file(path: Path) -> ModuleType:
    """Import a model's file or package from outside ``models``, anew when it was edited."""
    place = re.sub(r"\W", "_", f"{path.parent.name}_{path.stem}")
    name = f"{USER_MODELS}.{place}"
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    stamp = tuple((f, f.stat().st_mtime_ns) for f in files)
    if name in sys.modules and getattr(sys.modules[name], "_stamp", None) == stamp:
        return sys.modules[name]
    for old in [m for m in sys.modules if m.startswith(f"{name}.")]:
        del sys.modules[old]
    if USER_MODELS not in sys.modules:  # relative imports look their parents up
        sys.modules[USER_MODELS] = ModuleType(USER_MODELS)
        sys.modules[USER_MODELS].__path__ = []
    spec = importlib.util.spec_from_file_location(
        name, path / "__init__.py" if path.is_dir() else path
    )
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
