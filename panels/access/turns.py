"""How many simulations of a server run at the same time, and who is next.

Whoever wants to run takes a turn. When all are taken the others wait in order, and go on by
themselves; a turn is given back when the simulation pauses or ends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class Turns:
    """At most ``limit`` turns at a time; None: no limit."""

    def __init__(self, limit: int | None = None):
        self.limit = limit
        self._lock = threading.Lock()
        self._order: list[Turn] = []  # those that run, and then those that wait

    def before(self, turn: Turn) -> int | None:
        """How many must finish before ``turn`` may go; None if it did not ask."""
        with self._lock:
            if turn not in self._order:
                return None
            return 0 if self.limit is None else max(0, self._order.index(turn) + 1 - self.limit)

    def enter(self, turn: Turn) -> None:
        with self._lock:
            if turn not in self._order:
                self._order.append(turn)

    def leave(self, turn: Turn) -> None:
        with self._lock:
            if turn in self._order:
                self._order.remove(turn)


# What is said where nothing waits.
NO_TURN = "As many simulations run as this server allows: try again when one has ended."

everybody = Turns()  # of this server; `panels.serving` sets its limit


class Turn:
    """The turn of one simulation. ``waits`` says how long the queue is, in words."""

    def __init__(self, turns: Turns | None = None):
        self._turns = turns or everybody
        self.waiting = False

    @property
    def waits(self) -> str:
        before = self._turns.before(self) if self.waiting else None
        if not before:
            return ""
        limit, others = self._turns.limit, "" if before == 1 else f", {before - 1} before this one"
        run = "1 simulation runs" if limit == 1 else f"{limit} simulations run"
        return f"waiting for its turn: {run} already{others}"

    def take(self) -> bool:
        """A turn now, without waiting; False if there is none."""
        self._turns.enter(self)
        if self._turns.before(self):
            self.leave()
            return False
        return True

    def ask(self) -> bool:
        """Whether it may run now; if not, it waits, and ``keep`` lets it go on."""
        self._turns.enter(self)
        self.waiting = bool(self._turns.before(self))
        return not self.waiting

    def leave(self) -> None:
        self.waiting = False
        self._turns.leave(self)

    def keep(
        self, running: bool, pause: Callable[[], object], resume: Callable[[], object]
    ) -> None:
        """Called again and again: holds the simulation to its turn.

        running : whether it runs now; not asked while its network is built
        """
        if self.waiting:
            if not self._turns.before(self):
                self.waiting = False
                resume()
            elif running:  # a new network, or one that did not hear of it yet
                pause()
        elif not running:
            self._turns.leave(self)
        else:
            self._turns.enter(self)
            if self._turns.before(self):
                self.waiting = True
                pause()
