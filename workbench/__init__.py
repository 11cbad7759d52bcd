"""The circuit workbench: spiking and biophysical models, live and by hand."""

from __future__ import annotations

import importlib
from typing import Any

# Everything is looked up on first use, so that importing the workbench costs nothing.
_HOME = {
    "Catalogue": "catalogue",
    "Circuit": "circuits",
    "Comparison": "model.model",
    "Experiment": "model.model",
    "Fact": "model.model",
    "Inject": "model.operation",
    "Frame": "engine.frames",
    "Model": "model.model",
    "Operation": "model.operation",
    "Pair": "comparison.pair",
    "Quantity": "model.parameter",
    "Run": "run",
    "Session": "engine.session",
    "View": "plots.live.view",
    "WorkbenchError": "errors",
    "Write": "model.operation",
    "circuit": "circuits",
    "compare": "comparison",
    "explore": "notebook",
    "figure": "figures",
    "load": "model.registry",
    "models": "model.registry",
    "open_run": "store",
    "open_sweep": "sweeps",
    "runs": "catalogue",
    "sweep": "sweeps",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
