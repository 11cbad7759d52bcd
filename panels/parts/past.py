"""Looking back: the plots of time show an earlier stretch of the run, read from its record.

The run stands still meanwhile. Cards without an axis of time go on showing the present, and say so.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from panels.access.visitor import in_words
from workbench.engine.frames import Status
from workbench.interventions import Intervention
from workbench.links import Link
from workbench.plots.in_words import clock
from workbench.plots.live.past import frame_of
from workbench.plots.live.time_axis import TimeAxis
from workbench.run import Run

if TYPE_CHECKING:
    from ..model_page import Explorer

WINDOWS_BACK = 4  # of what is shown, that the plots know of again after coming back


class Past:
    """Of one page.

    away : the plots of time show something else than the present, because of this
    said : that they do, for the strip; else ""
    """

    def __init__(self, page: Explorer):
        self._page = page
        self.away, self.said = False, ""
        self._wanted: tuple[float, float] | None = None
        self._run: Run | None = None  # the record, as long as the run stands where it does
        self._reading = False

    def begin(self) -> None:
        """A new run begins: there is no past yet."""
        self.away, self.said = False, ""
        self._wanted, self._run, self._reading = None, None, False

    def look_at(self, low_ms: float, high_ms: float) -> None:
        """Show this stretch of the run, as soon as it stands still and its record was read."""
        page = self._page
        end = page.session.status().t_ms
        least = 2 * page.model_class.tick_ms
        high = min(max(high_ms, least), end)
        low = max(0.0, min(low_ms, high - least))
        self._wanted = (low, high)
        if page.running:
            page.commands.press("pause")

    def show(self, entry: Intervention) -> None:
        """Show the moment of an intervention, in the middle of what is shown."""
        half = self._page.plots.window_ms / 2
        low = max(0.0, entry.t_ms - half)
        self.look_at(low, low + 2 * half)

    def come_back(self) -> None:
        """Show the present again."""
        self._wanted = None
        if not self.away:
            return
        self.away, self.said = False, ""
        run, axis = self._run, self._axis()
        if run is not None:
            end = run.duration_ms
            self._feed(run, max(0.0, end - WINDOWS_BACK * self._page.plots.window_ms), end)
        if axis is not None:
            axis.follow()
        for card in self._cards().values():
            card.heading.moment = ""

    def branch_before(self, entry: Intervention) -> None:
        """Begin anew where the run stood just before an intervention; the present run is put aside.

        What was done before it is repeated; then the page stands there, and goes on as one likes.
        """
        page, now = self._page, self._page.link_now()
        link = before(now, entry)
        page.changes.show(link.values, taken_back=True)
        if link.t_ms > 0:
            page.link.repeat(link, f"the run until {clock(link.t_ms)}", [*page.changes.drags])
        else:
            page.restart(False)

    def drawn(self, t_ms: float) -> None:
        """Frames arrived, up to ``t_ms``: the run went on."""
        if self.away and self._run is not None and t_ms > self._run.duration_ms + 1e-6:
            self.come_back()

    def poll(self, status: Status) -> None:
        """Called at every drawing, when nothing new arrived."""
        axis = self._axis()
        if self.away and axis is not None and axis.following:
            self.come_back()  # by the way back of a card
        standing = status.over or status.state in ("ready", "paused")
        if self._wanted is None or not standing or self._reading:
            return
        run = self._run
        if run is None or run.duration_ms < status.t_ms - 1e-6:
            self._read()
            return
        (low, high), self._wanted = self._wanted, None
        self._feed(run, low, high)
        if axis is not None:
            axis.hold(low, high)
        self.away = True
        self.said = f"showing {clock(low)} to {clock(high)}"
        self._say(high, status.t_ms)

    # -- inside ------------------------------------------------------------------------------------

    def _read(self) -> None:
        page, session = self._page, self._page.session
        self._reading = True

        def read() -> None:
            try:
                run, why = page.beside.joined(session.run_so_far()), ""
            except Exception as error:  # whatever it is, the page must not wait for ever
                run, why = None, in_words(error)
            page.later(lambda: arrived(run, why))

        def arrived(run: Run | None, why: str) -> None:
            if page.session is not session:
                return
            self._reading, self._run = False, run
            if run is None:
                self._wanted = None
                page.address.say(f"The record of the run cannot be read. {why}")

        threading.Thread(target=read, daemon=True).start()

    def _axis(self) -> TimeAxis | None:
        views = self._page.plots.views.values()
        return next((view.time for view in views if hasattr(view, "time")), None)

    def _feed(self, run: Run, low_ms: float, high_ms: float) -> None:
        """Give the plots of time this stretch of the record instead of what they had."""
        frame = frame_of(run, low_ms, high_ms)
        for view in self._page.plots.views.values():
            if hasattr(view, "time"):
                view.reset()
                view.update([_as_watched(frame, view, run)], high_ms)
                view.settle()

    def _say(self, shown_ms: float, now_ms: float) -> None:
        views = self._page.plots.views
        for key, card in self._cards().items():
            timed = hasattr(views.get(key), "time")
            card.heading.moment = f"at t = {clock(shown_ms if timed else now_ms)}"

    def _cards(self) -> dict[str, Any]:
        return {**self._page.plots.cards, **{card.key: card for card in self._page.own}}


def before(link: Link, entry: Intervention) -> Link:
    """The link of a run as it was just before an intervention."""
    kept = tuple(e for e in link.log if e.tick < entry.tick)
    values = link.values_at_start()
    for each in kept:
        if each.is_change and each.value is not None:
            values[each.name] = each.value
    return replace(link, values=values, log=kept, t_ms=entry.t_ms)


def _as_watched(frame: Any, view: Any, run: Run) -> Any:
    """Without the states of neurons that the view does not watch: they would be drawn as others."""
    watched = getattr(view, "watched", None)
    if watched is None:
        return frame
    info = run.info
    same = {
        name: values
        for name, values in frame.states.items()
        if name in info.maps or tuple(watched.get(name, ())) == tuple(info.watched.get(name, ()))
    }
    return replace(frame, states=same)
