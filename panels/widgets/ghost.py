"""Pale lines in a plot: what it showed before a parameter moved, or when it was clicked."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.events import Tap
from bokeh.models import ColumnDataSource, Label, Line, Node, Plot

from workbench.plots.live import theme as themes
from workbench.plots.live.tick_marks import TickMarks

PALE = 0.45  # of a line's own colour, over the page's
_NOTHING: dict[str, Any] = {"xs": [], "ys": [], "color": []}


class Before:
    """What a plot says of the past: marks where it is one of time, and a ghost where it is not.

    x : label of the figure's horizontal axis, such as "time (s)"
    """

    def __init__(self, fig: Plot, x: str):
        self.marks = TickMarks() if x in ("time (s)", "time (ms)") else None
        self.ghost = Ghost(fig) if self.marks is None else None
        self._drawn = None if self.marks is None else self.marks.attach(fig, x[6:-1])

    def set_dark(self, dark: bool) -> None:
        if self.ghost is not None:
            self.ghost.set_dark(dark)
        if self.marks is not None:
            self.marks.style(self._drawn, dark)

    def values(self, axis: str) -> np.ndarray:
        """What of it the axis "x" or "y" has to have room for."""
        return np.empty(0) if self.ghost is None else self.ghost.values(axis)


class Ghost:
    """Of one figure, whose lines it copies.

    pinned : it stays until the plot is clicked again
    """

    def __init__(self, fig: Plot):
        self._fig = fig
        self._dark = False
        self.pinned = False
        self._text = ""
        self.source = ColumnDataSource(data=dict(_NOTHING))
        self._drawn = fig.multi_line(
            "xs", "ys", line_color="color", line_width=2, source=self.source, level="underlay"
        )
        self._drawn.update(nonselection_glyph=None, selection_glyph=None)
        self._label = Label(
            x=Node(target="frame", symbol="top_left", offset=6),
            y=Node(target="frame", symbol="top_left", offset=4),
            text="", text_baseline="top", text_font=themes.FONT, text_font_size="11px",
            background_fill_alpha=0.85, padding=3, level="overlay", visible=False,
        )  # fmt: skip
        fig.add_layout(self._label)
        fig.on_event(Tap, lambda _event: self.click())

    @property
    def shown(self) -> bool:
        return bool(len(self.source.data["xs"]))

    def take(self, text: str) -> None:
        """Show what the lines show now, paler; ``text`` says of when or what it is."""
        theme, found = themes.theme(self._dark), []
        for line in self._fig.renderers:
            data = line.data_source.data
            if isinstance(line.glyph, Line) and line.visible and len(data["x"]):
                ink = themes.mix(theme.surface, str(line.glyph.line_color), PALE)
                found.append((data["x"], data["y"], ink))
        if found:
            xs, ys, color = (list(part) for part in zip(*found, strict=True))
            self.source.data = {"xs": xs, "ys": ys, "color": color}
            self._text = text
            self._say()

    def fade(self) -> None:
        """Show nothing, unless it is pinned."""
        if self.shown and not self.pinned:
            self.source.data = dict(_NOTHING)
            self._label.visible = False

    def click(self) -> None:
        """Keep what is shown pale, or what is shown now; let go of what was kept."""
        if self.pinned:
            self.pinned = False
            self.fade()
            return
        if not self.shown:
            self.take("now")
        if self.shown:
            self.pinned = True
            self._say()

    def _say(self) -> None:
        ask = "kept; click to let go" if self.pinned else "click to keep"
        self._label.update(text=f"pale: {self._text} \u00b7 {ask}", visible=True)

    def values(self, axis: str) -> np.ndarray:
        """All its values along "x" or "y", for the axis to have room for."""
        return np.concatenate([*map(np.asarray, self.source.data[f"{axis}s"]), np.empty(0)])

    def set_dark(self, dark: bool) -> None:
        theme = themes.theme(dark)
        self._dark = dark
        self._label.update(text_color=theme.muted, background_fill_color=theme.surface)
