"""Plots of networks and runs: live in the app, static as HoloViews elements.

A folder a kind: its ``KIND`` declares it (`PlotKind`), ``static.py`` draws runs and makes tables,
``live.py`` is fed by frames. `kinds` lists them, `element` draws one, `register` adds one.
HoloViews and Bokeh are imported on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .kind import PlotKind, PlotOption
from .registry import ids, kinds, live_views, plot_kind, register, unregister

if TYPE_CHECKING:
    from ..run import Run

__all__ = [
    "PlotKind",
    "PlotOption",
    "colors_of",
    "element",
    "ids",
    "kinds",
    "legend_on_top",
    "live_views",
    "load_backend",
    "plot_kind",
    "register",
    "style",
    "unregister",
]

_STYLING = ("colors_of", "legend_on_top", "load_backend", "style")


def element(run: Run, plot: str, **options: Any) -> Any:
    """A run as a HoloViews element (a `Circuit` for its diagram), for screen and paper.

    It works with HoloViews' Matplotlib backend, and with its Bokeh backend when that was loaded
    before (``hv.extension("bokeh")``). raises : UnknownName, ParameterError
    """
    return plot_kind(plot).element(run, **options)


def __getattr__(name: str) -> Any:
    if name not in _STYLING:
        raise AttributeError(f"module 'workbench.plots' has no attribute {name!r}")
    return getattr(importlib.import_module(".styling", __name__), name)
