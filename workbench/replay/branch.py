"""Branches: a new session that starts in the exact state of another one and then differs.

The state is reached by simulating again with the same parameters, seed and engine, and with the
original's interventions at their ticks. This is exact on every engine, including random numbers
and pending spikes, and takes as long as the simulation up to there. (Brian2's ``store`` cannot
be used: it works only between two runs, omits delays before Brian2 2.10, and is not available in
compiled programs.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..engine.plan import Plan
from ..errors import ParameterError, SimulationError
from ..interventions import Intervention, hand_over_in, schedule, tick_of
from ..model.units import number_of

if TYPE_CHECKING:
    from ..engine.session import Session
    from ..model.model import Model
    from ..run import Run

LOOK_EVERY_S = 0.05
ASK_S = 60.0  # timeout for a session to write what it has recorded so far


@dataclass(frozen=True)
class Branch:
    """Plan for reaching a time of a run again, with changes from there on.

    model : model with the values at t = 0;  plan : scheduled operations and changes
    tick  : tick at which it leaves the original
    """

    model: Model
    plan: Plan
    tick: int

    @property
    def t_ms(self) -> float:
        return self.tick * self.model.tick_ms


def branch_of(
    run: Run,
    model: type[Model],
    changes: Mapping[str, Any] | None = None,
    *,
    at_ms: float | None = None,
    again: bool = False,
    planned: Sequence[Intervention] = (),
    leave_out: Sequence[Intervention] = (),
) -> Branch:
    """Plan a branch of ``run``.

    changes : parameter -> value from ``at_ms`` on; at t = 0 any parameter, later a live one
    at_ms   : time at which it leaves the original, a multiple of the tick; by default the end of
              the run. Interventions of the original at that tick are applied before the changes.
    again   : repeat later interventions too, except those that set a parameter in ``changes``
    planned : entries scheduled before the run began, past or future; always applied
    leave_out : entries that are not repeated
    raises  : ParameterError if the run has not reached that time, or a value is not allowed there
    """
    end = int(run.duration_ms / run.info.tick_ms + 1e-6)
    if at_ms is not None:
        at_ms = number_of(at_ms, "ms", what="at_ms")
    tick = end if at_ms is None else tick_of(at_ms, run.info.tick_ms, "A branch")
    if tick > end:
        raise ParameterError(
            f"A branch at {at_ms:g} ms is not possible: the run has reached {run.duration_ms:g} ms."
        )
    values = dict(run.parameters)
    given = {k: _checked(model, k, v, live=tick > 0) for k, v in (changes or {}).items()}
    if tick == 0:
        values |= given
    keep = [
        e
        for e in (*run.interventions, *(e for e in planned if e not in run.interventions))
        if (e.tick <= tick or again or e in planned) and e not in leave_out
    ]
    log = [
        e for e in keep if not (e.is_change and e.name in given and (e.tick > tick or tick == 0))
    ]
    at = [_change(model, run, log, tick, k, v) for k, v in given.items()] if tick else []
    log = sorted([*log, *at], key=lambda e: e.tick)  # stable: changes come last at their tick
    start = model(**values)
    operations, sets = schedule(log, start)
    plan = Plan(
        seed=run.seed,
        engine=run.engine,
        operations=operations,
        changes=sets,
        log=log,
        record=run.options(),
        hand_over=hand_over_in(log),
    )
    return Branch(start, plan, tick)


def _checked(model: type[Model], name: str, value: Any, live: bool) -> float:
    parameter = model.parameter(name)
    if live and not parameter.live:
        raise ParameterError(
            f"{name} cannot change in the middle of a run: it needs a rebuild. Branch at 0 ms, or "
            "change a live parameter."
        )
    return model().set(name, value)


def _change(
    model: type[Model], run: Run, log: Sequence[Intervention], tick: int, name: str, value: float
) -> Intervention:
    earlier = [e.value for e in log if e.is_change and e.name == name and e.value is not None]
    was = earlier[-1] if earlier else run.parameters[name]
    return Intervention.of_change(model, tick, tick * run.info.tick_ms, name, was, value)


def branch(
    session: Session,
    changes: Mapping[str, Any] | None = None,
    *,
    at_ms: float | None = None,
    paused: bool | None = None,
    speed: float | None = None,
    progress: Callable[[float], Any] | None = None,
) -> Session:
    """Implementation of `Session.branch`."""
    running = session.status().state == "running"
    here = branch_of(
        _run_until_now(session), type(session.model), changes, at_ms=at_ms, planned=session.plan.log
    )
    new = here.model.start(plan=here.plan, paused=True)
    try:
        forward(new, here.tick, progress)
    except BaseException:
        new.close()
        raise
    new.set_speed(speed)
    if running if paused is None else not paused:
        new.resume()
    return new


def _run_until_now(session: Session) -> Run:
    """Open the run recorded so far; unlike ``run_so_far``, never return an earlier state."""
    from ..store import open_run

    if not session.status().over and not session.parked:
        session.ask("flush", ASK_S)
    return open_run(session.store)


def forward(session: Session, tick: int, progress: Callable[[float], Any] | None = None) -> None:
    """Advance a session paused at t = 0 to ``tick``, dropping its frames on the way.

    raises : SimulationError if it ends before
    """
    t_ms = tick * session.model.tick_ms
    if tick:
        session.step(tick)
    while not session.reach(t_ms, LOOK_EVERY_S) and not session.status().waits:
        if tick:
            session.frames()
        if progress is not None and t_ms:
            progress(min(1.0, session.status().t_ms / t_ms))
    if tick:  # at tick 0, keep the first frame
        session.frames()
    status = session.status()
    if status.state == "failed" or (status.t_ms < t_ms - 1e-6):
        ended = f"The simulation ended at {status.t_ms:g} ms, before the branch. {status.warning}"
        raise SimulationError(status.message or ended.strip(), status.details)
    for when, name, value in session.plan.changes:
        if when <= tick:
            session.model.set(name, value)
    if progress is not None:
        progress(1.0)
