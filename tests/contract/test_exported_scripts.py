"""Every model's runs as plain Brian2 scripts: with Brian2 alone they give the same again."""

from __future__ import annotations

import contextlib

import nbclient
import nbformat
import numpy as np
import pytest

import workbench as wb
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
}


def run_with_all_that_can_be_done(slug):
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


@pytest.mark.slow
@pytest.mark.parametrize("slug", sorted(registry.models()))
def test_the_script_of_a_run_gives_the_same_again(slug, tmp_path, brian_alone):
    run = run_with_all_that_can_be_done(slug)
    assert run.interventions
    path = wb.export_script(run, tmp_path / "run.py")
    brian_alone(path.name, cwd=tmp_path)
    found = np.load(path.with_suffix(".results.npz"))
    for population in run.info.spikers:
        mine = sorted(zip(*run.spikes(population.name), strict=True))
        name = population.name
        theirs = sorted(zip(found[f"{name}.t_ms"], found[f"{name}.i"], strict=True))
        assert mine == theirs
    assert len(run.steps) or not run.info.spiking
    assert run.states
    for name, values in run.states.items():
        assert np.array_equal(found[f"{name}.state_t_ms"], run.state_t)
        assert np.array_equal(found[f"{name}.state"], values)
        assert np.ptp(values) > 0 or run.info.spiking  # what never changes shows nothing


@pytest.mark.slow
def test_a_notebook_runs(tmp_path):
    run = run_with_all_that_can_be_done("background-gain")
    path = wb.export_notebook(run, tmp_path / "run.ipynb")
    book = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(book, resources={"metadata": {"path": tmp_path}}).execute()
    found = np.load(path.with_suffix(".results.npz"))
    t_ms, i = run.spikes("high")
    assert len(t_ms) > 100
    assert np.array_equal(found["high.t_ms"], t_ms) and np.array_equal(found["high.i"], i)
