"""When a page has a worker for its simulation, and when it gives it back.

At t = 0 it needs none: what is shown there is known from pages before. Where few pages have one, it
is started all the same, so that Run takes no time.

A page that nobody touches gives its worker back later too, and goes on at the next click. Its
simulation is paused first. What it recorded is kept, and where it stands is reached again by
simulating up to there (`Session.branch`), which gives the same spikes.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

from workbench.engine.beginning import Beginnings
from workbench.engine.deferred import DeferredSession
from workbench.engine.session import Session
from workbench.errors import WorkbenchError, message
from workbench.model.model import Model

LONGEST_S = float("inf")
MOST_READY = 8  # pages of one person who has several open: 130 MB each
LOOK_EVERY_S = 1.0  # whether other pages have many workers
_pages: weakref.WeakSet[Resting] = weakref.WeakSet()
_beginnings = Beginnings()


def deferred(model: Model, **options: Any) -> DeferredSession:
    """The session of a page, which needs no worker at t = 0 if another page was there before."""
    return DeferredSession(model, beginnings=_beginnings, **options)


class Idle:
    """After how many seconds without a touch the pages of this server rest; inf: never."""

    after_s = LONGEST_S


class Ready:
    """How many workers the pages of this server may have, so that those at t = 0 keep theirs."""

    most = MOST_READY


def workers() -> int:
    """How many pages have one."""
    return sum(page.has_worker for page in list(_pages))


class Resting:
    """The rest of one page's session.

    session : returns the page's session
    put     : takes the session that goes on
    now     : the time in seconds
    """

    def __init__(
        self,
        session: Callable[[], Any],
        put: Callable[[Any], None],
        now: Callable[[], float] = time.monotonic,
    ):
        self._session, self._put, self._now = session, put, now
        self._touched = now()
        self._working: threading.Thread | None = None
        self._made: tuple[Any, Any, str] | None = None  # of which session, what, what went wrong
        self._after: list[Callable[[], Any]] = []
        self._done = 0.0  # of the way back
        self._said = ""
        self._looked = now()
        _pages.add(self)

    @property
    def waking(self) -> bool:
        return self._working is not None

    @property
    def said(self) -> str:
        """For the strip: why the page does not run."""
        if self.waking:
            return f"simulating again up to here, {100 * self._done:.0f} %"
        return self._said

    @property
    def has_worker(self) -> bool:
        session = self._session()
        return isinstance(session, Session) and session.has_worker

    def begin(self) -> None:
        """A run begins; its worker starts now if there are few, else with Run."""
        session = self._session()
        if isinstance(session, DeferredSession) and workers() < Ready.most:
            session.warm()

    def touch(self) -> None:
        """Somebody did something on the page."""
        self._touched = self._now()
        if self._said and not self._session().parked:
            self._said = ""

    def wake(self, after: Callable[[], Any]) -> None:
        """Do ``after`` when the session has its worker; at once, if it has."""
        if self.waking:
            self._after.append(after)
        elif not self._session().parked:
            after()
        else:
            self._after.append(after)
            old = self._session()
            self._done, self._said = 0.0, ""
            self._working = threading.Thread(target=self._back, args=(old,), daemon=True)
            self._working.start()

    def _back(self, old: Any) -> None:
        def far(fraction: float) -> None:
            self._done = fraction

        try:
            self._made = (old, old.branch(paused=True, speed=old.speed, progress=far), "")
        except Exception as error:  # whatever it is, the page must hear of it
            self._made = (old, None, message(error))

    def poll(self) -> None:
        """Called at every drawing."""
        session = self._session()
        if self._made is not None:
            (old, new, error), self._made, self._working = self._made, None, None
            self._touched = self._now()  # the way back may have taken longer than the rest
            after, self._after = self._after, []
            if session is not old:  # reset meanwhile
                if new is not None:
                    threading.Thread(target=new.close, daemon=True).start()
            elif new is None:
                self._said = f"It cannot go on: {error} Reset starts it anew."
            else:
                self._put(new)
                for action in after:
                    action()
            return
        if self._now() - self._looked > LOOK_EVERY_S:
            self._looked = self._now()
            if isinstance(session, DeferredSession) and workers() > Ready.most:
                session.give_back()
        if self.waking or session.parked or self._now() - self._touched < Idle.after_s:
            return
        state, minutes = session.status().state, Idle.after_s / 60
        if state == "running":
            session.pause()
            self._said = f"paused: nobody touched this page for {minutes:g} min"
        elif state in ("ready", "paused"):
            try:
                session.park(timeout=0)
            except WorkbenchError:  # it began to run in this moment
                return
