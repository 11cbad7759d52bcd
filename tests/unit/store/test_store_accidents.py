"""Accidents under a store: killed writers, full disks, lost and altered files."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import json
import os
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import zarr
from recorded import INFO, META, WEIGHTS, batch

from workbench import open_run
from workbench.errors import StoreError
from workbench.network import Population
from workbench.recordings import Block
from workbench.run import Run
from workbench.store import RunWriter, save


def whole(n: int) -> np.ndarray:
    return np.concatenate([batch(k)[0] for k in range(n)])


WRITE_FOR_EVER = """
import sys; sys.path.insert(0, {here!r})
from recorded import META, WEIGHTS, batch
from workbench.interventions import Intervention
from workbench.store import RunWriter
writer = RunWriter(sys.argv[1], **META)
for k in range(100_000):
    writer.append(*batch(k))
    writer.progress(1000.0 * (k + 1), [Intervention(k, 1000.0 * k, "set", "tau", value=1.0)])
    if k % 3 == 0:
        writer.weights(WEIGHTS)
    print(k + 1, flush=True)
"""


@pytest.mark.parametrize("pause_s", [0.0, 0.003, 0.011, 0.017])
def test_a_killed_writer_leaves_everything_that_it_flushed(tmp_path, pause_s):
    path = tmp_path / "run.zarr"
    code = WRITE_FOR_EVER.format(here=str(Path(__file__).parents[1]))
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        message = 0
        while message < 8:
            message = int(writer.stdout.readline())
        live = open_run(path)  # while it is being written
        assert live.outcome == "running"
        time.sleep(pause_s)
        writer.send_signal(signal.SIGKILL)
        message = int((writer.stdout.read().split() or [message])[-1])
    run = open_run(path)
    seconds = round(run.duration_ms / 1000)
    assert message <= seconds <= message + 1
    assert run.outcome == "interrupted"
    assert "ended too early" in run.message
    assert np.array_equal(run.steps, whole(seconds))
    assert len(run.interventions) == 1
    assert run.state("v").shape == (20 * seconds, 2)
    assert run.weights["exc_inh"]["w"][1].tolist() == [1, 2, 3]


def test_a_full_disk_is_reported_and_loses_nothing(small_disk):
    writer = RunWriter(small_disk / "run.zarr", **META)
    written, error = 0, None
    while error is None and written < 1000:
        try:
            writer.append(*batch(written, 20_000))
            writer.progress(1000.0 * (written + 1), [])
            written += 1
        except StoreError as message:
            error = str(message)
    assert written > 0
    assert "run.zarr cannot be written: no space left on device (up to 0.2 MB are needed" in error
    assert "free some space there" in error
    kept = open_run(small_disk / "run.zarr")
    assert len(kept.steps) == 20_000 * written
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    writer.append(*batch(written, 20_000))
    writer.finish(
        duration_ms=1000.0 * (written + 1), outcome="stopped", message="", weights=WEIGHTS,
        interventions=[],
    )  # fmt: skip
    run = open_run(small_disk / "run.zarr")
    everything = np.concatenate([batch(k, 20_000)[0] for k in range(written + 1)])
    assert np.array_equal(run.steps, everything)
    assert run.outcome == "stopped"


@pytest.mark.parametrize("calls", range(1, 12))
def test_wherever_writing_fails_trying_again_neither_loses_nor_doubles(
    tmp_path, monkeypatch, calls
):
    """The ``calls``-th replacement of a file fails, in a chunk, an array's header or run.json."""
    writer = RunWriter(tmp_path / "run.zarr", **META)
    writer.append(*batch(0))
    writer.progress(1000.0, [])
    left, real = [calls], Path.replace

    def replace(self, target):
        left[0] -= 1
        if left[0] == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, target)

    def second():
        writer.append(*batch(1))
        writer.progress(2000.0, [])

    monkeypatch.setattr(Path, "replace", replace)
    failed = False
    try:
        second()
    except StoreError as error:
        failed = True
        assert "no space left on device" in str(error)
        assert np.array_equal(open_run(tmp_path / "run.zarr").steps, whole(1))
        second()
    assert failed == (calls <= 9)  # two arrays and a header each for spikes, states; run.json
    run = open_run(tmp_path / "run.zarr")
    assert np.array_equal(run.steps, whole(2))
    assert run.state("v").shape == (40, 2)


def test_what_settled_stays_and_what_follows_may_be_repeated(tmp_path, monkeypatch):
    """Chunks are small, so that each batch ends in another one than it began in."""
    monkeypatch.setattr("workbench.recordings.CHUNK_ROWS", 6)
    monkeypatch.setattr("workbench.store.writer.TRACE_CHUNK_BYTES", 1)
    writer = RunWriter(tmp_path / "run.zarr", **META)
    real, n = Path.replace, 4
    for k in range(n):

        def full(self, target, k=k):
            if target.parts[-4:-2] == ("exc.v", "c") and int(target.parts[-2]) >= 20 * k // 6 + 2:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(self, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", full)
            with pytest.raises(StoreError, match="no space left on device"):
                writer.append(*batch(k))
        writer.append(*batch(k))
        writer.settle()
        assert len(open_run(tmp_path / "run.zarr").steps) == 0  # not valid yet
    writer.append(*batch(99))  # replaced by what follows
    writer.append(*batch(n))
    writer.progress(1000.0 * (n + 1), [])
    run = open_run(tmp_path / "run.zarr")
    assert np.array_equal(run.steps, whole(n + 1))
    assert np.array_equal(run.units, np.concatenate([batch(k)[1] for k in range(n + 1)]))
    expected = np.concatenate([batch(k)[3]["exc.v"] for k in range(n + 1)])
    assert np.array_equal(run.state("v"), expected)


def test_weights_are_replaced_only_by_whole_ones(tmp_path, monkeypatch):
    writer = RunWriter(tmp_path / "run.zarr", **META)
    writer.weights(WEIGHTS)
    real = Path.replace

    def replace(self, target):
        if Path(target).parts[-2:] == ("c", "0"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(StoreError):
        writer.weights(WEIGHTS)
    monkeypatch.undo()
    assert open_run(tmp_path / "run.zarr").weight_matrix("exc_inh")[1, 2] == 3
    writer.weights(WEIGHTS)
    assert len(list((tmp_path / "run.zarr" / "weights").glob("[0-9]*"))) == 1


@pytest.fixture
def stored(tmp_path):
    steps, units, state_t, states = batch(0)
    run = Run(
        **META, duration_ms=1000.0, steps=steps, units=units, state_t=state_t, states=states,
        weights=WEIGHTS,
    )  # fmt: skip
    return save(run, tmp_path / "run.zarr")


def test_lost_and_altered_parts_are_damage(stored):
    chunk = stored / "spike_unit" / "c" / "0"
    data = bytearray(chunk.read_bytes())
    data[len(data) // 2] ^= 0xFF
    chunk.write_bytes(data)
    with pytest.raises(StoreError, match=r"damaged: a part of spike_unit cannot be decoded"):
        open_run(stored)
    chunk.unlink()
    with pytest.raises(StoreError, match=r"damaged: a part of spike_unit is missing"):
        open_run(stored)


def test_zeros_are_not_taken_for_loss(tmp_path):
    steps, units, state_t, states = batch(0)
    run = Run(
        **META, duration_ms=1000.0, steps=steps * 0, units=units * 0, state_t=state_t * 0,
        states={"exc.v": states["exc.v"] * 0}, weights={},
    )  # fmt: skip
    again = open_run(save(run, tmp_path / "z.zarr"))
    assert again.steps.shape == (1000,)
    assert not again.states["exc.v"].any()


@pytest.mark.parametrize("codec", ["numcodecs.pickle", "vlen-bytes", "my.own.code"])
def test_a_file_does_not_choose_which_code_runs(stored, codec):
    header = stored / "spike_time" / "zarr.json"
    message = json.loads(header.read_text())
    message["codecs"].append({"name": codec, "configuration": {}})
    header.write_text(json.dumps(message))
    with pytest.raises(StoreError, match="not a plain array"):
        open_run(stored)


@pytest.mark.parametrize(
    "change",
    [
        {"codecs": [{"name": "numcodecs.pickle", "configuration": {}}]},
        {"index_codecs": [{"name": "my.own.code", "configuration": {}}]},
        {"index_location": "end"},
        {"chunk_shape": [0, 1]},
        {"chunk_shape": [3, 1]},
        {"chunk_shape": [1, 1]},
        {"chunk_shape": "many"},
    ],
)
def test_what_a_file_of_many_chunks_says_of_itself_is_checked(tmp_path, change):
    message = {"unit": "mV", "of": "neurons", "every_ms": 1.0, "extremes": False, "index": [0]}
    writer = RunWriter(tmp_path / "r.zarr", **META)
    nothing, none = np.zeros(0, int), np.zeros(0)
    samples = Block(np.arange(5.0), np.ones((5, 1)))
    writer.append(nothing, nothing, none, {}, {"exc.v": (message, [samples])})
    writer.progress(5.0, [])
    assert open_run(writer.path).recordings["exc.v"].values.tolist() == [[1.0]] * 5
    header = writer.path / "values_exc.v" / "zarr.json"
    text = json.loads(header.read_text())
    text["codecs"][0]["configuration"] |= change
    header.write_text(json.dumps(text))
    with pytest.raises(StoreError, match=r"values_exc\.v (is not a plain|does not say)"):
        open_run(writer.path)


@pytest.mark.parametrize("rows", [3 * 10**6, 3 * 10**9, 2**62])
@pytest.mark.parametrize("array", ["snapshot_exc_inh", "weight_exc_inh", "spike_time"])
def test_a_header_that_declares_too_much_takes_no_memory(stored, array, rows):
    header = stored / array / "zarr.json"
    message = json.loads(header.read_text())
    message["shape"][0] = rows
    header.write_text(json.dumps(message))
    tracemalloc.start()
    try:
        with contextlib.suppress(StoreError):  # further rows of the spikes are not asked for
            open_run(stored)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 20 * 2**20


def test_arrays_outside_the_folder_are_refused(stored):
    meta = json.loads((stored / "run.json").read_text())
    meta["weights_at"] = "../elsewhere"
    (stored / "run.json").write_text(json.dumps(meta))
    with pytest.raises(StoreError, match="lies outside"):
        open_run(stored)


def test_a_process_number_that_is_used_again_is_not_the_writer(tmp_path):
    path = tmp_path / "run.zarr"
    RunWriter(path, **META).progress(5.0, [])
    assert open_run(path).outcome == "running"
    meta = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps({**meta, "pid_since": meta["pid_since"] - 3600}))
    assert open_run(path).outcome == "interrupted"


def test_replacing_a_run_that_fails_keeps_the_old_one(stored, monkeypatch):
    old = open_run(stored)
    real = RunWriter.finish

    def finish(self, **what):
        real(self, **what)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(RunWriter, "finish", finish)
    with pytest.raises(StoreError, match=r"run\.zarr cannot be written: no space left"):
        save(dataclasses.replace(old, seed=9), stored, overwrite=True)
    assert open_run(stored).seed == 3
    assert [p.name for p in stored.parent.iterdir()] == ["run.zarr"]


def test_without_permission_it_says_so(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write everywhere")
    with pytest.raises(StoreError, match="permission denied: choose a folder"):
        RunWriter(folder / "run.zarr", **META)


def test_flushing_a_second_of_a_run_is_cheap(tmp_path):
    writer = RunWriter(tmp_path / "run.zarr", **META)
    took = []
    for k in range(12):
        second = batch(k, 30_000)  # 360 kB of spikes
        began = time.process_time()  # with Zarr's threads; without the disk and other jobs
        writer.append(*second)
        writer.progress(1000.0 * k, [])
        took.append(time.process_time() - began)
    # Some 10 ms here; the bound leaves room for a slow machine and catches a change of kind.
    assert np.median(took) < 0.1


def test_subgroups_keep_their_own_name_in_xarray():
    populations = (*INFO.populations, Population("assembly", 10, 30, "neurons"))
    info = dataclasses.replace(INFO, populations=populations)
    run = Run(
        **{**META, "info": info}, duration_ms=10.0, steps=np.arange(4),
        units=np.array([29, 30, 39, 85], np.int32), state_t=np.zeros(0), states={}, weights={},
    )  # fmt: skip
    data = run.to_xarray()
    assert data.population.values[data.spike_population].tolist() == [
        "exc", "assembly", "assembly", "inh",
    ]  # fmt: skip
    assert data.spike_neuron.values.tolist() == [29, 0, 9, 5]


def test_the_arrays_are_plain_zarr(stored):
    group = zarr.open_group(str(stored), mode="r")
    assert group["spike_time"].shape == (1000,)
    assert group["spike_unit"].dtype == np.int32
