"""The child process of a session: builds the model, runs it, obeys commands, sends frames."""

from __future__ import annotations

import signal
import time
import traceback
from collections import deque
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from ..brian.errors import sentence
from ..errors import StoreError, WorkbenchError
from ..interventions import Intervention
from ..model.operation import Operation
from ..model.transfer import unpack_model
from .batch import Job
from .compiled.built import is_warm, mark_warm
from .frames import Frame
from .plan import Plan, choose_target
from .process import limit_memory
from .recorder import Recorder
from .runtime import Runtime, StopRun

POLL_EVERY_S = 0.002
CHECK_EVERY_S = 0.1
LATE_S = 0.25  # trailing the pace by more than this counts as behind, and is not caught up
MAX_FRAME_SPIKES = 2_000_000  # more are kept in the record, but not sent


def main(conn: Connection, packed: dict[str, Any], plan: Plan, options: dict[str, Any]) -> None:
    """Entry point of the child process; never raises, everything goes through ``conn``."""
    # Ctrl-C in a terminal reaches every process of its group; only the session's may act on it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_memory(options["memory_gb"])
    worker = Worker(conn, plan, options)
    try:
        worker = _built(worker, unpack_model(packed), options)
        worker.run()
    except (BrokenPipeError, EOFError, ConnectionResetError):
        return  # the session is gone: nobody is left to tell
    except BaseException as error:
        worker.fail(error)
    finally:
        worker.close()
        conn.close()


def _built(worker: Worker, model: Any, options: dict[str, Any]) -> Worker:
    """The worker of the engine that is asked for, with its network built."""
    plan = worker.plan
    target = choose_target(plan.engine, model, live=True)
    if target == "compiled":
        from .compiled.simulation import NotCompiled
        from .compiled.worker import CompiledWorker

        if not options["compiler"]:
            worker.build(model, "numpy")
            worker._say(
                warning="No C++ compiler (g++ and make) was found here: the simulation runs on "
                "NumPy instead of the compiled engine."
            )
            return worker
        try:
            compiled = CompiledWorker(worker.conn, plan, options)
            compiled.build(model, target)
            return compiled
        except NotCompiled:  # the code came out differently from what was compiled before
            import brian2

            compiled.close()
            brian2.set_device("runtime")
            target = "numpy"
        except BaseException:
            compiled.close()
            raise
    worker.build(model, target)
    return worker


class Worker:
    """Drives a `Runtime` by the commands that arrive on ``conn``."""

    def __init__(self, conn: Connection, plan: Plan, options: dict[str, Any]):
        self.conn = conn
        self.plan = plan
        self.store = Path(options["store"])
        self.speed: float | None = options["speed"]
        self.paused: bool = options["paused"]
        self.job: Job | None = None
        self.steps_left = 0
        self.credits = options["credits"]
        self.frame_every_s = 1 / options["fps"]
        self.stopping = False
        self.tick = 0
        self._now_t = 0.0
        self._last_frame = self._last_poll = self._last_check = 0.0
        self._pending: list[tuple[np.ndarray, np.ndarray]] = []
        self._pending_states: list[tuple[float, dict[str, np.ndarray]]] = []
        self._n_pending = self._dropped = 0
        self._weights_every = 0.5
        self._last_weights = 0.0
        self._shown_weights: tuple[str, ...] = ()
        self._rtf: deque[tuple[float, float]] = deque(maxlen=64)
        self._behind_ms = 0.0
        self._anchor: tuple[float, int] | None = None
        self._told_disk = self._told_size = False
        self._size_allowed = self._size_step = int(options["record_gb"] * 2**30)

    # -- life ------------------------------------------------------------------------------

    def build(self, model: Any, target: str) -> None:
        """Build the model for ``target``, and open the recording."""
        from ..store import RunWriter

        self.model = model
        cold = target == "cython" and not is_warm(model, "cython")
        self._say(
            state="compiling" if cold else "building",
            engine=target,
            message="Compiling with Cython: about half a minute, once"
            if cold
            else f"Building {model.title or model.slug}",
        )
        self.runtime = self._engine(target)
        info = self.runtime.build()
        self.recorder = Recorder()
        self.job = Job(self.runtime, self.plan, self.recorder)
        try:
            self.recorder.writer = RunWriter(self.store, **self.job.meta())
            self.recorder.writer.progress(0.0, self.job.interventions)
        except StoreError as error:
            raise StoreError(f"The run cannot be recorded: {error}") from error
        self._watched = dict(self.job.watched)
        self._sample_watched: Any = None  # the same neurons as are recorded
        self.conn.send(("info", info))

    def _engine(self, target: str) -> Runtime:
        return Runtime(self.model, self.plan.seed, target)

    def close(self) -> None:
        """The worker is over."""

    def run(self) -> None:
        self.runtime.on_tick = self._at_tick
        self.runtime.run(self.plan.duration_ms)
        self.tick = self.runtime.tick
        self.runtime.check_finite()
        self._send_frame(force=True)
        self._finish("finished" if self.runtime.finished else "stopped", "")

    def _finish(self, outcome: str, message: str, details: str = "") -> None:
        assert self.job is not None
        writer = self.recorder.writer
        stored = self.recorder.flush(self.runtime.t_ms, self.job.interventions)
        if stored:
            try:
                writer.finish(
                    duration_ms=self.runtime.t_ms,
                    outcome=outcome,
                    message=message,
                    weights=self._last_known_weights(),
                    interventions=self.job.interventions,
                )
            except StoreError as error:
                self.recorder.error = error
        warning = str(self.recorder.error or "")
        self._say(state=outcome, message=message, details=details, warning=warning)

    def _last_known_weights(self) -> dict[str, Any]:
        assert self.job is not None
        return self.job.weights()

    def fail(self, error: BaseException) -> None:
        """Tell the session why it is over; what was recorded is kept."""
        details = "".join(traceback.format_exception(error)) + getattr(error, "details", "")
        message = sentence(error, getattr(self, "model", None), built=self.job is not None)
        try:
            if self.job is not None and self.recorder.writer is not None:
                self._send_frame(force=True)
                self._finish("failed", message, details)
            else:
                self._say(state="failed", message=message, details=details)
        except (BrokenPipeError, ConnectionResetError):
            pass
        except Exception:
            self._say(state="failed", message=message, details=details)

    # -- every tick --------------------------------------------------------------------------

    def _at_tick(self, tick: int) -> None:
        assert self.job is not None
        now = time.perf_counter()
        self.tick = tick
        sampled = self.job.sample()
        if self._sample_watched is not None:
            sampled = self._sample_watched()
        self._pending_states.append((self.runtime.t_ms, sampled))
        if tick == 0:
            if self.paused:
                self._stand()
            self._say(state="ready" if self.paused else "running", message="")
            if self.runtime.target == "cython":
                mark_warm(self.model, "cython")
        if self.steps_left and tick:
            self.steps_left -= 1
            if not self.steps_left:
                self.paused = True
                self._stand()
                self._say(state="paused", message="")
        if now - self._last_poll >= POLL_EVERY_S:
            self._poll(0)
        self._keep_pace(now)
        if now - self._last_check >= CHECK_EVERY_S:
            self.runtime.check_finite()
            self._last_check = now
        if now - self._last_frame >= self.frame_every_s:
            self._send_frame()
        if self.recorder.due:
            self._flush()
        while self.paused and not self.stopping:
            self._hold()
        if self.stopping:
            raise StopRun

    def _hold(self) -> None:
        """Stand still at this tick: everything is sent and stored, commands are obeyed."""
        self._anchor = None
        self._rtf.clear()
        self._stand()
        if self.recorder.due:
            self._flush()
        self._poll(0.25)

    def _stand(self) -> None:
        """Send what happened; always before the word that it stands.

        Whoever hears the word may go on at once, and would get both stretches in one frame.
        """
        if self._pending_states or self._n_pending or self._shown_stale():
            self._send_frame(force=True)

    def _keep_pace(self, now: float) -> None:
        """Wait until the wall clock has caught up with the simulated time."""
        if self.speed is None or self.paused:
            self._anchor, self._behind_ms = None, 0.0
            return
        if self._anchor is None:
            self._anchor = (now, self.tick)
        began, tick = self._anchor
        due = began + (self.tick - tick) * self.runtime.info.tick_ms / self.speed
        if now - due > LATE_S:
            self._anchor = (now, self.tick)
            self._behind_ms = (now - due) * 1e3
        elif due - now > 1e-3 and now - self._last_frame >= self.frame_every_s / 2:
            self._send_frame()  # what this tick brought is seen before the wait, not after
        speed = self.speed
        while (left := due - time.perf_counter()) > 0:
            self._behind_ms = 0.0
            self._poll(min(left, 0.25))
            if self.paused or self.stopping or self.speed != speed:
                return

    def _flush(self) -> None:
        assert self.job is not None
        self._drain()
        if self.recorder.flush(self.runtime.t_ms, self.job.interventions):
            if self._told_disk or (self._told_size and not self.paused):
                self._told_disk = self._told_size = False
                self._say(warning="", waits="")
            if 0 < self._size_allowed <= self.recorder.written:
                self._size_allowed = self.recorder.written + self._size_step
                self._told_size = True
                more = f"{self._size_step / 2**30:.3g} GB more (WORKBENCH_RECORD_GB)"
                self._pause(
                    f"The recording has reached {self.recorder.written / 2**30:.3g} GB, before "
                    "compression.",
                    f"Press Run to record {more}, or end this run.",
                )
        elif not self._told_disk:
            self._told_disk = True
            self._pause(
                str(self.recorder.error),
                "Nothing recorded is lost: it waits in memory. Free some space, then press Run.",
            )

    def _pause(self, warning: str, waits: str) -> None:
        """Stand still by itself: why, and what to do about it."""
        self._do_pause()
        self._say(warning=warning, waits=waits)

    def _drain(self) -> None:
        assert self.job is not None
        steps, units = self.job.collect()
        if len(steps):
            self._n_pending += len(steps)
            self._pending.append((steps, units))

    # -- frames --------------------------------------------------------------------------------

    def _shown_stale(self) -> bool:
        return self._last_weights == 0.0 and bool(self._shown_weights)

    def _send_frame(self, force: bool = False) -> None:
        now = time.perf_counter()
        if self.credits <= 0 and not force:
            return
        weights = self._weights(now, force)  # spikes may arrive meanwhile
        self._drain()
        while self._n_pending > MAX_FRAME_SPIKES and len(self._pending) > 1:
            lost = len(self._pending.pop(0)[0])
            self._n_pending -= lost
            self._dropped += lost
        t_ms = self.runtime.t_ms
        self._rtf.append((now, t_ms))
        state_t, states = self._frame_states()
        frame = Frame(
            tick=self.tick,
            t_ms=t_ms,
            steps=np.concatenate([s for s, _ in self._pending] or [np.empty(0, np.int64)]),
            units=np.concatenate([u for _, u in self._pending] or [np.empty(0, np.int32)]),
            state_t=state_t,
            states=states,
            weights=weights,
            counters={
                "real_time_factor": self._factor(),
                "behind_ms": self._behind_ms,
                "dropped_spikes": float(self._dropped),
                "spikes": float(self.recorder.n_spikes),
            },
        )
        self.conn.send(("frame", frame))
        self.credits -= 1
        self._last_frame = now
        self._pending, self._pending_states, self._n_pending = [], [], 0

    def _frame_states(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Samples since the last frame: (T,) ms and name -> (T, n)."""
        names = self._pending_states[-1][1] if self._pending_states else {}
        kept = [(t, s) for t, s in self._pending_states if s.keys() == names.keys()]
        kept = [(t, s) for t, s in kept if all(s[n].shape == names[n].shape for n in names)]
        states = {n: np.stack([s[n] for _, s in kept]) for n in names}
        return np.array([t for t, _ in kept]), states

    def _factor(self) -> float:
        """Simulated seconds per wall second over about the last second."""
        if len(self._rtf) < 2:
            return 0.0
        (w0, t0), (w1, t1) = self._rtf[0], self._rtf[-1]
        while len(self._rtf) > 2 and w1 - self._rtf[0][0] > 1.0:
            self._rtf.popleft()
        return (t1 - t0) / 1e3 / (w1 - w0) if w1 > w0 else 0.0

    def _weights(self, now: float, force: bool) -> dict[str, np.ndarray]:
        if not self._shown_weights or (now - self._last_weights < self._weights_every):
            return {}
        self._last_weights = now
        return {
            n: self.runtime.weights[n].matrix().astype(np.float32)
            for n in self._shown_weights
            if n in self.runtime.weights
        }

    # -- commands --------------------------------------------------------------------------------

    def _poll(self, timeout: float) -> None:
        if self.conn.poll(timeout):
            while self.conn.poll(0):
                name, *args = self.conn.recv()
                getattr(self, f"_do_{name}")(*args)
        self._last_poll = time.perf_counter()

    def _do_ack(self, n: int) -> None:
        self.credits += n

    def _do_resume(self) -> None:
        self.paused, self.steps_left = False, 0
        self._say(state="running", message="", waits="")

    def _do_pause(self) -> None:
        self.paused, self.steps_left = True, 0
        self._stand()
        self._say(state="paused" if self.tick else "ready", message="")

    def _do_step(self, n: int) -> None:
        self.paused, self.steps_left = False, n
        self._say(state="running", message="", waits="")

    def _do_stop(self) -> None:
        self.stopping = True

    def _do_speed(self, speed: float | None) -> None:
        self.speed, self._anchor, self._behind_ms = speed, None, 0.0
        self._rtf.clear()

    def _do_set(self, name: str, value: float) -> None:
        was = getattr(self.model, name)
        self.model.set(name, value)
        self.runtime.set_quantity(name, value)
        t_ms = self.runtime.t_ms
        self._log(Intervention.of_change(self.model, self.tick, t_ms, name, was, value))

    def _do_operation(self, operation: Operation) -> None:
        # ``ticks`` count from here: the writes of this very tick are applied after the commands.
        try:
            self.runtime.perform(operation)
        except WorkbenchError as error:
            self._say(warning=str(error))
            return
        self._log(Intervention.of_operation(self.model, self.tick, operation))

    def _do_watch(self, watched: dict[str, tuple[int, ...]]) -> None:
        try:
            self._sample_watched = self.runtime.sampler(watched)
        except WorkbenchError as error:
            self._say(warning=str(error))
            return
        self._pending_states = [(self.runtime.t_ms, self._sample_watched())]

    def _do_weights(self, names: tuple[str, ...], every_ms: float) -> None:
        self._shown_weights, self._weights_every = names, every_ms / 1e3
        self._last_weights = 0.0

    def _do_flush(self, ticket: int) -> None:
        assert self.job is not None
        self._drain()
        self.recorder.flush(self.runtime.t_ms, self.job.interventions)
        try:
            self.recorder.writer.weights(self.job.weights())
            self.conn.send(("reply", ticket, None))
        except StoreError as error:
            self.conn.send(("reply", ticket, error))

    def _do_snapshot(self, ticket: int) -> None:
        self.conn.send(("reply", ticket, self.runtime.states()))

    def _log(self, item: Intervention) -> None:
        assert self.job is not None
        self.job.done.append(item)
        self.conn.send(("log", item))

    def _say(self, **changes: Any) -> None:
        if self.job is not None:
            changes["t_ms"] = self.runtime.t_ms
        self.conn.send(("status", changes))
