"""The circuit workbench: spiking and biophysical models, live and by hand."""

from __future__ import annotations

import importlib
from typing import Any

# Everything is looked up on first use, so that importing the workbench costs nothing.
_CALLABLE_MODULES = ("circuit", "compare", "figure", "sweep")
_HOME = {
    "Catalogue": "catalogue",
    "Circuit": "circuit",
    "Comparison": "model",
    "Experiment": "model",
    "Fact": "model",
    "Inject": "operation",
    "Frame": "engine.frames",
    "Model": "model",
    "Operation": "operation",
    "Pair": "pair",
    "Quantity": "quantity",
    "Run": "run",
    "Session": "engine.session",
    "View": "views",
    "WorkbenchError": "errors",
    "Write": "operation",
    "explore": "shell",
    "load": "registry",
    "models": "registry",
    "open_run": "store",
    "runs": "catalogue",
    "open_sweep": "sweep",
}

__all__ = sorted([*_HOME, *_CALLABLE_MODULES])


def __getattr__(name: str) -> Any:
    if name in _CALLABLE_MODULES:
        return importlib.import_module(f".{name}", __name__)
    if name not in _HOME:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
