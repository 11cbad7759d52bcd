"""Replay: a run, live or not, simulated again tick for tick from its intervention log."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.batch import run_plan
from ..engine.plan import Plan
from ..errors import ParameterError, UnknownName
from ..interventions import schedule
from ..model.files import changed_files, files_of
from ..model.model import Model
from ..model.registry import model_class

if TYPE_CHECKING:
    from ..run import Run


def replay(
    run: Run,
    progress: Callable[[float], Any] | None = None,
    model: type[Model] | Model | None = None,
) -> Run:
    """Simulate ``run`` again: same parameters, seed, engine, and interventions at their ticks.

    model    : what to simulate, a class or a model of it; by default the one that `class_of` finds
    progress : called with the fraction done
    raises   : UnknownName when the model, or an operation of the log, does not exist any more
    """
    if not run.duration_ms > 0:
        raise ParameterError("There is nothing to replay: the run ended at t = 0.")
    cls: type[Model] = class_of(run) if model is None else _class(model)
    made = cls(**run.parameters)
    log = run.interventions
    operations, changes = schedule(log, made)
    plan = Plan(
        seed=run.seed,
        engine=run.engine,
        duration_ms=run.duration_ms,
        operations=operations,
        changes=changes,
        log=list(log),
        record=run.options(),
    )
    return run_plan(made, plan, progress)


def _class(model: Any) -> type[Model]:
    return model if isinstance(model, type) else type(model)


def class_of(run: Run) -> type[Model]:
    """The model of a run: of the classes at hand with its name, the one with the same code.

    Where none has, the registry's, then the latest of those that were made here, as in a notebook.
    raises : UnknownName when there is none of that name
    """
    at_hand = [c for c in _all_subclasses(Model) if (c.slug or c.__name__) == run.model]
    for cls in reversed(at_hand):
        if run.files and files_of(cls) == run.files:
            return cls
    try:
        return model_class(run.model)
    except UnknownName as error:
        if at_hand:
            return at_hand[-1]
        raise UnknownName(
            f"{error} If it was defined in a notebook, give its class: run.replay(model=...)."
        ) from error


def _all_subclasses(cls: type[Model]) -> list[type[Model]]:
    """In the order in which they were made."""
    found = list(cls.__subclasses__())
    for one in list(found):
        found += _all_subclasses(one)
    return sorted(set(found), key=lambda c: c.made_at_ns)


def differences(first: Run, second: Run) -> int:
    """Number of spikes that are in one of two runs but not in the other."""
    a, b = (set(zip(r.steps.tolist(), r.units.tolist(), strict=True)) for r in (first, second))
    return len(a ^ b)


def same_spikes(first: Run, second: Run) -> bool:
    """True when both runs have exactly the same spikes."""
    return np.array_equal(first.steps, second.steps) and np.array_equal(first.units, second.units)


def first_difference(first: Run, second: Run) -> tuple[int, int, bool] | None:
    """The earliest spike that only one of two runs has: (step, global unit, is it in the first).

    None when they have the same spikes. Their order within a step does not matter.
    """
    a, b = (sorted(zip(r.steps.tolist(), r.units.tolist(), strict=True)) for r in (first, second))
    for mine, theirs in itertools.zip_longest(a, b):
        if mine != theirs:
            in_first = theirs is None or (mine is not None and mine < theirs)
            return (*(mine if in_first else theirs), in_first)
    return None


def report(first: Run, second: Run) -> str:
    """One sentence: are the spikes of a replay, ``second``, those of the run, and if not, where.

    Another one follows where files of the model are not what they were.
    """
    changed = changed_files(first.files, second.files)
    since = f" Files of the model: {'; '.join(changed)}." if changed else ""
    found = first_difference(first, second)
    span = f"in {first.duration_ms:g} ms, engine {second.engine}, seed {second.seed}"
    if found is None:
        return f"identical: all {len(first.steps):,} spikes {span}.{since}"
    step, unit, recorded = found
    names = sorted(
        (p.size, p.name, unit - p.offset)
        for p in first.info.populations
        if p.offset <= unit < p.offset + p.size
    )
    where = f"{names[0][1]} {names[0][2]}" if names else f"unit {unit}"
    t_ms = float(first.times(np.array(step)))
    return (
        f"different: {len(first.steps):,} spikes recorded, {len(second.steps):,} replayed {span}; "
        f"{differences(first, second):,} differ, the first at t = {t_ms:g} ms, "
        f"neuron {where}, {'missing in' if recorded else 'only in'} the replay.{since}"
    )
