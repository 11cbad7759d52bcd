"""The integration step is a parameter of every model."""

from __future__ import annotations

import pytest

import workbench as wb
from workbench.errors import ParameterError
from workbench.model.registry import entries
from workbench.model.transfer import pack_model, unpack_model
from workbench.sweeps.design import range_of

PARTS = "it must be a tick, 1 ms, divided by a whole number from 1 to 100,000."


class Stepped(wb.Model):
    """Says its step as a plain number."""

    slug = "stepped"
    tick_ms = 2.0
    dt_ms = 0.5


class Fixed(Stepped):
    """Its step is part of it."""

    dt_fixed = "it counts in half milliseconds."


@pytest.mark.parametrize(
    ("given", "ms"),
    [(0.05, 0.05), ("50 us", 0.05), ("0.25", 0.25), (1, 1.0), (1 / 3, 1 / 3), ("0.333333", 1 / 3)],
)
def test_it_is_set_like_any_other_parameter(given, ms):
    model = wb.load("cuba", dt_ms=given)
    assert model.dt_ms == ms
    assert model.values()["dt_ms"] == ms
    model = wb.load("cuba")
    model.dt_ms = given
    assert model.dt_ms == ms
    assert model.set("dt_ms", given) == ms
    assert type(model).dt_ms == 0.1
    assert wb.load("cuba").dt_ms == 0.1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (0.3, "CUBA.dt_ms = 0.3 ms is not allowed: a tick, 1 ms, must be a whole number of steps, "
              "such as of 0.25 ms or 0.333333 ms."),
        (0.9, "CUBA.dt_ms = 0.9 ms is not allowed: a tick, 1 ms, must be a whole number of steps, "
              "such as of 0.5 ms or 1 ms."),
        (2, f"CUBA.dt_ms = 2 ms is not allowed: {PARTS}"),
        (0, f"CUBA.dt_ms = 0 ms is not allowed: {PARTS}"),
        ("-0.1 ms", f"CUBA.dt_ms = -0.1 ms is not allowed: {PARTS}"),
    ],
)  # fmt: skip
def test_a_step_that_is_no_part_of_a_tick_is_refused(given, message):
    for refused in (
        lambda: wb.load("cuba", dt_ms=given),
        lambda: setattr(wb.load("cuba"), "dt_ms", given),
        lambda: wb.load("cuba").set("dt_ms", given),
    ):
        with pytest.raises(ParameterError) as caught:
            refused()
        assert str(caught.value) == message


def test_a_plain_number_in_a_class_is_its_default():
    assert Stepped.dt_ms == Stepped().dt_ms == 0.5
    assert list(Stepped.parameters()) == ["dt_ms"]
    assert Stepped.parameter("dt_ms").default == 0.5
    assert Stepped(dt_ms=2).dt_ms == 2.0  # its tick is 2 ms
    assert not Stepped.parameter("dt_ms").live

    class Longer(Stepped):
        """A class of a class."""

        tick_ms = 3.0

    assert Longer(dt_ms=1).dt_ms == 1.0
    assert Longer.dt_ms == 0.5
    with pytest.raises(ParameterError, match="must be a whole number of steps"):
        Longer(dt_ms=2)


def test_a_step_that_is_part_of_a_model_cannot_be_set():
    message = "Fixed.dt_ms = 0.25 ms is not allowed, only 0.5 ms: it counts in half milliseconds."
    for refused in (
        lambda: Fixed(dt_ms=0.25),
        lambda: setattr(Fixed(), "dt_ms", 0.25),
        lambda: Fixed().set("dt_ms", 0.25),
    ):
        with pytest.raises(ParameterError) as caught:
            refused()
        assert str(caught.value) == message
    assert Fixed(dt_ms="0.5 ms").dt_ms == 0.5
    assert "dt_ms" not in Fixed.parameters()
    assert Fixed().brian("dt_ms") is not None


@pytest.mark.parametrize("name", ["elm-neuron", "hippocampal-cam", "astrocyte-lsm"])
def test_models_in_discrete_time_say_why_their_step_is_fixed(name):
    with pytest.raises(ParameterError, match=r"dt_ms = 0.5 ms is not allowed, only 1 ms: \w+"):
        wb.load(name, dt_ms=0.5)


def test_it_cannot_be_declared_as_a_parameter():
    with pytest.raises(ParameterError) as caught:

        class Twice(wb.Model):
            """Declares what there is."""

            dt_ms = wb.Parameter(0.1, unit="ms")

    assert str(caught.value) == (
        "Twice.dt_ms is a parameter of every model: write its default as a plain number of ms, "
        "such as dt_ms = 0.1."
    )


def test_it_travels_to_other_processes():
    for model in (wb.load("cuba", dt_ms=0.05), Stepped(dt_ms=1)):
        again = unpack_model(pack_model(model))
        assert again.values() == model.values()
        assert again.parameter("dt_ms").tick_ms == model.tick_ms


def test_steps_on_offer_are_parts_of_a_tick():
    for entry in entries():
        step = entry.model.parameter("dt_ms")
        assert step.default in step.usual()
        for value in [*step.usual(), *step.softbounds]:
            parts = entry.model.tick_ms / value
            assert parts == pytest.approx(round(parts), rel=1e-9)


def test_a_range_is_of_parts_of_a_tick():
    cls = type(wb.load("cuba"))
    assert range_of(cls, "dt_ms", "0.1:0.025:3:log") == pytest.approx([0.1, 0.05, 0.025])
    assert range_of(cls, "dt_ms", "0.05:0.2:4") == pytest.approx([0.05, 0.1, 1 / 7, 0.2])
    assert range_of(cls, "tau_m", "10:20:3") == [10, 15, 20]
    assert range_of(cls, "n_neurons", "10:12:5") == [10, 11, 12]
