"""`DeferredSession`: a session at t = 0 that starts its worker when it is needed."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..paths import new_store
from .beginning import Beginning, Beginnings, key_of, named
from .compiled.background import build_later
from .frames import Frame
from .session import Session

if TYPE_CHECKING:
    from ..model.model import Model

QUESTIONS = ("snapshot", "read")  # which change nothing, and have the same answer until it runs
# Commands that leave a simulation at t = 0 as it is; "weights" and "watch" bring a frame.
HARMLESS = ("ack", "pause", "speed", "weights", "watch", "follow", *QUESTIONS)
START_S = 120.0  # the longest that a question waits for the worker that starts because of it
LOOK_S = 0.3  # wall time between two looks at a beginning that becomes known


class DeferredSession(Session):
    """As `Session`; if it is ``paused`` and others began so too, ready at once, without a worker.

    beginnings : what simulations say at t = 0. One that is known there is shown, and what it
                 answers is answered from it. Anything else, such as ``resume``, starts the worker.
                 Of sessions with the same beginning, which is not known, one builds the network,
                 and the others wait for what it says.
    """

    def __init__(
        self, model: Model, *, beginnings: Beginnings, paused: bool = True, **options: Any
    ):
        super().__init__(model, paused=paused, **options)
        self._beginnings = beginnings
        self._name = self._target = ""
        self._begun: Beginning | None = None  # what is known of its beginning
        self._first: Frame | None = None
        self._touched = False  # asked for something that is not harmless
        self._asked: dict[int, str] = {}  # ticket -> question
        # What was asked for that a worker, which starts later, must be told.
        self._weights: tuple[tuple[str, ...], float] | None = None
        self._watched: dict[str, tuple[int, ...]] | None = None
        self._followed: dict[str, float] = {}

    def start(self) -> Session:
        """Be ready, if it is known how the model begins; else build it, or wait for who does."""
        if not self._paused:
            return super().start()
        self._name, self._target = key_of(self.model, self.plan)
        known = self._beginnings.find(self._name)
        if known is None and (not self._name or self._beginnings.build(self._name, self)):
            return super().start()
        self._started = True
        if known is not None:
            self.begin_as(known)
        if self.plan.engine == "auto":
            self._build = build_later(self.model)
        return self

    def begin_as(self, beginning: Beginning) -> None:
        """Be ready at t = 0 as ``beginning`` says; does nothing when the worker was started."""
        with self._sending, self._changed:
            if self._process is not None or self._closed or self._begun is not None:
                return
            self._begun = beginning
            self.info, self.recording = beginning.info, dict(beginning.recording)
            self._recorded |= self.recording
            self._status = replace(beginning.status)
            self.began_with = beginning.status.engine
            if beginning.frame is not None:
                self._deliver(beginning.frame)
            watched, weights = self._watched, self._weights
        if watched is not None:  # asked for while it was not known
            self._send("watch", watched)
        if weights is not None:
            self._send("weights", *weights)

    def warm(self) -> None:
        """Start the worker now, if it was not: to go on will take no time."""
        with self._sending:
            if self._process is None and self._started and not self._closed:
                self._start_worker(paused=True)

    def give_back(self) -> bool:
        """End the worker at t = 0, if what was asked of the session is known without it.

        The session stays ready, and starts another one when it is needed. Returns False, and does
        nothing, where it cannot be without its worker.
        """
        with self._sending, self._changed:
            begun = self._begun
            ready = self._status.state == "ready" and not self._going
            if not self.has_worker or not ready or self._touched or begun is None or self._asked:
                return False
            if self._weights is not None and begun.with_weights(self._weights[0]) is None:
                return False
            if self._watched is not None and not begun.with_watched(self._watched)[0]:
                return False
            end_worker, self._process, self._conn = self._finalizer, None, None
            self.store = new_store()
            self._done.clear()
            self._status = replace(begun.status)
        threading.Thread(target=end_worker, daemon=True).start()  # which may take a second
        return True

    def park(self, timeout: float = 30.0) -> None:
        if self._process is not None and not self.give_back():
            super().park(timeout)

    def close(self) -> None:
        with self._sending:
            if self._process is None:
                self._closed = True
        self._give_up()
        super().close()

    # -- inside ----------------------------------------------------------------------------------

    def _launch(self, paused: bool, **more: Any) -> None:
        super()._launch(paused, target=self._target, **more)

    def _start_worker(self, paused: bool) -> None:
        """Start the worker and tell it what was asked for before; ``_sending`` is held."""
        watched, begun = self._watched, self._begun
        shown = begun is not None and begun.frame is not None
        seen = begun is not None and watched is not None and named(watched) in begun.watched
        self._launch(paused, begun=shown, watched=watched if seen else None)
        if watched is not None and not seen:
            self._conn.send(("watch", watched))
        if self._weights is not None:
            self._conn.send(("weights", *self._weights))
        if self._followed:
            self._conn.send(("follow", self._followed))

    def _send(self, *command: Any) -> None:
        what = command[0]
        with self._sending:
            if self._started and self._process is None:
                if self._closed or self._answered(*command):
                    return
                goes = what == "resume"
                self._start_worker(paused=not goes)
            else:
                goes = False
            if what not in HARMLESS:
                self._touched = True
                self._give_up()
            self._note(*command)
            if goes:
                return
        super()._send(*command)

    def _note(self, what: str, *more: Any) -> None:
        if what == "watch":
            (self._watched,) = more
        elif what == "weights":
            self._weights = (more[0], more[1])
        elif what == "follow":
            (self._followed,) = more

    def _answered(self, what: str, *more: Any) -> bool:
        """Do without a worker what needs none; False where it needs one."""
        if what == "follow":  # which tells of what passes while it runs
            self._note(what, *more)
        if what in ("ack", "pause", "speed", "follow"):
            return True
        if self._begun is None:  # another session is about to say how it begins
            self._note(what, *more)
            return what in ("watch", "weights")
        if what not in ("watch", "weights", *QUESTIONS):
            return False
        self._note(what, *more)
        if self._knows(what, *more):
            return True
        if not self._begun.young:
            return False
        later = threading.Timer(LOOK_S, self._send_again, (what, *more))
        later.daemon = True
        later.start()
        return True

    def _knows(self, what: str, *more: Any) -> bool:
        """Answer from the beginning; False where the answer is not known."""
        assert self._begun is not None
        if what in QUESTIONS:
            ticket, *arguments = more
            name = named(what, *arguments)
            if name not in self._begun.answers:
                return False
            with self._changed:
                self._asked.pop(ticket, None)
                self._replies[ticket] = self._begun.answers[name]
                self._notify()
            return True
        if what == "weights":
            frame = self._begun.with_weights(more[0])
            known = frame is not None
        else:
            known, frame = self._begun.with_watched(more[0])
        if frame is not None:
            with self._changed:
                self._deliver(frame)
        return known

    def _send_again(self, what: str, *more: Any) -> None:
        """Ask for what a young beginning did not hold, unless something else is wanted by now."""
        wanted = {"watch": (self._watched,), "weights": self._weights}
        if what in QUESTIONS or wanted[what] == more:
            self._send(what, *more)

    def _deliver(self, frame: Frame) -> None:
        self._frames.append(frame)
        self._unread += 1
        self._notify()

    def _give_up(self) -> None:
        """Say that this session will not tell how it begins, if others wait for that."""
        if self._begun is None:
            self._beginnings.give_up(self._name, self)

    def _lost(self) -> None:
        self._give_up()
        super()._lost()

    def ask(self, question: str, timeout: float, *more: Any) -> Any:
        if self._process is None:
            timeout += START_S
        return super().ask(question, timeout, *more)

    def _new_ticket(self, question: str, *more: Any) -> int:
        ticket = super()._new_ticket(question, *more)
        if question in QUESTIONS:
            self._asked[ticket] = named(question, *more)
        return ticket

    # -- what the worker says --------------------------------------------------------------------

    def _receive(self, kind: str, *parts: Any) -> None:
        with self._changed:
            untouched = bool(self._name) and not self._touched and not self._status.t_ms
            if untouched and kind == "frame":
                self._keep_frame(parts[0])
            asked = self._asked.pop(parts[0], "") if kind == "reply" else ""
            if untouched and asked and self._begun and not isinstance(parts[1], Exception):
                self._begun.answer(asked, parts[1])
            super()._receive(kind, *parts)
            if untouched and self._status.state == "ready":
                self._keep_beginning()
        if untouched:
            self._beginnings.weigh()

    def _as_seen(self, reported: dict[str, Any]) -> dict[str, Any]:
        """A worker that starts before it is needed builds what is seen already."""
        reported = super()._as_seen(reported)
        building = reported.get("state") in ("building", "compiling")
        if building and self._begun is not None and not self._touched:
            return {k: v for k, v in reported.items() if k not in ("state", "message")}
        return reported

    def _keep_frame(self, frame: Frame) -> None:
        """Note what is said at t = 0, while nothing was asked that would change it."""
        if self._begun is not None:
            self._begun.take(frame, self._watched)
        elif self._first is None:
            self._first = frame

    def _keep_beginning(self) -> None:
        if self._begun is not None or self.info is None:
            return
        first = self._first
        plain = None
        if first is not None and self._status.engine != "compiled":
            plain = replace(first, weights={}, sparse={})
        self._begun = Beginning(self.info, dict(self.recording), replace(self._status), plain)
        if first is not None:
            self._begun.take(first, None)
        # Whoever waits for it is told on a thread that holds no lock of this session.
        threading.Thread(target=self._share, args=(self._begun,), daemon=True).start()

    def _share(self, begun: Beginning) -> None:
        self._begun = self._beginnings.keep(self._name, begun)
