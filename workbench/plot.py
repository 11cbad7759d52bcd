"""A run as HoloViews elements, for screen and paper. Pure functions of the run and options.

Each works with HoloViews' Matplotlib backend, and with its Bokeh backend when that was loaded
before (``hv.extension("bokeh")``). `VIEWS` holds them by name; a model may add its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import ParameterError
from .plot_lines import rate_table, rates, traces
from .plot_map import activity_map
from .plot_raster import raster
from .plot_style import colors_of, load_backend, style
from .plot_weights import default_projection, weights
from .run import Run

__all__ = [
    "VIEWS",
    "activity_map",
    "circuit",
    "colors_of",
    "default_projection",
    "load_backend",
    "raster",
    "rate_table",
    "rates",
    "style",
    "traces",
    "weights",
]


def circuit(run: Run) -> Any:
    """The diagram of the network: a `Circuit`, which draws itself.

    raises : ParameterError when the run was stored without it
    """
    if run.info.circuit is None:
        raise ParameterError(f"This run of {run.model} was stored without its circuit.")
    return run.info.circuit


VIEWS: dict[str, Callable[..., Any]] = {
    "raster": raster,
    "map": activity_map,
    "rates": rates,
    "traces": traces,
    "weights": weights,
    "circuit": circuit,
}
