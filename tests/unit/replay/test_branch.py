"""Branches: the same as the original up to a tick, spike for spike, and different from there."""

from __future__ import annotations

import numpy as np
import psutil
import pytest
from toys import Noisy, Toy

from workbench import Inject
from workbench.errors import ParameterError, SimulationError
from workbench.interventions import Intervention
from workbench.replay import same_spikes
from workbench.replay.branch import branch_of

WAIT_S = 60  # only a failure takes as long


@pytest.fixture
def live():
    sessions = []

    def keep(session):
        sessions.append(session)
        return session

    yield keep
    for session in sessions:
        session.close()


def go(session, n):
    t_ms = session.status().t_ms + n
    session.step(n)
    assert session.reach(t_ms, WAIT_S)
    return session


def before(run, step):
    return run.steps[run.steps < step], run.units[run.steps < step]


def changed_session(live):
    """A noisy session at 60 ms to which something was done at 20 and at 60 ms."""
    session = live(Noisy().start(seed=5, engine="numpy", paused=True))
    assert session.reach(0, WAIT_S)
    go(session, 20)
    session.set("current", 2.5)
    session.do(Inject(None, "source", (0, 2)))
    go(session, 40)
    session.set("tau", 8)
    return session


def test_a_branch_without_changes_goes_on_as_the_original(live):
    session = changed_session(live)
    done = []
    branch = live(session.branch(progress=done.append))
    assert branch.status().state == "paused"
    assert branch.status().t_ms == session.status().t_ms == 60
    assert done[-1] == 1.0
    assert branch.model.values() == session.model.values()
    original, other = go(session, 60).stop(), go(branch, 60).stop()
    assert len(original.steps) - len(before(original, 600)[0]) > 20  # there was something to miss
    assert same_spikes(original, other)
    assert np.array_equal(original.state("v"), other.state("v"))
    assert [e["name"] for e in other.interventions] == ["current", "Inject", "tau"]


def test_a_changed_branch_is_the_same_before_its_tick_and_not_after(live):
    session = changed_session(live)
    branch = live(session.branch(set={"current": "6"}))
    again = live(branch.branch())  # a branch of a branch is one more way to the same state
    runs = [go(s, 60).stop() for s in (session, branch, again)]
    original, other, third = runs
    assert all(
        np.array_equal(x, y) for x, y in zip(*(before(r, 600) for r in runs[:2]), strict=True)
    )
    assert len(other.steps) > len(original.steps)
    assert same_spikes(other, third)
    entry = other.interventions[-1]
    assert (entry["tick"], entry["name"], entry["was"], entry["value"]) == (60, "current", 2.5, 6)


def test_a_running_session_is_branched_without_disturbing_it(live):
    session = live(Noisy().start(seed=5, engine="numpy", speed=500))
    while session.status().t_ms < 40:
        session.frames()
        assert not session.wait(0.02)
    branch = live(session.branch())
    assert branch.wait(WAIT_S, until="running")
    branch.pause()
    assert branch.wait(WAIT_S, until="paused")
    while session.status().t_ms < branch.status().t_ms:
        session.frames()
        assert not session.wait(0.02)
    a, b = session.stop(), branch.stop()
    step = round(min(a.duration_ms, b.duration_ms) / 0.1)
    assert len(before(b, step)[0]) > 5
    assert all(np.array_equal(x, y) for x, y in zip(before(a, step), before(b, step), strict=True))


def test_a_session_that_does_not_answer_is_not_branched_from_an_earlier_moment(live, monkeypatch):
    session = live(Toy().start(engine="numpy", paused=True))
    assert session.reach(0, WAIT_S)
    go(session, 20)
    monkeypatch.setattr("workbench.replay.branch.ASK_S", 0.3)
    worker = psutil.Process(session.pid)
    worker.suspend()
    try:
        with pytest.raises(SimulationError, match=r"did not answer within 0\.3 s"):
            session.branch()
    finally:
        worker.resume()


def test_an_earlier_moment_and_what_was_planned(live):
    planned = [Inject(5.0, "source", (1,)), Inject(50.0, "source", (2,))]
    session = live(Toy(current=0).start(engine="numpy", paused=True, operations=planned))
    assert session.reach(0, WAIT_S)
    go(session, 30)
    session.do(Inject(None, "source", (0,)))
    go(session, 10)
    branch = live(session.branch(at_ms=20))
    assert branch.status().t_ms == 20
    t, i = go(branch, 60).stop().spikes("source")
    assert (t.tolist(), i.tolist()) == ([5.0, 50.0], [1, 2])  # not what was done later by hand


def test_what_a_run_is_branched_with():
    run = Toy().run(50, engine="numpy", operations=[Inject(10.0, "source", (1,))])
    run.interventions.append(Intervention(30, 30.0, "set", "current", value=2.0, was=1.5))
    again = branch_of(run, Toy, {"current": 3, "n_cells": 4}, at_ms=0, again=True)
    assert again.model.values() == {
        "tau": 10, "current": 3, "w": 5, "n_cells": 4, "dt_ms": 0.1,
    }  # fmt: skip
    assert (again.tick, [t for t, _ in again.plan.operations], again.plan.changes) == (0, [10], [])
    later = branch_of(run, Toy, {"current": 3}, at_ms=40)
    assert later.plan.changes == [(30, "current", 2.0), (40, "current", 3.0)]
    assert later.plan.log[-1].text == "current 2 → 3"
    with pytest.raises(ParameterError, match=r"needs a rebuild\. Branch at 0 ms"):
        branch_of(run, Toy, {"n_cells": 4})
    with pytest.raises(ParameterError, match="the run has reached 50 ms"):
        branch_of(run, Toy, at_ms=60)
    with pytest.raises(ParameterError, match="whole multiples of the tick"):
        branch_of(run, Toy, at_ms=0.5)
    with pytest.raises(ParameterError, match="at least 0"):
        branch_of(run, Toy, {"current": -1})


def test_a_parked_session_has_no_worker_and_goes_on_as_a_branch(live):
    session = changed_session(live)
    reference = go(live(session.branch()), 40).stop()
    pid, frames_before = session.pid, session.status().t_ms
    session.park()
    assert not psutil.pid_exists(pid)
    status = session.status()
    assert (status.state, status.t_ms, status.message) == ("paused", frames_before, "")
    assert [e.name for e in session.interventions] == ["current", "Inject", "tau"]
    assert session.run_so_far().duration_ms == 60
    for command in (session.resume, session.snapshot, lambda: session.record({})):
        with pytest.raises(SimulationError):
            command()
    again = go(live(session.branch(paused=True)), 40).stop()
    assert same_spikes(reference, again)
    assert again.interventions == reference.interventions


def test_only_what_stands_still_can_be_parked(live):
    session = live(Noisy().start(seed=5, engine="numpy"))
    assert session.wait(WAIT_S, until="running")
    with pytest.raises(SimulationError, match="this one is running"):
        session.park()
    assert session.status().state == "running"
