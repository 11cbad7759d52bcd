"""The compiled engine on a network of a few neurons: compiled once for all tests here."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import ClassVar

import numpy as np
import psutil
import pytest

from workbench import open_run
from workbench.engine import session as session_module
from workbench.engine.compiled import cache as binary_cache
from workbench.engine.compiled.built import own_code
from workbench.engine.compiled.cache import compiler
from workbench.engine.compiled.link import BinaryLink
from workbench.errors import BuildError, SimulationError, StoreError
from workbench.model.model import Model
from workbench.model.operation import Inject
from workbench.model.parameter import Parameter
from workbench.replay import replay, same_spikes

pytestmark = pytest.mark.skipif(compiler() is None, reason="no C++ compiler here")


class Pair(Model):
    """Two leaky neurons that are driven above threshold; the first one can be made to spike."""

    slug = ""
    title = "Pair"
    tick_ms = 1.0
    dt_ms = 0.1
    populations: ClassVar[tuple[str, ...]] = ("driven", "cells")
    traces: ClassVar[dict[str, str]] = {"cells.v": "1"}
    drive = Parameter(1.5, bounds=(None, None), softbounds=(0, 3), doc="input")
    tau = Parameter(10.0, unit="ms", bounds=(0.1, None), softbounds=(1, 50), doc="time constant")
    w = Parameter(0.1, bounds=(None, None), softbounds=(0, 1), doc="synaptic weight")
    n = Parameter(2, bounds=(1, 100), live=False, integer=True, doc="neurons")
    form = Parameter(0, bounds=(0, 9), live=False, integer=True, doc="a number in its equation")

    def build(self):
        import brian2 as b2

        clock = b2.Clock(0.1 * b2.ms, name="pair_clock")
        driven = b2.NeuronGroup(
            3, "drive : 1", threshold="drive > 0", reset="drive = 0", clock=clock, namespace={},
            name="driven",
        )  # fmt: skip
        cells = b2.NeuronGroup(
            self.n,
            f"dv/dt = (drive - v - {self.form:g}*mV/volt)/tau : 1\n"
            "drive : 1 (shared)\ntau : second (shared)",
            threshold="v > 1", reset="v = 0", method="exact", clock=clock, namespace={},
            name="cells",
        )  # fmt: skip
        cells.drive = self.brian("drive")
        cells.tau = self.brian("tau")
        cells.v = "0.5*rand()"
        synapses = b2.Synapses(
            driven, cells, "w : 1 (shared)", on_pre="v_post += w", clock=clock, namespace={},
            name="synapses",
        )  # fmt: skip
        synapses.connect()
        synapses.w = self.brian("w")
        return b2.Network(driven, cells, synapses, name="pair")


@pytest.fixture
def live():
    sessions = []

    def start(until="running", **options):
        options.setdefault("engine", "compiled")
        session = Pair(**options.pop("values", {})).start(**options)
        sessions.append(session)
        assert session.wait(250, until=until), session.status()
        return session

    yield start
    for session in sessions:
        session.close()


def soon(condition, timeout_s=60.0):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < timeout_s, "it did not happen in time"
        time.sleep(0.02)


def has_ended(process):
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def stored_ms(session):
    """How far the record is by itself, without asking the session to write; 0 while it is not."""
    try:
        return open_run(session.store).duration_ms
    except StoreError:
        return 0.0


def test_the_interval_is_that_of_the_closed_form():
    run = Pair().run(400.0, engine="compiled")
    assert run.engine == "compiled"
    t, i = run.spikes("cells")
    intervals = np.diff(t[i == 0])[1:]
    # tau ln(I/(I-1)), and the threshold is noticed at the end of a step of 0.1 ms
    assert intervals == pytest.approx(10 * np.log(1.5 / 0.5), abs=0.1 + 1e-9)


def test_values_sizes_and_seeds_need_no_other_binary():
    Pair().run(5.0, engine="compiled")
    before = {k.key for k in binary_cache.kept()}
    slow = Pair(tau=20.0).run(400.0, engine="compiled", seed=7)
    t, i = slow.spikes("cells")
    assert np.diff(t[i == 0])[1:] == pytest.approx(20 * np.log(3.0), abs=0.1 + 1e-9)
    assert {k.key for k in binary_cache.kept()} == before
    more = Pair(n=5, w=-0.1, drive=2.0).run(400.0, engine="compiled")
    assert {k.key for k in binary_cache.kept()} == before
    t, i = more.spikes("cells")
    for cell in range(5):
        assert np.diff(t[i == cell])[1:] == pytest.approx(10 * np.log(2.0), abs=0.1 + 1e-9)
    starts = [Pair().run(5.0, engine="compiled", seed=s).states["cells.v"][0, 0] for s in (1, 2)]
    assert starts[0] != starts[1]


def test_samples_and_duration_are_those_of_the_other_engine():
    runs = [Pair().run(20.5, engine=e) for e in ("numpy", "compiled")]
    assert runs[0].duration_ms == runs[1].duration_ms == 20.5
    assert np.array_equal(runs[0].state_t, runs[1].state_t)
    assert runs[0].states["cells.v"].shape == runs[1].states["cells.v"].shape
    assert all(r.steps.max(initial=0) * 0.1 < 20.5 for r in runs)
    assert runs[0].weights.keys() == runs[1].weights.keys()


def test_a_changed_parameter_is_in_the_next_frames(live):
    session = live(speed=500.0)
    soon(lambda: session.frames() is not None and session.status().t_ms > 50)
    session.set("drive", 0.5)
    soon(lambda: session.interventions)
    at = session.interventions[0]["t_ms"]
    soon(lambda: session.frames() is not None and session.status().t_ms > at + 100)
    run = session.stop()
    t, _ = run.spikes("cells")
    assert len(t) and t.max() < at + 10  # below threshold nothing fires any more


def test_frames_have_every_spike_also_where_weights_are_read(live):
    session = live(speed=300.0)
    session.show_weights([p.name for p in session.info.projections], every_ms=0)
    frames = []
    soon(lambda: frames.extend(session.frames()) or sum(bool(f.weights) for f in frames) > 20)
    session.pause()
    soon(lambda: session.status().state == "paused")
    frames += session.frames()
    run = session.stop()
    frames += session.frames()
    assert np.array_equal(np.concatenate([f.steps for f in frames]), run.steps)
    assert np.array_equal(np.concatenate([f.units for f in frames]), run.units)


def test_injected_spikes_act_at_their_tick():
    operations = [Inject(3.0, "driven", (0, 2)), Inject(9.0, "driven", (1,))]
    run = Pair(drive=0.0).run(20.0, engine="compiled", operations=operations)
    t, i = run.spikes("driven")
    assert list(zip(t.tolist(), i.tolist(), strict=True)) == [(3.0, 0), (3.0, 2), (9.0, 1)]


def test_pause_step_speed_and_stop(live):
    session = live(until="ready", paused=True)
    assert session.status().t_ms == 0
    session.step(7)
    soon(lambda: session.status().state == "paused")
    assert session.status().t_ms == 7
    session.set_speed(100.0)
    began = time.monotonic()  # before it goes on: it may be far by the time that we do
    session.resume()
    soon(lambda: session.frames() is not None and session.status().t_ms >= 7 + 60)
    # 100 ms a second, and no faster
    assert time.monotonic() - began > 0.5
    session.pause()
    assert session.wait(60, until="paused")
    t1 = session.status().t_ms
    time.sleep(0.2)
    assert session.status().t_ms == t1
    run = session.stop()
    assert run.outcome == "stopped"
    assert run.duration_ms == t1
    assert len(run.state_t) == t1 + 1


def test_watching_others_leaves_the_record_as_it_was(live):
    session = live(speed=500.0)
    session.watch({"cells.v": (1,)})
    time.sleep(0.3)
    session.pause()
    assert session.wait(60, until="paused")
    assert session.frames()[-1].states["cells.v"].shape[1] == 1
    run = session.stop()
    assert run.states["cells.v"].shape[1] == 2
    assert np.array_equal(run.state_t, np.arange(len(run.state_t)))


def test_a_snapshot_belongs_to_the_tick(live):
    session = live(until="ready", paused=True)
    session.step(4)
    soon(lambda: session.status().state == "paused")
    shot = session.snapshot(60)
    last = [f for f in session.frames() if f.states][-1]
    assert last.t_ms == 4
    assert shot["cells"]["v"] == pytest.approx(last.states["cells.v"][-1])


def test_a_state_that_is_no_number_is_named(live):
    session = live(speed=200.0)
    session.set("drive", -1e308)
    soon(lambda: session.frames() is not None and session.status().t_ms > 100)
    session.set("w", -1e308)
    session.do(Inject(None, "driven", (0, 1)))
    soon(lambda: session.status().state == "failed")
    assert "cells.v is not a finite number any more in 2 of 2" in session.status().message


def test_a_killed_binary_is_reported_and_the_record_kept(live):
    session = live(speed=500.0)
    soon(lambda: session.frames() is not None and session.status().t_ms > 100)
    (binary,) = psutil.Process(session.pid).children()
    os.kill(binary.pid, signal.SIGKILL)
    soon(lambda: session.status().state == "failed")
    assert "killed (signal 9)" in session.status().message
    with pytest.raises(SimulationError) as caught:
        session.stop()
    assert caught.value.run.duration_ms >= 100
    assert len(caught.value.run.steps) > 0


def test_a_killed_worker_takes_its_binary_with_it_and_leaves_a_run(live):
    session = live(speed=500.0)
    (binary,) = psutil.Process(session.pid).children()
    for at_least in (100, 600):  # it is written again and again, and nobody asks for it
        soon(lambda t=at_least: session.frames() is not None and stored_ms(session) > t)
    written = stored_ms(session)
    os.kill(session.pid, signal.SIGKILL)
    soon(lambda: has_ended(binary))
    soon(lambda: session.status().state == "failed")
    run = session.run_so_far()
    assert run.duration_ms >= written
    assert len(run.steps) > 0
    assert len(run.state_t) == pytest.approx(run.duration_ms, abs=2)


def test_replay_repeats_every_spike(live):
    session = live(speed=300.0)

    def go_on(ms):
        until = session.status().t_ms + ms
        soon(lambda: session.frames() is not None and session.status().t_ms >= until)

    for value in (1.2, 2.0, 1.7):
        go_on(30)
        session.set("drive", value)
        session.do(Inject(None, "driven", (1,)))
    go_on(30)
    run = session.stop()
    assert len(run.interventions) == 6
    assert run.provenance["compiled_code"] == own_code()
    assert same_spikes(run, replay(run, model=Pair()))


def test_a_hold_that_meets_a_stand_of_its_own_leaves_nothing_behind(live):
    """It has come to the end of its steps, and the worker is told to change something first."""
    session = live(until="ready", paused=True, speed=200.0)
    worker = psutil.Process(session.pid)
    session.step(200)
    soon(lambda: session.frames() is not None and session.status().t_ms > 0)
    worker.suspend()
    try:
        time.sleep(1.5)  # the binary takes a second to where it stands, unheard
        session.set("drive", 1.2)
        session.set_speed(500.0)
        session.resume()
    finally:
        worker.resume()
    soon(lambda: session.frames() is not None and session.status().t_ms > 300)
    assert [(e["tick"], e["value"]) for e in session.interventions] == [(200, 1.2)]
    session.pause()
    assert session.wait(60, until="paused")
    pauses_at = session.status().t_ms
    session.frames()
    time.sleep(0.5)
    assert not session.frames()
    assert session.status().t_ms == pauses_at
    run = session.stop()
    assert run.duration_ms == pauses_at
    assert same_spikes(run, replay(run, model=Pair()))


def test_run_in_the_middle_of_a_step_goes_on_behind_its_end(live):
    session = live(until="ready", paused=True, speed=200.0)
    session.step(60)
    session.resume()
    soon(lambda: session.frames() is not None and session.status().t_ms > 100)
    assert session.status().state == "running"
    session.step(30)
    session.step(5)  # a step in the middle of another one begins anew
    assert session.wait(60, until="paused")
    pauses_at = session.status().t_ms
    time.sleep(0.5)
    assert session.status().t_ms == pauses_at


# Answers as a binary does that ended, or came to stand, just before it heard a command.
ENDED = """#!{python}
import os, struct
out, said = int(os.environ["WORKBENCH_OUT"]), struct.pack("<q", 7)
data = b"D" + struct.pack("<qdqQQQQ3q", 7, 0.0, 0, 0, 0, 0, 0, -1, 0, 0)
with open(int(os.environ["WORKBENCH_IN"]), "rb") as commands:
    commands.read(4)
    while command := commands.read(1):
        if command == b"H":
            os.write(out, data + b"E" + said + b"A" + said)
        if command == b"Q":
            os.write(out, data + b"Q" + said)
        if command == b"R":
            commands.read(4)
            os.write(out, b"R" + struct.pack("<Qd", 8, 2.5))
"""


def test_what_was_said_before_a_question_was_heard_is_not_taken_for_the_answer(tmp_path):
    binary = tmp_path / "main"
    binary.write_text(ENDED.format(python=sys.executable))
    binary.chmod(0o700)
    link = BinaryLink(binary, tmp_path, 1)
    try:
        assert link.hold() == ("E", 7)
        assert link.read(0, np.dtype(float)).tolist() == [2.5]
        link.quit()
        assert link.read(0, np.dtype(float)).tolist() == [2.5]
        assert link.pending()
        assert link.receive() == ("Q", 7)
        assert [d.tick for d in link.data] == [7, 7]
    finally:
        link.close()


def test_a_run_ends_well_whatever_is_asked_of_it_meanwhile(live):
    for k in range(5):
        session = live(until="ready", paused=True, duration_ms=40.0 + k)
        session.show_weights([p.name for p in session.info.projections], every_ms=0)
        session.resume()
        while not session.status().over:
            session.set("w", 0.1 + 0.01 * k)
            session.run_so_far(60)
        assert session.status().state == "finished", session.status()
        assert session.stop().duration_ms == 40.0 + k


def test_what_is_known_is_kept_when_the_binary_dies_while_weights_are_shown(live):
    session = live(speed=500.0)
    session.show_weights([p.name for p in session.info.projections], every_ms=0)
    soon(lambda: any(f.weights for f in session.frames()))
    reached = session.status().t_ms
    (binary,) = psutil.Process(session.pid).children()
    os.kill(binary.pid, signal.SIGKILL)
    assert session.wait(60)
    with pytest.raises(SimulationError, match="killed") as caught:
        session.stop()
    assert caught.value.run.outcome == "failed"
    assert caught.value.run.duration_ms >= reached


@pytest.mark.slow  # compiles another network, at the lowest priority
def test_auto_takes_the_binary_only_when_it_is_there(live, monkeypatch):
    monkeypatch.delenv("WORKBENCH_BUILD")
    session = live(values={"form": 1}, engine="auto")
    assert session.engine == "numpy"
    soon(lambda: session.status().next_engine == "compiled", 120)
    assert live(values={"form": 1}, engine="auto").engine == "compiled"


def test_auto_takes_the_binary_of_another_size(live):
    Pair().run(5.0, engine="compiled")
    assert live(values={"n": 7}, engine="auto").engine == "compiled"


def test_without_a_compiler_it_says_so_and_runs_on_numpy(live, monkeypatch):
    monkeypatch.setattr(session_module, "compiler", lambda: None)
    session = live()
    assert session.engine == "numpy"
    assert "No C++ compiler" in session.status().warning


def test_what_cpp_cannot_do_is_one_sentence():
    class Watched(Pair):
        def build(self):
            import brian2 as b2

            net = super().build()
            net.add(b2.NetworkOperation(lambda: None, name="in_python"))
            return net

    with pytest.raises((BuildError, SimulationError), match="cannot be compiled"):
        Watched().run(5.0, engine="compiled")


def test_the_cache_keeps_to_its_size(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    for k in range(4):
        built = tmp_path / "built"
        built.write_bytes(b"x" * 100)
        path = binary_cache.keep(f"key{k}", built, "a-model")
        os.utime(path, (1000 + k, 1000 + k))
    binary_cache.trim(250)
    assert [k.key for k in binary_cache.kept()] == ["key3", "key2"]
    assert binary_cache.clear() == 2
    assert binary_cache.kept() == []
