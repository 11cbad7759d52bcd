"""What the header's buttons and the keys do to the simulation."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from ..model_page import Explorer


class Commands:
    """Of one page."""

    def __init__(self, page: Explorer):
        self._page = page

    def press(self, name: str) -> None:
        """One of the header's buttons, or its key: run, pause, step, reset or stop."""
        page = self._page
        page.shown.touched()
        if name == "step" and page.session.parked:
            page.awake(lambda: self.press(name))
            return
        over = page.session.status().over
        if page.turn.waiting and name != "run":
            page.turn.leave()
        if name == "run":
            if over:
                page.restart(True)
            else:
                page.go()
        elif name == "pause":
            page.session.pause()
        elif name == "step" and not over:
            page.session.step()
        elif name == "reset":
            page.restart(False)
        elif name == "stop" and not over:
            threading.Thread(target=_stop, args=(page.session,), daemon=True).start()

    def key(self, key: str) -> None:
        """What the page's keyboard says, as `Heartbeat` names it."""
        page = self._page
        if key == "run":
            self.press("pause" if page.running else "run")
        elif key in ("step", "reset"):
            self.press(key)
        elif key in ("undo", "redo"):
            page.changes.take_back(key)
        elif key == "keys":
            page.place(page.keys.toggle)
        elif key == "narrow":
            page.page.sidebar_open = False
        elif key == "escape":
            full = [c for c in (*page.plots.cards.values(), *page.own) if c.full]
            for card in full:
                card.expand(False)
            if not full:
                page.timeline.past.come_back()


def _stop(session: Any) -> None:
    with contextlib.suppress(WorkbenchError):
        session.stop()
