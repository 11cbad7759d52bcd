"""Errors are one sentence with what was given, what is allowed, and the nearest name."""

from __future__ import annotations

import pytest

from workbench.errors import (
    ParameterError,
    SimulationError,
    StoreError,
    UnknownName,
    WorkbenchError,
    listed,
    nearest,
    unknown,
)


def test_a_long_name_makes_no_long_sentence():
    message = str(unknown("model", "x" * 1_000_000, ["cuba"]))
    assert message.startswith("Unknown model: 'xxx")
    assert len(message) <= 300


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "(none)"),
        (["a"], "a"),
        (["a", "b"], "a or b"),
        (["a", "b", "c", "d"], "a, b, c or d"),
        ([str(k) for k in range(15)], "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more"),
    ],
)
def test_listed_reads_as_a_sentence(names, message):
    assert listed(names) == message


@pytest.mark.parametrize(
    ("given", "found"),
    [("tau_n", "tau_m"), ("TAU_M", "tau_m"), ("tau-m", "tau_m"), ("zzz", None), ("", None)],
)
def test_nearest(given, found):
    assert nearest(given, ["tau_m", "V_t", "w_e"]) == found


def test_nearest_returns_the_name_as_it_is_spelt():
    assert nearest("hippocampal_cam", ["hippocampal-cam", "cuba"]) == "hippocampal-cam"


@pytest.mark.parametrize(
    ("allowed", "sentence"),
    [
        (["raster"], "Unknown view: 'rastre'. Did you mean 'raster'? Allowed: raster."),
        (
            ["raster", "rates"],
            "Unknown view: 'rastre'. Did you mean 'raster'? Allowed: raster or rates.",
        ),
        (["x", "y", "z", "u"], "Unknown view: 'rastre'. Allowed: x, y, z or u."),
        ([], "Unknown view: 'rastre'. Allowed: (none)."),
    ],
)
def test_unknown_is_one_whole_sentence(allowed, sentence):
    assert str(unknown("view", "rastre", allowed)) == sentence


def test_unknown_says_whose_it_would_be():
    message = str(unknown("parameter", "tau_n", ["tau_m"], owner="cuba"))
    assert message == "Unknown parameter of cuba: 'tau_n'. Did you mean 'tau_m'? Allowed: tau_m."


def test_every_error_is_a_workbench_error_and_an_ordinary_one():
    for kind, ordinary in (
        (UnknownName, LookupError),
        (ParameterError, ValueError),
        (SimulationError, RuntimeError),
        (StoreError, OSError),
    ):
        assert issubclass(kind, WorkbenchError)
        assert issubclass(kind, ordinary)


def test_a_simulation_error_carries_what_was_recorded():
    error = SimulationError("It failed.", details="Traceback ...", run="the run")
    assert (str(error), error.details, error.run) == ("It failed.", "Traceback ...", "the run")
