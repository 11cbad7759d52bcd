"""The page as a link, and a link as the page: values, seed, tab, cards, and the run repeated."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.engine.frames import Status
from workbench.errors import unknown
from workbench.interventions import Intervention
from workbench.links import Link, link_of_session

from .address import Asked
from .drags import Drag

if TYPE_CHECKING:
    from ..model_page import Explorer


class PageLink:
    """Of one page.

    begun : what the address of the page asked for, until it is done
    """

    def __init__(self, page: Explorer, begun: Asked):
        self._page = page
        self.begun = begun
        self._repeated = ""  # the run that is repeated, up to where it stood
        self._ticks = 0  # that it takes, while it waits for its turn
        self._due: deque[Intervention] = deque()  # changes that the repeated run has yet to reach

    @property
    def said(self) -> str:
        """For the strip: that a run is repeated; while its network is built, that says why."""
        there = self._page.info is not None
        return f"{self._repeated}, repeated" if self._repeated and there else ""

    def now(self) -> Link:
        """The page as it is now, and its run until now."""
        page = self._page
        speed = page.transport.chosen_speed
        return link_of_session(
            page.session, values=dict(page.values), seed=page.simulation.seed,
            engine=page.simulation.engine, speed=math.inf if speed is None else speed,
            tab=page.tab_names[page.tabs.active] if page.tabs.active else "",
            notation=page.plots.circuit.chosen.notation, theme="dark" if page.dark else "",
            shown=dict(page.plots.picked), lesson=page.lesson.name,
        )  # fmt: skip

    def begin(self) -> None:
        """What the address says of the page itself."""
        link = self.begun.link
        if link is not None and link.notation:
            self._page.plots.circuit.begin_with(link.notation)

    def show(self) -> None:
        """What the address says of tab and cards, once there are plots.

        Not before: a tab may load packages in a thread that plots load too.
        """
        page = self._page
        link, self.begun = self.begun.link, Asked()
        if link is None:
            return
        if link.tab in page.tab_names:
            page.tabs.active = page.tab_names.index(link.tab)
        elif link.tab:
            page.address.say(str(unknown("tab", link.tab, page.tab_names, owner=page.slug)))
        for plot, name in link.shown.items():
            names = list(getattr(page.plots.views.get(plot), "names", []))
            if name in names:
                page.plots.selectors[plot].value = name
            else:
                page.address.say(str(unknown(f"name of {plot}", name, names, owner=page.slug)))

    def repeat(
        self, link: Link, name: str = "the run of the address", drags: Sequence[Drag] = ()
    ) -> None:
        """Repeat the run of a link, as fast as possible, and stand where it stood.

        The sliders show what holds at each moment of it.

        drags : of that run, as far as the page knows of them
        """
        page = self._page
        page.end_run(f"{name}, repeated")
        page.begin_with(link.start(paused=True, hand_over=True))
        page.changes.drags.extend(drags)
        page.changes.show(link.values_at_start())
        self._due.extend(sorted((e for e in link.log if e.is_change), key=lambda e: e.tick))
        self._repeated = name
        self._ticks = max(1, round(link.t_ms / page.model_class.tick_ms))
        page.go()

    def end(self) -> None:
        """Another run begins: nothing is repeated any more."""
        self._repeated, self._ticks = "", 0
        self._due.clear()

    def go(self) -> bool:
        """It is the turn of a run that is to be repeated; False where there is none."""
        ticks, self._ticks = self._ticks, 0
        if ticks:
            self._page.session.step(ticks)
        return bool(ticks)

    def follow(self, status: Status) -> None:
        """Called at every drawing: a run that stands where it stood has the page's speed again."""
        if self._repeated and (status.state == "paused" or status.over):
            self._repeated = ""
            self._page.session.set_speed(self._page.transport.chosen_speed)
        reached: dict[str, float] = {}
        while self._due and self._due[0].t_ms <= status.t_ms + 1e-6:
            entry = self._due.popleft()
            if entry.value is not None:
                reached[entry.name] = entry.value
        if reached:
            self._page.changes.show(reached)
        self._page.address.follow(status.state == "running", status.t_ms)
