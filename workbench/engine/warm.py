"""Remembers for which models Cython has nothing left to compile."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from ..model import Model


def _marker(model: Model) -> Path:
    """Changes with everything that changes the generated code: model, versions, structure."""
    try:
        source = inspect.getsource(inspect.getmodule(type(model)) or type(model))
    except (OSError, TypeError):
        source = repr(type(model))
    structure = {k: v for k, v in model.values().items() if not model.quantity(k).live}
    key = (
        f"{source}|{structure}|{version('brian2')}|{version('cython')}|{platform.python_version()}"
    )
    folder = Path(platformdirs.user_cache_dir("circuit-workbench")) / "warm"
    return folder / hashlib.sha256(key.encode()).hexdigest()[:32]


def is_warm(model: Model) -> bool:
    """True when this model has run with Cython here before, with the same code and versions."""
    return _marker(model).exists()


def mark_warm(model: Model) -> None:
    """Remember that Cython has compiled this model; a read-only cache is no error."""
    marker = _marker(model)
    with contextlib.suppress(OSError):
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.touch()
