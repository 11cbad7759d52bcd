"""`Model`: its declaration, its values, and its refusals."""

from __future__ import annotations

import pytest

import workbench as wb
from workbench import Comparison, Model, Parameter
from workbench.cli.templates.neurons import TemplateNeuron
from workbench.errors import ParameterError, UnknownName


class Small(Model):
    """Declares three parameters."""

    slug = "small"
    b_first = Parameter(1.0, unit="mV", bounds=(0, 5))
    a_second = Parameter(2.0, bounds=(0, 5))
    count = Parameter(3, integer=True, live=False, bounds=(1, 9))


class Smaller(Small):
    """Adds one parameter, and changes another."""

    slug = "smaller"
    a_second = Parameter(4.0)
    late = Parameter(0.5)


def test_parameters_come_in_the_order_of_declaration():
    assert list(Small.parameters()) == ["b_first", "a_second", "count", "dt_ms"]
    assert list(Smaller.parameters()) == ["b_first", "a_second", "count", "late", "dt_ms"]
    assert Smaller.parameters()["a_second"].default == 4.0


def test_values_in_their_units():
    assert Small(b_first="0.002 V").values() == {
        "b_first": 2.0, "a_second": 2.0, "count": 3, "dt_ms": 0.1,
    }  # fmt: skip


def test_an_unknown_name_is_met_with_the_nearest():
    with pytest.raises(UnknownName) as caught:
        Small(a_secnd=1)
    assert str(caught.value) == (
        "Unknown parameter of small: 'a_secnd'. Did you mean 'a_second'? "
        "Allowed: b_first, a_second, count or dt_ms."
    )
    with pytest.raises(UnknownName, match="Did you mean 'count'"):
        Small().set("counts", 1)
    with pytest.raises(UnknownName):
        Small.parameter("nothing")


def test_a_value_out_of_bounds():
    with pytest.raises(ParameterError) as caught:
        wb.load("cuba", tau_m=-1)
    assert str(caught.value) == "CUBA.tau_m = -1 ms is not allowed: it must be at least 0.5 ms."


def test_set_returns_the_value_in_the_unit():
    model = Small()
    assert model.set("b_first", "1500 uV") == pytest.approx(1.5)
    assert model.b_first == pytest.approx(1.5)


def test_instances_share_nothing():
    one, other = Small(), Small()
    one.b_first = 5
    assert other.b_first == 1.0


def test_brian_carries_the_unit():
    import brian2 as b2

    assert Small(b_first=2).brian("b_first") == 2 * b2.mV
    assert Small().brian("count") == 3


def test_a_model_without_build_says_so():
    with pytest.raises(NotImplementedError, match=r"Small has no build\(\)"):
        Small().build()


@pytest.mark.parametrize(
    ("ours", "agrees"), [(9.0, True), (11.0, True), (11.1, False), (float("nan"), False)]
)
def test_a_comparison_agrees_within_its_tolerance(ours, agrees):
    assert Comparison("what", published=10.0, ours=ours, tol=1.0).agrees is agrees


def test_a_run_reports_progress_and_can_be_stopped():
    seen = []

    def stop_soon(fraction: float) -> bool:
        seen.append(fraction)
        return len(seen) < 2

    run = TemplateNeuron().run(1e6, engine="numpy", progress=stop_soon)
    assert len(seen) == 2
    assert run.outcome == "stopped"
    assert 0 < run.duration_ms < 1e6
    assert len(run.state_t) == pytest.approx(run.duration_ms, abs=1)


def test_runs_differ_by_seed_and_repeat_by_seed():
    first, again, other = (TemplateNeuron().run(60.0, seed=s, engine="numpy") for s in (1, 1, 2))
    assert first.steps.tolist() == again.steps.tolist()
    assert first.steps.tolist() != other.steps.tolist()


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"duration_ms": 0}, "duration_ms = 0 is not allowed: it must be above 0."),
        ({"seed": -1}, "seed = -1 is not allowed: a whole number from 0 to 2**32 - 1."),
        (
            {"engine": "nunpy"},
            "Unknown engine: 'nunpy'. Did you mean 'numpy'? Allowed: auto, numpy, cython or "
            "compiled.",
        ),
    ],
)
def test_wishes_that_cannot_be_met(option, message):
    with pytest.raises(wb.WorkbenchError) as caught:
        TemplateNeuron().run(**{"duration_ms": 10.0, **option})
    assert str(caught.value) == message
