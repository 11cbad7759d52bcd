"""Recording any variable at any step: exact, on every engine, and without changing the run."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from recording_models import Burster, HodgkinHuxley, Plastic, Seldom, TwoClocks, Wide
from toys import Toy

import workbench as wb
from workbench.engine.recorder import SPILL_AT_BYTES, Recorder
from workbench.errors import ParameterError, StoreError, UnknownName
from workbench.recordings import Block, Recording, cost_of, indices_of, read_recording


@pytest.mark.parametrize(
    ("text", "expected"),
    [("all", range(50)), ("0:3, 42", [0, 1, 2, 42]), ("7", [7]), ("40:", range(40, 50)),
     ("0:10:4", [0, 4, 8]), (":2", [0, 1])],
)  # fmt: skip
def test_indices_are_read(text, expected):
    assert indices_of(text, 50).tolist() == list(expected)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("0:60", "cells.v has the entries 0 to 49; 0:60 goes beyond them."),
        ("50", "cells.v has the entries 0 to 49; 50 is not one of them."),
        ("-1", "cells.v = '-1' cannot be read at '-1': give 'all', '0:10, 42' or [0, 1, 2]."),
        ("1, 1", "cells.v = '1, 1' names an entry twice: name it once."),
        ("3:3", "cells.v = '3:3' names no entry: give 'all', '0:10, 42' or [0, 1, 2]."),
        ([0.5], "indices = [0.5] is not allowed: give 'all', '0:10, 42' or [0, 1, 2]."),
    ],
)
def test_indices_that_cannot_be_are_refused(given, message):
    with pytest.raises(ParameterError) as error:
        indices_of(given, 50, "cells.v")
    assert str(error.value) == message


def test_a_step_must_be_whole_time_steps():
    with pytest.raises(ParameterError) as error:
        Recording("all", "0.25 ms").steps(0.1, 1.0, "cells.v")
    assert str(error.value) == (
        "cells.v cannot be recorded every 0.25 ms: give a whole number of its time steps of "
        "0.1 ms, such as 0.2."
    )


def test_text_of_the_command_line():
    assert read_recording("hh.v=0:2 @ 0.1 ms") == ("hh.v", Recording("0:2", 0.1))
    assert read_recording("hh.v") == ("hh.v", Recording())
    assert read_recording("hh.v=1 single") == ("hh.v", Recording("1", single=True))
    assert read_recording("hh.v @ 1 ms single") == ("hh.v", Recording("all", 1, single=True))
    with pytest.raises(ParameterError, match="is no recording: write NAME=INDICES @ STEP"):
        read_recording("=3")


def _monitored(model, objects, duration_ms, dt_ms):
    """The same network with Brian2's own StateMonitors: name -> (n, T) in SI units."""
    import brian2 as b2

    from workbench.engine.runtime import Runtime, brian_settings_kept

    with brian_settings_kept():
        runtime = Runtime(model, 1, "numpy")
        net = runtime.build_network()
        monitors = {
            f"{owner}.{variable}": b2.StateMonitor(
                net[owner], variable, record=record, dt=dt_ms * b2.ms,
                name=f"monitor_{owner}_{variable}",
            )
            for (owner, variable), record in objects.items()
        }  # fmt: skip
        net.add(*monitors.values())
        net.run(duration_ms * b2.ms, namespace={})
        return {k: np.asarray(getattr(m, k.split(".")[1])) for k, m in monitors.items()}


def test_samples_are_those_of_brian2():
    run = Plastic().run(
        60,
        engine="numpy",
        record={
            "post.v": Recording([1, 0], every_ms=0.1),
            "plastic.w": Recording("3:6", every_ms=0.1),
            "plastic.apre": Recording([0], every_ms=0.1),
            "post.double": Recording("all", every_ms=0.1),
        },
    )
    bare = _monitored(
        Plastic(),
        {("post", "v"): [1, 0], ("plastic", "w"): [3, 4, 5], ("plastic", "apre"): [0],
         ("post", "double"): True},
        60, 0.1,
    )  # fmt: skip
    assert np.ptp(bare["plastic.w"]) > 0
    for name, expected in bare.items():
        samples = run.samples(name)
        scale = {"mV": 1e3}.get(samples.unit, 1.0)
        assert np.array_equal(samples.values.T, expected * scale), name
        assert np.array_equal(samples.t_ms, np.round(np.arange(600) * 0.1, 9))
    assert run.samples("plastic.w").pre.tolist() == [2, 3, 3]
    assert run.samples("plastic.w").post.tolist() == [0, 0, 1]
    assert run.samples("plastic.w").unit == "1"


def test_extremes_are_those_of_all_steps():
    record = {
        "hh.v": Recording([0], every_ms=0.1),
        "hh.v#slow": Recording([0], every_ms=5, extremes=True),
    }
    run = HodgkinHuxley().run(60, engine="numpy", record=record)
    every, slow = run.samples("hh.v"), run.samples("hh.v#slow")
    for k in range(1, len(slow.t_ms)):
        between = every.values[50 * (k - 1) : 50 * k + 1, 0]
        assert slow.low[k, 0] == between.min()
        assert slow.high[k, 0] == between.max()
    assert np.array_equal(slow.values[:, 0], every.values[::50, 0])


def test_events_other_than_spikes():
    run = Burster().run(50, engine="numpy", record={"cells.burst": Recording([1, 2])})
    t_ms, i = run.events("cells.burst")
    assert set(i.tolist()) == {1, 2}
    assert np.unique(t_ms).tolist() == [9.9, 19.9, 29.9, 39.9, 49.9]
    assert len(run.steps) == 0 or run.units.max() < run.info.n_units


def test_several_clocks_keep_their_own_steps():
    record = {"slow.v": Recording([0], 0.25), "fast.v": Recording([0], 0.1)}
    run = TwoClocks().run(5, engine="numpy", record=record)
    assert np.array_equal(run.samples("slow.v").t_ms, np.arange(20) * 0.25)
    assert np.allclose(run.samples("slow.v").values[:, 0], run.samples("slow.v").t_ms)
    with pytest.raises(ParameterError, match=r"its time steps of 0.25 ms"):
        TwoClocks().run(5, engine="numpy", record={"slow.v": Recording([0], 0.1)})


def test_what_changes_more_seldom_than_once_a_tick_is_recorded_when_it_does():
    record = {"seldom.x": Recording()}
    run = Seldom().run(200, engine="numpy", record=record)
    samples = run.samples("seldom.x")
    assert np.array_equal(samples.t_ms, np.arange(4) * 50.0)
    assert np.array_equal(samples.values[:, 0], np.arange(4))
    assert cost_of(run.info, record).total == pytest.approx(samples.block().nbytes / 1e6 / 0.2)
    # By itself, as each trace, it is sampled once a tick.
    by_itself = Seldom().run(200, engine="numpy")
    assert np.array_equal(by_itself.states["seldom.x"][:, 0], np.ceil(by_itself.state_t / 50))
    size = by_itself.states["seldom.x"].nbytes + by_itself.state_t.nbytes
    assert cost_of(by_itself.info).total == pytest.approx(size / 1e6 / 0.2)


def test_wrong_names_are_refused():
    with pytest.raises(UnknownName, match=r"Unknown variable or event: .post\.q."):
        Plastic().run(5, engine="numpy", record={"post.q": Recording()})


def test_a_run_keeps_its_recordings(tmp_path):
    options = {
        "plastic.w": Recording("all", every_ms=10),
        "post.v": Recording([0], every_ms=0.5, extremes=True),
    }
    run = Plastic().run(40, engine="numpy", record=options)
    again = wb.open_run(run.save(tmp_path / "run.zarr"))
    for name in options:
        for part in ("t_ms", "values", "low", "high", "index", "pre", "post"):
            mine, theirs = (getattr(r.samples(name), part) for r in (run, again))
            assert (mine is None and theirs is None) or np.array_equal(mine, theirs), part
        assert again.samples(name).unit == run.samples(name).unit
    dataset = again.to_xarray()
    assert dataset["values_plastic.w"].dims == ("times_plastic.w", "index_plastic.w")
    assert dataset["values_post.v"].attrs["units"] == "mV"


def test_the_cost_is_what_is_written():
    record = {"plastic.w": Recording("all", every_ms=1), "post.v": Recording([0], every_ms=0.1)}
    cost = wb.recording_cost(Plastic(), record)
    run = Plastic().run(100, engine="numpy", record=record)
    for name, mb_per_s in cost.mb_per_s.items():
        assert run.samples(name).block().nbytes / 1e6 / 0.1 == pytest.approx(mb_per_s)
    assert str(cost).startswith("Recording takes ")
    by_itself = Plastic().run(100, engine="numpy")
    size = by_itself.state_t.nbytes * 0 + sum(
        s.block().nbytes for s in by_itself.recordings.values()
    )
    size += sum(v.nbytes + by_itself.state_t.nbytes for v in by_itself.states.values())
    assert cost_of(by_itself.info).total == pytest.approx(size / 1e6 / 0.1)


def test_single_precision_is_the_same_rounded_in_half_the_size(tmp_path):
    double = Recording("all", every_ms=0.5, extremes=True)
    record = {
        "plastic.w": double,
        "plastic.w#single": replace(double, single=True),
        "post.v": replace(double, single=True),
    }
    run = Plastic().run(40, engine="numpy", record=record)
    again = wb.open_run(run.save(tmp_path / "run.zarr"))
    for each in (run, again):
        whole, half = (each.samples(f"plastic.w{how}") for how in ("", "#single"))
        assert np.array_equal(half.t_ms, whole.t_ms)
        for part in ("values", "low", "high"):
            rounded = getattr(whole, part).astype(np.float32)
            assert getattr(half, part).dtype == np.float32
            assert np.array_equal(getattr(half, part), rounded), part
        assert half.option().single
    cost = cost_of(run.info, record).mb_per_s
    for name in record:
        assert run.samples(name).block().nbytes / 1e6 / 0.04 == pytest.approx(cost[name])
    assert ", in single precision" in str(run.methods())
    replayed = again.replay().samples("plastic.w#single")
    assert replayed.values.dtype == np.float32
    assert np.array_equal(replayed.values, half.values)


def _changed_while_running(engine):
    """A run whose recording changed twice on the way, and a replay of it."""
    with HodgkinHuxley().start(paused=True, engine=engine, speed=None) as session:
        assert session.wait(300, until="ready"), session.status()
        _step(session, 5)
        session.record({"hh.v": Recording([0, 1], every_ms=0.1)})
        _step(session, 20)
        session.record({"hh.v": Recording([2], every_ms=0.1), "hh.n": Recording("0:2", 5)})
        _step(session, 20)
        run = session.stop()
    return run, run.replay()


def _step(session, n):
    session.step(n)
    assert session.wait(60, until="paused"), session.status()


def _need_changed_recording(run, again):
    assert wb.replay.same_spikes(run, again)
    assert not run.interventions
    first, second = run.samples("hh.v#2"), run.samples("hh.v#3")
    assert first.index.tolist() == [0, 1]
    assert second.index.tolist() == [2]
    assert first.t_ms[[0, -1]].tolist() == [5, 25]
    assert second.t_ms[[0, -1]].tolist() == [25, 45]
    assert run.samples("hh.n").t_ms.tolist() == [25, 30, 35, 40, 45]
    for samples in (first, second):
        whole = again.samples("hh.v#2" if samples is first else "hh.v#3")
        at = np.isin(whole.t_ms, samples.t_ms)
        mine = samples.values[np.isin(samples.t_ms, whole.t_ms)]
        assert np.array_equal(whole.values[at], mine)


def test_what_is_recorded_changes_while_it_runs():
    _need_changed_recording(*_changed_while_running("numpy"))


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_recording_that_ends_while_it_runs_has_its_last_samples(engine):
    with HodgkinHuxley().start(paused=True, engine=engine, speed=None) as session:
        assert session.wait(300, until="ready"), session.status()
        session.record({"hh.n": Recording([0], every_ms=1)})
        session.resume()
        deadline = time.monotonic() + 120
        while session.status().t_ms < 50:
            assert time.monotonic() < deadline
            session.frames()
            time.sleep(0.01)
        session.record({"hh.n": None, "hh.m": Recording([0], every_ms=1)})
        run = session.stop()
    ended, begun = run.samples("hh.n").t_ms, run.samples("hh.m").t_ms
    assert ended.tolist() == list(range(round(begun[0]) + 1))


@pytest.mark.slow
def test_the_compiled_engine_records_the_same():
    _need_changed_recording(*_changed_while_running("compiled"))
    record = {
        "plastic.w": Recording("3:6", every_ms=0.1),
        "plastic.w#single": Recording("3:6", every_ms=0.1, single=True),
        "post.v": Recording([1], every_ms=2, extremes=True),
    }
    runs = [Plastic().run(30.3, engine=e, record=record) for e in ("numpy", "compiled")]
    for name in record:
        a, b = (r.samples(name) for r in runs)
        assert np.array_equal(a.t_ms, b.t_ms)
    w, rounded = (runs[1].samples(f"plastic.w{how}").values for how in ("", "#single"))
    assert rounded.dtype == np.float32
    assert np.array_equal(w.astype(np.float32), rounded)
    v = runs[1].samples("post.v")
    assert (v.low <= v.values).all()
    assert (v.values <= v.high).all()
    record = {"slow.v": Recording([0], 0.25), "fast.v": Recording([0], 0.1)}
    a, b = (TwoClocks().run(5, engine=e, record=record) for e in ("numpy", "compiled"))
    for name in record:
        assert np.array_equal(a.samples(name).t_ms, b.samples(name).t_ms)
        assert np.allclose(a.samples(name).values, b.samples(name).values)
    events = {"cells.burst": Recording([1, 2])}
    a, b = (Burster().run(50, engine=e, record=events) for e in ("numpy", "compiled"))
    assert np.array_equal(a.events("cells.burst")[0], b.events("cells.burst")[0])


@pytest.mark.slow
def test_what_fills_many_messages_and_chunks_is_whole(tmp_path):
    deep = Recording("1:4001", 1, extremes=True)
    record = {
        "cells.v": Recording("all"), "cells.v#half": Recording("all", single=True),
        "cells.v#deep": deep, "cells.v#deep-half": replace(deep, single=True),
    }  # fmt: skip
    with Wide().start(
        engine="compiled", speed=None, duration_ms=400, store=tmp_path / "r.zarr", record=record
    ) as session:
        assert session.wait(600)
        run = session.stop()
    for name, first, last in (("cells.v", 0, 5000), ("cells.v#deep", 1, 4001)):
        samples = run.samples(name)
        assert samples.t_ms.tolist() == list(range(400))
        expected = np.arange(first, last) * np.exp(-samples.t_ms[:, None] / 20)
        assert np.allclose(samples.values, expected, rtol=1e-9, atol=0)
    assert np.array_equal(samples.low, samples.values)
    assert np.array_equal(samples.high[1:], samples.values[:-1])
    for name, half in (("cells.v", "cells.v#half"), ("cells.v#deep", "cells.v#deep-half")):
        mine, theirs = run.samples(name).block().parts(), run.samples(half).block().parts()
        assert mine.keys() == theirs.keys()
        for part in mine.keys() - {"t_ms"}:
            assert theirs[part].dtype == np.float32
            assert np.array_equal(mine[part].astype(np.float32), theirs[part]), part


@pytest.mark.slow
def test_a_wide_recording_that_is_interrupted_misses_and_doubles_nothing(tmp_path):
    """Its samples fill the chunks of the store from any row on."""
    with Wide().start(
        engine="compiled", speed=None, paused=True, store=tmp_path / "r.zarr", record={}
    ) as session:
        assert session.wait(600, until="ready"), session.status()
        for ticks in (7, 120, 200):
            _step(session, 10)
            session.record({"cells.v": Recording("all", 1)})
            _step(session, ticks)
            session.record({"cells.v": None})
        run = session.stop()
    samples = run.samples("cells.v")
    assert samples.t_ms.tolist() == [*range(10, 18), *range(27, 148), *range(157, 358)]
    expected = np.arange(5000) * np.exp(-samples.t_ms[:, None] / 20)
    assert np.allclose(samples.values, expected, rtol=1e-9, atol=0)


def test_a_recording_carries_checksums(tmp_path):
    stored = HodgkinHuxley().run(5, engine="numpy", record={"hh.v": Recording("all", 0.1)})
    path = stored.save(tmp_path / "r.zarr")
    again = wb.open_run(path).recordings["hh.v"]
    assert np.array_equal(again.values, stored.recordings["hh.v"].values)
    chunk = path / "values_hh.v" / "c" / "0" / "0"
    data = bytearray(chunk.read_bytes())
    data[-20] ^= 1  # of the chunk; the index stands in front
    chunk.write_bytes(data)
    with pytest.raises(StoreError, match=r"damaged: a part of values_hh\.v cannot be decoded"):
        _ = wb.open_run(path).recordings["hh.v"].values


def test_what_comes_fast_is_written_before_it_is_much():
    recorder = Recorder(object())
    assert not recorder.due
    rows = 1 + SPILL_AT_BYTES // 8 // 4000
    recorder.add_recorded("cells.v", Block(np.arange(rows / 1.0), np.zeros((rows, 4000))))
    assert recorder.due
    recorder.error = StoreError("full")  # then at its own pace
    assert not recorder.due


class Flood:
    """A link on which data arrive as fast as they are taken."""

    def __init__(self):
        self.taken = 0

    def receive(self):
        self.taken += 1
        assert self.taken < 1000, "neither a frame was sent nor anything written"

    def pending(self):
        return True

    def fileno(self):
        return -1

    def speed(self, ms_per_s):
        pass


@pytest.mark.parametrize("late", ["frame", "store"])
def test_data_that_never_cease_hold_up_neither_frames_nor_the_store(monkeypatch, late):
    from workbench.engine.compiled import worker as module

    link, done = Flood(), []
    monkeypatch.setattr(module, "wait", lambda *_: [])
    worker = module.CompiledWorker.__new__(module.CompiledWorker)
    plan = SimpleNamespace(duration_ms=None)
    parts = {
        "simulation": SimpleNamespace(link=link), "plan": plan, "speed": None, "paused": True,
        "conn": None, "_over": "", "_standing": False, "tick": 0, "_take_data": lambda: None,
        "frames": SimpleNamespace(due_in=lambda _now: float(late != "frame"), waiting=True),
        "recorder": SimpleNamespace(due=late == "store"), "report": lambda **_: None,
        "_last_known_weights": dict, "_finish": lambda *_: None,
    }  # fmt: skip

    def end(*_, force=False):
        done.append(late)
        worker._over = "Q"

    for name, value in {**parts, "_send_frame": end, "_flush": end}.items():
        setattr(worker, name, value)
    worker.run()
    assert done[0] == late


def _followed(frames, name):
    """(T,) ms and (T, post, pre) of what frames say of a projection's weights between them."""
    parts = [f.followed[name] for f in frames if name in f.followed]
    return tuple(np.concatenate(each) for each in zip(*parts, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_weights_between_frames_are_those_of_the_moments_and_are_not_recorded(engine):
    options = {"paused": True, "engine": engine, "speed": None, "duration_ms": 40, "seed": 3}
    with Plastic().start(**options) as session:
        assert session.wait(300, until="ready"), session.status()
        session.follow_weights({"plastic": 2.0, "gone": 1.0})
        session.record({"plastic.w": Recording(every_ms=2)})
        session.resume()
        assert session.wait(120)  # no frame is taken before the end
        t_ms, w = _followed(session.frames(), "plastic")
        run = session.stop()
    assert t_ms.tolist() == list(range(0, 41 if t_ms[-1] == 40 else 40, 2))
    assert list(run.recordings) == ["post.v", "plastic.w"]
    samples = run.samples("plastic.w")
    for moment, seen in zip(t_ms, w, strict=True):
        (k,) = np.flatnonzero(samples.t_ms == moment)
        for i, j in {(0, 0), (7, 1), (19, 1)}:  # pairs that one synapse joins
            (one,) = np.flatnonzero((samples.pre == i) & (samples.post == j))
            assert seen[j, i] == pytest.approx(samples.values[k, one], abs=1e-6)
    assert np.isnan(w[:, 1, 6]).all()  # there is no synapse


@pytest.mark.slow
def test_one_weight_of_all_synapses_is_followed_and_an_odd_step_refused():
    with Toy().start(paused=True, engine="numpy", duration_ms=20) as session:
        assert session.wait(60, until="ready")
        session.follow_weights({"source_cells": 5.0})
        session.resume()
        assert session.wait(60)
        _t, w = _followed(session.frames(), "source_cells")
        assert w.shape[1:] == (10, 3) and (w == 5).all()
    with Toy().start(paused=True, engine="numpy") as session:
        assert session.wait(60, until="ready")
        session.follow_weights({"source_cells": 0.03})
        deadline = time.monotonic() + 60
        while "whole number of its time steps" not in session.status().warning:
            assert time.monotonic() < deadline
            time.sleep(0.01)
