"""Live views: frames in, Bokeh pictures out.

Each view owns a Bokeh model, ``view.root``, and is fed with ``view.update(frames, t_ms)`` on the
document's thread. Views that share a `Link` scroll together and mark the same neuron.
"""

from __future__ import annotations

from ..engine.frames import NetworkInfo
from .activity_map.live import MapView
from .live.link import Link
from .live.theme import DARK, LIGHT, Theme
from .live.time_axis import TimeAxis
from .live.view import View
from .raster.live import RasterView
from .rates.live import RatesView
from .traces.live import TracesView
from .weights.live import WeightsView

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
