"""What stands still by itself says so and goes on when told; what nobody watches does not wait."""

from __future__ import annotations

import time

import numpy as np
import pytest
from test_compiled import Pair as Network
from test_compiled import soon
from toys import Noisy, Toy
from typer.testing import CliRunner

from workbench.cli import app as cli
from workbench.comparison import compare
from workbench.comparison.pair import Pair
from workbench.engine.compiled.cache import compiler
from workbench.errors import SimulationError
from workbench.replay import same_spikes

WAIT_S = 100.0
ENGINES = [
    "numpy",
    pytest.param(
        "compiled",
        marks=[
            pytest.mark.slow,
            pytest.mark.skipif(compiler() is None, reason="no C++ compiler here"),
        ],
    ),
]


@pytest.fixture
def short(monkeypatch):
    """A recording is long after a moment: 10.7 kB."""
    monkeypatch.setenv("WORKBENCH_RECORD_GB", "1e-5")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_recording_that_grows_long_asks_whether_to_go_on(short, engine):
    model = Network() if engine == "compiled" else Noisy(current=3)
    session = model.start(engine=engine, seed=2, speed=1000)
    try:
        assert session.wait(WAIT_S, until="running") or session.status().waits
        reached = 0.0
        for _ in range(2):  # and a second time, when as much again was recorded
            soon(lambda: session.status().waits)
            status = session.status()
            assert status.state == "paused"
            assert status.t_ms > reached
            assert "The recording has reached" in status.warning
            assert "WORKBENCH_RECORD_GB" in status.waits
            time.sleep(1.5)  # what stands is stored once a second, which must not end the waiting
            assert session.status().t_ms == status.t_ms
            assert session.status().waits
            reached = status.t_ms
            session.resume()
            soon(lambda before=reached: session.status().t_ms > before)
        run = session.stop()
    finally:
        session.close()
    assert same_spikes(run, model.run(run.duration_ms, seed=2, engine=engine))


def test_one_with_an_end_asks_nothing(short):
    session = Noisy(current=3).start(engine="numpy", seed=2, duration_ms=3000)
    try:
        assert session.wait(WAIT_S)
        assert session.stop().outcome == "finished"
    finally:
        session.close()


def test_a_pair_stands_with_the_one_that_waits(short):
    noisy = Noisy(current=3)
    pair = Pair(noisy, {}, seed=2, engine="numpy").start()
    try:
        assert pair.wait(WAIT_S, until="paused")
        assert "The recording has reached" in pair.status().message
        reached = pair.status().t_ms
        while pair.status().t_ms < reached + 20:
            assert not pair.status().over, pair.status()
            pair.resume()
            time.sleep(0.05)
        a, b = pair.stop()
    finally:
        pair.close()
    whole = noisy.run(max(a.duration_ms, b.duration_ms), seed=2, engine="numpy")
    for run in (a, b):
        begun = whole.steps < run.duration_ms / run.info.dt_ms
        assert np.array_equal(run.steps, whole.steps[begun])
    assert pair.first is None


def test_a_way_that_cannot_be_recorded_is_given_up(monkeypatch):
    session = Noisy(current=3).start(seed=2, engine="numpy", paused=True)
    try:
        assert session.reach(0, WAIT_S)
        session.step(3000)
        assert session.reach(3000, WAIT_S)
        monkeypatch.setenv("WORKBENCH_RECORD_GB", "1e-5")
        with pytest.raises(SimulationError, match=r"ended at [0-9.]+ ms, .*recording has reached"):
            session.branch()
    finally:
        session.close()


FULL = "no space left on device"


def test_a_comparison_ends_at_a_full_disk(small_disk, monkeypatch):
    monkeypatch.setenv("WORKBENCH_RUNS", str(small_disk))
    with pytest.raises(SimulationError, match=FULL):
        compare(Toy(n_cells=1000, current=3, tau=2), {}, duration_ms=1e6, seed=2, engine="numpy")


@pytest.mark.skipif(compiler() is None, reason="no C++ compiler here")
def test_a_blocking_run_ends_at_a_full_disk(small_disk, monkeypatch):
    monkeypatch.setenv("WORKBENCH_RUNS", str(small_disk))
    with pytest.raises(SimulationError, match=FULL) as caught:
        Network().run(1e8, seed=2, engine="compiled")
    assert "press Run" not in str(caught.value)
    assert caught.value.run.duration_ms < 1e8


def test_the_command_line_ends_at_a_full_disk(small_disk, monkeypatch):
    monkeypatch.setenv("WORKBENCH_RUNS", str(small_disk))
    done = CliRunner().invoke(cli, ["run", "cuba", "--duration", "1e6", "--engine", "numpy"])
    assert done.exit_code == 2
    assert FULL in " ".join(done.stderr.split())
