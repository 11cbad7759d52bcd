"""A run as HoloViews elements, for screen and paper. Pure functions of the run and options.

Each works with HoloViews' Matplotlib backend, and with its Bokeh backend when that was loaded
before (``hv.extension("bokeh")``). `VIEWS` holds them by name; a model may add its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..circuits.render.notations import DEFAULT, drawer
from ..errors import ParameterError
from ..run import Run
from .activity_map.static import activity_map
from .lines import rate_table, rates, traces
from .raster.static import raster
from .styling import colors_of, load_backend, style
from .weights.static import default_projection, weights

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


def circuit(
    run: Run,
    notation: str = DEFAULT,
    positions: Mapping[str, tuple[float, float]] | None = None,
) -> Any:
    """The diagram of the network: a `Circuit`, which draws itself.

    notation  : "senk", "classic", "ncd" or "cpt"; the figure is drawn in it
    positions : node -> (x, y), points: where a person wants it
    raises    : ParameterError when the run was stored without it, UnknownName for another notation
                or node
    """
    if run.info.circuit is None:
        raise ParameterError(f"This run of {run.model} was stored without its circuit.")
    drawer(notation)
    return run.info.circuit.placed(positions) if positions else run.info.circuit


VIEWS: dict[str, Callable[..., Any]] = {
    "raster": raster,
    "map": activity_map,
    "rates": rates,
    "traces": traces,
    "weights": weights,
    "circuit": circuit,
}
