"""The line of time: the whole run at little cost, looking back, and what a flag leads to."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from panels.parts.drags import Drag, deeds
from panels.parts.past import before
from panels.parts.timeline import MOST, History
from panels.tabs.compare_text import ChosenIntervention, sentence
from workbench.comparison.pair import Pair
from workbench.errors import ParameterError
from workbench.interventions import Intervention
from workbench.links import Link
from workbench.plots.live.past import MOST_ROWS, frame_of
from workbench.run import Run

from .fakes import INFO, FakeSession, TwoGroups, frame
from .test_journey import CLOCK, look_at, press, state, until

# What panel-material-ui 0.16 passes on to Panel 1.9 by itself.
pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")

STARTS = """(t) => {
  for (const doc of Bokeh.documents) for (const m of doc._all_models.values())
    if (m.data?.unit?.length && m.data?.t) return [Math.min(...m.data.t), Math.max(...m.data.t)];
  return [NaN, NaN] }"""


def made(duration_ms: float = 1000.0) -> Run:
    """A spike a millisecond, by each unit in its turn, and a sampled state that is the time."""
    steps = np.arange(0, round(duration_ms / 0.1), 10)
    t = np.arange(0.0, duration_ms)
    return Run(
        "two-groups", {"tau_m": 10.0}, INFO, duration_ms, 1, "numpy", steps=steps,
        units=(np.arange(len(steps)) % 15).astype(np.int32), state_t=t,
        states={"exc.v": np.repeat(t[:, None], 3, axis=1)}, weights={},
    )  # fmt: skip


# -- without a browser -----------------------------------------------------------------------------


def test_the_curve_has_a_bounded_number_of_bins_and_all_spikes():
    history = History(0.1, 1.0)
    rng = np.random.default_rng(1)
    steps = np.sort(rng.integers(0, 50_000, 4000))
    for end in range(0, 50_000, 500):
        part = steps[(steps >= end) & (steps < end + 500)]
        history.add([frame((end + 500) * 0.1, np.zeros(len(part)), part)])
    assert MOST / 2 < len(history.curve()) <= MOST
    width = round(history.width_ms / 0.1)
    counts = np.bincount(steps // width, minlength=len(history.curve()))
    assert history._counts[: len(counts)].tolist() == counts.tolist()
    curve = np.array(history.curve())
    assert curve.max() <= 100
    np.testing.assert_allclose(curve / curve.max(), counts / counts.max(), atol=0.01)


def test_where_spikes_are_missing_the_curve_is_open():
    history = History(0.1, 1.0)
    for end_ms in range(1, 101):
        one = frame(float(end_ms), [0], [10 * end_ms - 1])
        one.missing = (300, 415) if end_ms == 42 else (0, 0)
        history.add([one])
    assert [k for k, height in enumerate(history.curve()) if height < 0] == list(range(30, 42))
    for end_ms in range(101, 1001):  # wider bins
        history.add([frame(float(end_ms), [0], [10 * end_ms - 1])])
    width = history.width_ms
    expected = list(range(int(30 // width), int(-(-41.5 // width))))
    assert [k for k, height in enumerate(history.curve()) if height < 0] == expected


def test_of_a_network_without_spikes_the_curve_is_the_mean_of_a_state():
    history = History(0.1, 1.0, "exc.v")
    for k in range(1, 1001):  # twice as many as there are bins: they are joined
        one = frame(float(k))
        one.states["exc.v"] = np.full((1, 3), 50.0 * np.sin(2 * np.pi * k / 1000))
        history.add([one])
    curve = np.array(history.curve())
    expected = np.sin(2 * np.pi * (np.arange(len(curve)) + 0.5) * history.width_ms / 1000)
    assert np.corrcoef(curve, expected)[0, 1] > 0.999
    assert curve.max() == 100
    assert curve.min() > 0


def test_a_stretch_of_a_run_is_what_a_session_would_have_sent():
    found = frame_of(made(), 200.0, 300.0)
    assert found.steps[0] == 2000
    assert found.steps[-1] == 3000
    np.testing.assert_array_equal(found.state_t, np.arange(200.0, 301.0))
    np.testing.assert_array_equal(found.states["exc.v"][:, 0], found.state_t)


def test_of_a_long_stretch_the_extremes_of_states_remain():
    run = made(60_000.0)
    run.states["exc.v"][41_234] = 99_999.0
    found = frame_of(run, 0.0, 60_000.0)
    assert len(found.state_t) == len(found.states["exc.v"]) <= 1.01 * MOST_ROWS
    assert found.states["exc.v"].max() == 99_999.0
    assert (found.state_t[0], found.state_t[-1]) == pytest.approx((0.0, 60_000.0), abs=10)


class Recorded(FakeSession):
    def run_so_far(self) -> Run:
        return made(self.status().t_ms)


@pytest.fixture
def page(monkeypatch):
    from panels.model_page import Explorer

    monkeypatch.setattr(TwoGroups, "start", lambda self, **o: Recorded(self, **o), raising=False)
    explorer = Explorer(TwoGroups())
    explorer._begin(paused=True)
    explorer.heartbeat.heard = True
    explorer.heartbeat.ready = lambda: True
    explorer.session.info = INFO
    explorer.session.report(state="running", engine="numpy")
    explorer.tick()
    for card in explorer.plots.cards.values():
        card.heading.seen = True
    explorer.tick()
    yield explorer
    explorer.close()


def arrive(page, low, high):
    run = made(high)
    page.session.arrive(frame_of(run, low, high))
    page.tick()


def turn(page, there):
    end = time.monotonic() + 20
    while not there():
        assert time.monotonic() < end
        page.tick()
        time.sleep(0.01)


def test_looking_back_pauses_and_shows_the_record_and_the_present_comes_back(page):
    arrive(page, 0, 900)
    raster, traces = (page.plots.views[k] for k in ("raster", "traces"))
    page.timeline._do({"type": "stretch", "from_ms": 200.0, "to_ms": 300.0})
    assert page.session.status().state == "paused"
    turn(page, lambda: page.timeline.past.away)
    assert raster.time.span == (200.0, 300.0)
    assert (raster.log["step"][0], raster.log["step"][-1]) == (2000, 3000)
    assert traces._logs["exc.v"]["t"].tolist() == np.arange(200.0, 301.0).tolist()
    # What is saved is what is seen.
    assert page.plots.shown_ms(900.0) == (200.0, 300.0)
    assert page.plots.cards["raster"].heading.moment == "at t = 300 ms"
    assert page.plots.cards["circuit"].heading.moment == "at t = 900 ms"
    page.strip._shown_at = 0.0
    page.tick()
    assert "showing 200 ms to 300 ms" in page.strip.view.object
    page.timeline._do({"type": "present"})
    assert not page.timeline.past.away
    assert raster.time.span == (800.0, 900.0)
    assert raster.log["step"][-1] == 8990
    assert page.plots.cards["raster"].heading.moment == ""


def test_the_run_that_goes_on_ends_the_looking_back(page):
    arrive(page, 0, 900)
    page.timeline._do({"type": "stretch", "from_ms": 50.0, "to_ms": 150.0})
    turn(page, lambda: page.timeline.past.away)
    page.session.resume()
    arrive(page, 900, 950)
    assert not page.timeline.past.away
    raster = page.plots.views["raster"]
    assert raster.time.span == (850.0, 950.0)
    steps = raster.log["step"]
    assert (np.diff(steps) == 10).all()  # none is missing, and none twice
    # The way back of a card does the same.
    page.session.pause()
    page.timeline._do({"type": "stretch", "from_ms": 50.0, "to_ms": 150.0})
    turn(page, lambda: page.timeline.past.away)
    page.plots._follow_again()
    page.tick()
    assert not page.timeline.past.away
    assert raster.log["step"][-1] == 9490


def test_the_bar_is_told_a_few_times_a_second_and_only_what_changed(page):
    told = []
    page.timeline.view.param.watch(
        lambda *events: told.extend(e.name for e in events), ["curve", "flags", "span"]
    )
    for k in range(20):
        arrive(page, 10 * k + 0.5, 10 * (k + 1))
    assert told.count("curve") <= 2
    assert "flags" not in told
    page.session.interventions.append(Intervention(150, 150.0, "set", "tau_m", value=5, was=10))
    turn(page, lambda: page.timeline.view.flags)
    assert page.timeline.view.flags[0]["text"] == "tau_m 10 → 5"
    assert page.timeline.view.flags[0]["t_ms"] == 150.0


def test_a_branch_before_an_intervention_has_all_that_came_before():
    first = Intervention(100, 100.0, "set", "tau_m", value=4.0, was=10.0)
    second = Intervention(300, 300.0, "set", "tau_m", value=6.0, was=4.0)
    now = Link(TwoGroups, {"tau_m": 6.0, "n_exc": 10}, t_ms=500.0, log=(first, second))
    link = before(now, second)
    assert (link.values, link.log, link.t_ms) == ({"tau_m": 4.0, "n_exc": 10}, (first,), 300.0)
    link = before(now, first)
    assert (link.values["tau_m"], link.log, link.t_ms) == (10.0, (), 100.0)


def test_a_comparison_leaves_out_one_intervention_and_nothing_else():
    first, second = (
        Intervention(t, float(t), "set", "tau_m", value=v, was=10.0)
        for t, v in ((100, 4), (300, 6))
    )
    run = made()
    run.interventions = [first, second]
    with pytest.raises(ParameterError, match="was not done to this run"):
        Pair.without(run, TwoGroups, Intervention(5, 5.0, "set", "tau_m", value=1.0))
    pair = Pair.without(run, TwoGroups, first)
    assert pair.a.plan.log == [first, second]
    assert pair.b.plan.log == [second]
    assert pair.a.plan.seed == pair.b.plan.seed == 1
    assert pair.a.model.values() == pair.b.model.values()
    chosen = ChosenIntervention(first)
    said = sentence(chosen, {"both": 3, "a": 3, "b": 3}, None, 50.0)
    assert said.startswith("A repeats the run, B does too but for “tau_m 10 → 4” at 100 ms.")


def steps_of(*values, start=100):
    """What a drag through these leaves in the log, a step every 10 ms."""
    return [
        Intervention(start + 10 * k, start + 10.0 * k, "set", "tau_m", value=v, was=w)
        for k, (w, v) in enumerate(itertools.pairwise(values))
    ]


def test_a_drag_is_one_flag_and_is_left_out_as_a_whole(page, monkeypatch):
    arrive(page, 0, 900)
    steps = steps_of(10.0, 9.0, 7.0, 4.0)
    for value in (9.0, 8.0, 7.0, 4.0):  # 8 was overtaken by 7
        page.changes.move("tau_m", value, False)
    page.changes.move("tau_m", 4.0, True)
    alone = Intervention(300, 300.0, "set", "tau_m", value=6.0, was=4.0)
    page.changes.move("tau_m", 6.0, True)
    page.session.interventions += [*steps, alone]
    turn(page, lambda: len(page.timeline.view.flags) == 2)
    drag, after = page.timeline.view.flags
    assert drag["text"] == "τ_m 10 ms → 4 ms, dragged until 120 ms"
    assert (drag["t_ms"], after["t_ms"]) == (100.0, 300.0)
    assert after["text"] == "tau_m 4 → 6"
    left_out = []
    monkeypatch.setattr(page.comparing, "without", lambda *what: left_out.append(what))
    page.timeline._do({"type": "compare", "key": drag["key"]})
    ((entries, summary),) = left_out
    assert list(entries) == steps
    assert summary.describe() == drag["text"]
    page.session.interventions.clear()
    page.changes.begin()
    assert page.changes.drags == []


def test_steps_that_no_drag_explains_stand_for_themselves():
    log = steps_of(10.0, 9.0, 7.0)
    assert [len(d.entries) for d in deeds(log, [], TwoGroups)] == [1, 1]
    # Two moves one after the other are two, though each begins where the other ended.
    moves = [Drag("tau_m", 10.0, 9.0), Drag("tau_m", 9.0, 7.0)]
    assert [len(d.entries) for d in deeds(log, moves, TwoGroups)] == [1, 1]
    assert [len(d.entries) for d in deeds(log, [Drag("tau_m", 10.0, 7.0)], TwoGroups)] == [2]
    # Another change between the steps: they are not one.
    other = Intervention(105, 105.0, "set", "n_exc", value=5.0, was=10.0)
    mixed = [log[0], other, log[1]]
    assert [len(d.entries) for d in deeds(mixed, [Drag("tau_m", 10.0, 7.0)], TwoGroups)] == [
        1,
        1,
        1,
    ]


def test_a_comparison_leaves_out_all_of_a_drag():
    steps = steps_of(10.0, 9.0, 7.0)
    last = Intervention(300, 300.0, "set", "tau_m", value=6.0, was=7.0)
    run = made()
    run.interventions = [*steps, last]
    pair = Pair.without(run, TwoGroups, steps)
    assert pair.a.plan.log == [*steps, last]
    assert pair.b.plan.log == [last]


# -- in the browser ------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.slow  # a run that is long enough to look back in
def test_one_looks_back_chooses_a_stretch_and_branches(server, open_page):
    page = open_page(f"{server.url}/cuba")
    state(page, "ready")
    press(page, "run")
    until(lambda: page.evaluate(CLOCK)[0] > 1500)
    page.get_by_role("slider", name="w_i in mV").fill("-5")
    changed = page.evaluate(CLOCK)[0]
    until(lambda: page.evaluate(CLOCK)[0] > changed + 2500)
    flag = page.locator(".wb-timeline .flags button")
    flag.first.wait_for()
    track = page.locator(".wb-timeline .track")
    box = track.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.click(box["x"] + 0.2 * box["width"], middle)
    state(page, "paused")
    page.locator(".wb-timeline .back").wait_for()
    end = float(track.get_attribute("aria-valuemax"))
    until(lambda: float(track.get_attribute("aria-valuenow")) < 0.6 * end)
    # A brushed stretch is what the raster shows, and what is sent to the figure.
    page.mouse.move(box["x"] + 0.75 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.80 * box["width"], middle, steps=4)
    page.mouse.move(box["x"] + 0.85 * box["width"], middle, steps=4)
    page.mouse.up()
    until(lambda: abs(float(track.get_attribute("aria-valuenow")) - 0.85 * end) < 0.02 * end)
    look_at(page, "raster")
    press(page, "to-figure-raster")
    page.get_by_role("tab", name="Figure").click()
    low = float(page.get_by_label("From (ms) of panel a").input_value())
    high = float(page.get_by_label("To (ms) of panel a").input_value())
    assert low == pytest.approx(0.75 * end, abs=0.02 * end)
    assert high == pytest.approx(0.85 * end, abs=0.02 * end)
    page.get_by_role("tab", name="Live").click()
    page.locator(".wb-timeline .back").click()
    until(lambda: float(track.get_attribute("aria-valuenow")) >= 0.99 * end)
    flag.first.click()
    page.locator(".wb-timeline .branch").click()
    page.locator(".wb-runs-of-visit button").first.wait_for()
    until(lambda: page.locator(".wb-timeline .flags button").count() == 0)
    state(page, "paused")
    t_ms = float(page.locator(".wb-status").first.get_attribute("data-t-ms"))
    assert t_ms == pytest.approx(changed, abs=1500)
    assert page.get_by_role("slider", name="w_i in mV").input_value() == "-9"
