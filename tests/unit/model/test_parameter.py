"""`Parameter`: units, limits, and what it says when a value does not fit."""

from __future__ import annotations

import math
import sys

import numpy as np
import param
import pytest

import workbench as wb
from workbench.errors import ParameterError
from workbench.model.parameter import Parameter
from workbench.model.units import brian_unit


class Cell(param.Parameterized):
    tau = Parameter(20.0, unit="ms", bounds=(0.1, 500), softbounds=(1, 50), doc="time constant")
    n = Parameter(10, bounds=(1, None), integer=True, live=False)
    gain = Parameter(1.0)
    low = Parameter(-1.0, unit="mV", bounds=(None, 0))


def refusal(**values) -> str:
    with pytest.raises(ParameterError) as caught:
        cell = Cell()
        for name, value in values.items():
            setattr(cell, name, value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (15, 15.0),
        ("15", 15.0),
        ("15 ms", 15.0),
        ("0.015 s", 15.0),
        ("15000 us", 15.0),
        ("15000 µs", 15.0),
        (np.float32(15), 15.0),
        (np.int64(15), 15.0),
        (np.array(15.0), 15.0),
    ],
)
def test_values_arrive_in_the_declared_unit(given, number):
    cell = Cell()
    cell.tau = given
    assert cell.tau == pytest.approx(number, rel=1e-9)
    assert type(cell.tau) is float


def test_a_brian2_parameter_is_converted():
    import brian2 as b2

    cell = Cell()
    cell.tau = 0.03 * b2.second
    assert cell.tau == pytest.approx(30.0)
    with pytest.raises(ParameterError, match=r"has the wrong unit: it is measured in ms"):
        cell.tau = 3 * b2.mV
    with pytest.raises(ParameterError, match="measured in plain numbers, such as '1'"):
        cell.gain = 3 * b2.mV


def test_out_of_bounds_says_what_is_allowed():
    assert (
        refusal(tau=-1) == "Cell.tau = -1 ms is not allowed: it must be between 0.1 ms and 500 ms."
    )
    assert refusal(n=0) == "Cell.n = 0 is not allowed: it must be at least 1."
    assert refusal(low=2) == "Cell.low = 2 mV is not allowed: it must be at most 0 mV."


def test_the_bounds_themselves_are_allowed():
    cell = Cell()
    cell.tau, cell.low = 0.1, 0
    cell.tau = 500
    assert (cell.tau, cell.low) == (500, 0)


def test_wrong_unit_says_which_is_right():
    assert refusal(tau="3 mV") == (
        "Cell.tau = '3 mV' has the wrong unit: it is measured in ms, such as '20 ms'."
    )
    assert refusal(gain="3 mV") == (
        "Cell.gain = '3 mV' has the wrong unit: it is measured in plain numbers, such as '1'."
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [("soon", ""), ("", ""), ("3 ms ms )", "the unit 'ms ms )' is not known; ")],
)
def test_text_that_is_no_number(text, why):
    assert refusal(tau=text) == (
        f"Cell.tau = {text!r} cannot be read: {why}write a number in ms, such as '20 ms'."
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "nan"])
def test_only_finite_numbers(value):
    assert "must be finite" in refusal(tau=value)


def test_the_bounds_hold_within_rounding():
    import brian2 as b2

    class Clamp(param.Parameterized):
        current = Parameter(1000.0, unit="pA", bounds=(0.3, 3000))

    clamp = Clamp()
    for given in ("3 nA", 3 * b2.nA, 3e-9 * b2.amp, 3000.0000000001, 3e3):
        clamp.current = given
        assert clamp.current == 3000
    for given in ("0.0003 nA", 0.0003 * b2.nA, 0.3 * (1 - 1e-13), "300 fA"):
        clamp.current = given
        assert clamp.current == 0.3
    with pytest.raises(ParameterError, match=r"^Clamp\.current = 3000.001 pA is not allowed"):
        clamp.current = "3.000001 nA"
    with pytest.raises(ParameterError, match=r"^Clamp\.current = 0.2999999 pA is not allowed"):
        clamp.current = 0.2999999


@pytest.mark.parametrize("digit", range(1, 100))
def test_a_brian2_parameter_is_the_same_parameter_afterwards(digit):
    import brian2 as b2

    cell = Cell()
    cell.tau = digit / 10 * b2.ms
    assert cell.tau == digit / 10
    assert cell.tau * b2.ms == digit / 10 * b2.ms


@pytest.mark.parametrize("value", [None, True, [1], {"a": 1}, np.True_, np.array([1.0, 2.0]), 1j])
def test_only_numbers(value):
    assert refusal(tau=value) == f"Cell.tau must be a number in ms; got {value!r}."


def test_counts_are_whole():
    cell = Cell()
    cell.n = 12.0
    assert cell.n == 12
    assert type(cell.n) is int
    assert refusal(n=2.5) == "Cell.n must be a whole number; got 2.5."
    for value in ("1e400", 10**400, -(10**400)):  # no float has these
        assert refusal(n=value).startswith("Cell.n must be finite; got ")


def test_a_refused_value_changes_nothing():
    cell = Cell()
    with pytest.raises(ParameterError):
        cell.tau = 1e6
    assert cell.tau == 20.0


def test_one_cell_does_not_change_another():
    one, other = Cell(), Cell()
    one.tau = 33
    assert (other.tau, Cell.param["tau"].default) == (20.0, 20.0)


def test_text_and_limits_in_words():
    p = Cell.param
    assert (p["tau"].text(), p["tau"].text(1 / 3), p["gain"].text(2)) == (
        "20 ms",
        "0.333333 ms",
        "2",
    )
    assert p["tau"].allowed() == "between 0.1 ms and 500 ms"
    assert p["n"].allowed() == "at least 1"
    assert p["low"].allowed() == "at most 0 mV"
    assert p["gain"].allowed() == "any finite number"


def test_declared_slots():
    q = Cell.param["n"]
    assert (q.unit, q.live, q.integer, q.symbol, q.group) == ("1", False, True, "", "Parameters")
    assert Cell.param["tau"].softbounds == (1, 50)


def test_a_subclass_inherits_what_it_does_not_say():
    class Other(Cell):
        tau = Parameter(5.0)

    q = Other.param["tau"]
    assert (q.default, q.unit, q.bounds, q.live) == (5.0, "ms", (0.1, 500), True)
    with pytest.raises(ParameterError, match=r"^Other\.tau = "):
        Other(tau=-1)


@pytest.mark.parametrize(
    ("unit", "si"),
    [("ms", 1e-3), ("nA", 1e-9), ("Mohm", 1e6), ("1", 1), ("nS/cm**2", 1e-5), ("deg", 1), ("%", 1)],
)
def test_brian_unit(unit, si):
    assert math.isclose(float(brian_unit(unit)), si, rel_tol=1e-12)


def test_declaring_needs_no_brian2():
    import subprocess

    code = (
        "import sys; from workbench.model.parameter import Parameter; import param\n"
        "class A(param.Parameterized):\n    t = Parameter(1.0, unit='ms', bounds=(0, 9))\n"
        "A(t='0.002 s'); sys.exit('brian2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_former_name_still_works():
    assert wb.Quantity is wb.Parameter is Parameter
