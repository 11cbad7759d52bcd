"""Live views: frames in, Bokeh pictures out.

Each view owns a Bokeh model, ``view.root``, and is fed with ``view.update(frames, t_ms)`` on the
document's thread. Views that share a `Link` scroll together and mark the same neuron.
"""

from __future__ import annotations

from ..engine.frames import NetworkInfo
from .base import View
from .link import Link
from .map import MapView
from .raster import RasterView
from .rates import RatesView
from .theme import DARK, LIGHT, Theme
from .timeaxis import TimeAxis
from .traces import TracesView
from .weights import WeightsView

__all__ = [
    "DARK",
    "LIGHT",
    "Link",
    "MapView",
    "RasterView",
    "RatesView",
    "Theme",
    "TimeAxis",
    "TracesView",
    "View",
    "WeightsView",
    "standard",
]


def standard(
    info: NetworkInfo,
    *,
    colors: dict[str, str],
    dark: bool = False,
    link: Link | None = None,
    window_ms: float = 1000.0,
) -> dict[str, View]:
    """The views that make sense for this network, linked: raster, map, traces, weights, rates.

    Raster and rates are left out when nothing spikes, the map when no state of all neurons is
    sampled, traces when none is, weights when no projection carries any.
    """
    link = link if link is not None else Link()
    wanted: list[type[View]] = [RasterView] if info.spiking else []
    if info.maps:
        wanted.append(MapView)
    if info.traces:
        wanted.append(TracesView)
    if any(p.weight is not None for p in info.projections):
        wanted.append(WeightsView)
    if info.spiking:
        wanted.append(RatesView)
    return {
        kind.id: kind(info, colors=colors, dark=dark, link=link, window_ms=window_ms)
        for kind in wanted
    }
