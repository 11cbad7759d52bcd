"""Pale lines and dots in a plot: what it showed before a parameter moved, or when clicked."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.events import Tap
from bokeh.models import ColumnDataSource, Label, Line, Node, Plot, Scatter

from workbench.plots.live import theme as themes
from workbench.plots.live.tick_marks import TickMarks
from workbench.plots.live.time_labels import unit_of

PALE = 0.45  # of a line's own colour, over the page's
_NO_LINES: dict[str, Any] = {"xs": [], "ys": [], "color": []}
_NO_DOTS: dict[str, Any] = {"x": [], "y": [], "color": []}


class Before:
    """What a plot says of the past: marks where it is one of time, and a ghost where it is not.

    x : label of the figure's horizontal axis, such as "time (s)"
    """

    def __init__(self, fig: Plot, x: str):
        unit = unit_of(x)
        self.marks = TickMarks() if unit else None
        self.ghost = Ghost(fig) if self.marks is None else None
        self._style = None if self.marks is None else self.marks.attach(fig, unit)

    def set_dark(self, dark: bool) -> None:
        if self.ghost is not None:
            self.ghost.set_dark(dark)
        if self._style is not None:
            self._style(dark)

    def values(self, axis: str) -> np.ndarray:
        """What of it the axis "x" or "y" has to have room for."""
        return np.empty(0) if self.ghost is None else self.ghost.values(axis)


class Ghost:
    """Of one figure, whose lines it copies, and its dots where no line joins them.

    Dashed lines are what others are compared with: they are not copied.

    pinned : it stays until the plot is clicked again
    """

    def __init__(self, fig: Plot):
        self._fig: Any = fig
        self._dark = False
        self.pinned = False
        self._text = ""
        self.source = ColumnDataSource(data=dict(_NO_LINES))
        self.dots = ColumnDataSource(data=dict(_NO_DOTS))
        drawn = (
            fig.multi_line("xs", "ys", line_color="color", line_width=2, source=self.source),
            fig.scatter("x", "y", color="color", size=5, source=self.dots),
        )
        for renderer in drawn:
            renderer.update(nonselection_glyph=None, selection_glyph=None, level="underlay")
        self._label = Label(
            x=Node(target="frame", symbol="top_right", offset=-6),
            y=Node(target="frame", symbol="top_right", offset=4),
            text="", text_align="right", text_baseline="top", text_font=themes.FONT,
            text_font_size="11px", background_fill_alpha=0.85, padding=3, level="overlay",
            visible=False,
        )  # fmt: skip
        fig.add_layout(self._label)
        fig.on_event(Tap, lambda _event: self.click())

    @property
    def shown(self) -> bool:
        return bool(len(self.source.data["xs"]) or len(self.dots.data["x"]))

    def take(self, text: str) -> None:
        """Show what the plot shows now, paler; ``text`` says of when or what it is."""
        lines = self._copied(Line)
        joined = {id(source) for source, _ink in lines}
        dots = [(s, ink) for s, ink in self._copied(Scatter) if id(s) not in joined]
        if not lines and not dots:
            return
        self.source.data = {
            "xs": [s.data["x"] for s, _ in lines], "ys": [s.data["y"] for s, _ in lines],
            "color": [ink for _, ink in lines],
        }  # fmt: skip
        self.dots.data = {
            **{a: np.concatenate([*(s.data[a] for s, _ in dots), np.empty(0)]) for a in "xy"},
            "color": [ink for s, ink in dots for _ in s.data["x"]],
        }
        self._text = text
        self._say()

    def _copied(self, glyph: type[Any]) -> list[tuple[ColumnDataSource, str]]:
        """(source, pale colour) of each line, or of each group of dots, that has data."""
        surface, drawn = themes.theme(self._dark).surface, self._fig.renderers
        return [
            (r.data_source, themes.mix(surface, str(r.glyph.line_color), PALE))
            for r in drawn
            if isinstance(r.glyph, glyph) and r.visible and r.data_source is not self.dots
            and len(r.data_source.data["x"]) and r.glyph.line_alpha != 0 and not r.glyph.line_dash
        ]  # fmt: skip

    def fade(self) -> None:
        """Show nothing, unless it is pinned."""
        if self.shown and not self.pinned:
            self.source.data, self.dots.data = dict(_NO_LINES), dict(_NO_DOTS)
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
        lines, dots = self.source.data[f"{axis}s"], self.dots.data[axis]
        return np.concatenate([*map(np.asarray, lines), np.asarray(dots, float)])

    def set_dark(self, dark: bool) -> None:
        theme = themes.theme(dark)
        self._dark = dark
        self._label.update(text_color=theme.muted, background_fill_color=theme.surface)
