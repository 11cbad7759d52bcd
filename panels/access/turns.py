"""How many simulations of a server run at the same time, and who is next.

Whoever wants to run takes a turn. When all are taken the others wait in order, and go on by
themselves; a turn is given back when the simulation pauses or ends. Where people log in, nobody has
a second turn while somebody waits for the first one: who has several pages running gives way.
"""

from __future__ import annotations

import threading
from collections import Counter
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
            if self.limit is None:
                return 0
            return max(0, self._fairly().index(turn) + 1 - self.limit)

    def enter(self, turn: Turn) -> None:
        with self._lock:
            if turn not in self._order:
                self._order.append(turn)

    def _fairly(self) -> list[Turn]:
        """The order, with everybody's first turn before anybody's second one.

        What cannot give way has the place that it has; it was given when it was free.
        """
        had: Counter[object] = Counter()
        rank = {}
        for turn in sorted(self._order, key=lambda turn: not turn.lasts):
            whose: object = turn.whose or turn  # where nobody logs in, each page is somebody
            rank[turn] = -1 if turn.lasts else had[whose]
            had[whose] += 1
        return sorted(self._order, key=rank.__getitem__)

    def lasting(self, whose: str) -> int:
        """How many turns of this person's cannot give way; 0 where nobody logs in."""
        with self._lock:
            return sum(turn.lasts for turn in self._order if whose and turn.whose == whose)

    def leave(self, turn: Turn) -> None:
        with self._lock:
            if turn in self._order:
                self._order.remove(turn)


# What is said where nothing waits.
NO_TURN = "As many simulations run as this server allows: try again when one has ended."

everybody = Turns()  # of this server; `panels.serving` sets its limit


class Turn:
    """The turn of one simulation. ``waits`` says how long the queue is, in words.

    whose : the name of the person whose it is, "" where nobody logs in
    lasts : it cannot give way until it ends, as a sweep's
    """

    def __init__(self, turns: Turns | None = None, whose: str = ""):
        self._turns = turns or everybody
        self.whose = whose
        self.waiting = self.lasts = False

    @property
    def waits(self) -> str:
        before = self._turns.before(self) if self.waiting else None
        if not before:
            return ""
        limit, others = self._turns.limit, "" if before == 1 else f", {before - 1} before this one"
        run = "1 simulation runs" if limit == 1 else f"{limit} simulations run"
        return f"waiting for its turn: {run} already{others}"

    def take(self) -> bool:
        """A turn now, without waiting, until `leave`; False if there is none.

        One person has no two that last where there is a limit: nobody else could run.
        """
        if self._turns.limit is not None and self._turns.lasting(self.whose):
            return False
        self._turns.enter(self)
        if self._turns.before(self):
            self.leave()
            return False
        self.lasts = True
        return True

    def ask(self) -> bool:
        """Whether it may run now; if not, it waits, and ``keep`` lets it go on."""
        self._turns.enter(self)
        self.waiting = bool(self._turns.before(self))
        return not self.waiting

    def leave(self) -> None:
        self.waiting = self.lasts = False
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
