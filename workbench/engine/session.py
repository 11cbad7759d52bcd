"""`Session`: a live simulation, as seen from the process that watches it."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import threading
import time
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError, SimulationError, StoreError, WorkbenchError, unknown
from ..interventions import Intervention, happened
from ..model.operation import Operation
from ..model.transfer import pack_model
from ..model.units import number_of, whole_of
from ..network import NetworkInfo
from ..paths import new_store
from ..recordings import Recording, check, recordable, variable_of
from ..settings import FPS, MEMORY_GB, RECORD_GB
from . import child
from .async_frames import frames_of
from .compiled.background import build_later, build_of, may_build
from .compiled.cache import compiler
from .frames import Frame, Status
from .plan import Plan, make_plan
from .process import end, exit_code, launch, prestart

if TYPE_CHECKING:
    from ..model.model import Model
    from ..run import Run

__all__ = ["Session", "prestart"]

LONGEST_OUTPUT = 100_000  # characters, of what the program of a model printed last
CREDITS = 8  # frames that may be on their way; a slow reader gets fewer and larger ones


class Session:
    """A model that runs in a process of its own.

    model       : what to simulate; the session keeps a copy, whose values follow every ``set``
    engine      : "auto", "numpy", "cython" or "compiled"
    speed       : simulated ms per wall second; None = as fast as possible
    seed        : whole number; same seed and same engine give the same spikes
    paused      : build, then wait at t = 0 in the state "ready"
    duration_ms : stop there by itself; None = run until stopped
    operations, input_spikes, record : as for ``Model.run``
    hand_over   : with the engine "auto", go on in the compiled binary once there is one
    store       : where to record; by default a temporary place that ``close`` removes
    output, figures : what the script of a model printed, and its figures: number -> PNG
    raises      : ParameterError or UnknownName for wishes that cannot be met
    """

    def __init__(
        self,
        model: Model,
        *,
        speed: float | None = None,
        paused: bool = False,
        store: str | Path | None = None,
        plan: Plan | None = None,
        hand_over: bool = False,
        **options: Any,
    ):
        _check_speed(speed)
        self.model = type(model)(**model.values())
        self.plan = plan or make_plan(self.model, **options)
        self.store = Path(store) if store is not None else new_store()
        self.info: NetworkInfo | None = None
        self.recording: dict[str, Recording] = {}  # what is recorded now
        self._recorded: dict[str, Recording] = {}  # what was at any time
        self._done: list[Intervention] = []
        self.output = ""
        self.figures: dict[int, bytes] = {}
        self.speed = speed
        self.began_with = ""  # the engine of t = 0, once there is one
        self._paused = paused
        self._build = ""  # in the background
        self._asked_again = False  # for it, once the worker was seen to find none
        self._hand_over = hand_over and self.plan.engine == "auto" and may_build(self.model)
        self._keep_store = store is not None
        self._status = Status(state="building", seed=self.plan.seed)
        self._frames: deque[Frame] = deque()
        self._unread = 0
        self._heard = time.monotonic()
        self._replies: dict[int, Any] = {}
        self._tickets = itertools.count(1)
        self._changed = threading.Condition()
        # Called, on a thread of the session's own, whenever something arrived.
        self.listeners: tuple[Callable[[], Any], ...] = ()
        self._sending = threading.Lock()  # a long message goes out in parts
        self._closing = threading.Lock()
        self._process: Any = None
        self._conn: Any = None
        self._started = self._closed = self.parked = False
        self._going = False  # it was told to go, and has not said yet that it does

    # -- life --------------------------------------------------------------------------------

    def start(self) -> Session:
        """Start the worker; it builds the model, then runs (or waits, if ``paused``)."""
        if self._started:
            raise WorkbenchError("This session was started already; make a new one to run again.")
        self._started = True
        self._launch(self._paused)
        if self.plan.engine == "auto":
            self._build = build_later(self.model)
        return self

    def _launch(self, paused: bool, **more: Any) -> None:
        """Start the worker; ``more`` of its options."""
        options = {
            "store": str(self.store),
            "speed": self.speed,
            "paused": paused,
            "credits": CREDITS,
            "compiler": compiler() is not None,
            "hand_over": self._hand_over,
            "memory_gb": MEMORY_GB.read(),
            # Who says how long it takes knows how much that is.
            "record_gb": 0.0 if self.plan.duration_ms is not None else RECORD_GB.read(),
            "fps": FPS.read(),
            **more,
        }
        self._process, self._conn = launch(
            child.main,
            pack_model(self.model),
            self.plan,
            options,
            name=f"workbench-{self.model.slug or 'session'}",
        )
        self._finalizer = weakref.finalize(
            self, _end, self._process, None if self._keep_store else self.store
        )
        threading.Thread(target=_read, args=(weakref.ref(self), self._conn), daemon=True).start()

    @property
    def has_worker(self) -> bool:
        """Whether there is a process for it."""
        return self._process is not None and not self.parked and not self._status.over

    @property
    def pid(self) -> int | None:
        """Process id of the worker."""
        return self._process.pid if self._process is not None else None

    @property
    def seed(self) -> int:
        return self.plan.seed

    @property
    def engine(self) -> str:
        """The engine that runs: "numpy", "cython" or "compiled"."""
        return self._status.engine or self.plan.engine

    @property
    def interventions(self) -> list[Intervention]:
        """What was done to the simulation until now; what is only planned is not."""
        planned = happened(self.plan.log, self.model.tick_ms, self._status.t_ms)
        return [*planned, *self._done]

    def status(self) -> Status:
        """What the session is doing now."""
        with self._changed:
            status = replace(self._status)
            # One that is not read has to wait until somebody does.
            if status.state == "running" and self._unread < CREDITS:
                status.silent_s = time.monotonic() - self._heard
        if self._build and not self._asked_again and status.engine not in ("", "compiled"):
            # What seemed to be there at the start may be of other code; the worker has looked.
            self._asked_again = True
            build_later(self.model)
        build = build_of(self._build)
        if build is None or status.engine == "compiled":
            return status
        if build.built and (status.stays or not self._hand_over):
            status.next_engine = "compiled"
        elif build.built:
            status.goes_on = True
        elif build.failed:
            status.stays = build.failed
        else:
            status.compiling_s = build.seconds
        return status

    def frames(self) -> list[Frame]:
        """The frames that arrived since the last call; never waits."""
        with self._changed:
            new = list(self._frames)
            self._frames.clear()
            n, self._unread = self._unread, 0
            self._heard = time.monotonic() if n else self._heard
        if n:
            self._send("ack", n)
        return new

    def __aiter__(self) -> AsyncIterator[Frame]:
        """``async for frame in session``: frames as they arrive, until the run is over.

        Each frame goes to one reader only: to whoever iterates, or to whoever calls `frames`.
        """
        return frames_of(self)

    # -- commands: they take effect at the next tick ---------------------------------------------

    def resume(self) -> None:
        self._goes()
        self._send("resume")

    def pause(self) -> None:
        self._going = False
        self._send("pause")

    def step(self, n: int = 1) -> None:
        """Advance by ``n`` ticks, then pause."""
        n = whole_of(n, what="step")
        if n < 1:
            raise ParameterError(f"step({n}) is not possible: at least one whole tick.")
        self._goes()
        self._send("step", n)

    def _goes(self) -> None:
        """It is about to go: whoever waits for it to stand waits for the next time."""
        if self.parked:
            raise SimulationError("This session is parked, and goes on as a branch of itself.")
        with self._changed:
            if self._status.state in ("ready", "paused"):
                self._status = replace(self._status, state="running", waits="")
                self._heard = time.monotonic()
            self._going = not self._status.over

    def set(self, name: str, value: Any) -> float:
        """Change a live parameter; raises ParameterError when that needs a rebuild."""
        self.check_set(name, value)
        number = self.model.set(name, value)
        self._send("set", name, number)
        return number

    def check_set(self, name: str, value: Any) -> None:
        """Raise what ``set`` would raise, and change nothing."""
        parameter = self.model.parameter(name)
        if not parameter.live:
            live = [k for k, q in self.model.parameters().items() if q.live]
            raise ParameterError(
                f"{name} cannot change while the model runs: it needs a rebuild. "
                f"Live parameters: {', '.join(live) or 'none'}."
            )
        parameter.check(parameter.convert(value))

    def do(self, operation: Operation) -> None:
        """Perform an operation at the next tick, whatever its ``t_ms``."""
        if not isinstance(operation, Operation):
            raise unknown("operation", operation, [c.__name__ for c in self.model.operations])
        operation.check(self.model)
        self._send("operation", operation)

    def set_speed(self, speed: float | None) -> None:
        """Simulated ms per wall second; None = as fast as possible."""
        _check_speed(speed)
        self.speed = speed
        self._send("speed", speed)

    def watch(self, watched: dict[str, Iterable[int]]) -> None:
        """Choose whose states the frames carry: "population.variable" -> neuron numbers."""
        self._send("watch", {k: tuple(int(n) for n in v) for k, v in watched.items()})

    def record(self, options: Mapping[str, Recording | None]) -> None:
        """Record more from the next tick on, or other things; the simulation does not notice.

        What is recorded once keeps its name in the run; asked for in another way later, the
        variable is recorded under its name and ``#2``, ``#3``, ...

        options : "population.variable" or "projection.variable" -> `Recording`, or None to end it
        raises : UnknownName or ParameterError for what cannot be recorded; SimulationError while
                 the network is not built yet
        """
        if self.parked:
            raise SimulationError("The simulation rests: press Run, and then record.")
        if self.info is None:
            raise SimulationError("The network is not built yet: wait until the session is ready.")
        given = {k: w for k, w in options.items() if w is not None}
        checked = check(self.info, given)
        changes: dict[str, Recording | None] = {}
        for name, option in options.items():
            for key in [k for k in self.recording if variable_of(k) == variable_of(name)]:
                if key not in self.info.watched:  # what is sampled at ticks goes on
                    changes[key] = None
            if option is not None:
                changes[self._key(name, checked[name])] = checked[name]
        for key, option in changes.items():
            if option is None:
                self.recording.pop(key, None)
            else:
                self.recording[key] = self._recorded[key] = option
        self._send("record", changes)

    def _key(self, name: str, option: Recording) -> str:
        """The name under which the run keeps it: that of an earlier recording of the same kind."""
        assert self.info is not None
        base, n, key = variable_of(name), 1, name
        size = recordable(self.info, name).entries
        while key in self._recorded and not _alike(self._recorded[key], option, size):
            n += 1
            key = f"{base}#{n}"
        return key

    def show_weights(self, names: Sequence[str], every_ms: float = 500.0) -> None:
        """Choose whose weights the frames carry, and how often (wall time)."""
        self._send("weights", tuple(names), float(every_ms))

    def follow_weights(self, every_ms: Mapping[str, float]) -> None:
        """Have the frames carry the weights of these projections at moments between two frames.

        However rarely frames are taken, there are weights of each such moment, as long as there
        are not too many to send. Nothing of it is recorded.

        every_ms : projection -> simulated time between two moments, whole time steps; {} for none
        """
        self._send("follow", {name: float(every) for name, every in every_ms.items()})

    # -- questions, answered at the next tick ---------------------------------------------------

    def snapshot(self, timeout: float = 10.0) -> dict[str, dict[str, Any]]:
        """Every state array of the network as it is now: object -> variable -> array (SI)."""
        return self.ask("snapshot", timeout)

    def run_so_far(self, timeout: float = 10.0) -> Run:
        """What was recorded until now, as a run; also after a failure."""
        from ..store import open_run

        if not self.status().over and not self.parked:
            with contextlib.suppress(SimulationError):
                self.ask("flush", timeout)
        return open_run(self.store)

    def wait(self, timeout: float | None = None, until: str | None = None) -> bool:
        """Wait until the run is over (or reached the state ``until``); False after ``timeout``."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._status.over or self._status.state == until, timeout
            )

    def reach(self, t_ms: float, timeout: float | None = None) -> bool:
        """Wait until it stands still at ``t_ms`` or is over; False after ``timeout``."""

        def there() -> bool:
            standing = self._status.state in ("ready", "paused")
            return self._status.over or (standing and self._status.t_ms >= t_ms - 1e-6)

        with self._changed:
            return self._changed.wait_for(there, timeout)

    def branch(
        self,
        set: Mapping[str, Any] | None = None,
        *,
        at_ms: float | None = None,
        paused: bool | None = None,
        speed: float | None = None,
        progress: Callable[[float], Any] | None = None,
    ) -> Session:
        """A new session in the state that this one has now, going on with other values.

        The state is reached by simulating again from t = 0, which is exact on every engine and
        takes as long as the simulation did at full speed; this call waits for it. Both sessions
        are independent from there on, and this one is not disturbed.

        set      : live parameter -> its value from the branch on
        at_ms    : branch at this earlier moment instead, a whole tick
        paused   : wait there; by default the branch runs if this session does
        speed    : as for a new session, from the branch on
        progress : called with the fraction of the way to the branch that is done
        raises   : ParameterError for values and moments that are not possible, SimulationError
                   when this session cannot be asked or the way to the branch fails
        """
        import workbench

        return workbench.branch_session(
            self, set, at_ms=at_ms, paused=paused, speed=speed, progress=progress
        )

    def stop(self, timeout: float = 30.0) -> Run:
        """End the run at the next tick and return it; also after it ended by itself.

        raises : SimulationError, with what was recorded in its ``run``, when it had failed
        """
        if not self.status().over:
            self._send("stop")
            self.wait(timeout)
        status = self.status()
        exit_code(self._process, timeout)
        if status.state == "failed":
            raise SimulationError(status.message, status.details, self._kept())
        run = self.run_so_far()
        # The folder is removed when the session is closed, unless it was given.
        return run if self._keep_store else run.load()

    def park(self, timeout: float = 30.0) -> None:
        """End the worker of a session that stands still, and keep what it knows and recorded.

        It goes on as a `branch`: simulated again up to where it stands, which is exact.

        raises : SimulationError when it does not stand still
        """
        state = self.status().state
        if state not in ("ready", "paused"):
            raise SimulationError(
                f"Only a session that stands still can be parked; this one is {state}."
            )
        with self._changed:
            self.parked = True
        self._send("stop")
        exit_code(self._process, timeout)

    def close(self) -> None:
        """End the worker and forget the recording, unless a ``store`` was given.

        Whoever closes it too, in another thread, waits until that is done.
        """
        with self._closing:
            if not self._closed and self._process is not None:
                self._closed = True
                self._finalizer()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- inside ----------------------------------------------------------------------------------

    def _kept(self) -> Run | None:
        from ..store import open_run

        try:
            run = open_run(self.store)
            return run if self._keep_store else run.load()
        except (StoreError, WorkbenchError):
            return None

    def _send(self, *command: Any) -> None:
        # A worker that is over hears nothing; its status says so already.
        if not self._started:
            raise WorkbenchError("This session was not started; call start() first.")
        with self._sending, contextlib.suppress(OSError, ValueError):
            self._conn.send(command)

    def read(self, function: str, timeout: float = 10.0) -> Any:
        """What a function makes of the `Simulation`, in its process, at the next tick.

        function : "module:function", of which the argument is the simulation
        """
        return self.ask("read", timeout, function)

    def ask(self, question: str, timeout: float, *more: Any) -> Any:
        """What the worker answers at the next tick; raises SimulationError when it does not."""
        if self.parked:
            raise SimulationError("The simulation rests, and cannot be asked.")
        ticket = self._new_ticket(question, *more)
        self._send(question, ticket, *more)
        with self._changed:
            answered = self._changed.wait_for(
                lambda: ticket in self._replies or self._status.over, timeout
            )
            answer = self._replies.pop(ticket, None)
            over = self._status.over
        if isinstance(answer, Exception):
            raise answer
        if not answered or (answer is None and over and question != "flush"):
            raise SimulationError(
                f"The simulation did not answer within {timeout:g} s: it is "
                f"{self._status.state}. Try again, or reset it."
            )
        return answer

    def _new_ticket(self, _question: str, *_more: Any) -> int:
        return next(self._tickets)

    def _receive(self, kind: str, *parts: Any) -> None:
        with self._changed:
            self._heard = time.monotonic()
            if kind == "frame":
                frame: Frame = parts[0]
                self._frames.append(frame)
                self._unread += 1
                self._status.t_ms = frame.t_ms
                self._status.real_time_factor = frame.counters["real_time_factor"]
                self._status.behind_ms = frame.counters["behind_ms"]
                self._status.dropped_spikes = int(frame.counters["dropped_spikes"])
                if self.plan.duration_ms:
                    self._status.progress = min(1.0, frame.t_ms / self.plan.duration_ms)
            elif kind == "status" and not self.parked:
                self._status = replace(self._status, **self._as_seen(parts[0]))
                if not self._status.t_ms and self._status.compiled_since_ms is None:
                    self.began_with = self._status.engine
            elif kind == "info":
                self.info = parts[0]
            elif kind == "recording":
                self.recording = dict(parts[0])
                self._recorded |= parts[0]
            elif kind == "shown":
                self._receive_shown(*parts)
            elif kind == "log":
                self._done.append(parts[0])
            elif kind == "reply":
                self._replies[parts[0]] = parts[1]
            self._notify()

    def _as_seen(self, reported: dict[str, Any]) -> dict[str, Any]:
        """A worker that builds does not know yet that it is to go: it says that it is ready."""
        state = reported.get("state", "building")
        if self._going and state == "ready":
            return {k: v for k, v in reported.items() if k != "state"}
        if state not in ("building", "compiling"):
            self._going = False
        return reported

    def _receive_shown(self, kind: str, content: Any) -> None:
        if kind == "output":
            self.output = (self.output + content)[-LONGEST_OUTPUT:]
        else:
            number, png = content
            self.figures[number] = png

    def _lost(self) -> None:
        """The pipe is closed: by a worker that said goodbye, or by one that died."""
        code = exit_code(self._process, 30)
        with self._changed:
            if not self._status.over and not self.parked:
                how = f"was killed (signal {-code})" if code and code < 0 else f"ended ({code})"
                self._status = replace(
                    self._status,
                    state="failed",
                    message=f"The simulation process {how} at t = {self._status.t_ms:g} ms. "
                    "What was recorded until its last second is kept; Reset starts it anew.",
                )
            self._notify()

    def _notify(self) -> None:
        self._changed.notify_all()
        for wake in self.listeners:
            wake()


def _read(session: weakref.ref[Session], conn: Any) -> None:
    """Thread: hand everything that arrives to the session, until the worker is gone."""
    while True:
        try:
            message = conn.recv()
        except (EOFError, OSError):
            break
        here = session()
        if here is None or here._conn is not conn:  # it has another worker now, or none
            return
        here._receive(*message)
        del here, message
    here = session()
    if here is not None and here._conn is conn:
        here._lost()


def _alike(first: Recording, second: Recording, size: int) -> bool:
    """Samples of both fit into the same arrays, one after the other."""
    return (
        (first.extremes, first.single) == (second.extremes, second.single)
        and first.every_ms == second.every_ms
        and (np.array_equal(first.entries(size), second.entries(size)))
    )


class Unsaved:
    """Whether the recordings of sessions that are closed stay, where there is anything in them.

    So it is when a server ends: its pages are closed, and nobody asked them. They open as
    interrupted runs, and are removed after a day.
    """

    kept = False


def _end(process: Any, store: Path | None) -> None:
    end(process)
    exit_code(process, 2)
    if store is not None and not (Unsaved.kept and _has_recorded(store)):
        shutil.rmtree(store, ignore_errors=True)


def _has_recorded(store: Path) -> bool:
    try:
        return bool(json.loads((store / "run.json").read_text("utf-8"))["duration_ms"] > 0)
    except (OSError, ValueError, KeyError, TypeError):  # it had not begun
        return False


def _check_speed(speed: float | None) -> None:
    if speed is not None and not number_of(speed, what="speed") > 0:
        raise ParameterError(
            f"speed = {speed!r} is not allowed: simulated ms per second above 0, or None for as "
            "fast as possible."
        )
