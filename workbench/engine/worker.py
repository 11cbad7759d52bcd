"""The worker of a session: obeys its commands, sends frames, records. One class an engine."""

from __future__ import annotations

import contextlib
import importlib
import math
import select
import time
import traceback
from abc import ABC, abstractmethod
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from ..brian.errors import sentence
from ..errors import SimulationError, StoreError, WorkbenchError
from ..interventions import Intervention
from ..model.operation import Operation
from ..recordings import Recording
from ..sparse import Spread
from .compiled.built import is_compiled
from .frame_sender import FrameSender
from .plan import Plan
from .present import changed_circuit
from .recorder import Recorder
from .recording import WriteJob
from .simulation import Simulation


class Worker(ABC):
    """Drives a `Simulation` by the commands that arrive on ``conn``."""

    simulation: Simulation
    recorder: Recorder
    successor: Worker | None = None  # what goes on when ``run`` is over, with the same session

    def __init__(self, conn: Connection, plan: Plan, options: dict[str, Any]):
        self.conn = conn
        self.plan = plan
        self.options = options
        self.store = Path(options["store"])
        self.speed: float | None = options["speed"]
        self.paused: bool = options["paused"]
        self.job: WriteJob | None = None
        self.tick = 0
        self.frames = FrameSender(conn, options["credits"], 1 / options["fps"])
        # `Connection.poll` makes such an object anew each time, which takes longer than to ask it.
        self._poller = select.poll() if hasattr(select, "poll") else None
        if self._poller is not None:
            self._poller.register(conn.fileno(), select.POLLIN)
        self._resources = contextlib.ExitStack()  # what ``close`` ends
        self._told_disk = self._told_size = False
        self._size_allowed = self._size_step = int(options["record_gb"] * 2**30)

    # -- what an engine does its own way -------------------------------------------------------

    @abstractmethod
    def _new_simulation(self, target: str) -> Simulation:
        """The simulation of ``self.model``, not yet built."""

    @abstractmethod
    def _new_job(self) -> WriteJob:
        """The recording of the simulation, which is built."""

    @abstractmethod
    def run(self) -> None:
        """Run to the end, obeying commands."""

    @abstractmethod
    def _pause_now(self) -> None:
        """Pause at a tick, with everything sent that happened until then."""

    @abstractmethod
    def _behind_ms(self) -> float:
        """Wall time by which the simulation trails the requested pace."""

    @abstractmethod
    def _do_resume(self) -> None: ...

    @abstractmethod
    def _do_step(self, n: int) -> None: ...

    @abstractmethod
    def _do_stop(self) -> None: ...

    @abstractmethod
    def _do_watch(self, watched: dict[str, tuple[int, ...]]) -> None: ...

    # -- life ------------------------------------------------------------------------------

    def adopt(self, before: Worker) -> None:
        """Go on with the frames and the record of another worker of the same session."""
        before.recorder.wait()
        self.recorder, self.frames, self.tick = before.recorder, before.frames, before.tick
        self._resources.callback(self.recorder.close)
        self.speed, self.paused = before.speed, before.paused
        self._told_disk, self._told_size = before._told_disk, before._told_size
        self._size_allowed = before._size_allowed

    def build(self, model: Any, target: str) -> None:
        """Build the model for ``target``, and open the recording."""
        from ..store import RunWriter

        self.model = model
        cold = target == "cython" and not is_compiled(model, "cython")
        self.report(
            state="compiling" if cold else "building",
            engine=target,
            message="Compiling with Cython: about half a minute, once"
            if cold
            else f"Building {model.title or model.slug}",
        )
        if model.own_process:
            model.show = lambda kind, content: self.conn.send(("shown", kind, content))
        self.simulation = self._new_simulation(target)
        info = self.simulation.build()
        self.recorder = Recorder()
        self._resources.callback(self.recorder.close)
        self.job = self._new_job()
        try:
            self.recorder.writer = RunWriter(self.store, **self.job.meta())
            self.recorder.writer.progress(0.0, self.job.interventions)
        except StoreError as error:
            raise StoreError(f"The run cannot be recorded: {error}") from error
        self.frames.entries = self.job.entries()
        self.conn.send(("recording", self.job.recordings))
        self.conn.send(("info", info))

    def close(self) -> None:
        """End what the simulation has started."""
        self._resources.close()

    def _finish(self, outcome: str, message: str, details: str = "") -> None:
        assert self.job is not None
        writer = self.recorder.writer
        self._note_circuit()
        stored = self.recorder.flush(self.simulation.t_ms, self.job.interventions)
        if stored:
            try:
                writer.finish(
                    duration_ms=self.simulation.t_ms,
                    outcome=outcome,
                    message=message,
                    weights=self._last_known_weights(),
                    interventions=self.job.interventions,
                )
            except StoreError as error:
                self.recorder.error = error
        warning = str(self.recorder.error or "")
        self.report(state=outcome, message=message, details=details, warning=warning)

    def _last_known_weights(self) -> dict[str, Any]:
        assert self.job is not None
        return self.job.weights()

    def _note_circuit(self) -> None:
        """Store the circuit with the values that it has now, where they were changed."""
        assert self.job is not None
        with contextlib.suppress(SimulationError):  # what simulates may be gone
            self.recorder.writer.circuit(changed_circuit(self.simulation, self.job.interventions))

    def fail(self, error: BaseException) -> None:
        """Tell the session why it is over; what was recorded is kept."""
        details = "".join(traceback.format_exception(error)) + getattr(error, "details", "")
        message = sentence(error, getattr(self, "model", None), built=self.job is not None)
        try:
            if self.job is not None and self.recorder.writer is not None:
                self._send_frame(force=True)
                self._finish("failed", message, details)
            else:
                self.report(state="failed", message=message, details=details)
        except (BrokenPipeError, ConnectionResetError):
            pass
        except Exception:
            self.report(state="failed", message=message, details=details)

    # -- recording -----------------------------------------------------------------------------

    def _flush(self) -> None:
        assert self.job is not None
        done = self.job.interventions
        late = self.recorder.late
        if self.recorder.flush(self.simulation.t_ms, done, valid=late, wait=False):
            if self._told_disk or (self._told_size and not self.paused):
                self._told_disk = self._told_size = False
                self.report(warning="", waits="")
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
        self.report(warning=warning, waits=waits)

    # -- frames --------------------------------------------------------------------------------

    def _send_frame(self, force: bool = False) -> None:
        now = time.perf_counter()
        if not self.frames.may_send(force):
            return
        weights, sparse = self._weights(now)  # spikes may arrive meanwhile
        self.frames.send(
            now,
            self.tick,
            self.simulation.t_ms,
            weights,
            sparse,
            self._followed(),
            self._behind_ms(),
            self.recorder.n_spikes,
        )

    def _followed(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Weights between two frames, of the projections that somebody follows."""
        readers = self.simulation.weights
        return {
            name: (block.t_ms, np.array([readers[name].binned(w) for w in block.values], "f4"))
            for name, block in self.frames.take_followed().items()
        }

    def _weights(self, now: float) -> tuple[dict[str, np.ndarray], dict[str, Spread]]:
        """The matrices that somebody looks at, if it is time to read them."""
        if not self.frames.weights_due(now):
            return {}, {}
        self.frames.weights_at = now
        known = self.simulation.weights
        readers = {n: known[n] for n in self.frames.shown_weights if n in known}
        return (
            {n: r.matrix().astype(np.float32) for n, r in readers.items()},
            {n: r.spread() for n, r in readers.items() if r.sparse},
        )

    # -- commands --------------------------------------------------------------------------------

    def _poll(self, timeout: float) -> None:
        if self._heard(timeout):
            while self._heard(0):
                name, *args = self.conn.recv()
                getattr(self, f"_do_{name}")(*args)

    def _heard(self, timeout: float) -> bool:
        """A command is there, or the other end is gone."""
        if self._poller is None:
            return self.conn.poll(timeout)
        return bool(self._poller.poll(math.ceil(timeout * 1e3)))

    def _do_ack(self, n: int) -> None:
        self.frames.credits += n

    def _do_pause(self) -> None:
        self.paused = True
        self.frames.refresh_weights()  # what is seen while it stands is what is
        self._pause_now()
        self.report(state="paused" if self.tick else "ready", message="")

    def _do_speed(self, speed: float | None) -> None:
        self.speed = speed
        self.frames.restart_factor()

    def _do_set(self, name: str, value: float) -> None:
        was = getattr(self.model, name)
        self.model.set(name, value)
        self.simulation.set_parameter(name, value)
        if self.paused:
            self.frames.refresh_weights()
        t_ms = self.simulation.t_ms
        self.log(Intervention.of_change(self.model, self.tick, t_ms, name, was, value))

    def _do_operation(self, operation: Operation) -> None:
        # ``ticks`` count from here: the writes of this very tick are applied after the commands.
        try:
            self.simulation.perform(operation)
        except WorkbenchError as error:
            self.report(warning=str(error))
            return
        self.log(Intervention.of_operation(self.model, self.tick, operation))

    def _do_weights(self, names: tuple[str, ...], every_ms: float) -> None:
        self.frames.show_weights(names, every_ms)

    def _do_follow(self, every_ms: dict[str, float]) -> None:
        assert self.job is not None
        try:
            self.job.follow(every_ms, self.simulation.t_ms)
        except WorkbenchError as error:
            self.report(warning=str(error))

    def _do_record(self, options: dict[str, Recording | None]) -> None:
        assert self.job is not None
        try:
            self.job.record(options, self.simulation.t_ms)
        except WorkbenchError as error:
            self.report(warning=str(error))
        self.frames.entries = self.job.entries()
        self.conn.send(("recording", self.job.recordings))

    def _do_flush(self, ticket: int) -> None:
        assert self.job is not None
        self._note_circuit()
        self.recorder.flush(self.simulation.t_ms, self.job.interventions)
        try:
            self.recorder.writer.weights(self.job.weights())
            self.conn.send(("reply", ticket, None))
        except StoreError as error:
            self.conn.send(("reply", ticket, error))

    def _do_snapshot(self, ticket: int) -> None:
        self.conn.send(("reply", ticket, self.simulation.states()))

    def _do_read(self, ticket: int, function: str) -> None:
        module, _, name = function.partition(":")
        try:
            answer = getattr(importlib.import_module(module), name)(self.simulation)
        except WorkbenchError as error:
            answer = error
        except Exception as error:  # of the function, not of the simulation, which goes on
            answer = SimulationError(f"{function}: {type(error).__name__}: {error}")
        self.conn.send(("reply", ticket, answer))

    def log(self, item: Intervention) -> None:
        """Note what was done, and tell the session."""
        assert self.job is not None
        self.job.done.append(item)
        self.conn.send(("log", item))
        self.frames.hurry(time.perf_counter())

    def report(self, **changes: Any) -> None:
        """Send changes of the session's `Status`."""
        if self.job is not None:
            changes["t_ms"] = self.simulation.t_ms
        self.conn.send(("status", changes))
