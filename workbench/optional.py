"""Import optional dependencies on demand, with a clear error if they are missing."""

from __future__ import annotations

import importlib
from typing import Any

from .errors import WorkbenchError


class NotInstalled(WorkbenchError, ImportError):
    """An optional dependency is missing."""


def optional(module: str, extra: str, what: str) -> Any:
    """Import ``module``, which is installed by the extra ``extra``.

    what   : feature that needs it, as the start of a sentence, such as "Training"
    raises : NotInstalled, naming the command that installs it
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        name = module.partition(".")[0]
        raise NotInstalled(
            f"{what} needs {name}, which cannot be imported ({error}): {how_to_get(extra)}."
        ) from error


def how_to_get(extra: str) -> str:
    """Instruction for installing ``extra``, as the end of a sentence without its full stop."""
    return (
        f'install the extra {extra} (pip install "circuit-workbench[{extra}]"; '
        f"in a clone, uv sync --inexact --extra {extra})"
    )
