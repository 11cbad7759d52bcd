"""What is read of a script's source: its numbers, units and comments; and numbers put in."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.scripts.literals import compiled, literals

SOURCE = """
import brian2 as b2
from brian2 import ms, mV, uF, cm, second
N = 4000  # neurons
tau = 20*ms  # membrane
low, high = -60*mV, -50.5*b2.mV
C = 1*uF/cm**2
rate = 5/second
twice = 1
twice = 2
name = "text"
flag = True
made = 2*tau
T = 1*second
def f(p=3):
    local = 7*ms
    return local
print(N, tau, low, high, C, rate, f())
run(T)
"""


def test_names_that_are_given_a_number_once_are_found():
    found = literals(SOURCE)
    assert {k: (v.number, v.unit) for k, v in found.items()} == {
        "N": (4000, "1"),
        "tau": (20, "ms"),
        "low": (-60, "mV"),
        "high": (-50.5, "mV"),
        "C": (1, "uF / cm ** 2"),
        "rate": (5, "1 / second"),
        "T": (1, "second"),
        "local": (7, "ms"),
    }
    assert (found["tau"].line, found["tau"].comment) == (5, "membrane")


def test_the_duration_of_a_run_is_no_use_of_a_name():
    found = literals(SOURCE)
    assert found["T"].read == ()
    assert found["tau"].read == (13, 18)


@pytest.mark.parametrize(
    ("name", "number", "then"),
    [("N", 7, "7"), ("tau", 5.5, "5.5"), ("high", -1, "-2"), ("low", 3.0, "6.0")],
)
def test_another_number_is_put_in_its_place(name, number, then):
    source = (
        "ms = mV = 1\nmV = mV + 1\nN = 4\ntau = 20*ms\nlow, high = -60*mV, -50*mV\nseen = str("
        f"{name})\n"
    )
    names: dict[str, object] = {}
    exec(compiled(source, Path("a.py"), {name: number}), names)
    assert names["seen"] == then
    exec(compiled(source, Path("a.py")), names)
    assert names["N"] == 4 and names["tau"] == 20
