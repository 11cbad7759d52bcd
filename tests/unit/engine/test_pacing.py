"""When a tick is due, and what is sent in a frame."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from workbench.engine import frame_sender
from workbench.engine.frame_sender import FrameSender
from workbench.engine.pacing import Pace
from workbench.engine.simulation import Simulation


def test_ticks_are_due_at_the_speed():
    pace = Pace(tick_ms=2.0, late_s=0.25)
    assert pace.due(10, 100.0, now=5.0) == 5.0  # the first one is now
    assert pace.due(15, 100.0, now=5.01) == pytest.approx(5.1)  # 10 ms at 100 ms a second
    assert pace.behind_ms == 0


def test_what_is_late_is_not_caught_up():
    pace = Pace(tick_ms=1.0, late_s=0.25)
    pace.begin(0, 0.0)
    assert pace.due(100, 1000.0, now=0.3) == pytest.approx(0.1)  # late, within what is caught up
    assert pace.behind_ms == 0
    assert pace.due(100, 1000.0, now=0.4) == pytest.approx(0.1)
    assert pace.behind_ms == pytest.approx(300)
    assert pace.due(200, 1000.0, now=0.41) == pytest.approx(0.5)  # counted from then on
    pace.restart()
    assert pace.due(900, 1000.0, now=7.0) == 7.0


def sender(credits=2):
    sent = []
    conn = SimpleNamespace(send=lambda message: sent.append(message[1]))
    return FrameSender(conn, credits, every_s=0.03), sent


def send(frames, now=1.0, t_ms=3.0):
    frames.send(now, 3, t_ms, {}, {}, {}, behind_ms=0.0, n_spikes=5)


def test_a_frame_holds_what_was_gathered_and_nothing_twice():
    frames, sent = sender()
    frames.add_spikes(np.array([1, 2]), np.array([0, 1], np.int32))
    frames.add_states(1.0, {"cells.v": np.array([0.1, 0.2])})
    frames.add_states(np.array([2.0, 3.0]), {"cells.v": np.array([[1, 2], [3, 4.0]])})
    assert frames.waiting
    send(frames)
    assert not frames.waiting
    send(frames, now=2.0, t_ms=503.0)
    first, second = sent
    assert first.steps.tolist() == [1, 2]
    assert first.state_t.tolist() == [1, 2, 3]
    assert first.states["cells.v"].tolist() == [[0.1, 0.2], [1, 2], [3, 4]]
    assert (len(second.steps), len(second.state_t), second.states) == (0, 0, {})
    assert second.counters["real_time_factor"] == pytest.approx(0.5)
    assert not frames.may_send(force=False)  # both credits are spent
    assert frames.may_send(force=True)


def test_frames_that_are_early_make_no_more_of_them():
    frames, sent = sender(credits=100)
    frames.early_s = 0.01
    now, until = 1.0, 2.0
    while now < until:  # something new every 2 ms
        if not frames.due_in(now):
            send(frames, now)
        now += 0.002
    assert len(sent) == pytest.approx(1.0 / 0.03, abs=2)
    late = now + 5.0  # after a pause nothing is made up for
    send(frames, late)
    assert frames.due_in(late) == pytest.approx(0.03 - 0.01)


def test_what_was_done_is_seen_sooner_and_not_all_the_time():
    frames, sent = sender(credits=1000)
    send(frames, now=1.0)
    frames.hurry(1.005)
    assert frames.due_in(1.005) == pytest.approx(0.01)  # half the time between two frames
    frames.hurry(1.02)
    assert frames.due_in(1.02) == 0.0
    send(frames, now=1.021)
    assert frames.due_in(1.021) == pytest.approx(0.03)
    sent.clear()
    now = 2.0
    while now < 3.0:  # something is done every 2 ms
        frames.hurry(now)
        if not frames.due_in(now):
            send(frames, now)
        now += 0.002
    assert len(sent) <= 2 / 0.03 + 1


def test_samples_of_other_neurons_are_left_out():
    frames, sent = sender()
    frames.add_states(1.0, {"cells.v": np.zeros(3)})
    frames.add_states(2.0, {"cells.v": np.zeros(2)})
    send(frames)
    assert sent[0].state_t.tolist() == [2]
    assert sent[0].states["cells.v"].shape == (1, 2)


def test_too_many_spikes_are_dropped_and_counted(monkeypatch):
    monkeypatch.setattr(frame_sender, "MAX_FRAME_SPIKES", 3)
    frames, sent = sender()
    for k in range(3):
        frames.add_spikes(np.array([k, k]), np.zeros(2, np.int32))
    send(frames)
    assert sent[0].steps.tolist() == [2, 2]
    assert sent[0].counters["dropped_spikes"] == 4
    assert sent[0].missing == (0, 2)
    lacked = [sent[0].lacks(first, last) for first, last in ((0, 1), (1, 5), (2, 5), (-3, 0))]
    assert lacked == [True, True, False, False]
    send(frames)
    assert sent[1].missing == (0, 0)
    assert not sent[1].lacks(0, 1)


def test_weights_rest_after_they_were_read():
    frames, _ = sender()
    assert not frames.weights_due(10.0)
    frames.show_weights(("a_b",), every_ms=500)
    assert frames.weights_stale
    assert frames.weights_due(10.0)
    frames.weights_at = 10.0
    assert not frames.weights_stale
    assert not frames.weights_due(10.4)
    assert frames.weights_due(10.5)
    frames.rest_weights(12.0)
    assert not frames.weights_due(11.9)
    assert frames.weights_due(12.0)


def test_a_simulation_must_do_all_that_an_engine_is_asked():
    class Half(Simulation):
        def build(self):
            return None

    with pytest.raises(TypeError, match=r"abstract.*perform"):
        Half(None, 1, "numpy")
