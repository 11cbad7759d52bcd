"""`View`: one plot of frames. What all of them have in common."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from bokeh.models import (
    BoxZoomTool,
    HoverTool,
    Label,
    Node,
    PanTool,
    Plot,
    ResetTool,
    WheelZoomTool,
)
from bokeh.plotting import figure

from ...engine.frames import Frame
from ...network import NetworkInfo
from . import theme as themes
from .link import SharedSelection
from .time_axis import Window

SLOWER = 0.15  # s between drawings of the plots that need not be as smooth as the raster


class View:
    """One plot, fed by frames. Subclasses fill ``self.root`` and draw.

    info      : what the network consists of
    colors    : population -> "#rrggbb", the same in every plot of the page
    dark      : on a dark page
    link      : shared by the views of a page; None for a view on its own
    window_ms : how much time is shown

    now_ms   : the present, as the frames told it
    drawn_ms : the present when it was drawn last: what is seen is of that moment

    Everything here must be called on the thread of the Bokeh document.
    """

    id: ClassVar[str] = ""
    title: ClassVar[str] = ""
    help: ClassVar[str] = ""
    min_height: ClassVar[int] = 180

    def __init__(
        self,
        info: NetworkInfo,
        *,
        colors: dict[str, str],
        dark: bool = False,
        link: SharedSelection | None = None,
        window_ms: float = 1000.0,
    ):
        self.info = info
        self.dark = dark
        self.colors = themes.recolor(colors, dark)
        self.link = link if link is not None else SharedSelection()
        self.window_ms = window_ms
        self._tooltips: list[tuple[HoverTool, tuple[str, ...]]] = []
        self._figures: list[Plot] = []
        self._sentences: list[Label] = []
        self._drawn_at = 0.0
        self._cost_s = 0.0
        self._due = False
        self.seen = True
        self.now_ms = self.drawn_ms = 0.0

    root: Any  # a Bokeh model
    window: Window  # of a plot of time, and only there
    _empty: Label
    _held: Label

    # -- contract ------------------------------------------------------------------------------

    def update(self, frames: list[Frame], t_ms: float) -> None:
        """Take in the frames since the last call and draw; ``t_ms`` is the present."""
        raise NotImplementedError

    def reset(self) -> None:
        """A new run: forget the data; keep what the user chose to look at."""
        raise NotImplementedError

    def describe(self) -> str:
        """The plot in words: what is plotted, and the latest values."""
        raise NotImplementedError

    def set_dark(self, dark: bool) -> None:
        """Restyle in place for a dark or a light page."""
        self.dark = dark
        self.colors = themes.recolor(self.colors, dark)
        self._restyle()

    def show(self, seen: bool) -> None:
        """While nobody sees the plot it takes in data and draws nothing."""
        back, self.seen = seen and not self.seen, seen
        if back:
            self._timed(self._draw)

    def settle(self) -> None:
        """Draw what waits to be drawn: the simulation stands, and nothing more comes."""
        if self.seen:
            self._timed(self._draw)

    @property
    def theme(self) -> themes.Theme:
        return themes.theme(self.dark)

    # -- for subclasses ------------------------------------------------------------------------

    def _draw(self) -> None:
        """Bring the plot up to the data; costs nothing when nothing is new."""
        raise NotImplementedError

    def _figure(self, name: str, drag: str = "box", **options: Any) -> Plot:
        """A figure with the tools that every plot has, named for assistive technology."""
        wheel = WheelZoomTool(modifiers={"ctrl": True}, description="Zoom: Ctrl + wheel")
        box, pan = BoxZoomTool(), PanTool()
        fig = figure(
            tools=[pan, box, wheel, ResetTool(description="Reset: follow again")],
            active_drag=box if drag == "box" else pan,
            active_scroll=wheel,
            toolbar_location="right",
            sizing_mode="stretch_both",
            min_height=self.min_height,
            min_width=240,
            reset_policy="event_only",
            min_border_left=options.pop("min_border_left", None) or self._left(),
            min_border_top=6,
            name=name,
            title=None,
            # A wheel that is meant for the page scrolls it; Bokeh would say so over the plot.
            stylesheets=[".bk-Panel { display: none; }"],
            html_attributes={"role": "img", "aria-label": f"{self.title}. {self.help}"},
            **options,
        )
        fig.toolbar.update(logo=None, autohide=True)
        for axis in (fig.xaxis[0], fig.yaxis[0]):
            axis.update(major_tick_in=0, major_tick_out=4)
        fig.js_on_event("mouseleave", self.link.leaving())
        fig.js_on_event("tap", self.link.tapping())
        self._figures.append(fig)
        return fig

    def _left(self) -> int:
        """Room at the left, the same for all plots of time, so that moments stand in line."""
        longest = max((len(p.label) for p in self.info.populations), default=0)
        return int(min(max(52, 6.0 * longest + 12), 130))

    def _sentence(self, fig: Plot, text: str) -> None:
        """A muted sentence in the middle of a plot that has no data yet."""
        label = Label(
            x=Node(target="frame", symbol="center"),
            y=Node(target="frame", symbol="center"),
            text=text,
            text_align="center",
            text_baseline="middle",
            text_font=themes.FONT,
            text_font_size="13px",
            text_line_height=1.5,
            level="overlay",
        )
        self._held = Label(
            x=Node(target="frame", symbol="top_left", offset=6),
            y=Node(target="frame", symbol="top_left", offset=4),
            text="zoomed, not following · reset to follow",
            text_baseline="top",
            text_font=themes.FONT,
            text_font_size="11px",
            background_fill_alpha=0.85,
            padding=3,
            level="overlay",
            visible=False,
        )
        fig.add_layout(label)
        fig.add_layout(self._held)
        self._sentences = [label, self._held]
        self._empty = label

    def _set_empty(self, empty: bool) -> None:
        """Show the sentence instead of lines that would stand for nothing, or the other way."""
        if self._empty.visible != empty or self.root.xgrid[0].visible == empty:
            self._empty.visible = empty
            for grid in self.root.grid:
                grid.visible = not empty

    def _say_held(self, following: bool) -> None:
        """Say in the corner that the plot does not show the present."""
        if self._held.visible == following:
            self._held.visible = not following

    def _hover(self, fig: Plot, lines: tuple[str, ...], **options: Any) -> HoverTool:
        tool = HoverTool(**options, visible=False, limit=1)
        self._tooltips.append((tool, lines))
        fig.add_tools(tool)
        return tool

    def _restyle(self) -> None:
        t = self.theme
        for fig in self._figures:
            themes.apply(fig, t)
        for label in self._sentences:
            label.text_color = t.muted
        self._held.background_fill_color = t.surface
        if hasattr(self, "window"):
            self.window.style_marks(self.dark)
        for tool, lines in self._tooltips:
            tool.tooltips = themes.tooltip(t, *lines)

    def _soon(self, draw: Callable[[], Any], every_s: float = 0.0) -> None:
        """Draw now, or in a moment if drawing is dear and the last time was just now.

        A wheel sends dozens of events a second; none may queue up behind a costly redraw.
        """
        if not self.seen:
            return
        wait = self._drawn_at + max(every_s, min(3 * self._cost_s, 0.2)) - time.monotonic()
        document = self._figures[0].document
        if wait <= 0 or document is None or document.session_context is None:
            self._timed(draw)
        elif not self._due:
            # The next update will draw; the timer is for the case that there is none.
            self._due = True
            document.add_timeout_callback(
                partial(self._late, draw, self._drawn_at), round(wait * 1000) + 60
            )

    def _late(self, draw: Callable[[], Any], asked_at: float) -> None:
        self._due = False
        if self._drawn_at == asked_at:
            self._timed(draw)

    def _timed(self, draw: Callable[[], Any]) -> None:
        start = time.monotonic()
        draw()
        self._drawn_at = time.monotonic()
        self._cost_s = self._drawn_at - start
        self.drawn_ms = self._reached_ms()

    def _reached_ms(self) -> float:
        """The moment that is seen when everything is drawn that is known."""
        return self.now_ms
