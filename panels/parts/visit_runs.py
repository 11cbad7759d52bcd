"""The runs of a visit that gave way to another one: the last ten, each of which can come back.

A reset, a new network or a new seed begins a new run. The one before is put aside as a `Link`:
its values, its seed and what was done to it, from which it is simulated again, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import panel as pn

from workbench.links import Link, link_of_session
from workbench.plots.in_words import clock

from ..widgets.chips import Chips
from .drags import Drag

if TYPE_CHECKING:
    from ..model_page import Explorer

KEPT = 10
NAMED = 2  # parameters that a chip has room for


@dataclass(frozen=True)
class VisitRun:
    """One that gave way: its number in this visit, and all that it takes to repeat it."""

    number: int
    link: Link
    drags: tuple[Drag, ...] = ()

    def label(self) -> str:
        """``run 3 · w_e = 3.14 mV · 12.4 s``."""
        changed = self._changed()
        more = [f"{len(changed) - NAMED} more"] if len(changed) > NAMED else []
        parts = [f"run {self.number}", *changed[:NAMED], *more, clock(self.link.t_ms)]
        return " · ".join(parts)

    def help(self) -> str:
        """What a click does, and what the run was."""
        done = [e.text for e in self.link.log if not e.is_engine and e.t_ms <= self.link.t_ms]
        what = ", ".join(self._changed()) or "all parameters at their defaults"
        more = f"; done to it: {', '.join(done[-5:])}" if done else ""
        return (
            f"Bring it back: simulated again up to t = {clock(self.link.t_ms)}. {what}; "
            f"seed {self.link.seed}{more}"
        )

    def _changed(self) -> list[str]:
        """Parameters that are not at their defaults, and how those went that changed meanwhile."""
        link = self.link
        begun = {**link.values}
        for entry in reversed([e for e in link.log if e.is_change]):
            if entry.was is not None and 0 < entry.t_ms <= link.t_ms:
                begun[entry.name] = entry.was
        found = []
        for k, q in link.model.parameters().items():
            was, now = begun[k], link.values[k]
            if was != now:
                found.append(f"{q.symbol or k} {q.text(was)} → {q.text(now)}")
            elif now != q.default:
                found.append(f"{q.symbol or k} = {q.text(now)}")
        return found


class VisitRuns:
    """Of one page.

    aside  : those that gave way, the latest last
    number : of the present run
    view   : a line of buttons, empty before there is one
    """

    def __init__(self, page: Explorer):
        self._page = page
        self.aside: list[VisitRun] = []
        self.number = 0
        self._engine = ""
        self._next = 0  # the number that the next run takes up again
        self._chips: Chips | None = None
        self.view = pn.Column(margin=(0, 12), sizing_mode="stretch_width")

    def begin(self) -> None:
        """A new run begins."""
        used = {run.number for run in self.aside}
        if self._next:
            self.number, self._next = self._next, 0
        elif self.number in used or not self.number:
            self.number = max((*used, self.number)) + 1
        self._engine = self._page.simulation.engine

    def put_aside(self, session: Any) -> None:
        """A session gives way to another; nothing is kept of one that has not begun."""
        if session is None or not session.status().t_ms > 0:
            return
        link = link_of_session(session, engine=self._engine)
        due = [e for e in session.plan.log if e not in link.log]  # what was planned for later
        drags = tuple(self._page.changes.drags)
        self.aside.append(VisitRun(self.number, replace(link, log=(*link.log, *due)), drags))
        del self.aside[:-KEPT]
        self._show()

    def bring_back(self, number: int) -> None:
        """Simulate it again up to where it was; the present run is put aside for it."""
        page = self._page
        run = next(r for r in self.aside if r.number == number)
        self.aside.remove(run)
        self._next = number
        page.changes.show(run.link.values, taken_back=True)
        page.simulation.show(run.link.seed, run.link.engine)
        page.link.repeat(run.link, f"run {number}", run.drags)
        self._show()

    # -- inside ----------------------------------------------------------------------------------

    def _show(self) -> None:
        shown = [
            {"key": str(r.number), "label": r.label(), "help": r.help()}
            for r in reversed(self.aside)
        ]
        if self._chips is not None:
            self._chips.chips = shown
            self.view.visible = bool(shown)
            return
        page = self._page
        self._chips = Chips(
            lambda key: page.later(lambda: self._pressed(int(key))), label="Earlier runs",
            chips=shown, margin=0, css_classes=["wb-runs-of-visit"],
        )  # fmt: skip
        page.place(lambda: self.view.append(self._chips))

    def _pressed(self, number: int) -> None:
        if any(r.number == number for r in self.aside):  # and not brought back meanwhile
            self.bring_back(number)
