"""The worker of the compiled engine: stands between a session and the binary.

The binary runs by itself and sends what happened some thirty times a second. A command that
touches the network lets it stand still at its next tick, acts there, and lets it go on: so every
intervention has a tick, and a run can be replayed.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import SimulationError, WorkbenchError
from ...model.operation import Operation
from ...recordings import Recording, until
from ...sparse import Spread
from ..recording import WriteJob
from ..worker import Worker
from .built import mark_compiled
from .link import Data
from .simulation import Compiled

if TYPE_CHECKING:
    from ..runtime_worker import RuntimeWorker

EARLY = 0.25  # of the time between two frames: what the binary sends shall not wait
REST_S = 0.25  # how long to listen when nothing happens
WEIGHTS_SHARE = 0.05  # of the time that may go into reading weights for the eye


class CompiledWorker(Worker):
    """As `Worker`, for a simulation in a process of its own."""

    simulation: Compiled
    _pause_at: int | None  # a tick

    def _new_simulation(self, target: str) -> Compiled:
        simulation = Compiled(
            self.model,
            self.plan.seed,
            report=lambda text: self.report(state="compiling", message=text),
            patient=self.plan.engine == "compiled",
        )
        self._resources.callback(simulation.close)
        return simulation

    def _new_job(self) -> WriteJob:
        return WriteJob(self.simulation, self.plan, self.recorder)

    def build(self, model: Any, target: str) -> None:
        super().build(model, target)
        assert self.job is not None
        mark_compiled(model, "compiled", self.simulation.key)
        self.simulation.send_plan()
        self._prepare(self.simulation.entries(self.job.watched), None)

    def take_over(self, before: RuntimeWorker, simulation: Compiled) -> None:
        """Go on with what ``before`` has simulated until now; the session notices nothing.

        raises : SimulationError for what is sampled and is not stored; then nothing was changed
        """
        assert before.job is not None
        job = before.job.moved_to(simulation)
        recorded = simulation.entries(job.watched)
        shown = None if before.watched is None else simulation.entries(before.watched)
        simulation.send_plan()
        self.model, self.simulation, self.job = simulation.model, simulation, job
        self._resources.callback(simulation.close)
        self.adopt(before)
        self._prepare(recorded, shown)
        self._last_row = self.tick
        self._watch()
        if before.steps_left:
            self._pause_at = self.tick + before.steps_left
        self.recorder.writer.note(job.provenance)
        self.report(engine="compiled", compiled_since_ms=simulation.t_ms, message="")

    def _prepare(self, recorded: list[Any], shown: list[Any] | None) -> None:
        """Sample the recorded states, and others for the eye; None: the same."""
        self._recorded, self._shown = recorded, shown
        self.frames.early_s = EARLY * self.frames.every_s
        self._last_row = -1
        self._late_ms = 0.0
        self._pause_at = None
        self._standing = True
        self._over = ""
        self._known_weights: dict[str, Any] = {}
        self._watch()

    def fail(self, error: BaseException) -> None:
        # The binary may be gone: asking it for weights would fail again, and lose what is known.
        self.frames.shown_weights = ()
        super().fail(error)

    # -- life ------------------------------------------------------------------------------

    def run(self) -> None:
        link = self.simulation.link
        assert link is not None
        if self.plan.duration_ms is not None:
            self._end_tick = math.ceil(self.plan.duration_ms / self.simulation.info.tick_ms - 1e-9)
            link.end_at(self._end_tick)
        link.speed(self.speed)
        standing = "paused" if self.tick else "ready"
        self.report(state=standing if self.paused else "running", message="")
        if not self.paused:
            self._go()
        while not self._over:
            ready = wait([self.conn, link.fileno()], 0 if link.pending() else self._patience())
            if self.conn in ready:
                self._poll(0)
            while not self._over and link.pending():
                happened = link.receive()
                self._take_data()
                if happened:
                    self._happened(*happened)
                if self._frame_due() or self.recorder.due:
                    break  # data may arrive as fast as they are taken
            if self._frame_due():
                self._send_frame()
            if self.recorder.due:
                self._flush()
        self._known_weights = self._last_known_weights()
        if self._over == "E":
            self.simulation.ended_at = self.plan.duration_ms
        self._send_frame(force=True)
        self._finish("finished" if self._over == "E" else "stopped", "")

    def _patience(self) -> float:
        if not self._news():
            return REST_S
        return self.frames.due_in(time.perf_counter())

    def _frame_due(self) -> bool:
        return not self.frames.due_in(time.perf_counter()) and self._news()

    def _news(self) -> bool:
        return self.frames.waiting or (self._standing and self.frames.weights_stale)

    def _happened(self, what: str, tick: int) -> None:
        self._at(tick)
        self._standing = True
        if what in "EQ":
            self._over = what
        elif self._pause_at is not None and tick >= self._pause_at:
            self._pause_at = None
            self.paused = True
            self.frames.refresh_weights()
            self._send_frame(force=True)
            self.report(state="paused", message="")

    def _at(self, tick: int) -> None:
        """The simulation is at ``tick``; planned changes up to it have happened."""
        for at in sorted(t for t in self.simulation.changes if t < tick):
            for name, value in self.simulation.changes.pop(at):
                self.model.set(name, value)
        self.tick = self.simulation.tick = tick

    # -- data ------------------------------------------------------------------------------

    def _take_data(self) -> None:
        link = self.simulation.link
        assert link is not None
        arrived, link.data = link.data, []
        for data in arrived:
            self._at(data.tick)
            self._late_ms = data.behind_ms
            self._spikes(data)
            self._samples(data)
            self._streams(data)
            self.simulation.report_bad(data)

    def _spikes(self, data: Data) -> None:
        order = np.argsort(data.steps, kind="stable")
        assert self.job is not None
        steps, units = self.job.split(data.steps[order], data.units[order])
        if self.plan.duration_ms is not None:  # it may end within a tick
            last = self.plan.duration_ms / self.simulation.info.dt_ms - 1e-6
            steps, units = steps[steps < last], units[steps < last]
        if len(steps):
            self.recorder.add_spikes(steps, units)
            self.frames.add_spikes(steps, units)

    def _streams(self, data: Data) -> None:
        assert self.job is not None
        end = self.plan.duration_ms
        blocks = self.simulation.blocks(data)
        if end is not None:  # it may end within a tick
            blocks = {key: until(block, end) for key, block in blocks.items()}
        self.frames.add_recorded(self.job.keep(blocks))

    def _samples(self, data: Data) -> None:
        if not len(data.row_tick):
            return
        if self.plan.duration_ms is not None and data.row_tick[-1] >= self._end_tick:
            data.row_tick, data.rows = data.row_tick[:-1], data.rows[:-1]
        t_ms = data.row_tick * self.simulation.info.tick_ms
        recorded, width = self._columns(self._recorded, data.rows, 0)
        new = data.row_tick > self._last_row  # a tick is sampled again when others are watched
        self.recorder.add_block(t_ms[new], {n: v[new] for n, v in recorded.items()})
        if len(data.row_tick):
            self._last_row = max(self._last_row, int(data.row_tick[-1]))
        shown = recorded
        if self._shown is not None:
            shown, _ = self._columns(self._shown, data.rows, width)
        self.frames.add_states(t_ms, shown)

    @staticmethod
    def _columns(
        entries: list[Any], rows: np.ndarray, at: int
    ) -> tuple[dict[str, np.ndarray], int]:
        found = {}
        for name, _, scale, index in entries:
            found[name] = rows[:, at : at + len(index)] * scale
            at += len(index)
        return found, at

    def _watch(self) -> None:
        link = self.simulation.link
        assert link is not None
        link.watch(
            [
                (number, int(k))
                for _, number, _, index in (*self._recorded, *(self._shown or ()))
                for k in index
            ]
        )

    def _behind_ms(self) -> float:
        return self._late_ms

    # -- standing still ----------------------------------------------------------------------

    def _go(self) -> None:
        link = self.simulation.link
        assert link is not None
        self._standing = False
        link.go(-1 if self._pause_at is None else self._pause_at - self.tick)

    def _pause_now(self) -> None:
        self._pause_at = None
        with self._held():  # paused: it does not go on afterwards
            pass
        self._send_frame(force=True)

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        """Within this block the simulation stands at ``self.tick``."""
        link = self.simulation.link
        assert link is not None
        was_standing = self._standing
        if not was_standing:
            what, tick = link.hold()
            self._take_data()
            self._happened(what, tick)
        yield
        if not was_standing and not self._over and not self.paused:
            self._go()

    def _weights(self, now: float) -> tuple[dict[str, np.ndarray], dict[str, Spread]]:
        if not self.frames.weights_due(now):
            return {}, {}
        with self._held():
            found = super()._weights(now)
        took = time.perf_counter() - now
        self.frames.rest_weights(time.perf_counter() + took / WEIGHTS_SHARE)
        return found

    def _last_known_weights(self) -> dict[str, Any]:
        assert self.job is not None
        if self._known_weights:
            return self._known_weights
        try:
            return self.job.weights()
        except SimulationError:  # the binary is gone
            return {}

    # -- commands ----------------------------------------------------------------------------

    def _do_resume(self) -> None:
        self._begin(None)

    def _do_step(self, n: int) -> None:
        self._begin(n)

    def _begin(self, n: int | None) -> None:
        """Go for ``n`` ticks from here, or until told; also from the middle of a step."""
        with self._held():
            self._pause_at = None if n is None else self.tick + n
            self.paused = True  # it goes on below, not when the block ends
        self.paused = False
        self._go()
        self.report(state="running", message="", waits="")

    def _do_stop(self) -> None:
        link = self.simulation.link
        assert link is not None
        link.quit()

    def _do_speed(self, speed: float | None) -> None:
        assert self.simulation.link is not None
        super()._do_speed(speed)
        self._late_ms = 0.0
        self.simulation.link.speed(speed)

    def _do_set(self, name: str, value: float) -> None:
        with self._held():
            super()._do_set(name, value)

    def _do_operation(self, operation: Operation) -> None:
        with self._held():
            super()._do_operation(operation)

    def _do_watch(self, watched: dict[str, tuple[int, ...]]) -> None:
        try:
            shown = self.simulation.entries(watched)
        except WorkbenchError as error:
            self.report(warning=str(error))
            return
        with self._held():
            self._shown = shown
            assert self.job is not None
            self.job.show(watched, self.simulation.t_ms)
            self.frames.forget_states()
            self.frames.entries = self.job.entries()
            self._watch()

    def _do_follow(self, every_ms: dict[str, float]) -> None:
        with self._held():
            super()._do_follow(every_ms)

    def _do_record(self, options: dict[str, Recording | None]) -> None:
        with self._held():
            super()._do_record(options)

    def _do_flush(self, ticket: int) -> None:
        with self._held():
            super()._do_flush(ticket)

    def _do_snapshot(self, ticket: int) -> None:
        with self._held():
            super()._do_snapshot(ticket)

    def _do_read(self, ticket: int, function: str) -> None:
        with self._held():
            super()._do_read(ticket, function)
