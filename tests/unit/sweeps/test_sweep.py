"""Sweeps without a cluster: design, measures, journal and Dataset."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import xarray as xr
from made_up import made_up
from toys import Toy

import workbench as wb
from workbench.errors import ParameterError, StoreError, UnknownName
from workbench.sweeps.dataset import dataset
from workbench.sweeps.design import make_design, range_of
from workbench.sweeps.journal import Journal, read
from workbench.sweeps.measures import NAMED, find
from workbench.sweeps.results import cells_of


def design(vary=None, **changes):
    options = {
        "repeats": 2, "measure": "mean_rate", "duration_ms": 50.0, "engine": "numpy",
        "operations": (), "seed": 1, **changes,
    }  # fmt: skip
    return make_design(Toy(), vary or {"tau": [5, 10, 20], "current": [0.5, 1.5]}, **options)


# -- design ----------------------------------------------------------------------------------------


def test_several_parameters_make_the_full_grid():
    d = design({"tau": ["5 ms", "0.01 s"], "current": np.array([1.0, 2.0, 3.0])})
    assert d.shape == (2, 3, 2)
    seen = {(*d.values(k).values(), k % 2) for k in d.order()}
    assert seen == {(t, c, r) for t in (5, 10) for c in (1, 2, 3) for r in (0, 1)}
    # Every point once before any is repeated.
    assert [k % 2 for k in d.order()] == [0] * 6 + [1] * 6


def test_every_run_has_a_seed_of_its_own_and_the_same_one_again():
    seeds = [design().seed_of(k) for k in range(12)]
    assert len(set(seeds)) == 12
    assert seeds == [design().seed_of(k) for k in range(12)]
    assert not set(seeds) & {design(seed=2).seed_of(k) for k in range(12)}
    assert all(0 <= s < 2**32 for s in seeds)


@pytest.mark.parametrize(
    ("vary", "changes", "kind", "message"),
    [
        ({"tua": [1]}, {}, UnknownName, "Unknown parameter of Toy: 'tua'. Did you mean 'tau'?"),
        (
            {"tau": [5, 0.01]}, {}, ParameterError,
            "Toy.tau = 0.01 ms is not allowed: it must be at least 0.1 ms.",
        ),
        ({"tau": ["5 mV"]}, {}, ParameterError, "has the wrong unit: it is measured in ms"),
        ({"tau": []}, {}, ParameterError, "vary tau = [] is not allowed: give at least one value."),
        ({"tau": [5, 5.0]}, {}, ParameterError, "vary tau has 5 ms twice: give it once."),
        ({"n_cells": [1.5]}, {}, ParameterError, "must be a whole number; got 1.5."),
        ({"tau": [5]}, {"repeats": 0}, ParameterError, "repeats = 0 is not allowed"),
        ({"tau": [5]}, {"repeats": 2_000_000}, ParameterError, "2,000,000 runs are too many"),
        ({"tau": [5]}, {"measure": "mean_rat"}, UnknownName, "Did you mean 'mean_rate'?"),
        ({"tau": [5]}, {"measure": 3}, ParameterError, "measure = 3 is not allowed: give a name"),
        ({"tau": [5]}, {"measure": []}, ParameterError, "give at least one measure."),
        ({"tau": [5]}, {"engine": "nunpy"}, UnknownName, "Unknown engine: 'nunpy'."),
        ({"tau": [5]}, {"duration_ms": 0}, ParameterError, "it must be above 0."),
        ({"tau": [5]}, {"seed": -1}, ParameterError, "seed = -1 is not allowed"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_in_a_sentence(vary, changes, kind, message):
    with pytest.raises(kind) as caught:
        design(vary, **changes)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"scheduler": "somewhere"}, "it must be 'local', or an address"),
        ({"workers": 0}, "workers = 0 is not allowed"),
        ({"scheduler": "tcp://h:1", "workers": 2}, "is only for scheduler='local'"),
    ],
)
def test_where_it_runs_is_checked_first(where, message):
    with pytest.raises(ParameterError, match="is") as caught:
        wb.sweep(Toy(), {"tau": [5]}, **where)
    assert message in str(caught.value)


def test_ranges_as_people_type_them():
    assert range_of(Toy, "tau", "10:40:7") == [10, 15, 20, 25, 30, 35, 40]
    assert range_of(Toy, "tau", "0.1:0.7:3") == [0.1, 0.4, 0.7]
    assert range_of(Toy, "tau", "1:100:3:log") == [1, 10, 100]
    assert range_of(Toy, "tau", "10 ms:0.04 s:2") == [10, 40]
    assert range_of(Toy, "n_cells", "1:10:4") == [1, 4, 7, 10]
    assert range_of(Toy, "tau", "1, 2 ms") == ["1", "2 ms"]
    for text in ("1:2", "1:2:x", "1:2:0", "1:2:3:lag", "1:2:3:log:4"):
        with pytest.raises(ParameterError, match="cannot be read: write from:to:count"):
            range_of(Toy, "tau", text)
    with pytest.raises(ParameterError, match="log needs values above 0"):
        range_of(Toy, "current", "0:1:3:log")
    with pytest.raises(UnknownName, match="Did you mean 'tau'"):
        range_of(Toy, "tua", "1:2:3")


def test_ranges_begin_and_end_where_they_say():
    low, *_, high = range_of(Toy, "tau", "0.123456789012345:0.3333333333333333:4")
    assert (low, high) == (0.123456789012345, 0.3333333333333333)
    assert range_of(Toy, "tau", "1.23456789012345:5:1") == [1.23456789012345]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,62ms", "write it at each or at none, and a decimal point where the comma is"),
        ("1,62 ms", "write it at each or at none"),
        ("1:9**9**9:3", "nothing is calculated here"),
        ("1,5:3:4", "it has a decimal comma; did you mean '1.5'?"),
        ("1:3:99999999999", "values of tau are too many: at most 100,000"),
        ("1:3:1_0", "cannot be read: write from:to:count"),
        ("1:" * 10_000, "cannot be read: write from:to:count"),
    ],
)
def test_ranges_that_are_refused(text, message):
    with pytest.raises(ParameterError) as caught:
        range_of(Toy, "tau", text)
    assert message in str(caught.value)
    assert len(str(caught.value)) <= 300


# -- measures --------------------------------------------------------------------------------------


def a_run(trains: dict[int, list[float]], size: int = 4, duration_ms: float = 1000.0):
    """A run of one population whose neurons spike at these times, ms."""
    run = made_up({"a": size}, duration_ms=duration_ms)
    pairs = sorted((round(t / 0.1), i) for i, train in trains.items() for t in train)
    run.steps = np.array([s for s, _ in pairs], dtype=np.int64)
    run.units = np.array([i for _, i in pairs], dtype=np.int32)
    return run


def value(name: str, run) -> float:
    return float(NAMED[name].function(run).sel(population="a"))


def test_rates_and_counts():
    run = a_run({0: [10, 20], 3: [500.0]})
    assert value("spike_count", run) == 3
    assert value("mean_rate", run) == 3 / 4
    assert NAMED["mean_rate"].function(run).attrs["units"] == "Hz"


def test_irregularity_in_closed_form():
    assert value("cv_isi", a_run({0: list(range(0, 1000, 10))})) == pytest.approx(0, abs=1e-9)
    # Intervals 10, 30: mean 20, deviation 10; the regular neuron has 0; two spikes say nothing.
    run = a_run({0: [0, 10, 40, 50, 80], 1: [0, 10, 20], 2: [3, 4]})
    assert value("cv_isi", run) == pytest.approx((0.5 + 0.0) / 2)
    assert math.isnan(value("cv_isi", a_run({0: [1, 2]})))
    rng = np.random.default_rng(1)
    gaps = rng.exponential(20, (4, 400))
    trains = {i: np.cumsum(g).tolist() for i, g in enumerate(gaps)}
    # The standard error of a CV of 1600 exponential intervals is 1/sqrt(1600) = 0.025.
    assert value("cv_isi", a_run(trains, duration_ms=1e4)) == pytest.approx(1, abs=0.1)


def test_synchrony_in_closed_form():
    rng = np.random.default_rng(2)
    apart = {i: np.sort(rng.uniform(0, 1e4, 500)).tolist() for i in range(4)}
    # 2000 bins: the variance of a Poisson count is known to sqrt(2/2000), 3 %.
    assert value("synchrony", a_run(apart, duration_ms=1e4)) == pytest.approx(1, abs=0.12)
    beat = np.sort(rng.choice(2000, 100, replace=False)) * 5.0 + 1
    same = {i: beat.tolist() for i in range(4)}
    # In a share p of the bins there are all N spikes: variance / mean is N (1 - p).
    assert value("synchrony", a_run(same, duration_ms=1e4)) == pytest.approx(4 * 0.95)
    assert math.isnan(value("synchrony", a_run({})))


def test_mean_weight_has_the_projection_s_unit():
    run = made_up({"a": 3, "b": 2})
    (found,) = NAMED["mean_weight"].function(run).values()
    assert float(found) == pytest.approx(run.weights["first_second"]["w"][-1].mean())
    assert found.attrs["units"] == "nA"


def test_a_function_s_mark_changes_with_its_code():
    def make(factor, text="a"):
        return lambda run, t=text: factor * len(run.steps) if t else list(run)

    assert find(make(2)).code == find(make(2)).code
    assert len({find(make(2)).code, find(make(3)).code, find(make(2, "b")).code}) == 3
    assert find(lambda run: 1).code != find(lambda run: 2).code
    assert find(lambda run: 1).name == "measure"


def test_what_a_measure_may_return():
    assert cells_of("m", 3, ())["m"]["data"] == 3.0
    assert set(cells_of("m", {"a": 1, "b": np.float32(2)}, ())) == {"a", "b"}
    array = xr.DataArray([1, 2], {"x": ["p", "q"]}, ["x"], name="own", attrs={"units": "mV"})
    assert cells_of("m", array, ()) == {
        "own": {"dims": ["x"], "coords": {"x": ["p", "q"]}, "units": "mV", "data": [1.0, 2.0]}
    }
    for result, message in (
        ("three", "it must be a number, a dict of numbers, or an xarray.DataArray."),
        (None, "it must be a number"),
        ([1, 2], "give it as an xarray.DataArray, with names of its dimensions."),
        (xr.DataArray([1j]), "it must be real numbers."),
        ({"tau": 1}, "returned something called 'tau', which a sweep calls something else"),
    ):
        with pytest.raises(ParameterError) as caught:
            cells_of("m", result, ("tau", "seed"))
        assert message in str(caught.value)


# -- the folder ------------------------------------------------------------------------------------


def outcome(k, value=None, error="", **cell):
    cells = {"m": {"dims": [], "coords": {}, "units": "Hz", "data": float(k), **cell}}
    return {
        "k": k, "seed": k, "error": error, "cells": {} if error else cells, "engine": "numpy",
        "wall_s": 0.1,
    }  # fmt: skip


def kept(path, settings, *outcomes, **options):
    journal = Journal(path, settings, **options)
    for o in outcomes:
        journal.add(o)
    journal.close()


def test_what_was_cut_off_is_forgotten_and_the_rest_is_there(tmp_path):
    path, settings = tmp_path / "s.zarr", design().settings()
    kept(path, settings, outcome(3), outcome(5, error="it broke"))
    with (path / "points.jsonl").open("a") as file:
        file.write('{"k": 7, "seed"')
    data = wb.open_sweep(path)
    assert (data.attrs["done"], data.attrs["failed"]) == (2, 1)
    assert data.attrs["outcome"] == "stopped"
    assert data["m"].notnull().sum() == 1
    assert list(data["error"].values.ravel()).count("it broke") == 1
    kept(path, settings, outcome(7))
    assert set(read(path)[1]) == {3, 5, 7}


def test_another_sweep_s_folder_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "s.zarr"
    kept(path, design().settings(), outcome(0))
    for changed, message in (
        (design(repeats=3), "repeats was 2, now 3"),
        (design(seed=9), "seed was 1, now 9"),
        (design({"tau": [5]}), "vary was"),
        (design(measure=lambda run: 1), "measure was"),
    ):
        with pytest.raises(StoreError) as caught:
            Journal(path, changed.settings())
        assert f"{path} is a sweep with other settings ({message}" in str(caught.value)
        assert "choose another place" in str(caught.value)
    with pytest.raises(StoreError, match="exists already"):
        Journal(path, design().settings(), resume=False)


def test_two_sweeps_do_not_write_into_one_folder(tmp_path):
    journal = Journal(tmp_path / "s.zarr", design().settings())
    with pytest.raises(StoreError, match="is being written by another sweep"):
        Journal(tmp_path / "s.zarr", design().settings())
    journal.close()


def test_what_is_no_sweep_is_not_opened(tmp_path):
    with pytest.raises(StoreError, match="does not exist"):
        wb.open_sweep(tmp_path / "none")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    with pytest.raises(StoreError, match=r"is not a sweep: it has no sweep\.json"):
        wb.open_sweep(tmp_path / "other")
    with pytest.raises(StoreError, match="is not a sweep"):
        Journal(tmp_path / "other", design().settings())
    path, settings = tmp_path / "s.zarr", design().settings()
    kept(path, settings)
    (path / "points.jsonl").write_text("what\n")
    with pytest.raises(StoreError, match=r"is damaged: line 1 of points.jsonl"):
        wb.open_sweep(path)
    (path / "points.jsonl").write_text(json.dumps(outcome(99)) + "\n")
    with pytest.raises(StoreError, match="results of runs that it does not have"):
        wb.open_sweep(path)
    (path / "sweep.json").write_text('{"workbench_sweep": 99}')
    with pytest.raises(StoreError, match="newer workbench"):
        wb.open_sweep(path)


# -- the Dataset -----------------------------------------------------------------------------------


def test_the_dataset_has_the_parameters_as_dimensions_with_units():
    data = dataset(design().settings(), {4: outcome(4), 11: outcome(11)})
    assert dict(data.sizes) == {"tau": 3, "current": 2, "repeat": 2}
    assert data["tau"].attrs["units"] == "ms"
    assert data["m"].attrs["units"] == "Hz"
    assert float(data["m"].sel(tau=10, current=0.5, repeat=0)) == 4
    assert float(data["m"].sel(tau=20, current=1.5, repeat=1)) == 11
    assert int(data["m"].notnull().sum()) == 2


def test_results_of_different_lengths_are_aligned_by_their_labels():
    cells = [
        {"dims": ["x"], "coords": {"x": ["p", "q"]}, "data": [1.0, 2.0]},
        {"dims": ["x"], "coords": {"x": ["q", "r"]}, "data": [3.0, 4.0]},
    ]
    data = dataset(design().settings(), {k: outcome(k, **c) for k, c in enumerate(cells)})
    first = data["m"].isel(tau=0, current=0)
    assert list(data["x"].values) == ["p", "q", "r"]
    np.testing.assert_array_equal(first.values, [[1, 2, np.nan], [np.nan, 3, 4]])


def test_it_is_written_as_zarr_and_read_back_by_anybody(tmp_path):
    path, settings = tmp_path / "s.zarr", design().settings()
    journal = Journal(path, settings)
    for k in range(12):
        journal.add(outcome(k) if k else outcome(k, error="broke"))
    for _ in range(2):  # a second time replaces the first
        journal.write_zarr(dataset(*read(path)))
    journal.close()
    with xr.open_zarr(path) as stored:
        xr.testing.assert_equal(stored.load(), wb.open_sweep(path))
        assert stored["error"].values.ravel()[0] == "broke"
