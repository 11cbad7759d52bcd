"""Runs on disk: the same after a round trip, whole after an accident, refused when not a run."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from toys import Toy

from workbench import open_run
from workbench.errors import StoreError


@pytest.fixture(scope="module")
def run():
    return Toy().run(60, seed=2, engine="numpy", input_spikes={"source": ([5], [1])})


def test_round_trip_keeps_everything(run, tmp_path):
    again = open_run(run.save(tmp_path / "a.zarr"))
    for field in dataclasses.fields(run):
        ours, theirs = getattr(run, field.name), getattr(again, field.name)
        if field.name == "path":
            continue
        if isinstance(ours, np.ndarray):
            assert np.array_equal(ours, theirs), field.name
        elif field.name in ("states", "weights"):
            assert ours.keys() == theirs.keys()
        else:
            assert ours == theirs, field.name
    assert np.array_equal(run.state("cells.v"), again.state("v"))
    assert np.array_equal(run.weight_matrix("source_cells"), again.weight_matrix("source_cells"))


def test_saving_never_replaces_what_is_not_a_run(run, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("all of it")
    with pytest.raises(StoreError, match="exists already"):
        run.save(tmp_path / "mine")
    with pytest.raises(StoreError, match="is not a run"):
        run.save(tmp_path / "mine", overwrite=True)
    assert (tmp_path / "mine" / "thesis.tex").read_text() == "all of it"
    run.save(tmp_path / "r.zarr")
    run.save(tmp_path / "r.zarr", overwrite=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine", "r.zarr"]


def test_what_cannot_be_opened_is_reported(run, tmp_path):
    with pytest.raises(StoreError, match="does not exist"):
        open_run(tmp_path / "nothing")
    with pytest.raises(StoreError, match=r"has no run\.json"):
        open_run(tmp_path)
    path = run.save(tmp_path / "r.zarr")
    meta = json.loads((path / "run.json").read_text())

    def with_meta(**changes):
        (path / "run.json").write_text(json.dumps({**meta, **changes}))
        return path

    with pytest.raises(StoreError, match="newer workbench"):
        open_run(with_meta(workbench_run=99))
    with pytest.raises(StoreError, match="entries of"):
        open_run(with_meta(n_spikes=10**6))
    with pytest.raises(StoreError, match="damaged"):
        open_run(with_meta(info={}))
    (path / "run.json").write_text("{not json")
    with pytest.raises(StoreError, match="cannot be read"):
        open_run(path)


def test_spikes_of_neurons_that_do_not_exist_are_refused(run, tmp_path):
    wrong = dataclasses.replace(run, units=run.units + 10_000)
    with pytest.raises(StoreError, match="neurons that do not exist"):
        open_run(wrong.save(tmp_path / "w.zarr"))


def test_xarray_has_every_spike_at_its_neuron(run):
    data = run.to_xarray()
    names = data.population.values[data.spike_population.values]
    for population in run.populations:
        t, i = run.spikes(population)
        mine = names == population
        assert np.array_equal(data.spike_time.values[mine], t)
        assert np.array_equal(data.spike_neuron.values[mine], i)
    assert data.attrs["seed"] == 2
    assert data["cells.v"].dims == ("time", "neuron_cells.v")


def test_xarray_is_written_and_read_by_zarr(run, tmp_path):
    import xarray as xr

    run.to_xarray().to_zarr(tmp_path / "x.zarr", zarr_format=3, consolidated=False)
    again = xr.open_zarr(tmp_path / "x.zarr", consolidated=False)
    assert again.spike_time.shape == run.steps.shape
