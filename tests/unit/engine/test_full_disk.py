"""A full disk under the store: said clearly, nothing lost, and the run goes on afterwards."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from recorded import META
from test_compiled import Pair
from toys import Toy

from workbench import open_run
from workbench.engine.compiled.cache import compiler
from workbench.engine.recorder import FLUSH_EVERY_S, Recorder
from workbench.errors import StoreError
from workbench.store import RunWriter

HERE = Path(__file__).parents[1]


class FullDisk:
    """A writer that cannot write until it is emptied."""

    def __init__(self):
        self.full = True
        self.steps: list[int] = []

    def append(self, steps, units, state_t, states, recorded=None):
        if self.full:
            raise StoreError("/disk/run.zarr cannot be written: no space left on device.")
        self.steps += steps.tolist()

    def settle(self):
        pass

    def progress(self, t_ms, interventions):
        pass


class SlowDisk(FullDisk):
    """A writer that takes its time."""

    def __init__(self):
        super().__init__()
        self.full = False
        self.may_write = threading.Event()
        self.t_ms: list[float] = []

    def append(self, steps, units, state_t, states, recorded=None):
        assert self.may_write.wait(60)
        super().append(steps, units, state_t, states, recorded)

    def progress(self, t_ms, interventions):
        self.t_ms.append(t_ms)


def wait_for(condition):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < 60
        time.sleep(0.005)


class FullAtTheEnd(FullDisk):
    """A writer that takes data, and at first cannot write that they count."""

    def __init__(self):
        super().__init__()
        self.full = False
        self.failures = 1

    def progress(self, t_ms, interventions):
        if self.failures:
            self.failures -= 1
            raise StoreError("/disk/run.zarr cannot be written: no space left on device.")


def test_what_was_written_is_not_written_again_where_only_its_end_failed():
    recorder = Recorder(FullAtTheEnd())
    recorder.add_spikes(np.array([1, 2]), np.array([0, 0], np.int32))
    assert not recorder.flush(1.0, [])
    assert recorder.error is not None
    assert recorder.written == 2 * (8 + 4)  # a step and a neuron of each spike
    recorder.add_spikes(np.array([3]), np.array([1], np.int32))
    assert recorder.flush(2.0, [])
    assert recorder.error is None
    assert recorder.writer.steps == [1, 2, 3]


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


def test_what_is_handed_over_early_counts_with_the_next_flush(tmp_path):
    writer = RunWriter(tmp_path / "run.zarr", **META)
    recorder = Recorder(writer)
    recorder.add_spikes(np.array([1, 2]), np.array([0, 0], np.int32))
    assert recorder.flush(1.0, [], valid=False)
    assert open_run(tmp_path / "run.zarr").steps.tolist() == []
    recorder.add_spikes(np.array([3]), np.array([1], np.int32))
    assert recorder.flush(2.0, [])
    assert open_run(tmp_path / "run.zarr").steps.tolist() == [1, 2, 3]


def test_the_simulation_goes_on_while_it_is_written():
    recorder = Recorder(SlowDisk())
    recorder.add_spikes(np.array([1]), np.array([0], np.int32))
    assert recorder.flush(1.0, [], wait=False)
    recorder.add_spikes(np.array([2]), np.array([0], np.int32))
    assert recorder.flush(2.0, [], wait=False)  # nothing is done: the disk is busy
    assert recorder.writer.steps == []
    assert not recorder.due
    recorder.writer.may_write.set()
    assert recorder.flush(3.0, [])
    assert recorder.writer.steps == [1, 2]
    assert recorder.writer.t_ms == [1.0, 3.0]
    assert recorder.written == 2 * (8 + 4)


def test_what_could_not_be_written_meanwhile_is_written_before_what_came_later():
    recorder = Recorder(FullDisk())
    recorder.add_spikes(np.array([1]), np.array([0], np.int32))
    assert recorder.flush(1.0, [], wait=False)  # not yet known
    recorder.add_spikes(np.array([2]), np.array([0], np.int32))
    wait_for(lambda: recorder.due)
    assert not recorder.flush(2.0, [], wait=False)
    assert "no space left" in str(recorder.error)
    assert not recorder.due  # it tries again after a while
    recorder.writer.full = False
    assert recorder.flush(3.0, [])
    assert recorder.writer.steps == [1, 2]


def test_it_is_written_once_a_second(monkeypatch):
    now = [100.0]
    clock = SimpleNamespace(perf_counter=lambda: now[0])
    monkeypatch.setattr("workbench.engine.recorder.time", clock)
    recorder = Recorder(FullDisk())
    recorder.writer.full = False
    assert FLUSH_EVERY_S == 1.0
    for k in range(3):
        now[0] = 100.9 + k
        assert not recorder.due
        now[0] = 101.0 + k
        assert recorder.due
        assert recorder.flush(1.0, [])


def look_until(session, condition):
    began = time.monotonic()
    while not condition():
        session.frames()
        assert time.monotonic() - began < 120, session.status()
        time.sleep(0.02)


@pytest.mark.slow
def test_live_run_on_a_full_disk_pauses_and_goes_on(small_disk):
    # 1,000 noisy neurons at about 200 Hz fill 400 kB within seconds.
    session = Toy(n_cells=1000, current=3, tau=2).start(store=small_disk / "run.zarr", seed=2)
    try:
        look_until(session, lambda: session.status().warning)
        status = session.status()
        assert status.state == "paused"
        assert "run.zarr" in status.warning
        assert "Nothing recorded is lost" in status.waits
        grow = ["mount", "-o", "remount,size=200m", str(small_disk)]
        subprocess.run(grow, check=True)
        session.resume()
        look_until(session, lambda: not session.status().warning)
        run = session.stop()
    finally:
        session.close()
    whole = Toy(n_cells=1000, current=3, tau=2).run(run.duration_ms, seed=2, engine="numpy")
    assert np.array_equal(run.steps, whole.steps)
    assert np.array_equal(run.units, whole.units)


@pytest.mark.parametrize("size", ["20k", "60k", "100k"])
def test_a_disk_without_room_for_the_beginning_is_reported_in_a_sentence(small_disk, size):
    subprocess.run(["mount", "-o", f"remount,size={size}", str(small_disk)], check=True)
    path = small_disk / "run.zarr"
    session = Toy(n_cells=1000, current=3, tau=2).start(store=path, seed=2)
    try:
        look_until(session, lambda: session.status().state == "failed" or session.status().warning)
        status = session.status()
    finally:
        session.close()
    reported = status.message if status.state == "failed" else status.warning
    assert f"{path} cannot be written: no space left on device (" in reported
    assert "MB are free): free some space there, or choose a place on another disk." in reported
    assert "Errno" not in reported


@pytest.mark.slow
@pytest.mark.skipif(compiler() is None, reason="no C++ compiler here")
def test_the_compiled_engine_stands_as_long_as_the_disk_is_full(small_disk):
    session = Pair().start(engine="compiled", store=small_disk / "run.zarr")
    try:
        assert session.wait(250, until="running")
        look_until(session, lambda: session.status().warning)
        assert session.status().state == "paused"
        session.frames()
        pauses_at = session.status().t_ms
        time.sleep(0.5)
        assert not session.frames()
        assert session.status().t_ms == pauses_at
        grow = ["mount", "-o", "remount,size=200m", str(small_disk)]
        subprocess.run(grow, check=True)
        look_until(session, lambda: not session.status().warning)
        session.resume()
        look_until(session, lambda: session.status().t_ms > pauses_at)
        run = session.stop()
    finally:
        session.close()
    assert run.duration_ms > pauses_at
    assert np.array_equal(run.state_t, np.arange(run.duration_ms + 1))


NO_ROOM = """
import errno, multiprocessing, os, shutil, sys, threading
sys.path.insert(0, sys.argv[1])
from toys import Toy
from workbench.engine import child
from workbench.engine.compiled import simulation
from workbench.engine.plan import make_plan
from workbench.model.transfer import pack_model

def full(source, target):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))

simulation.shutil.copy2 = full
model, (ours, theirs), said = Toy(), multiprocessing.Pipe(), []

def listen():
    try:
        while True:
            message = ours.recv()
            if message[0] == "status":
                said.append(message[1])
    except EOFError:
        pass

listening = threading.Thread(target=listen)
listening.start()
child.main(
    theirs, pack_model(model), make_plan(model, duration_ms=20, engine=sys.argv[3]),
    {"store": sys.argv[2], "speed": None, "paused": False, "credits": 1000, "compiler": True,
     "hand_over": False, "memory_gb": 0.0, "record_gb": 0.0, "fps": 30.0, "target": "compiled"},
)
listening.join()
for name in ("engine", "state", "warning", "message"):
    print(next((s[name] for s in reversed(said) if s.get(name)), ""))
"""


@pytest.mark.parametrize("engine", ["auto", "compiled"])
def test_where_sources_cannot_be_written_it_runs_on_numpy_unless_compiled_is_asked_for(
    tmp_path, engine
):
    store = tmp_path / "run.zarr"
    done = subprocess.run(
        [sys.executable, "-c", NO_ROOM, str(HERE), str(store), engine],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    ran, state, warning, message = done.stdout.splitlines()
    if engine == "auto":
        assert (ran, state) == ("numpy", "finished")
        assert "no space left on device" in warning
        assert warning.endswith("Until then the simulation runs on NumPy.")
        assert open_run(store).duration_ms == 20
    else:
        assert state == "failed"
        assert "cannot be written: no space left on device" in message
