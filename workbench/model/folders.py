"""The folders of models, and the files and packages in them that may hold one."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from ..bundled_packages import bundled


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
