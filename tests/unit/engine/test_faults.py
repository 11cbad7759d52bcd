"""A live simulation while the machine fails it: too little memory, and a clock that jumps."""

from __future__ import annotations

import time

import numpy as np
import pytest
from toys import Toy

from workbench import open_run
from workbench.engine.runtime_worker import LATE_S
from workbench.engine.session import Session

WAIT_S = 120
SPEED = 25  # simulated ms a wall second
TOO_BIG = "The simulation needs more memory than it may use (WORKBENCH_MEMORY_GB)."


class Hungry(Toy):
    """At 30 ms it asks for 512 GB."""

    title = "Hungry"

    def build(self):
        import brian2 as b2

        net = super().build()

        def eat(t):
            if t >= 30 * b2.ms:
                np.ones(2**36)

        net.add(b2.NetworkOperation(eat, clock=net["cells"].clock, name="eat"))
        return net


class Jumping(Toy):
    """At 20 ms the date of its process jumps ten days ahead, at 40 ms twenty days back."""

    title = "Jumping"

    def build(self):
        import brian2 as b2

        net = super().build()
        plain = time.time

        def jump(t):
            days = 0 if t < 20 * b2.ms else 10 if t < 40 * b2.ms else -10
            time.time = lambda: plain() + days * 86_400

        net.add(b2.NetworkOperation(jump, clock=net["cells"].clock, name="jump"))
        return net


@pytest.fixture
def live():
    sessions = []

    def start(model, **options) -> Session:
        sessions.append(model.start(engine="numpy", **options))
        return sessions[-1]

    yield start
    for session in sessions:
        session.close()


def test_a_simulation_that_runs_out_of_memory_says_so_and_keeps_its_record(live):
    session, other = live(Hungry(), seed=2), live(Toy(), seed=2, duration_ms=100)
    assert session.wait(WAIT_S)
    status = session.status()
    assert (status.state, status.message) == ("failed", TOO_BIG)
    assert "MemoryError" in status.details
    run = session.run_so_far()
    assert 20 <= run.duration_ms <= 30
    whole = Toy().run(run.duration_ms, seed=2, engine="numpy")
    assert len(run.steps) > 0
    assert np.array_equal(run.steps, whole.steps)
    assert open_run(session.store).outcome == run.outcome
    assert other.wait(WAIT_S)
    assert other.stop().outcome == "finished"


def test_a_network_too_big_to_be_built_says_so(live, monkeypatch):
    monkeypatch.setenv("WORKBENCH_MEMORY_GB", "4")
    session = live(Toy(n_cells=2**30))
    assert session.wait(WAIT_S)
    assert session.status().state == "failed"
    assert TOO_BIG in session.status().message


def test_a_clock_that_jumps_changes_neither_spikes_nor_pace(live, monkeypatch):
    plain = time.time
    began = time.monotonic()
    session = live(Jumping(), seed=4, duration_ms=100, speed=SPEED)
    while session.status().t_ms < 30:
        assert not session.wait(0.005)
    monkeypatch.setattr(time, "time", lambda: plain() + 10 * 86_400)
    while session.status().t_ms < 60:
        assert time.monotonic() - began < WAIT_S
        session.wait(0.005)
    monkeypatch.setattr(time, "time", lambda: plain() - 10 * 86_400)
    assert session.wait(WAIT_S)
    # Counted from before the start, so that a busy machine can only lengthen it. Without its
    # pace the whole, starting included, takes 2.7 s. A tick may be LATE_S late at first.
    took_s = time.monotonic() - began
    run = session.stop()
    assert run.outcome == "finished"
    calm = Toy().run(100, seed=4, engine="numpy")
    assert len(calm.steps) > 0
    assert np.array_equal(run.steps, calm.steps)
    assert np.array_equal(run.units, calm.units)
    assert took_s > 100 / SPEED - LATE_S, "the pace was given up"
