"""The log of interventions: its entries, its files, and the plan that it makes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from toys import Noisy, Toy

from models.elm_neuron import Ablate, ELMNeuron
from models.hippocampal_cam import HippocampalCAM, Learn, RecallByContent, RecallByCue
from workbench.errors import ParameterError, UnknownName
from workbench.interventions import Intervention, hand_over_in, schedule, tick_of
from workbench.model.operation import Inject
from workbench.replay import replay, same_spikes
from workbench.store import open_run

# Recorded by the workbench when the entries of its log were dicts in memory too.
STORED = Path(__file__).with_name("store") / "runs" / "logged.zarr"


@pytest.mark.parametrize(("t_ms", "tick"), [(0, 0), (3, 3), (3.0000000001, 3), (250, 250)])
def test_tick_of(t_ms, tick):
    assert tick_of(t_ms, 1.0, "It") == tick
    assert tick_of(t_ms * 0.1, 0.1, "It") == tick


@pytest.mark.parametrize("t_ms", [-1, 0.5, 3.01])
def test_tick_of_refuses_times_between_ticks(t_ms):
    with pytest.raises(ParameterError) as caught:
        tick_of(t_ms, 1.0, "Learning")
    assert str(caught.value) == (
        f"Learning at {t_ms:g} ms is not possible: times are whole multiples of the tick, 1 ms, "
        "from 0 on."
    )


@pytest.mark.parametrize(
    "done", [Learn(4.0, 1, (0, 2)), RecallByCue(0.0, 3), RecallByContent(7.0, (5,))]
)
def test_an_entry_gives_its_operation_back(done):
    entry = Intervention.of_operation(HippocampalCAM(), round(done.t_ms), done)
    assert entry.operation(HippocampalCAM()) == done
    assert Intervention.from_json(json.loads(json.dumps(entry.to_json()))) == entry
    assert entry.is_operation
    assert not entry.is_change


def test_an_operation_that_the_model_does_not_know_is_refused():
    with pytest.raises(UnknownName, match="Did you mean 'Learn'"):
        Intervention(0, 0.0, "operation", "Lern").operation(HippocampalCAM())


def test_a_change_is_described_in_the_parameters_unit():
    entry = Intervention.of_change(Toy, 30, 30.0, "tau", 10, 8)
    assert entry.to_json() == {
        "tick": 30, "t_ms": 30.0, "kind": "set", "name": "tau", "value": 8, "was": 10,
        "text": "tau 10 ms → 8 ms",
    }  # fmt: skip
    assert entry.describe() == "tau 10 ms → 8 ms"
    assert Intervention(3, 3.0, "set", "tau", value=8).describe() == "tau = 8"
    assert Intervention(3, 3.0, "set", "tau", value=8, was=3).describe() == "tau 3 → 8"
    assert Intervention(3, 3.0, "operation", "Learn").describe() == "Learn "


def test_fields_are_read_as_from_a_dict_too():
    entry = Intervention(3, 3.0, "set", "tau", value=8.0)
    assert (entry["tick"], entry["kind"], entry["value"]) == (3, "set", 8.0)
    with pytest.raises(KeyError):
        entry["when"]


def test_a_kind_that_nobody_knows_is_refused():
    with pytest.raises(ParameterError) as caught:
        Intervention(3, 3.0, "done", "tau")
    assert str(caught.value) == (
        "An intervention of the kind 'done' is not known: it is one of set, operation, input, "
        "engine."
    )


def test_the_log_says_from_where_on_another_engine_goes_on():
    entry = Intervention.of_engine(1240, 1240.0, "compiled", 4051)
    assert Intervention.from_json(entry.to_json()) == entry
    assert entry.describe() == "compiled from here on"
    change = Intervention(10, 10.0, "set", "current", value=2.5, was=1.5)
    assert schedule([change, entry], Toy()) == ([], [(10, "current", 2.5)])
    assert hand_over_in([change, entry]) == (1240, 4051)
    assert hand_over_in([change]) is None
    with pytest.raises(ParameterError) as caught:
        hand_over_in([Intervention(3, 3.0, "engine", "compiled")])
    assert str(caught.value) == (
        "The log does not say with which seed compiled went on at 3 ms: the run cannot be "
        "simulated again."
    )


def test_a_log_makes_a_plan():
    log = [
        Intervention(4, 4.0, "input", "Inject", args={"population": "source", "units": [1]}),
        Intervention(10, 10.0, "set", "current", value=2.5, was=1.5),
        Intervention(10, 10.0, "operation", "Inject", args={"population": "source", "units": []}),
    ]
    assert schedule(log, Toy()) == (
        [(4, Inject(4.0, "source", (1,))), (10, Inject(10.0, "source", ()))],
        [(10, "current", 2.5)],
    )
    with pytest.raises(ParameterError, match="does not say to what tau was set at 3 ms"):
        schedule([Intervention(3, 3.0, "set", "tau")], Toy())


def test_a_run_stored_with_dicts_opens_and_is_replayed(tmp_path):
    run = open_run(STORED)
    assert [(e.tick, e.kind, e.name, e.text) for e in run.interventions] == [
        (4, "operation", "Inject", "inject population source units [1]"),
        (6, "input", "Inject", "inject population source units [0]"),
        (9, "input", "Inject", "inject population source units [2]"),
        (10, "set", "current", "current 1.5 → 2.5"),
        (10, "operation", "Inject", "inject population source units [0, 2]"),
        (30, "set", "tau", "tau 10 ms → 8 ms"),
    ]
    changes = [(e.was, e.value) for e in run.interventions if e.is_change]
    assert changes == [(1.5, 2.5), (10, 8)]
    again = replay(run, model=Noisy())
    assert len(again.steps) > 100
    assert same_spikes(run, again)
    assert again.interventions == run.interventions


def test_the_log_is_written_as_it_was(tmp_path):
    run = open_run(STORED)
    run.save(tmp_path / "again.zarr")
    old, new = (
        [x for x in (p / "run.json").read_text("utf-8").splitlines() if x.startswith("  {")]
        for p in (STORED, tmp_path / "again.zarr")
    )
    assert len(old) == 6
    assert new == old


def test_a_former_name_of_an_operation_is_read():
    plain = {"tick": 3, "t_ms": 3.0, "kind": "operation", "name": "Knock", "args": {"memory": [1]}}
    assert Intervention.from_json(plain).operation(ELMNeuron()) == Ablate(3.0, memory=(1,))
