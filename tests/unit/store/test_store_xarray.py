"""Stored runs in xarray: named arrays with axes and units. Runs of earlier versions still open."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr
from recorded import INFO, META, WEIGHTS, batch

from workbench import open_run
from workbench.catalogue.thumbnail import thumbnail
from workbench.errors import StoreError
from workbench.interventions import Intervention
from workbench.run import Run
from workbench.store import RunWriter
from workbench.store.growing import Growing

OLD = Path(__file__).parent / "stored" / "schema_1.zip"


@pytest.fixture
def run():
    steps, units, state_t, states = batch(0)
    return Run(
        **META, duration_ms=1000.0, steps=steps, units=units, state_t=state_t, states=states,
        weights=WEIGHTS, interventions=[Intervention(1, 1.0, "set", "tau")],
    )  # fmt: skip


def described(data: xr.Dataset) -> dict[str, tuple]:
    """Axes, attributes and kind of each array."""
    return {str(n): (v.dims, v.attrs, n in data.coords) for n, v in data.variables.items()}


def test_xarray_opens_a_stored_run_as_named_arrays_with_units(run, tmp_path):
    path = run.save(tmp_path / "r.zarr")
    stored = xr.open_zarr(path)  # a warning would be an error here
    assert stored["spike_time"].dims == ("spike",)
    assert stored["spike_time"].attrs["units"] == "ms"
    assert stored["exc.v"].dims == ("time", "neuron_exc.v")
    assert stored["exc.v"].attrs == {"units": "mV", "long_name": "v of exc"}
    assert stored["neuron_exc.v"].values.tolist() == [0, 5]
    assert stored["weight_exc_inh"].attrs["units"] == "nA"
    assert stored["weight_exc_inh"].dims == ("snapshot_exc_inh", "synapse_exc_inh")
    assert stored["population"].values.tolist() == ["exc", "inh"]
    assert stored["population_first"].values.tolist() == [0, 80]
    assert np.array_equal(stored["spike_unit"].values, run.units)
    assert stored.attrs["seed"] == 3
    assert json.loads(stored.attrs["interventions"]) == [e.to_json() for e in run.interventions]


def test_xarray_opens_what_to_xarray_gives(run, tmp_path):
    stored = xr.open_zarr(run.save(tmp_path / "r.zarr"))
    made = run.to_xarray()
    follow = ["spike_population", "spike_neuron"]  # from spike_unit and population_first
    assert described(stored) == described(made.drop_vars(follow))
    assert stored.attrs == made.attrs
    for name, array in stored.variables.items():
        if array.dtype.kind in "if":
            np.testing.assert_allclose(array.values, made[name].values, rtol=1e-12)
            assert array.dtype == made[name].dtype, name


def test_xarray_opens_it_as_a_tree_with_nothing_left_over(run, tmp_path):
    path = tmp_path / "r.zarr"
    writer = RunWriter(path, **META)
    writer.append(run.steps, run.units, run.state_t, run.states)
    writer.progress(500.0, [])
    writer.weights(WEIGHTS)
    writer.weights(WEIGHTS)
    assert open_run(path).weight_matrix("exc_inh")[1, 2] == 3
    writer.finish(
        duration_ms=1000.0, outcome="finished", message="", weights=WEIGHTS, interventions=[]
    )
    with xr.open_datatree(path, engine="zarr") as tree:
        assert list(tree.subtree) == [tree]
        assert tree["weight_exc_inh"].shape == (2, 3)
    assert open_run(path).weight_matrix("exc_inh")[1, 2] == 3
    assert not (path / "weights").exists()


@pytest.mark.filterwarnings("ignore:Failed to open Zarr store with consolidated")
@pytest.mark.filterwarnings("ignore:Object at .* is not recognized")
def test_xarray_opens_a_run_that_is_being_written(run, tmp_path):
    writer = RunWriter(tmp_path / "r.zarr", **META)
    for k in range(3):
        writer.append(*batch(k))
        writer.progress(1000.0 * (k + 1), [])
    stored = xr.open_zarr(tmp_path / "r.zarr")
    assert stored["spike_time"].shape == (3000,)
    assert stored["exc.v"].shape == (60, 2)


def test_closing_that_failed_at_the_very_end_may_be_repeated(run, tmp_path, monkeypatch):
    path = tmp_path / "r.zarr"
    writer = RunWriter(path, **META)
    writer.append(run.steps, run.units, run.state_t, run.states)
    end = {"duration_ms": 1000.0, "outcome": "finished", "message": "", "interventions": []}

    def no_room(*given, **named):
        raise OSError(28, "No space left on device")

    for _ in range(2):
        monkeypatch.setattr(zarr, "consolidate_metadata", no_room)
        with pytest.raises(StoreError, match="cannot be written: no space left"):
            writer.finish(weights=WEIGHTS, **end)
        monkeypatch.undo()
        assert open_run(path).weight_matrix("exc_inh")[1, 2] == 3
    writer.finish(weights=WEIGHTS, **end)
    assert open_run(path).outcome == "finished"
    assert open_run(path).weight_matrix("exc_inh")[1, 2] == 3
    assert xr.open_zarr(path)["weight_exc_inh"].shape == (2, 3)


def test_a_run_of_the_first_schema_opens(tmp_path):
    with zipfile.ZipFile(OLD) as packed:
        packed.extractall(tmp_path / "old.zarr")
    old = open_run(tmp_path / "old.zarr")
    assert old.steps[:6].tolist() == [50, 51, 51, 51, 51, 51]
    assert old.units[:6].tolist() == [1, 3, 4, 5, 6, 7]
    assert len(old.steps) == 51
    assert old.state("v").shape == (60, 3)
    np.testing.assert_allclose(old.state("v")[-1], 0.9370333517229049)
    assert old.weights["source_cells"]["w"].tolist() == [[5.0] * 30] * 2
    assert thumbnail(tmp_path / "old.zarr").startswith(b"\x89PNG")
    again = open_run(old.save(tmp_path / "new.zarr"))
    for field in ("steps", "units", "state_t"):
        assert np.array_equal(getattr(again, field), getattr(old, field)), field
    assert np.array_equal(again.state("v"), old.state("v"))
    assert np.array_equal(
        again.weight_matrix("source_cells"), old.weight_matrix("source_cells"), equal_nan=True
    )
    assert xr.open_zarr(tmp_path / "new.zarr")["cells.v"].shape == (60, 3)


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("beside", [(), (3,), (0,)])
def test_zarr_reads_what_grew_over_the_edges_of_chunks(tmp_path, beside, fast):
    from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, ShardingCodec, ZstdCodec

    packed = [BytesCodec(), BloscCodec(cname="lz4", shuffle="bitshuffle"), Crc32cCodec()]
    chunk, file = ((n, *(max(1, b) for b in beside)) for n in (10, 20))
    root = zarr.open_group(str(tmp_path / "g"), mode="w", zarr_format=3)
    root.create_array(
        "a", shape=(0, *beside), chunks=file if fast else chunk, dtype=np.float64,
        compressors=None if fast else [ZstdCodec(level=1, checksum=True)],
        serializer=ShardingCodec(chunk_shape=chunk, codecs=packed, index_location="start")
        if fast else "auto",
    )  # fmt: skip
    rng = np.random.default_rng(1)
    array, whole = Growing(tmp_path / "g" / "a", np.dtype(np.float64)), np.zeros((0, *beside))
    for rows in (3, 0, 7, 1, 35, 4):
        data = rng.random((rows, *beside))
        array.put(len(whole), rng.random((rows + 12, *beside)))  # one that did not count
        array.put(len(whole), *np.array_split(data, 2))
        array.seal()
        whole = np.concatenate([whole, data])
        assert np.array_equal(zarr.open_array(str(tmp_path / "g" / "a"), mode="r")[...], whole)


def test_a_wide_state_is_stored_whole(run, tmp_path):
    rng = np.random.default_rng(2)
    values = rng.random((20, 20_000))
    info = dataclasses.replace(INFO, watched={"exc.v": tuple(range(20_000))})
    wide = dataclasses.replace(run, info=info, states={"exc.v": values})
    assert np.array_equal(open_run(wide.save(tmp_path / "w.zarr")).state("v"), values)
