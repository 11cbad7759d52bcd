"""A blocking run, in this process where Brian2 may run here, else in a worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, overload

from ..errors import SimulationError
from .choice import Choice, choice_of
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
    **options: Any,
) -> Run:
    """Simulate ``model`` for ``duration_ms``; arguments as for ``Model.run``."""
    return run_plan(model, make_plan(model, duration_ms=duration_ms, **options), progress)


def run_plan(model: Model, plan: Plan, progress: Callable[[float], Any] | None = None) -> Run:
    """Carry out a plan that has a duration."""
    here = threading.current_thread() is threading.main_thread() and _device_is_free()
    compiled = plan.engine == "compiled" or plan.hand_over is not None
    if compiled or model.own_process or not here:
        return _in_worker(model, plan, progress)
    choice = choice_of(model, plan)
    if choice is None:
        return _here(model, plan, progress)
    run = None if choice.pays_from_before() else _here(model, plan, progress, choice)
    return run or _compiled(model, choice, progress)


def _compiled(model: Model, choice: Choice, progress: Callable[[float], Any] | None) -> Run:
    """The run on the compiled engine; on NumPy where that cannot simulate the model."""
    try:
        run = _in_worker(model, choice.compiled(), progress)
    except SimulationError as error:
        if error.run is not None and error.run.duration_ms > 0:
            raise
        choice.give_up()
        return _here(model, choice.plan, progress)
    run.provenance["engine_chosen"] = choice.why
    return run


def _device_is_free() -> bool:
    """False while the caller uses Brian2's standalone device: its state is the process's."""
    import sys

    if "brian2" not in sys.modules:
        return True
    import brian2

    return isinstance(brian2.get_device(), brian2.devices.RuntimeDevice)


@overload
def _here(model: Model, plan: Plan, progress: Callable[[float], Any] | None) -> Run: ...
@overload
def _here(
    model: Model, plan: Plan, progress: Callable[[float], Any] | None, choice: Choice
) -> Run | None: ...
def _here(
    model: Model,
    plan: Plan,
    progress: Callable[[float], Any] | None,
    choice: Choice | None = None,
) -> Run | None:
    """The run in this process; None where ``choice`` found that another engine is better."""
    from .recorder import Recorder
    from .recording import SampledJob
    from .runtime import Runtime, StopRun, brian_settings_kept

    duration_ms = plan.duration_ms
    assert duration_ms is not None  # make_plan was given one
    with brian_settings_kept():
        model = type(model)(**model.values())  # changes during the run stay in the run
        runtime = Runtime(model, plan.seed, choose_target(plan.engine, model))
        runtime.build()
        job = SampledJob(runtime, plan, Recorder())
        last = time.perf_counter()
        stopped = elsewhere = False

        def look(tick: int) -> None:
            nonlocal last, stopped, elsewhere
            job.sample()
            if choice is not None and choice.pays(runtime.t_ms):
                elsewhere = True
                raise StopRun
            if time.perf_counter() - last >= LOOK_EVERY_S:
                runtime.check_finite()
                if progress is not None and progress(runtime.t_ms / duration_ms) is False:
                    stopped = True
                    raise StopRun
                last = time.perf_counter()

        runtime.on_tick = look
        try:
            runtime.run(duration_ms)
            if elsewhere:
                return None
            job.collect()
            runtime.check_finite()
        except SimulationError as error:
            error.run = job.run("failed", str(error))
            raise
        if runtime.target == "cython":
            from .compiled.built import mark_compiled

            mark_compiled(model, "cython")
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
