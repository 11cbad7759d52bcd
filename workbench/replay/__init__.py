"""Replay: simulate a run again, tick by tick, from its intervention log."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.batch import run_plan
from ..engine.plan import Plan
from ..errors import ParameterError, UnknownName
from ..interventions import hand_over_in, schedule
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

    model    : model class or instance to simulate; by default the class found by `class_of`
    progress : called with the fraction done
    raises   : UnknownName if the model, or an operation in the log, no longer exists
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
        hand_over=hand_over_in(log),
    )
    return run_plan(made, plan, progress)


def _class(model: Any) -> type[Model]:
    return model if isinstance(model, type) else type(model)


def class_of(run: Run) -> type[Model]:
    """Find the model class of a run: the defined class of that name with the same code.

    If none has the same code, the registry's class, then the one defined last, such as in a
    notebook.
    raises : UnknownName if there is no class of that name
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
    """Direct and indirect subclasses, in the order of their definition."""
    found = list(cls.__subclasses__())
    for one in list(found):
        found += _all_subclasses(one)
    return sorted(set(found), key=lambda c: c.made_at_ns)


def differences(first: Run, second: Run) -> int:
    """Number of spikes that occur in only one of two runs."""
    a, b = (set(zip(r.steps.tolist(), r.units.tolist(), strict=True)) for r in (first, second))
    return len(a ^ b)


def same_spikes(first: Run, second: Run) -> bool:
    """Whether both runs have exactly the same spikes."""
    return np.array_equal(first.steps, second.steps) and np.array_equal(first.units, second.units)


def first_difference(first: Run, second: Run) -> tuple[int, int, bool] | None:
    """First spike that occurs in only one of two runs: (step, global unit, in the first run).

    None if they have the same spikes. The order of spikes within a step is ignored.
    """
    a, b = (sorted(zip(r.steps.tolist(), r.units.tolist(), strict=True)) for r in (first, second))
    for mine, theirs in itertools.zip_longest(a, b):
        if mine != theirs:
            in_first = theirs is None or (mine is not None and mine < theirs)
            return (*(mine if in_first else theirs), in_first)
    return None


def report(first: Run, second: Run) -> str:
    """Report in one sentence whether a replay, ``second``, has the run's spikes, else where not.

    Further sentences list files of the model that have changed, and say if spikes differ and the
    code was compiled by another version.
    """
    changed = changed_files(first.files, second.files)
    since = f" Files of the model: {'; '.join(changed)}." if changed else ""
    found = first_difference(first, second)
    span = f"in {first.duration_ms:g} ms, engine {second.engines}, seed {second.seed}"
    if found is None:
        return f"identical: all {len(first.steps):,} spikes {span}.{since}"
    then, now = (r.provenance.get("compiled_code") for r in (first, second))
    if then != now:
        since += " The workbench has changed what it compiles since; rounding may differ."
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
