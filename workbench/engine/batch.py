"""A blocking run, in this process where Brian2 may run here, else in a worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import SimulationError
from ..interventions import Intervention, happened
from .plan import Plan, choose_target, make_plan

if TYPE_CHECKING:
    from ..model.model import Model
    from ..run import Run

LOOK_EVERY_S = 0.1


def run_batch(
    model: Model,
    duration_ms: float,
    *,
    progress: Callable[[float], Any] | None = None,
    **wishes: Any,
) -> Run:
    """Simulate ``model`` for ``duration_ms``; arguments as for ``Model.run``."""
    return run_plan(model, make_plan(model, duration_ms=duration_ms, **wishes), progress)


def run_plan(model: Model, plan: Plan, progress: Callable[[float], Any] | None = None) -> Run:
    """Carry out a plan that has a duration."""
    here = threading.current_thread() is threading.main_thread() and _device_is_free()
    if plan.engine == "compiled" or not here:
        return _in_worker(model, plan, progress)
    return _here(model, plan, progress)


def _device_is_free() -> bool:
    """False while the caller uses Brian2's standalone device: its state is the process's."""
    import sys

    if "brian2" not in sys.modules:
        return True
    import brian2

    return isinstance(brian2.get_device(), brian2.devices.RuntimeDevice)


def _here(model: Model, plan: Plan, progress: Callable[[float], Any] | None) -> Run:
    from .recorder import Recorder
    from .runtime import Runtime, StopRun, brian_settings_kept

    duration_ms = plan.duration_ms
    assert duration_ms is not None  # make_plan was given one
    with brian_settings_kept():
        model = type(model)(**model.values())  # changes during the run stay in the run
        runtime = Runtime(model, plan.seed, choose_target(plan.engine, model))
        runtime.build()
        job = Job(runtime, plan, Recorder())
        last = time.perf_counter()
        stopped = False

        def look(tick: int) -> None:
            nonlocal last, stopped
            job.sample()
            if time.perf_counter() - last >= LOOK_EVERY_S:
                runtime.check_finite()
                if progress is not None and progress(runtime.t_ms / duration_ms) is False:
                    stopped = True
                    raise StopRun
                last = time.perf_counter()

        runtime.on_tick = look
        try:
            runtime.run(duration_ms)
            job.collect()
            runtime.check_finite()
        except SimulationError as error:
            error.run = job.run("failed", str(error))
            raise
        if runtime.target == "cython":
            from .compiled.built import mark_warm

            mark_warm(model, "cython")
        early = stopped or not runtime.finished
        if progress is not None and not early:
            progress(1.0)
        return job.run("stopped" if early else "finished", "stopped by the caller" if early else "")


def _in_worker(model: Model, plan: Plan, progress: Callable[[float], Any] | None) -> Run:
    from .session import Session

    session = Session(model, plan=plan, speed=None)
    session.start()
    try:
        while not session.wait(LOOK_EVERY_S):
            session.frames()
            if session.status().waits:  # for somebody who would press Run
                raise SimulationError(session.status().warning, run=session.stop())
            if progress is not None and progress(session.status().progress) is False:
                return session.stop()
        return session.stop()
    finally:
        session.close()


class Job:
    """One run being recorded: samples states, drains spikes, and packs the result."""

    def __init__(self, runtime: Any, plan: Plan, recorder: Any):
        from ..model.files import files_of
        from ..provenance import collect

        self.runtime, self.plan, self.recorder = runtime, plan, recorder
        self.parameters = runtime.model.values()
        self.done: list[Intervention] = []  # what was not planned
        self.provenance = collect(runtime.target, type(runtime.model))
        self.files = files_of(type(runtime.model))
        for tick, name, value in plan.changes:
            runtime.plan_change(tick, name, value)
        for tick, operation in plan.operations:
            runtime.plan(tick, operation)
        self.watched = self._recorded(plan.record)
        self._sample = runtime.sampler(self.watched)
        self.first_weights = {k: r.values() for k, r in runtime.weights.items()}

    @property
    def interventions(self) -> list[Intervention]:
        """What was done until now; what is only planned is not."""
        planned = happened(self.plan.log, self.runtime.info.tick_ms, self.runtime.t_ms)
        return [*planned, *self.done]

    def _recorded(self, record: Any) -> dict[str, tuple[int, ...]]:
        if record is None:
            return dict(self.runtime.info.watched)
        sizes = {p.name: p.entries for p in self.runtime.info.populations}
        return {
            name: tuple(range(sizes.get(name.split(".")[0], 0)))
            if isinstance(neurons, str)
            else tuple(int(n) for n in neurons)
            for name, neurons in record.items()
        }

    def sample(self) -> dict[str, np.ndarray]:
        states = self._sample()
        self.recorder.add_states(self.runtime.t_ms, states)
        return states

    def collect(self) -> tuple[np.ndarray, np.ndarray]:
        steps, units = self.runtime.drain_spikes()
        self.recorder.add_spikes(steps, units)
        return steps, units

    def weights(self) -> dict[str, dict[str, np.ndarray]]:
        """First and latest weights of every projection, as a `Run` holds them."""
        t_ms = np.array([0.0, self.runtime.t_ms])
        return {
            name: {
                "i": reader.i,
                "j": reader.j,
                "t_ms": t_ms,
                "w": np.stack([self.first_weights[name], reader.values()]),
            }
            for name, reader in self.runtime.weights.items()
        }

    def meta(self) -> dict[str, Any]:
        """What a run is, besides its data."""
        from dataclasses import replace

        return {
            "model": self.runtime.model.slug or type(self.runtime.model).__name__,
            "parameters": self.parameters,
            "info": replace(self.runtime.info, watched=self.watched),
            "seed": self.plan.seed,
            "engine": self.runtime.target,
            "provenance": self.provenance,
            "files": self.files,
        }

    def run(self, outcome: str, message: str) -> Run:
        from ..run import Run

        self.collect()
        steps, units, state_t, states = self.recorder.pending()
        return Run(
            **self.meta(),
            duration_ms=self.runtime.t_ms,
            steps=steps,
            units=units,
            state_t=state_t,
            states=states,
            weights=self.weights(),
            interventions=self.interventions,
            outcome=outcome,
            message=message,
        )
