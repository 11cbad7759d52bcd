"""Options for HoloViews elements that hold on screen and on paper alike."""

from __future__ import annotations

import math
from typing import Any


def style(
    element: Any,
    common: dict[str, Any] | None = None,
    *,
    bokeh: dict[str, Any] | None = None,
    mpl: dict[str, Any] | None = None,
) -> Any:
    """Apply options for paper, and for the screen where there is one: Bokeh may not be loaded."""
    import holoviews as hv

    from workbench.plot import load_backend

    load_backend()
    for backend, own in (("bokeh", bokeh), ("matplotlib", mpl)):
        options = {**(common or {}), **(own or {})}
        if options and backend in hv.Store.loaded_backends():
            element = element.opts(backend=backend, **options)
    return element


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson interval of a share, (low, high); (0, 1) when nothing was counted.

    source : Wilson (1927) J. Am. Stat. Assoc. 22:209-212; z = 1.96 covers 95 %
    """
    if n == 0:
        return 0.0, 1.0
    share = hits / n
    centre = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)
