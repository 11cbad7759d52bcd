"""Runs a lesson's steps without a page: are its right answers right, and its targets reachable?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..engine.batch import run_plan
from ..engine.plan import make_plan
from ..interventions import Intervention
from ..model.model import Model
from ..model.operation import Operation
from . import measures
from .declaration import Lesson, Measured, Step


@dataclass(frozen=True)
class Rehearsed:
    """What came out at one place of a lesson.

    place    : "step 2, predict"
    expected : in words, with the unit
    value    : what was measured, in the measure's unit
    holds    : whether it is as the lesson says
    """

    place: str
    expected: str
    value: float
    holds: bool


def rehearse(lesson: Lesson, model: type[Model], seed: int = 1) -> Iterator[Rehearsed]:
    """Measure every question that has a measure, and every target before and with its solution."""
    for k, step in enumerate(lesson.steps, 1):
        if (asked := step.predict) is not None and asked.measure:
            value = measured(model, step, asked, asked.values, asked.do, seed)
            unit = measures.unit_of(model, asked.measure, asked.of)
            if asked.value is not None and asked.tolerance is not None:
                expected = f"{asked.value:g} ± {asked.tolerance:g} {unit}".strip()
                holds = abs(value - asked.value) <= asked.tolerance
            else:
                expected, holds = range_text(asked, unit), asked.holds(value)
            yield Rehearsed(f"step {k}, predict", expected, value, holds)
        if (target := step.target) is not None:
            unit = measures.unit_of(model, target.measure, target.of)
            wanted = range_text(target, unit)
            before = measured(model, step, target, {}, (), seed)
            yield Rehearsed(
                f"step {k}, target before anything is moved", f"not {wanted}", before,
                not target.holds(before),
            )  # fmt: skip
            value = measured(model, step, target, target.solution, (), seed)
            yield Rehearsed(
                f"step {k}, target with its solution", wanted, value, target.holds(value)
            )


def measured(
    model: type[Model],
    step: Step,
    what: Measured,
    then: Mapping[str, float],
    do: tuple[Operation, ...],
    seed: int,
) -> float:
    """What is measured in a step after ``then`` is set and ``do`` is done, in its unit.

    The run stands as long before that as is measured after it; a value that is not live is set from
    t = 0 on, as on the page.
    """
    begins = model(**step.values)
    live = {k: v for k, v in then.items() if model.parameter(k).live}
    begins = model(**{**begins.values(), **{k: v for k, v in then.items() if k not in live}})
    tick_ms = model.tick_ms
    at = math.ceil((max((o.t_ms or 0.0 for o in step.do), default=0.0) + what.over_ms) / tick_ms)
    later = max((o.t_ms or 0.0 for o in do), default=0.0) + what.after_ms + what.over_ms
    end = at + math.ceil(later / tick_ms)
    again = step.every_ms
    rounds = 1 if again is None else math.ceil(end * tick_ms / again)
    planned = [
        _at(o, (o.t_ms or 0.0) + r * (again or 0.0), tick_ms)
        for r in range(rounds)
        for o in step.do
    ]
    planned += [_at(o, at * tick_ms + (o.t_ms or 0.0), tick_ms) for o in do]
    planned = [o for o in planned if (o.t_ms or 0.0) < end * tick_ms]
    plan = make_plan(begins, seed=seed, duration_ms=end * tick_ms, operations=planned)
    for name, value in live.items():
        was = getattr(begins, name)
        plan.changes.append((at, name, value))
        plan.log.append(Intervention.of_change(model, at, at * tick_ms, name, was, value))
    run = run_plan(begins, plan)
    over = math.ceil(what.over_ms / tick_ms)
    latest = measures.stretch(run, (end - over) * tick_ms, end * tick_ms)
    return measures.find(model, what.measure).function(latest, what.of)


def _at(operation: Operation, t_ms: float, tick_ms: float) -> Operation:
    return replace(operation, t_ms=round(t_ms / tick_ms) * tick_ms)


def range_text(what: Measured, unit: str) -> str:
    """The range of a measure in words: "from 10 to 14 Hz"."""
    end = f" {unit}" if unit else ""
    if what.low == what.high:
        return f"{what.low:g}{end}"
    if what.low is None:
        return f"at most {what.high:g}{end}"
    if what.high is None:
        return f"at least {what.low:g}{end}"
    return f"from {what.low:g} to {what.high:g}{end}"
