"""Runs of every model in which all is done that can be done, for tests of what they become."""

from __future__ import annotations

import contextlib
from functools import lru_cache

import pytest

from workbench.engine.batch import run_plan
from workbench.engine.plan import make_plan
from workbench.errors import ParameterError
from workbench.interventions import Intervention
from workbench.model import registry

TICKS = 60
# Of operations that by default do nothing, or are refused: something to do.
FIELDS = {
    "Learn": {"cue": 0, "content": (0, 1, 8, 9)},
    "RecallByContent": {"content": (1,)},
    "SwitchContext": {"context": 1},
    "SetGains": {"gains": (1.0, 0.5, 0.2)},
    "Stimulus": {"channel": (1, 2, 2, 70), "after_ms": (0, 3, 3, 9)},
    "Ablate": {"memory": (2,), "branches": (1,)},
    "SweepContrast": {"each_ms": 50.0},
    "ContrastSweep": {"each_ms": 50.0},
    "SizeSweep": {"each_ms": 50.0},
    "InputSweep": {"each_ms": 10.0},
}


@lru_cache(maxsize=1)
def _run(slug):
    """A run in which each operation is done, one after the other, and a live parameter changed."""
    cls = registry.model_class(slug)
    model = cls()
    operations = []
    for k, kind in enumerate(cls.operations):
        made = kind(t_ms=(4 + 9 * k) * cls.tick_ms, **FIELDS.get(kind.__name__, {}))
        made.check(model)
        operations.append(made)
    plan = make_plan(
        model, seed=3, engine="numpy", duration_ms=TICKS * cls.tick_ms, operations=operations
    )
    for name, parameter in cls.parameters().items():
        if parameter.live and not parameter.choices and not parameter.integer:
            was = getattr(model, name)
            with contextlib.suppress(ParameterError):
                value = parameter.convert(0.9 * was if was else 0.1)
                plan.changes.append((30, name, value))
                t_ms = 30 * cls.tick_ms
                plan.log.append(Intervention.of_change(cls, 30, t_ms, name, was, value))
                break
    return run_plan(model, plan)


@pytest.fixture
def run_with_all_that_can_be_done():
    """``run_with_all_that_can_be_done(slug)``: a short run of a model of the registry."""
    return _run
