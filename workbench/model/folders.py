"""Where models are: folders of files and packages that may hold one, and installed packages."""

from __future__ import annotations

import importlib.util
import os
import sys
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path

from ..bundled_packages import bundled

GROUP = "workbench.models"  # the entry points of installed packages


def model_folders() -> list[Path]:
    """The folders that are scanned: the packaged models, then those in ``WORKBENCH_MODELS``."""
    extra = os.environ.get("WORKBENCH_MODELS", "")
    return packaged() + [Path(p) for p in extra.split(os.pathsep) if p]


def packaged() -> list[Path]:
    """The folder of the models that come with the workbench."""
    spec = importlib.util.find_spec(bundled("models"))
    return [Path(p) for p in (spec.submodule_search_locations or [])] if spec else []


def candidates(folder: Path) -> list[Path]:
    """Files and packages that may hold a model: their names begin with a letter."""
    packages = [p.parent for p in folder.glob("[a-z]*/__init__.py")]
    return sorted([*folder.glob("[a-z]*.py"), *packages])


def installed_models() -> dict[str, str]:
    """Entry point -> the module or package that holds its model, of what is installed."""
    return _installed(tuple(sys.path))


# Looked for once for each state of the path: this reads the metadata of all that is installed.
@lru_cache(maxsize=4)
def _installed(_path: tuple[str, ...]) -> dict[str, str]:
    return {e.name: e.module for e in sorted(entry_points(group=GROUP))}
