"""Thin lines across plots of time, at the moments at which something was done to the network."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bokeh.models import ColumnDataSource, Plot, VSpan

MOST = 200  # the latest; more would be a wall
_INK = {False: "#B45F06", True: "#F0A860"}  # that of the flags of the timeline


class TickMarks:
    """The lines of several plots, from one source: it changes only when something is done."""

    def __init__(self) -> None:
        self.source = ColumnDataSource(data={"ms": [], "s": []})

    def attach(self, fig: Plot, unit: str = "ms") -> Callable[[bool], None]:
        """Draw them in ``fig``, whose time is in "ms" or "s".

        Returns what gives them their ink, dark page or not; call it when all else is in the figure.
        """
        glyph = VSpan(x=unit, line_width=1, line_dash=[3, 3], line_alpha=0.8)
        drawn = fig.add_glyph(self.source, glyph)
        drawn.update(nonselection_glyph=None, selection_glyph=None)

        def style(dark: bool) -> None:
            glyph.line_color = _INK[dark]
            # Above images. A higher level would do it too, but is not clipped to the frame.
            if fig.renderers[-1] is not drawn:
                fig.renderers = [*(r for r in fig.renderers if r is not drawn), drawn]

        return style

    def show(self, times_ms: Sequence[float]) -> None:
        """Mark these moments, the latest of them; nothing is sent while they are the same."""
        latest = [float(t) for t in dict.fromkeys(times_ms)][-MOST:]
        if latest != self.source.data["ms"]:
            self.source.data = {"ms": latest, "s": [t / 1e3 for t in latest]}
