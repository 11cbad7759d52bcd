"""Measures by Elephant: known values, and the workbench's own fast ones against them."""

from __future__ import annotations

import dataclasses
import sys

import numpy as np
import pytest
from made_up import made_up, silent

import workbench as wb
from workbench.errors import ParameterError, UnknownName
from workbench.measures.variability import fano_factor, isi_cv
from workbench.optional import NotInstalled
from workbench.sweeps.measures import synchrony


@pytest.fixture(scope="module")
def poisson():
    """Two populations of Poisson neurons, 40 Hz, for 10 s."""
    return made_up({"a": 30, "b": 20}, duration_ms=10_000.0)


def with_trains(trains, duration_ms=1000.0):
    """A run of one population with these trains, ms."""
    run = made_up({"a": len(trains)}, duration_ms=duration_ms, states=False)
    steps = np.concatenate([np.rint(np.asarray(t) / 0.1).astype(np.int64) for t in trains])
    units = np.repeat(np.arange(len(trains), dtype=np.int32), [len(t) for t in trains])
    order = np.argsort(steps, kind="stable")
    return dataclasses.replace(run, steps=steps[order], units=units[order])


def test_a_poisson_process_has_its_known_values(poisson):
    found = wb.measure(poisson)
    assert list(found.index) == ["a", "b"] and found.neurons.tolist() == [30, 20]
    for name in ("a", "b"):
        row = found.loc[name]
        assert row.rate_Hz == pytest.approx(poisson.rate(name)) and 37 < row.rate_Hz < 43
        # 400 intervals of each of 20 neurons: the mean's standard error is below 0.015.
        for measure in ("cv", "lv", "cv2"):
            assert abs(row[measure] - 1) < 0.06
        assert abs(row.fano - 1) < 0.1 and abs(row.synchrony - 1) < 0.1
        assert abs(row.correlation) < 0.02


def test_a_clock_and_trains_that_are_alike():
    clock = np.arange(2.5, 1000, 10.0)
    row = wb.measure(with_trains([clock, clock, clock]), bin_ms=2).loc["a"]
    assert max(row.cv, row.lv, row.cv2, row.fano) < 1e-9
    assert row.correlation == pytest.approx(1)
    assert row.rate_Hz == pytest.approx(100) and row.peak_Hz == pytest.approx(100, abs=5)
    spectrum = wb.spectrum(with_trains([clock]), "a")
    peak = spectrum.frequency_Hz[spectrum.power.argmax()]
    assert min(abs(peak - 100 * k) for k in (1, 2, 3, 4, 5)) < 5


def test_the_fast_measures_are_those_of_elephant(poisson):
    found = wb.measure(poisson, window_ms=50)
    for name, size in poisson.populations.items():
        t_ms, i = poisson.spikes(name)
        assert isi_cv(t_ms, i, size).mean() == pytest.approx(found.cv[name], rel=1e-9)
        fano = fano_factor(t_ms, i, size, 0.0, poisson.duration_ms, 50.0)
        assert fano.mean() == pytest.approx(found.fano[name], rel=1e-9)
        own = float(synchrony(poisson).sel(population=name))
        assert own == pytest.approx(found.synchrony[name], rel=1e-9)


def test_a_stretch_and_some_of_the_neurons(poisson):
    found = wb.measure(poisson, start_ms=1000, stop_ms=3000, neurons=7)
    assert found.measured.tolist() == [7, 7]
    t_ms, _ = poisson.spikes("a")
    assert found.spikes["a"] == ((t_ms >= 1000) & (t_ms < 3000)).sum()
    assert found.equals(wb.measure(poisson, start_ms=1000, stop_ms=3000, neurons=7))


def test_without_spikes_there_is_no_number():
    found = wb.measure(silent())
    assert found.rate_Hz.tolist() == [0, 0]
    assert np.isnan(found[["cv", "lv", "cv2", "fano", "correlation", "peak_Hz"]].to_numpy()).all()


def test_what_is_refused(poisson, monkeypatch):
    with pytest.raises(ParameterError, match=r"^From 5 to 2 ms is not possible: the run goes from"):
        wb.measure(poisson, start_ms=5, stop_ms=2)
    with pytest.raises(ParameterError, match=r"^window_ms = 20000 is not allowed: above 0, and at"):
        wb.measure(poisson, window_ms=20_000)
    with pytest.raises(UnknownName, match="Unknown population of made-up: 'c'"):
        wb.spectrum(poisson, "c")
    monkeypatch.setitem(sys.modules, "elephant.statistics", None)
    with pytest.raises(NotInstalled, match=r"^Measuring spike trains needs elephant, .* extra neo"):
        wb.measure(poisson)
