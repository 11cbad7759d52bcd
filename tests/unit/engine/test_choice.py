"""When a blocking run with the engine "auto" leaves NumPy, and what it is then."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from workbench import load
from workbench.engine import batch, choice
from workbench.engine.compiled.cache import compiler
from workbench.engine.plan import make_plan
from workbench.errors import SimulationError
from workbench.replay import replay, same_spikes


@pytest.fixture
def clock(monkeypatch):
    """The clock of the choice, which stands until it is set."""
    now = SimpleNamespace(s=0.0)
    monkeypatch.setattr(choice, "time", SimpleNamespace(perf_counter=lambda: now.s))
    monkeypatch.setattr(choice, "_speeds", {})
    monkeypatch.setattr(choice, "_without", set())
    return now


def choice_for(duration_ms, there=True):
    return choice.Choice(make_plan(load("cuba"), duration_ms=duration_ms), "cuba", there)


def test_it_is_judged_after_the_first_stretch_and_once(clock):
    asked = choice_for(100_000.0)
    assert not asked.pays(0.0)
    clock.s = choice.STRETCH_S / 2
    assert not asked.pays(1.0) and asked.why == ""
    clock.s = choice.STRETCH_S
    assert asked.pays(100.0)  # 100 simulated ms a second: a thousand seconds are left
    assert "100 simulated ms a second" in asked.why and "another 999 s" in asked.why
    assert not asked.pays(100.0)


# left: 19 s; there: 3 + 20/4 = 8 s with a binary, 18 s with compiling
@pytest.mark.parametrize(("there", "ms", "pays"), [
    (True, 2000.0, True), (False, 2000.0, True), (False, 1500.0, False), (True, 400.0, False),
])  # fmt: skip
def test_it_pays_where_the_rest_would_take_longer_than_start_and_run_there(clock, there, ms, pays):
    asked = choice_for(ms, there)
    asked.pays(0.0)
    clock.s = 1.0
    assert asked.pays(100.0) is pays


def test_the_next_run_of_the_same_structure_knows_it_from_the_start(clock):
    first = choice_for(100_000.0)
    assert not first.pays_from_before()
    first.pays(0.0)
    clock.s = 1.0
    first.pays(100.0)
    assert choice_for(100_000.0).pays_from_before()
    short = choice_for(200.0)
    assert not short.pays_from_before() and not short.pays(100.0)


def test_there_is_no_choice_where_the_engine_is_named_or_nothing_may_be_compiled(clock):
    model = load("cuba")
    assert choice.choice_of(model, make_plan(model, duration_ms=1.0)) is None  # WORKBENCH_BUILD=0
    assert "nothing may be compiled" in choice.explained(model)


@pytest.mark.skipif(compiler() is None, reason="needs a C++ compiler")
def test_what_is_left_to_choose(clock, monkeypatch):
    monkeypatch.delenv("WORKBENCH_BUILD")
    model = load("cuba")
    found = choice.choice_of(model, make_plan(model, duration_ms=1.0))
    assert found is not None
    assert choice.choice_of(model, make_plan(model, duration_ms=1.0, engine="numpy")) is None
    found.give_up()
    assert choice.choice_of(model, make_plan(model, duration_ms=1.0)) is None


def test_what_cannot_be_compiled_is_simulated_on_numpy(clock, monkeypatch):
    def refused(model, plan, progress):
        assert plan.engine == "compiled"
        raise SimulationError("it cannot be compiled.")

    monkeypatch.setattr(batch, "_in_worker", refused)
    model = load("cuba", n_neurons=20)
    asked = choice.Choice(make_plan(model, duration_ms=2.0), "cuba", True)
    run = batch._compiled(model, asked, None)
    assert (run.engine, run.outcome) == ("numpy", "finished")
    assert "cuba" in choice._without


@pytest.mark.slow  # compiles cuba
@pytest.mark.skipif(compiler() is None, reason="needs a C++ compiler")
def test_a_long_run_is_one_of_the_compiled_engine_from_its_first_step(monkeypatch):
    monkeypatch.delenv("WORKBENCH_BUILD")
    monkeypatch.setattr(choice, "_speeds", {})
    for name, s in (("START_S", 0.0), ("COMPILE_S", 0.0), ("STRETCH_S", 0.1)):
        monkeypatch.setattr(choice, name, s)
    model = load("cuba", n_neurons=500)
    run = model.run(2000.0, seed=3)
    assert run.engine == "compiled" and "NumPy made" in run.provenance["engine_chosen"]
    assert same_spikes(run, model.run(2000.0, seed=3, engine="compiled"))
    assert same_spikes(run, replay(run))
    short = model.run(10.0, seed=3)
    assert short.duration_ms == 10.0
