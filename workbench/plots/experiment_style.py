"""Options for HoloViews elements that hold on screen and on paper alike."""

from __future__ import annotations

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

    from . import load_backend

    load_backend()
    for backend, own in (("bokeh", bokeh), ("matplotlib", mpl)):
        options = {**(common or {}), **(own or {})}
        if options and backend in hv.Store.loaded_backends():
            element = element.opts(backend=backend, **options)
    return element
