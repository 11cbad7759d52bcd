"""`Lockstep`: the thread that advances two sessions together, tick by tick."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.frames import Ending, Frame, State
from ..engine.pacing import Pace
from ..errors import ParameterError, SimulationError
from ..replay.branch import forward
from .difference import Common, Tally
from .threads import Parallel, answer_with

if TYPE_CHECKING:
    from ..engine.session import Session
    from ..model.model import Model

# Both sessions pause between two chunks of ticks, which costs a few ms: a chunk takes this long.
STRETCH_S = 0.05
LATE_S = 4 * STRETCH_S  # a delay longer than this is not caught up
FRAMES_KEPT = 400  # per session, until they are read; older ones are dropped
WEIGHTS_S = 0.5


@dataclass
class PairStatus(Ending):
    """State of a pair; ``progress`` is the fraction done of the way to its start time."""

    state: State = "building"
    t_ms: float = 0.0
    engine: str = ""
    message: str = ""
    details: str = ""
    progress: float = 0.0
    speed: float = 0.0  # simulated ms per wall second


class Lockstep:
    """Base of `Pair`: builds ``a`` and ``b``, advances them together and collects their frames.

    models  : models of a and b
    options : options of each, as for `Session`
    begin   : tick at which both begin
    """

    def _prepare(
        self,
        models: Sequence[Model],
        options: Sequence[dict[str, Any]],
        begin: int,
        speed: float | None,
        paused: bool,
    ) -> None:
        from ..engine.session import Session

        self.a, self.b = (
            Session(m, paused=True, **w) for m, w in zip(models, options, strict=True)
        )
        self._tick_ms = models[0].tick_ms
        self._begin = begin
        self._paused = paused
        self._steps = 0
        self._status = PairStatus()
        self._tally: Tally | None = None
        self._frames: dict[str, deque[Frame]] = {k: deque(maxlen=FRAMES_KEPT) for k in ("a", "b")}
        self._shown_weights: tuple[str, ...] = ()
        self._weights: dict[str, tuple[float, np.ndarray, np.ndarray]] = {}
        self._weights_at = 0.0
        self._tasks: deque[tuple[Callable[[], Any], Future[Any] | None]] = deque()
        self._led = True  # a thread will do the tasks, now or once it is started
        self._news = threading.Condition()
        self._ending = self._closed = False
        self._thread: threading.Thread | None = None
        self.set_speed(speed)

    @property
    def begin_ms(self) -> float:
        """Start time of both in ms: 0, or the time of the run that they continue."""
        return self._begin * self._tick_ms

    def set_speed(self, speed: float | None) -> None:
        """Set the speed in simulated ms per wall second; None = as fast as possible."""
        if speed is not None and not speed > 0:
            raise ParameterError(
                f"speed = {speed!r} is not allowed: simulated ms per second above 0, or None."
            )
        with self._news:
            self._speed = speed
            self._news.notify_all()

    def _later(self, task: Callable[[], Any], answer: Future[Any] | None = None) -> None:
        """Run ``task`` between two chunks of ticks, so that it acts on both at the same tick."""
        with self._news:
            if self._led:
                self._tasks.append((task, answer))
                self._news.notify_all()
                return
        if answer is not None:  # it is over, but recorded data can still be read
            answer_with(task, answer)

    def _report(self, **changes: Any) -> None:
        with self._news:
            for name, value in changes.items():
                setattr(self._status, name, value)
            self._news.notify_all()

    def _live(self) -> None:
        try:
            self._open()
            if not self._ending:
                self._run()
        except Exception as error:
            if not self._ending:
                details = getattr(error, "details", "")
                self._report(state="failed", message=str(error), details=details)
        finally:
            while self._led:
                with self._news:
                    left = self._tasks.popleft() if self._tasks else None
                    self._led = left is not None
                if left is not None and left[1] is not None:
                    answer_with(*left)
            if self._closed:  # possibly while b was starting
                self.a.close()
                self.b.close()
            if not self._status.over:
                self._report(state="stopped")

    def _open(self) -> None:
        """Build both on the same engine and advance them to the start tick."""
        self.a.start()
        # "auto" may choose a different engine each time, so b uses that of a. Wait until it is
        # settled: a falls back to NumPy if its first choice is not available.
        while not (self.a.info or self.a.status().engine == "numpy"):
            if self._ending or self.a.wait(0.01):
                break
        if self.b.plan.hand_over is None:
            self.b.plan.engine = self.a.engine
        self._report(engine=self.a.engine, message=self.a.status().message)
        if self._ending:
            return
        self.b.start()
        done = {"a": 0.0, "b": 0.0}

        def reported(which: str) -> Callable[[float], None]:
            def report(fraction: float) -> None:
                done[which] = fraction
                if self._ending:
                    raise SimulationError("The pair was closed.")
                if self._begin:
                    text = f"Repeating the run up to {self.begin_ms:g} ms"
                    self._report(progress=min(done.values()), message=text)

            return report

        with Parallel() as parallel:
            for which, session in (("a", self.a), ("b", self.b)):
                parallel.run(forward, session, self._begin, reported(which))
        assert self.a.info is not None
        assert self.b.info is not None
        if self.a.engine != self.b.engine:
            raise SimulationError(
                f"A runs on {self.a.engine} and B on {self.b.engine}, so they cannot be compared: "
                "random numbers differ between engines. Choose the engine yourself."
            )
        self._tally = Tally(Common(self.a.info, self.b.info))
        state: State = "paused" if self._begin else "ready"
        self._report(state=state, message="", progress=1.0, t_ms=self.begin_ms)

    def _run(self) -> None:
        tick, n = self._begin, 1
        pace = Pace(self._tick_ms, LATE_S)
        while not self._ending:
            while self._tasks:
                answer_with(*self._tasks.popleft())
            self._ask_weights(tick)
            with self._news:
                if self._paused and not self._tasks and not self._ending:
                    pace.restart()
                    if self._status.state == "running":
                        self._status.state, self._status.speed = "paused", 0.0
                        self._news.notify_all()
                    self._news.wait(0.25)
                if self._paused or self._ending or self._tasks:
                    continue
                speed, steps = self._speed, self._steps
                self._status.state = "running"
            now = time.perf_counter()
            most = max(1, round(speed * STRETCH_S / self._tick_ms)) if speed else n
            stretch = min(n, most, steps or n)
            if speed:
                self._keep_pace(pace, tick, speed)
                now = time.perf_counter()
            self._advance(tick, stretch)
            took = max(time.perf_counter() - now, 1e-6)
            tick += stretch
            n = max(1, round(stretch * min(max(STRETCH_S / took, 0.5), 2.0)))
            with self._news:
                if steps and self._steps:
                    self._steps -= stretch
                    self._paused = self._steps <= 0
                if not self._status.over:
                    passed = stretch * self._tick_ms / took
                    old = self._status.speed or passed
                    self._status.speed = speed or 0.8 * old + 0.2 * passed
            if self._status.over:
                return

    def _advance(self, tick: int, n: int) -> None:
        """Advance both by ``n`` ticks and wait until both are there, or one has ended."""
        t_ms = (tick + n) * self._tick_ms
        for session in (self.a, self.b):
            session.step(n)
        for session in (self.a, self.b):
            self._wait_for(session, t_ms)
        self._take()
        ends = [s.status() for s in (self.a, self.b)]
        if any(s.over for s in ends):
            failed = next((s for s in ends if s.state == "failed"), None)
            if failed is not None:
                self._report(state="failed", message=failed.message, details=failed.details)
            else:
                self._report(state="finished" if ends[0].state == "finished" else "stopped")
        t_ms = min(t_ms, *(s.t_ms for s in ends))
        with self._news:
            self._status.t_ms = t_ms
            assert self._tally is not None
            self._tally.compare(round(t_ms / self._tally.common.dt_ms))

    def _wait_for(self, session: Session, t_ms: float) -> None:
        """Wait until ``session`` reaches ``t_ms`` or ends; if it pauses by itself, pause both."""
        while not session.reach(t_ms, 0.05):
            self._take()
            status = session.status()
            if not status.waits:
                continue
            with self._news:
                self._paused = True
                self._report(state="paused", message=f"{status.warning} {status.waits}", speed=0.0)
                self._news.wait_for(lambda: self._ending or not self._paused)
                if self._ending:
                    return
                self._report(state="running", message="")
            session.step(round((t_ms - status.t_ms) / self._tick_ms))

    def _take(self) -> None:
        """Fetch the frames that both have sent."""
        assert self._tally is not None
        for which, session in (("a", self.a), ("b", self.b)):
            frames = session.frames()
            with self._news:
                for frame in frames:
                    self._tally.add(which, frame.steps, frame.units)
                    self._frames[which].append(frame)

    def _ask_weights(self, tick: int) -> None:
        """Fetch the weights of both at this tick."""
        if not self._shown_weights or time.perf_counter() - self._weights_at < WEIGHTS_S:
            return
        names, t_ms = self._shown_weights, tick * self._tick_ms
        for session in (self.a, self.b):
            session.show_weights(names, every_ms=10_000)
        found: dict[str, dict[str, np.ndarray]] = {}
        deadline = time.perf_counter() + 2.0
        while len(found) < 2 and time.perf_counter() < deadline and not self._ending:
            self._take()
            with self._news:
                for which, kept in self._frames.items():
                    for frame in reversed(kept):
                        if frame.weights and abs(frame.t_ms - t_ms) < 1e-6:
                            found[which] = frame.weights
                            break
            time.sleep(0.002)
        self._weights_at = time.perf_counter()
        if len(found) == 2:
            with self._news:
                for name in names:
                    if name in found["a"] and name in found["b"]:
                        self._weights[name] = (t_ms, found["a"][name], found["b"][name])

    def _keep_pace(self, pace: Pace, tick: int, speed: float) -> None:
        """Wait until the wall clock has caught up with simulated time."""
        now = time.perf_counter()
        due = pace.due(tick, speed, now)  # a simulation too slow for this pace does not catch up
        with self._news:
            self._news.wait_for(
                lambda: self._ending or self._paused or self._speed != speed, max(0.0, due - now)
            )
            changed = self._speed != speed
        if changed:
            pace.begin(tick, time.perf_counter())
