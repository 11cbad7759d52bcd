"""The worker of the runtime engines: commands and frames between the ticks of one ``net.run``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ..brian.errors import sentence
from ..errors import SimulationError, WorkbenchError
from ..interventions import Intervention
from ..recordings import Recording
from .compiled.built import is_compiled, mark_compiled, marker
from .pacing import Pace
from .recording import SampledJob
from .runtime import Runtime, StopRun
from .worker import Worker

POLL_EVERY_S = 0.002
CHECK_EVERY_S = 0.1
LOOK_EVERY_S = 0.25  # for a binary
LATE_S = 0.25  # trailing the pace by more than this counts as behind, and is not caught up


class RuntimeWorker(Worker):
    """Drives a `Runtime`, which calls back at every tick."""

    simulation: Runtime
    job: SampledJob | None
    steps_left = 0
    stopping = False
    watched: dict[str, tuple[int, ...]] | None = None  # for the eye; None: what is recorded
    _last_poll = _last_check = _last_look = 0.0
    _sample_watched: Any = None
    _marker: Path | None = None  # a file that is there once a binary may be

    def _new_simulation(self, target: str) -> Runtime:
        return Runtime(self.model, self.plan.seed, target)

    def _new_job(self) -> SampledJob:
        self.pace = Pace(self.simulation.info.tick_ms, LATE_S)
        if self.options["hand_over"]:
            self._marker = marker(self.model, "compiled")
        return SampledJob(self.simulation, self.plan, self.recorder)

    def run(self) -> None:
        self.simulation.on_tick = self._at_tick
        self.simulation.on_part = self._drain
        self.simulation.run(self.plan.duration_ms)
        if self.successor is not None:
            return
        self.tick = self.simulation.tick
        self.simulation.check_finite()
        self.frames.refresh_weights()
        self._send_frame(force=True)
        self._finish("finished" if self.simulation.finished else "stopped", "")

    # -- every tick --------------------------------------------------------------------------

    def _at_tick(self, tick: int) -> None:
        assert self.job is not None
        now = time.perf_counter()
        self.tick = tick
        sampled = self.job.sample()
        if self._sample_watched is not None:
            sampled = self._sample_watched()
        self.frames.add_states(self.simulation.t_ms, sampled)
        if tick == 0:
            if self.options.get("begun"):
                self._forget_beginning()
            if self.paused:
                self._pause_now()
            self.report(state="ready" if self.paused else "running", message="")
            if self.simulation.target == "cython":
                mark_compiled(self.model, "cython")
        if self.steps_left and tick:
            self.steps_left -= 1
            if not self.steps_left:
                self.paused = True
                self.frames.refresh_weights()
                self._pause_now()
                self.report(state="paused", message="")
        if now - self._last_poll >= POLL_EVERY_S:
            self._poll(0)
        self._keep_pace(now)
        if now - self._last_check >= CHECK_EVERY_S:
            self.simulation.check_finite()
            self._last_check = now
        if not self.frames.due_in(now):
            self._send_frame()
        if self.recorder.due:
            self._flush()
        while self.paused and not self.stopping and not self._hand_over():
            self._hold()
        if self.stopping or self._hand_over():
            raise StopRun

    def _forget_beginning(self) -> None:
        """Do not send again what an earlier worker of the same session has sent at t = 0."""
        if self.options["watched"] is not None:
            self._do_watch(self.options["watched"])
        self._drain()
        self.frames.forget_states()

    def _hand_over(self) -> bool:
        """Let the binary go on from this tick if it is time for that; True where it does."""
        if self.successor is None and self._is_due():
            self._try_hand_over()
        return self.successor is not None

    def _is_due(self) -> bool:
        if self.plan.hand_over is not None:
            return self.tick == self.plan.hand_over[0]
        if self._marker is None or (now := time.perf_counter()) - self._last_look < LOOK_EVERY_S:
            return False
        self._last_look = now
        return self._marker.exists() and is_compiled(self.model, "compiled")

    def _try_hand_over(self) -> None:
        from .compiled.simulation import NotCompiled
        from .compiled.worker import CompiledWorker
        from .handover import abandon, moved, seed_from

        assert self.job is not None
        planned, simulation = self.plan.hand_over, None
        seed = planned[1] if planned else seed_from(self.plan.seed, self.tick)
        self._marker = None  # it is tried once
        self._drain()
        try:
            simulation = moved(
                self.simulation, self.job.parameters, seed, patient=planned is not None,
                report=lambda text: self.report(message=text),
            )  # fmt: skip
            successor = CompiledWorker(self.conn, self.plan, self.options)
            successor.take_over(self, simulation)
        except Exception as error:  # whatever it is, this engine can go on
            if simulation is not None:
                abandon(simulation)
            known = isinstance(error, WorkbenchError | NotCompiled)
            why = str(error) if known else sentence(error, self.model, built=True)
            if planned:
                raise SimulationError(
                    f"The run goes on compiled at {self.simulation.t_ms:g} ms, which cannot be "
                    f"repeated: {why}"
                ) from error
            self.report(stays=why)
            return
        self.successor = successor
        if not planned:
            t_ms = self.simulation.t_ms
            successor.log(Intervention.of_engine(self.tick, t_ms, "compiled", seed))

    def _hold(self) -> None:
        """Stand still at this tick: everything is sent and stored, commands are obeyed."""
        self.pace.restart()
        self.frames.restart_factor()
        self._pause_now()
        if self.recorder.due:
            self._flush()
        self._poll(0.25)

    def _pause_now(self) -> None:
        """Send what happened, before the pause is reported.

        Whoever hears of the pause may go on at once, and would get both stretches in one frame.
        """
        if self.frames.waiting or self.frames.weights_stale:
            self._send_frame(force=True)

    def _keep_pace(self, now: float) -> None:
        """Wait until the wall clock has caught up with the simulated time."""
        if self.speed is None or self.paused:
            self.pace.restart()
            self.pace.behind_ms = 0.0
            return
        due = self.pace.due(self.tick, self.speed, now)
        if due - now > 1e-3 and now - self.frames.last >= self.frames.every_s / 2:
            self._send_frame()  # what this tick brought is seen before the wait, not after
        speed = self.speed
        while (left := due - time.perf_counter()) > 0:
            self.pace.behind_ms = 0.0
            self._poll(min(left, 0.25))
            if self.paused or self.stopping or self.speed != speed:
                return

    def _behind_ms(self) -> float:
        return self.pace.behind_ms

    # -- spikes, which wait in the monitors ------------------------------------------------------

    def _drain(self) -> None:
        assert self.job is not None
        self.frames.add_spikes(*self.job.collect())
        self.frames.add_recorded(self.job.collect_streams())

    def _send_frame(self, force: bool = False) -> None:
        if self.frames.may_send(force):
            self._drain()
            super()._send_frame(force)

    def _flush(self) -> None:
        self._drain()
        super()._flush()

    # -- commands --------------------------------------------------------------------------------

    def _poll(self, timeout: float) -> None:
        super()._poll(timeout)
        self._last_poll = time.perf_counter()

    def _do_resume(self) -> None:
        self.paused, self.steps_left = False, 0
        self.report(state="running", message="", waits="")

    def _do_pause(self) -> None:
        self.steps_left = 0
        super()._do_pause()

    def _do_step(self, n: int) -> None:
        self.paused, self.steps_left = False, n
        self.report(state="running", message="", waits="")

    def _do_stop(self) -> None:
        self.stopping = True

    def _do_speed(self, speed: float | None) -> None:
        super()._do_speed(speed)
        self.pace.restart()
        self.pace.behind_ms = 0.0

    def _do_watch(self, watched: dict[str, tuple[int, ...]]) -> None:
        try:
            self._sample_watched = self.simulation.sampler(watched)
        except WorkbenchError as error:
            self.report(warning=str(error))
            return
        assert self.job is not None
        self.watched = watched
        self.job.show(watched, self.simulation.t_ms)
        self.frames.forget_states()
        self.frames.entries = self.job.entries()
        self.frames.add_states(self.simulation.t_ms, self._sample_watched())

    def _do_record(self, options: dict[str, Recording | None]) -> None:
        self._drain()  # also what is to end here
        super()._do_record(options)

    def _do_flush(self, ticket: int) -> None:
        self._drain()
        super()._do_flush(ticket)
