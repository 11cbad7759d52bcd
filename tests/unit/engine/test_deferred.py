"""A session whose beginning is known: the same to see and to run, without a worker at t = 0."""

from __future__ import annotations

import gc
import threading
import time
from functools import partial

import numpy as np
import psutil
import pytest
from toys import Broken, Toy

from workbench import Inject, Model, Parameter
from workbench.engine.beginning import Beginnings, key_of
from workbench.engine.deferred import DeferredSession
from workbench.engine.plan import make_plan
from workbench.errors import SimulationError

WAIT_S = 60  # only a failure takes as long
STATES = "cells.v"


class Plastic(Toy):
    """A toy with weights that can be shown."""

    title = "Plastic"

    def build(self):
        import brian2 as b2

        net = super().build()
        known = {o.name: o for o in net.sorted_objects}
        more = b2.Synapses(
            known["cells"], known["cells"], "w : 1", on_pre="v_post += w * 0", name="cells_cells",
            namespace={},
        )  # fmt: skip
        more.connect(p=0.5)
        more.w = "rand()"
        return b2.Network(*net.sorted_objects, more, name="toy_plastic")


class Slow(Toy):
    """Takes a while to build."""

    title = "Slow"
    wait_s = Parameter(1.0, unit="s", bounds=(0, None), live=False, doc="time to build")

    def build(self):
        time.sleep(self.wait_s)
        return super().build()


@pytest.fixture
def known():
    return Beginnings()


@pytest.fixture
def begin(known):
    sessions = []

    def start(model: Model, **options):
        options = {"engine": "numpy", "seed": 3, **options}
        sessions.append(model.start(kind=partial(DeferredSession, beginnings=known), **options))
        return sessions[-1]

    yield start
    for session in sessions:
        session.close()


def until(condition, timeout_s=WAIT_S):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < timeout_s
        time.sleep(0.005)


def first_of(begin, known, model, **options):
    """The first session with this beginning, once that is kept."""
    session = begin(model, **options)
    until(lambda: len(known) and session.status().state == "ready")
    return session


def played(session, at_least_ms=60.0):
    """Run it for a while: the run, the times of the samples in its frames, and their spikes."""
    session.resume()
    until(lambda: session.status().t_ms >= at_least_ms)
    session.pause()
    until(lambda: session.status().state == "paused")
    frames = session.frames()
    times = np.concatenate([f.state_t for f in frames])
    return session.stop(), times, sum(len(f.steps) for f in frames)


def test_what_is_known_is_ready_at_once_and_without_a_worker(begin, known):
    first = first_of(begin, known, Plastic())
    first.show_weights(("cells_cells",))
    until(lambda: any(f.weights for f in first.frames()))
    second = begin(Plastic())
    assert second.status().state == "ready"
    assert second.pid is None
    assert not second.has_worker
    assert second.info == first.info
    assert second.recording == first.recording
    assert second.status() == first.status()
    second.show_weights(("cells_cells",))
    frames = second.frames()
    assert second.pid is None
    assert [f.t_ms for f in frames] == [0.0, 0.0]
    assert frames[0].states[STATES].shape == (1, 3)
    assert np.isfinite(frames[1].weights["cells_cells"]).any()
    with pytest.raises(ValueError, match="read-only"):
        frames[0].states[STATES][0, 0] = 1.0


def test_it_runs_as_any_other_session_and_shows_each_sample_once(begin, known):
    plain, t_plain, n_plain = played(Plastic().start(paused=True, engine="numpy", seed=3))
    first_of(begin, known, Plastic())
    session = begin(Plastic())
    (shown,) = session.frames()
    session.show_weights(("cells_cells",))
    run, t_ms, n = played(session)
    end = min(run.duration_ms, plain.duration_ms)
    assert n > 20
    assert n_plain > 20
    assert np.array_equal(run.steps[run.steps * run.info.dt_ms < end],
                          plain.steps[plain.steps * plain.info.dt_ms < end])  # fmt: skip
    assert t_plain[0] == 0.0
    assert shown.state_t.tolist() == [0.0]
    both = np.concatenate([shown.state_t, t_ms])
    assert np.array_equal(both, np.arange(len(both)) * run.info.tick_ms)


def test_pages_that_open_together_have_one_worker(begin, known):
    sessions = [begin(Slow()) for _ in range(5)]
    assert [s.has_worker for s in sessions] == [True] + [False] * 4
    until(lambda: all(s.status().state == "ready" for s in sessions))
    assert sum(s.has_worker for s in sessions) == 1
    assert all(len(s.frames()) == 1 for s in sessions)
    run, *_ = played(sessions[3])
    other, *_ = played(sessions[0])
    n = min(len(run.steps), len(other.steps))
    assert n > 10
    assert np.array_equal(run.steps[:n], other.steps[:n])


def test_the_next_one_builds_when_the_first_is_closed_or_asked_for_more(begin, known):
    first, second, third = (begin(Slow()) for _ in range(3))
    first.close()
    until(lambda: second.has_worker)
    second.set("current", 2.0)  # while it is built: its beginning is not that of the others
    until(lambda: third.has_worker)
    until(lambda: third.status().state == "ready" and len(known))
    fourth = begin(Slow())
    assert not fourth.has_worker
    assert fourth.interventions == []


def test_one_that_is_forgotten_lets_the_next_begin(known):
    make = partial(DeferredSession, beginnings=known)
    first, second = (Slow().start(kind=make, engine="numpy") for _ in range(2))
    first._finalizer()
    del first
    gc.collect()
    until(lambda: second.has_worker)
    second.close()


def test_one_that_cannot_be_built_says_so_on_every_page(begin):
    sessions = [begin(Broken()) for _ in range(3)]
    for session in sessions:
        assert session.wait(WAIT_S)
        assert session.status().state == "failed"


def test_run_pressed_before_the_beginning_is_known(begin):
    _first, second = begin(Slow()), begin(Slow())
    second.resume()
    until(lambda: second.status().state == "running" and second.status().t_ms > 5)
    assert len(second.stop().steps) > 0


def test_a_worker_that_is_given_back_is_not_missed(begin, known):
    reference, *_ = played(Plastic().start(paused=True, engine="numpy", seed=3))
    session = first_of(begin, known, Plastic())
    pid, store = session.pid, session.store
    assert session.give_back()
    until(lambda: not psutil.pid_exists(pid) and not store.exists())
    assert session.status().state == "ready"
    assert len(session.frames()) == 1
    run, *_ = played(session)
    n = min(len(run.steps), len(reference.steps))
    assert n > 20
    assert np.array_equal(run.steps[:n], reference.steps[:n])


def test_a_worker_that_is_needed_is_not_given_back(begin, known):
    session = first_of(begin, known, Plastic())
    session.set("current", 2.0)
    until(lambda: len(session.interventions) == 1)
    assert not session.give_back()
    assert session.has_worker
    other = begin(Plastic(current=1.7))
    assert not other.give_back()  # it is not ready
    until(lambda: other.status().state == "ready")
    other.show_weights(("cells_cells",))
    until(lambda: any(f.weights for f in other.frames()))
    assert other.give_back()
    other.resume()
    until(lambda: other.status().t_ms > 5)
    assert not other.give_back()


def test_what_is_done_before_run_starts_the_worker(begin, known):
    first_of(begin, known, Toy())
    changed, injected = begin(Toy()), begin(Toy())
    changed.set("current", 2.0)
    until(lambda: [e.name for e in changed.interventions] == ["current"])
    assert changed.status().state == "ready"
    injected.do(Inject(None, "source", (1,)))
    until(lambda: len(injected.interventions) == 1)
    third = begin(Toy())
    assert (third.has_worker, third.interventions) == (False, [])
    third.step(5)
    assert third.reach(5.0, WAIT_S)
    assert third.status().t_ms == 5.0
    assert third.branch(paused=True, at_ms=2.0).status().t_ms == 2.0


def test_questions_are_answered_from_the_beginning(begin, known):
    first = first_of(begin, known, Toy())
    states = first.snapshot()
    second = begin(Toy())
    assert np.array_equal(second.snapshot()["cells"]["v"], states["cells"]["v"])
    assert not second.has_worker
    assert second.read("workbench.engine.present:circuit_now").title == "Toy"  # not asked before
    assert second.has_worker
    with pytest.raises(SimulationError, match="nothing"):
        second.read("workbench.engine.present:nothing")


def test_neurons_that_are_watched_are_known_too(begin, known):
    first = first_of(begin, known, Toy())
    first.frames()
    first.watch({STATES: (4, 5)})
    until(lambda: any(f.states.get(STATES, np.empty((0, 0))).shape == (1, 2)
                      for f in first.frames()))  # fmt: skip
    second = begin(Toy())
    second.watch({STATES: (4, 5)})
    assert [f.states[STATES].shape for f in second.frames()] == [(1, 3), (1, 2)]
    assert not second.has_worker
    second.step(2)
    assert second.reach(2.0, WAIT_S)
    frames = second.frames()
    assert np.concatenate([f.state_t for f in frames]).tolist() == [1.0, 2.0]
    assert {f.states[STATES].shape[1] for f in frames if len(f.state_t)} == {2}


def test_a_run_at_0_ms_can_be_had(begin, known):
    first_of(begin, known, Toy())
    assert begin(Toy()).run_so_far().duration_ms == 0
    assert begin(Toy()).stop().duration_ms == 0
    resting = begin(Toy())
    resting.park()
    assert not resting.parked
    assert not resting.has_worker


def test_a_closed_session_starts_no_worker(begin, known):
    first_of(begin, known, Toy())
    session = begin(Toy())
    session.close()
    session.resume()
    session.warm()
    assert session.pid is None


def test_what_a_beginning_depends_on(tmp_path):
    def key(model, **options):
        return key_of(model, make_plan(model, **options))[0]

    one = key(Toy())
    assert one == key(Toy())
    others = [
        key(Toy(current=2)), key(Toy(), seed=2), key(Toy(), engine="numpy"), key(Plastic()),
        key(Toy(), record={"cells.v": [0]}), key(Toy(), duration_ms=5),
    ]  # fmt: skip
    assert len({one, *others}) == 7
    assert key(Toy(), operations=[Inject(5.0, "source", (1,))]) == ""


def test_no_more_is_kept_than_fits(begin):
    known = Beginnings(most_bytes=1)
    make = partial(DeferredSession, beginnings=known)
    sessions = [Toy().start(kind=make, engine="numpy", seed=k) for k in range(3)]
    for session in sessions:
        until(lambda session=session: session.status().state == "ready")
    until(lambda: threading.active_count() and len(known) == 1)
    assert known.n_bytes > 1
    for session in sessions:
        session.close()


def test_weights_that_were_to_be_followed_come_when_the_worker_starts(begin, known):
    first_of(begin, known, Plastic())
    session = begin(Plastic())
    session.follow_weights({"cells_cells": 1.0})
    assert not session.has_worker and session.wait(WAIT_S, until="ready")
    session.resume()
    seen = []
    until(lambda: seen.extend(f.followed for f in session.frames()) or any(seen))
    session.stop()
