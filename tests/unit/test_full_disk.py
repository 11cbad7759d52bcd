"""A full disk under the store: said clearly, nothing lost, and the run goes on afterwards."""

from __future__ import annotations

import os
import subprocess
import time

import numpy as np
import pytest
from toys import Toy

from workbench.engine.recorder import Recorder
from workbench.errors import StoreError


class FullDisk:
    """A writer that cannot write until it is emptied."""

    def __init__(self):
        self.full = True
        self.steps: list[int] = []

    def append(self, steps, units, state_t, states):
        if self.full:
            raise StoreError("/disk/run.zarr cannot be written: no space left on device.")
        self.steps += steps.tolist()

    def progress(self, t_ms, interventions):
        pass


def test_recorder_keeps_what_the_store_cannot_take():
    recorder = Recorder(FullDisk())
    recorder.add_spikes(np.array([1, 2]), np.array([0, 0], np.int32))
    assert not recorder.flush(1.0, [])
    assert "no space left" in str(recorder.error)
    recorder.add_spikes(np.array([3]), np.array([1], np.int32))
    recorder.writer.full = False
    assert recorder.flush(2.0, [])
    assert recorder.error is None
    assert recorder.writer.steps == [1, 2, 3]
    assert recorder.flush(3.0, [])
    assert recorder.writer.steps == [1, 2, 3]


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk needs root and the right to mount")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_live_run_on_a_full_disk_pauses_and_goes_on(small_disk):
    # 1,000 noisy neurons at about 200 Hz fill 400 kB within seconds.
    session = Toy(n_cells=1000, current=3, tau=2).start(store=small_disk / "run.zarr", seed=2)
    try:
        began = time.perf_counter()
        while not session.status().warning:
            session.frames()
            assert time.perf_counter() - began < 60, session.status()
            time.sleep(0.02)
        status = session.status()
        assert status.state == "paused"
        assert "run.zarr" in status.warning
        assert "Nothing recorded is lost" in status.warning
        grow = ["mount", "-o", "remount,size=200m", str(small_disk)]
        subprocess.run(grow, check=True)
        session.resume()
        began = time.perf_counter()
        while session.status().warning:
            session.frames()
            assert time.perf_counter() - began < 60, session.status()
            time.sleep(0.02)
        run = session.stop()
    finally:
        session.close()
    whole = Toy(n_cells=1000, current=3, tau=2).run(run.duration_ms, seed=2, engine="numpy")
    assert np.array_equal(run.steps, whole.steps)
    assert np.array_equal(run.units, whole.units)
