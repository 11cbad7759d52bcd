"""Plot of a sweep in the app, updated with the results; a click chooses a point."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn

from workbench.plots.live import theme

HEIGHT = 430


class SweepPlot:
    """Plot of a sweep's Dataset over one or two parameters, with clickable points.

    A click calls ``on_point(values)``; ``colors(dark)`` are those of the populations. ``view`` is
    the pane. HoloViews is loaded in a thread, because it takes a second.
    """

    def __init__(
        self,
        on_point: Callable[[dict[str, float]], Any],
        colors: Callable[[bool], dict[str, str]],
    ):
        self._on_point, self._colors = on_point, colors
        self.view = pn.Column(sizing_mode="stretch_width", margin=0, css_classes=["wb-sweep-plot"])
        self.dark = False
        self._data: Any = None
        self._shown: tuple[Any, ...] = ()
        self._pipe: Any = None
        self._loader = threading.Thread(target=_load, daemon=True)
        self._loader.start()

    @property
    def ready(self) -> bool:
        """Whether HoloViews has been loaded."""
        return not self._loader.is_alive()

    def clear(self) -> None:
        """Remove the plot and its data."""
        self._data, self._shown, self._pipe = None, (), None
        self.view[:] = []

    def show(self, data: Any, name: str, label: str | None) -> None:
        """Show one measure, for one label or all; update the plot if it is already shown."""
        self._data = data
        dark, colors = self.dark, self._colors(self.dark)
        wanted = (name, label, dark, colors, tuple(data["seed"].dims), data[name].shape)
        if wanted == self._shown:
            self._pipe.send(data)
            return
        import holoviews as hv

        from workbench.plots.sweep import sweep_plot

        self._shown = wanted
        self._pipe = hv.streams.Pipe(data=data)

        def draw(data: Any) -> Any:
            return self._fitted(sweep_plot(data, name, label=label, dark=dark, colors=colors))

        moving = hv.DynamicMap(draw, streams=[self._pipe])
        self.view[:] = [
            pn.pane.HoloViews(moving, backend="bokeh", sizing_mode="stretch_width", height=HEIGHT)
        ]

    def set_dark(self, dark: bool) -> None:
        """Redraw for a dark or a light page."""
        self.dark = dark
        if self._data is not None and self._shown:
            self.show(self._data, self._shown[0], self._shown[1])

    def _fitted(self, element: Any) -> Any:
        import holoviews as hv

        for part in element if isinstance(element, hv.Overlay) else [element]:
            part.opts(backend="bokeh", framewise=True)  # rescale the axes with new data
        return element.opts(
            backend="bokeh", responsive=True, height=HEIGHT, hooks=[self._finish], toolbar=None,
            default_tools=[], framewise=True,
        )  # fmt: skip

    def _finish(self, plot: Any, _element: Any) -> None:
        """Apply the page's theme, and let a click choose the nearest point of the sweep."""
        from bokeh.events import Tap

        figure = plot.state
        theme.apply(figure, theme.theme(self.dark))
        if "wb-sweep" not in figure.tags:
            figure.tags = [*figure.tags, "wb-sweep"]
            figure.on_event(Tap, lambda event: self.pick(event.x, event.y))
            figure.styles = {**(figure.styles or {}), "cursor": "pointer"}

    def pick(self, x: float, y: float) -> None:
        """Choose the point of the sweep nearest to (x, y)."""
        if self._data is None or x is None:
            return
        from workbench.plots.sweep import axes_of

        values = {}
        for axis, at in zip(axes_of(self._data), (x, y), strict=False):
            there = np.asarray(self._data[axis].values)
            values[axis] = there[np.argmin(np.abs(there - at))].item()
        self._on_point(values)


def _load() -> None:
    import holoviews as hv

    before = hv.Store.current_backend if hv.Store.renderers else "bokeh"
    importlib.import_module("holoviews.plotting.bokeh")
    importlib.import_module("workbench.plots.sweep")
    hv.Store.set_current_backend(before)
