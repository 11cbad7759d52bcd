"""The live engine: the same spikes as a batch run, obedient, and honest when it fails."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
from toys import Broken, Explodes, Toy, Unlinked

from workbench import Inject, open_run
from workbench.engine.process import exit_code
from workbench.engine.session import Session
from workbench.errors import BuildError, ParameterError, SimulationError, StoreError, UnknownName

HERE = str(Path(__file__).parents[1])


@pytest.fixture
def live():
    sessions = []

    def start(model, **options):
        sessions.append(model.start(**options))
        return sessions[-1]

    yield start
    for session in sessions:
        session.close()


WAIT_S = 60  # only a failure takes as long


def until(session, condition):
    """Look at what the session sends until ``condition`` holds; returns the frames."""
    began, frames = time.monotonic(), []
    while not condition():
        frames += session.frames()
        assert time.monotonic() - began < WAIT_S, session.status()
        time.sleep(0.005)
    return frames + session.frames()


def stored_ms(session):
    """How far the record is by itself, without asking the session to write; 0 while it is not."""
    try:
        return open_run(session.store).duration_ms
    except StoreError:
        return 0.0


def same(a, b):
    return np.array_equal(a.steps, b.steps) and np.array_equal(a.units, b.units)


def test_live_run_equals_batch_run(live):
    operations = [Inject(5.0, "source", (0, 2)), Inject(30.0, "source", (1,))]
    batch = Toy().run(80, seed=3, engine="numpy", operations=operations)
    session = live(Toy(), seed=3, engine="numpy", duration_ms=80, operations=operations)
    assert session.wait(WAIT_S)
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
    assert session.wait(WAIT_S, until="ready")
    assert session.info.population("cells").size == 10
    assert session.status().t_ms == 0
    for reached in (3, 4, 7):  # from where it is paused already, too
        session.step(int(reached - session.status().t_ms))
        assert session.wait(WAIT_S, until="paused")
        assert session.status().t_ms == reached
    session.resume()
    until(session, lambda: session.status().t_ms > 7)  # else it may still be paused where it was
    session.pause()
    assert session.wait(WAIT_S, until="paused")
    reached = session.status().t_ms
    time.sleep(0.3)
    assert session.status().t_ms == reached > 7
    run = session.stop()
    assert run.outcome == "stopped"
    assert run.duration_ms == reached


def test_what_happened_arrives_before_the_pause_is_reported(live, monkeypatch):
    seen, receive = [], Session._receive

    def note(self, kind, *parts):
        if kind in ("frame", "status"):
            seen.append((kind, parts[0].t_ms if kind == "frame" else parts[0].get("state")))
        receive(self, kind, *parts)

    monkeypatch.setattr(Session, "_receive", note)
    session = live(Toy(current=3), paused=True, engine="numpy")
    assert session.wait(WAIT_S, until="ready")
    assert seen[-2:] == [("frame", 0.0), ("status", "ready")]
    session.step(40)
    assert session.reach(40, WAIT_S)
    assert seen[-2:] == [("frame", 40.0), ("status", "paused")]
    session.set_speed(100)
    session.resume()
    until(session, lambda: session.status().t_ms > 50)
    session.pause()
    assert session.wait(WAIT_S, until="paused")
    session.snapshot(WAIT_S)  # whatever it had still to say would have come before the answer
    assert seen[-2:] == [("frame", session.status().t_ms), ("status", "paused")]


def test_a_change_takes_effect_at_its_logged_tick(live):
    session = live(Toy(current=0.5), paused=True, engine="numpy")
    session.step(20)
    assert session.reach(20, WAIT_S)
    session.set("current", 3)
    session.step(30)
    assert session.reach(50, WAIT_S)
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
    session.do(Inject(None, "source", (1,)))
    session.step(3)
    assert session.reach(3, WAIT_S)
    run = session.stop()
    assert run.spikes("source")[0].tolist() == [0.0]
    assert len(run.spikes("cells")[0]) == 10
    assert [i["name"] for i in run.interventions] == ["Inject"]


def test_pace_is_kept(live):
    session = live(Toy(), paused=True, speed=200)
    assert session.wait(WAIT_S, until="ready")
    began = time.perf_counter()  # before it goes on: it may be far by the time that we do
    session.resume()
    until(session, lambda: session.status().t_ms >= 200)
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
    before = session.snapshot(WAIT_S)["cells"]["v"]
    session.step(5)
    assert session.reach(5, WAIT_S)
    assert before.shape == (10,)
    assert not np.array_equal(before, session.snapshot(WAIT_S)["cells"]["v"])


def test_build_error_is_reported(live):
    session = live(Broken())
    assert session.wait(WAIT_S)
    status = session.status()
    assert status.state == "failed"
    assert "Broken could not be built" in status.message
    assert "the equations are wrong here" in status.message
    assert "Traceback" in status.details
    with pytest.raises(RuntimeError, match="equations are wrong"):
        Broken().run(10)


def test_live_parameter_without_a_variable_is_a_build_error():
    match = "no object of the network has a shared variable named 'ghost'"
    with pytest.raises(BuildError, match=match):
        Unlinked().run(10)


def test_not_a_number_is_noticed_and_the_data_are_kept(live):
    session = live(Explodes(), duration_ms=2000)
    assert session.wait(WAIT_S)
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
    for at_least in (100, 600):  # it is written again and again, and nobody asks for it
        until(victim, lambda t=at_least: stored_ms(victim) > t)
    written = stored_ms(victim)
    os.kill(victim.pid, signal.SIGKILL)
    assert victim.wait(WAIT_S)
    assert "was killed (signal 9)" in victim.status().message
    run = victim.run_so_far()
    assert run.outcome == "interrupted"
    assert run.duration_ms >= written
    assert len(run.steps) > 0
    other.frames()
    reached = other.status().t_ms
    until(other, lambda: other.status().t_ms > reached + 500)


def test_a_worker_that_stands_still_is_noticed_and_ends_with_its_session(live):
    session = live(Toy(), speed=500)
    until(session, lambda: session.status().t_ms > 50)
    os.kill(session.pid, signal.SIGSTOP)
    until(session, lambda: session.status().silent_s > 0.5)
    with pytest.raises(SimulationError, match=r"did not answer within 0\.1 s: it is running"):
        session.snapshot(timeout=0.1)
    os.kill(session.pid, signal.SIGCONT)
    reached = session.status().t_ms
    until(session, lambda: session.status().t_ms > reached)
    assert session.status().silent_s < 0.5
    os.kill(session.pid, signal.SIGSTOP)
    session.close()
    until(session, lambda: not is_alive(session.pid))


def test_a_simulation_that_nobody_reads_is_not_taken_for_silent(live):
    session = live(Toy(), speed=500)
    assert session.wait(WAIT_S, until="running")
    time.sleep(1.0)
    assert session.status().silent_s == 0


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc which signals are held back")
def test_ctrl_c_does_not_reach_the_fork_server_and_its_workers(live):
    worker = psutil.Process(live(Toy(), paused=True).pid)
    for process in (worker, worker.parent()):
        (line,) = [
            line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
            if line.startswith("SigBlk:")
        ]  # fmt: skip
        assert int(line.split()[1], 16) >> (signal.SIGINT - 1) & 1


def test_the_worker_ends_with_the_process_that_watches_it():
    script = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); from toys import Toy\n"
        "s = Toy().start(); s.wait(60, until='running'); print(s.pid, flush=True); time.sleep(300)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, HERE], stdout=subprocess.PIPE, text=True
    )
    with parent:
        worker = int(parent.stdout.readline())
        os.kill(worker, 0)
        parent.kill()
    began = time.monotonic()
    while is_alive(worker):
        assert time.monotonic() - began < WAIT_S, "the worker outlived its session"
        time.sleep(0.1)


def test_a_temporary_folder_of_a_long_name_does_no_harm(tmp_path):
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from toys import Toy\n"
        "s = Toy().start(duration_ms=20); s.wait(60); print(s.stop().outcome)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, HERE], env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "finished\n", done.stderr


def test_a_worker_that_is_ended_with_a_lock_leaves_no_word_of_it(tmp_path):
    """Blosc makes one in each process that reads a run."""
    (tmp_path / "locking.py").write_text(
        "import multiprocessing, time\n\n\ndef locked(conn):\n"
        "    lock = multiprocessing.Lock()\n    conn.send('made')\n    time.sleep(lock and 60)\n"
    )
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from locking import locked\n"
        "from workbench.engine.process import end, launch\n"
        "process, line = launch(locked, name='locked')\n"
        "print(line.recv()); end(process); process.join()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, timeout=100
    )
    assert (done.stdout, done.stderr) == ("made\n", "")


def is_alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE  # one that nobody waited for
    except psutil.NoSuchProcess:
        return False


def test_an_unguarded_script_is_not_run_twice(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {HERE!r})\n"
        "from toys import Toy\nprint('top')\n"
        "s = Toy().start(duration_ms=20); s.wait(120); print(s.stop().outcome); s.close()\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=200)
    assert done.stdout.split() == ["top", "finished"], done.stderr


def test_how_a_worker_ended_is_known_to_every_thread_that_asks(live, monkeypatch):
    """The fork server says it once: a second reader of the same line would find it closed."""
    from multiprocessing import forkserver

    session, read = live(Toy(), paused=True), forkserver.read_signed
    assert session.wait(WAIT_S, until="ready")
    both = threading.Barrier(2)

    def read_late(fd):
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(1)  # for another thread that reads too
        try:
            return read(fd)
        except EOFError:
            time.sleep(0.5)  # so that its error is what remains
            raise

    monkeypatch.setattr(session, "_lost", lambda: None)  # the thread that would ask as well
    monkeypatch.setattr(forkserver, "read_signed", read_late)
    os.kill(session.pid, signal.SIGKILL)
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(lambda _: exit_code(session._process, WAIT_S), range(2)))
    assert codes == [-signal.SIGKILL] * 2
    assert session._process.exitcode == -signal.SIGKILL


def test_threads_that_send_at_once_do_not_mix_their_messages(live, monkeypatch):
    session = live(Toy(), paused=True)
    assert session.wait(WAIT_S, until="ready")
    inside, most = [], []

    class Slow:
        """A long message goes out in several parts."""

        def send(self, command):
            inside.append(command)
            most.append(len(inside))
            time.sleep(0.1)
            inside.remove(command)

    monkeypatch.setattr(session, "_conn", Slow())
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(session.set_speed, (100.0, 200.0, 300.0)))
    assert most == [1, 1, 1]


def test_whoever_closes_second_finds_it_closed(live, monkeypatch):
    session = live(Toy())
    assert session.wait(60, until="running")
    begun, may_go_on = threading.Event(), threading.Event()
    remove = shutil.rmtree

    def slowly(*args, **options):
        begun.set()
        may_go_on.wait(20)
        remove(*args, **options)

    monkeypatch.setattr(shutil, "rmtree", slowly)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(session.close)
        assert begun.wait(20)
        second = pool.submit(session.close)
        time.sleep(0.1)
        assert not second.done()
        may_go_on.set()
        first.result(20)
        second.result(20)
    assert not session.store.exists()
