"""The live engine: the same spikes as a batch run, obedient, and honest when it fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from toys import Broken, Explodes, Toy, Unlinked

from workbench import Inject
from workbench.errors import BuildError, ParameterError, SimulationError, UnknownName

HERE = str(Path(__file__).parent)


@pytest.fixture
def live():
    sessions = []

    def start(model, **options):
        sessions.append(model.start(**options))
        return sessions[-1]

    yield start
    for session in sessions:
        session.close()


def same(a, b):
    return np.array_equal(a.steps, b.steps) and np.array_equal(a.units, b.units)


def test_live_run_equals_batch_run(live):
    operations = [Inject(5.0, "source", (0, 2)), Inject(30.0, "source", (1,))]
    batch = Toy().run(80, seed=3, engine="numpy", operations=operations)
    session = live(Toy(), seed=3, engine="numpy", duration_ms=80, operations=operations)
    assert session.wait(30)
    run = session.stop()
    assert run.outcome == "finished"
    assert len(batch.steps) > 20
    assert same(run, batch)
    assert run.spikes("source")[0].tolist() == [5.0, 5.0, 30.0]
    assert np.array_equal(run.state("v"), batch.state("v"))


def test_frames_carry_every_spike_once(live):
    session = live(Toy(), duration_ms=500, speed=1000)
    steps = []
    while not session.wait(0.02):
        steps += [f.steps for f in session.frames()]
    steps += [f.steps for f in session.frames()]
    run = session.stop()
    assert np.array_equal(np.concatenate(steps), run.steps)


def test_ready_resume_pause_step_stop(live):
    session = live(Toy(), paused=True)
    assert session.wait(30, until="ready")
    assert session.info.population("cells").size == 10
    assert session.status().t_ms == 0
    session.step(7)
    assert session.wait(10, until="paused")
    assert session.status().t_ms == 7
    session.resume()
    time.sleep(0.2)
    session.pause()
    assert session.wait(10, until="paused")
    reached = session.status().t_ms
    time.sleep(0.3)
    assert session.status().t_ms == reached > 7
    run = session.stop()
    assert run.outcome == "stopped"
    assert run.duration_ms == reached


def test_what_happened_arrives_before_the_word_that_it_stands(live, monkeypatch):
    session = live(Toy(current=3), paused=True, engine="numpy")
    assert session.wait(30, until="ready")
    seen, receive = [], session._receive

    def note(kind, *parts):
        seen.append((kind, parts[0].t_ms if kind == "frame" else parts[0].get("state")))
        receive(kind, *parts)

    monkeypatch.setattr(session, "_receive", note)
    session.step(40)
    assert session.reach(40, 10)
    assert seen[-2:] == [("frame", 40.0), ("status", "paused")]


def test_a_change_takes_effect_at_its_logged_tick(live):
    session = live(Toy(current=0.5), paused=True, engine="numpy")
    session.wait(30, until="ready")
    session.step(20)
    session.wait(10, until="paused")
    session.set("current", 3)
    session.step(30)
    session.wait(10, until="running")
    session.wait(10, until="paused")
    run = session.stop()
    (change,) = run.interventions
    assert (change["tick"], change["kind"], change["name"], change["value"], change["was"]) == (
        20, "set", "current", 3, 0.5,
    )  # fmt: skip
    # v < 0.5 + 0.5 exp(-2) until then: nobody can have spiked before the change.
    t, _ = run.spikes("cells")
    assert len(t) > 0
    assert t.min() >= 20
    assert run.parameters["current"] == 0.5


def test_operation_in_a_live_session_is_logged_and_acts(live):
    session = live(Toy(current=0), paused=True)
    session.wait(30, until="ready")
    session.do(Inject(None, "source", (1,)))
    session.step(3)
    session.wait(10, until="paused")
    run = session.stop()
    assert run.spikes("source")[0].tolist() == [0.0]
    assert len(run.spikes("cells")[0]) == 10
    assert [i["name"] for i in run.interventions] == ["Inject"]


def test_pace_is_kept(live):
    session = live(Toy(), paused=True, speed=200)
    session.wait(30, until="ready")
    session.resume()
    began = time.perf_counter()
    while session.status().t_ms < 200:
        session.frames()
        assert time.perf_counter() - began < 10
        time.sleep(0.005)
    # 200 simulated ms at 200 ms/s take a second; faster would mean that the pace is ignored.
    assert time.perf_counter() - began > 0.9


def test_what_cannot_be_done_is_refused_at_once(live):
    session = live(Toy(), paused=True)
    with pytest.raises(ParameterError, match="needs a rebuild"):
        session.set("n_cells", 3)
    with pytest.raises(ParameterError, match=r"at least 0\.1 ms"):
        session.set("tau", 0)
    with pytest.raises(UnknownName, match="Did you mean 'current'"):
        session.set("curent", 2)
    with pytest.raises(ParameterError, match="as fast as possible"):
        session.set_speed(0)
    with pytest.raises(UnknownName, match="numpy"):
        Toy().start(engine="nump")


def test_snapshot_holds_the_state(live):
    session = live(Toy(), paused=True)
    session.wait(30, until="ready")
    before = session.snapshot()["cells"]["v"]
    session.step(5)
    session.wait(10, until="paused")
    assert before.shape == (10,)
    assert not np.array_equal(before, session.snapshot()["cells"]["v"])


def test_build_error_is_said(live):
    session = live(Broken())
    assert session.wait(30)
    status = session.status()
    assert status.state == "failed"
    assert "Broken could not be built" in status.message
    assert "the equations are wrong here" in status.message
    assert "Traceback" in status.details
    with pytest.raises(RuntimeError, match="equations are wrong"):
        Broken().run(10)


def test_live_quantity_without_a_variable_is_a_build_error():
    with pytest.raises(BuildError, match="no object of the network has a variable named 'ghost'"):
        Unlinked().run(10)


def test_not_a_number_is_noticed_and_the_data_are_kept(live):
    session = live(Explodes(), duration_ms=2000)
    assert session.wait(60)
    assert session.status().state == "failed"
    assert "cells.v is not a finite number" in session.status().message
    with pytest.raises(SimulationError) as caught:
        session.stop()
    assert len(caught.value.run.steps) > 0
    assert caught.value.run.outcome == "failed"
    with pytest.raises(SimulationError, match="not a finite number") as caught:
        Explodes().run(200)
    assert len(caught.value.run.steps) > 0


def test_a_killed_worker_harms_nobody_else(live):
    victim, other = live(Toy(), speed=500), live(Toy(), speed=500)
    victim.wait(30, until="running")
    other.wait(30, until="running")
    began = time.perf_counter()
    while time.perf_counter() - began < 2.5:
        victim.frames(), other.frames()
        time.sleep(0.05)
    os.kill(victim.pid, signal.SIGKILL)
    assert victim.wait(10)
    assert "was killed (signal 9)" in victim.status().message
    run = victim.run_so_far()
    assert run.outcome == "interrupted"
    # Written about once a second: at most the last second, and a flush, may be missing.
    assert run.duration_ms > victim.status().t_ms - 1000
    assert len(run.steps) > 0
    reached, began = other.status().t_ms, time.perf_counter()
    while other.status().t_ms <= reached:
        other.frames()
        assert time.perf_counter() - began < 20, other.status()
        time.sleep(0.05)


def test_the_worker_ends_with_the_process_that_watches_it():
    script = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); from toys import Toy\n"
        "s = Toy().start(); s.wait(30, until='running'); print(s.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, HERE], stdout=subprocess.PIPE, text=True
    )
    with parent:
        worker = int(parent.stdout.readline())
        os.kill(worker, 0)
        parent.kill()
    began = time.perf_counter()
    while time.perf_counter() - began < 10:
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("the worker outlived its session")


def test_an_unguarded_script_is_not_run_twice(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {HERE!r})\n"
        "from toys import Toy\nprint('top')\n"
        "s = Toy().start(duration_ms=20); s.wait(30); print(s.stop().outcome); s.close()\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["top", "finished"], done.stderr
