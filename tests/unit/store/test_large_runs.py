"""Of a run with many spikes only those are read that somebody asks for."""

from __future__ import annotations

import dataclasses
import shutil

import numpy as np
import pytest

from workbench import open_run, store
from workbench.catalogue import Catalogue, thumbnail
from workbench.errors import StoreError
from workbench.network import NetworkInfo, Population
from workbench.plots.raster.static import raster, spike_table
from workbench.run import Run
from workbench.store import spikes as module
from workbench.store.writer import CHUNK

COUNT, NEURONS, DT_MS = 3 * CHUNK + 1000, 50, 0.1


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A small run that is stored as it is, and opened as if it were a large one."""
    monkeypatch.setattr(store, "LAZY_FROM", 1000)
    rng = np.random.default_rng(1)
    steps = np.sort(rng.integers(0, 200_000, COUNT))
    populations = (Population("a", 30, 0, "neurons"), Population("b", 20, 30, "neurons"))
    info = NetworkInfo(
        dt_ms=DT_MS, tick_ms=1.0, populations=populations, projections=(), traces={}, watched={}
    )
    whole = Run(
        "made-up", {}, info, 20_000.0, 1, "numpy", steps, rng.integers(0, NEURONS, COUNT),
        np.empty(0), {}, {},
    )  # fmt: skip
    whole.save(tmp_path / "r.zarr")
    return whole, open_run(tmp_path / "r.zarr")


@pytest.fixture
def read(monkeypatch):
    """The chunks that were decoded, of both arrays."""
    chunks, usual = [], module.read_array

    def counted(run, name, stop, start):
        chunks.extend(range(start // CHUNK, -(-stop // CHUNK)))
        return usual(run, name, stop, start)

    monkeypatch.setattr(module, "read_array", counted)
    return chunks


def test_opening_reads_no_spike(run, read, tmp_path):
    opened = open_run(tmp_path / "r.zarr")
    assert isinstance(opened, module.LargeRun) and opened.duration_ms == 20_000.0
    assert read == []


@pytest.mark.parametrize("span", [(0.0, 3.0), (9_000.0, 9_010.05), (19_990.0, 20_000.0),
                                  (0.0, 20_000.0), (5.0, 5.0), (7.0, 6.0)])  # fmt: skip
def test_a_stretch_has_the_spikes_of_the_whole_run(run, span):
    whole, opened = run
    for population in ("a", "b"):
        t, i = whole.spikes(population)
        keep = (t >= span[0]) & (t <= span[1])
        for found in (opened, whole):
            t_ms, neurons = found.spikes(population, span)
            assert np.array_equal(t_ms, t[keep]) and np.array_equal(neurons, i[keep])


def test_of_a_stretch_only_its_chunks_are_read(run, read):
    _, opened = run
    t, _ = opened.spikes("a", (9_000.0, 9_010.0))
    assert 0 < len(t) < 200
    assert set(read) <= {1, 2}  # of 0 to 3: where halving looks, and where the stretch is
    read.clear()
    opened.spikes("b", (9_000.0, 9_010.0))  # of the same stretch: it is known
    assert len(read) <= 2


def test_what_is_drawn_and_listed_is_that_of_the_whole_run(run):
    whole, opened = run
    rows = [list(spike_table(r, t_ms=(100.0, 101.0))[1]) for r in (whole, opened)]
    assert rows[0] == rows[1] and rows[0]
    assert str(raster(opened, t_ms=(100.0, 101.0))) == str(raster(whole, t_ms=(100.0, 101.0)))


def test_all_of_it_is_there_for_who_wants_all(run, tmp_path):
    whole, opened = run
    assert np.array_equal(opened.steps, whole.steps) and np.array_equal(opened.units, whole.units)
    changed = dataclasses.replace(opened, message="changed")
    assert np.array_equal(changed.steps, whole.steps) and changed.message == "changed"
    opened.save(tmp_path / "copy.zarr")
    assert np.array_equal(open_run(tmp_path / "copy.zarr").steps, whole.steps)


def test_keeping_and_listing_never_hold_all_spikes(run, tmp_path, monkeypatch):
    """What the web process does with a run that somebody keeps, and on the page of saved runs."""
    monkeypatch.setattr(module, "PIECE_CHUNKS", 1)
    monkeypatch.setattr(thumbnail, "LAZY_FROM", 1000)
    monkeypatch.setattr(thumbnail, "MOST", 3200)
    monkeypatch.setattr(module.StoredSpikes, "whole", lambda self: pytest.fail("it reads all"))
    held, usual = [], module.read_array
    monkeypatch.setattr(module, "read_array", lambda *a: held.append(usual(*a)) or held[-1])
    whole, opened = run
    opened.outcome = "running"
    catalogue = Catalogue(tmp_path / "runs")
    entry = catalogue.keep(opened, "kept")
    assert catalogue.thumbnail(entry.id) and len(catalogue.entries()) == 1
    assert max(map(len, held)) <= CHUNK < COUNT
    assert entry.outcome == "stopped" and opened.outcome == "running"
    copied = list(open_run(entry.path).pieces())
    for k, expected in enumerate((whole.steps, whole.units)):
        assert np.array_equal(np.concatenate([piece[k] for piece in copied]), expected)


def test_what_was_loaded_outlives_its_folder(run, tmp_path):
    whole, opened = run
    assert opened.load() is opened
    shutil.rmtree(tmp_path / "r.zarr")
    assert np.array_equal(opened.steps, whole.steps) and np.array_equal(opened.units, whole.units)
    t, _ = opened.spikes("a", (9_000.0, 9_010.0))
    assert np.array_equal(t, whole.spikes("a", (9_000.0, 9_010.0))[0])


def test_damage_is_found_when_it_is_opened_or_read(run, tmp_path):
    path = tmp_path / "r.zarr"
    chunk = path / "spike_unit" / "c" / "1"
    shutil.copy(chunk, tmp_path / "kept")
    chunk.unlink()
    with pytest.raises(StoreError, match="a part of spike_unit is missing"):
        open_run(path)
    chunk.write_bytes(b"no chunk")
    opened = open_run(path)
    with pytest.raises(StoreError, match="cannot be decoded"):
        _ = opened.units
