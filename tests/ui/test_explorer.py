"""The explorer without a browser and without a simulation: what each action leads to."""

from __future__ import annotations

import time
from types import SimpleNamespace

import panel as pn
import pytest

from panels.access import turns
from panels.access.turns import Turn
from panels.bokeh_internals import heartbeat as heartbeat
from panels.bokeh_internals.heartbeat import AHEAD
from panels.model_page import Explorer
from panels.parts import changes
from panels.parts.resting import Idle
from panels.widgets.budget import Budget
from workbench.engine.frames import Status
from workbench.interventions import Intervention

from .fakes import INFO, FakeSession, TwoGroups, frame

# What panel-material-ui 0.16 passes on to Panel 1.9 by itself.
pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")


@pytest.fixture
def sessions(monkeypatch):
    """Sessions made by the page under test, the latest last."""
    made: list[FakeSession] = []

    def start(self, **options):
        made.append(FakeSession(type(self)(**self.values()), **options))
        return made[-1]

    monkeypatch.setattr(TwoGroups, "start", start, raising=False)
    return made


@pytest.fixture
def page(sessions):
    explorer = Explorer(TwoGroups())
    explorer._begin(paused=True)
    explorer.heartbeat.heard = True
    explorer.tick()
    yield explorer
    explorer.close()


def built(page, session):
    session.info = INFO
    session.report(state="ready", engine="numpy")
    page.tick()


def shown(page) -> str:
    page.strip._shown_at = 0.0
    page.tick()
    return page.strip.view.object


def drag(page, name, value, final=False):
    page.parameters._handle_msg({"type": "set", "name": name, "value": value, "final": final})


@pytest.mark.parametrize("theme", ["default", "dark"])
def test_its_plots_open_in_the_colours_of_the_page(sessions, theme):
    with pn.config.set(theme=theme):  # as ?theme=dark in the address does
        page = Explorer(TwoGroups())
    page._begin(paused=True)
    page.heartbeat.heard = True
    page.tick()
    assert page.page.dark_theme == page.plots.dark == (theme == "dark")
    page.close()


def test_it_opens_paused_at_the_model_s_pace(page, sessions):
    assert sessions[0].options == {
        "paused": True, "speed": 20.0, "seed": 1, "engine": "auto", "hand_over": True,
    }  # fmt: skip
    assert "building" in shown(page)


def test_plots_appear_with_the_network_and_take_frames(page, sessions):
    session = sessions[0]
    assert page.plots.views == {}
    built(page, session)
    assert {"raster", "traces", "weights", "rates"} <= set(page.plots.views)
    assert ("weights", ("exc_to_inh",)) in session.reported
    session.report(state="running")
    session.arrive(frame(5.0, units=[0, 3, 12]))
    page.tick()
    assert page.heartbeat.t_ms == [5.0]


def test_frames_wait_while_the_browser_draws(page, sessions, monkeypatch):
    monkeypatch.setattr(heartbeat, "time", SimpleNamespace(monotonic=lambda: 100.0))
    session = sessions[0]
    built(page, session)
    session.report(state="running")
    for k in range(AHEAD + 2):
        session.arrive(frame(1.0 + k))
        page.tick()
    assert page.heartbeat.beat == AHEAD  # so many drawings are on their way, the others wait
    page.heartbeat._handle_msg({"beat": AHEAD, "shown": 2})
    page.tick()
    assert page.heartbeat.t_ms == [AHEAD + 2.0]
    assert page.heartbeat.per_second() == 2


def test_a_live_slider_acts_at_once_and_the_latest_wins_until_the_next_drawing(page, sessions):
    session = sessions[0]
    built(page, session)
    page.tick()  # nothing is left to be done at the next drawing
    for value in (11.0, 12.0, 13.0):
        drag(page, "tau_m", value)
    acts = [("set", "tau_m", 11.0)]
    assert [t for t in session.reported if t[0] == "set"] == acts
    page.tick()
    acts += [("set", "tau_m", 13.0)]
    assert [t for t in session.reported if t[0] == "set"] == acts
    drag(page, "tau_m", 14.0)
    acts += [("set", "tau_m", 14.0)]
    assert [t for t in session.reported if t[0] == "set"] == acts
    assert len(sessions) == 1


def test_a_slider_that_was_moved_after_a_button_was_pressed_acts_after_it(page, sessions):
    session = sessions[0]
    built(page, session)
    page.tick()  # nothing is left to be done at the next drawing
    page.transport.buttons["step"].clicks += 1
    drag(page, "tau_m", 11.0)
    page.tick()
    acts = [reported for reported in session.reported if reported[0] in ("set", "step")]
    assert acts == [("step", 1), ("set", "tau_m", 11.0)]


def test_what_a_slider_does_is_drawn_as_soon_as_it_is_there(page, sessions, monkeypatch):
    session = sessions[0]
    built(page, session)
    page.tick()  # nothing is left to be done at the next drawing
    asked = []
    monkeypatch.setattr(page.clock, "soon", lambda: asked.append(1))
    (arrived,) = session.listeners
    arrived()
    assert not asked  # nobody waits for anything
    drag(page, "tau_m", 11.0)
    arrived()
    assert asked == [1]
    monkeypatch.setattr(changes, "LOOKED_FOR_S", 0.0)
    arrived()
    assert asked == [1]


def test_a_slider_that_was_moved_before_a_button_was_pressed_acts_before_it(page, sessions):
    session = sessions[0]
    built(page, session)
    page.tick()  # nothing is left to be done at the next drawing
    drag(page, "tau_m", 11.0)
    drag(page, "tau_m", 12.0)
    page.transport.buttons["step"].clicks += 1
    drag(page, "tau_m", 13.0)
    page.tick()
    acts = [reported for reported in session.reported if reported[0] in ("set", "step")]
    assert acts == [("set", "tau_m", value) for value in (11.0, 12.0)] + [
        ("step", 1), ("set", "tau_m", 13.0)
    ]  # fmt: skip


def test_a_value_that_needs_a_rebuild_starts_anew_and_keeps_the_others(page, sessions):
    built(page, sessions[0])
    drag(page, "tau_m", 20.0)
    drag(page, "n_exc", 20, final=False)
    page.tick()
    assert len(sessions) == 1  # not while it is dragged
    drag(page, "n_exc", 20, final=True)
    page.tick()
    assert len(sessions) == 2
    assert sessions[1].model.values() == {"tau_m": 20.0, "n_exc": 20, "dt_ms": 0.1}
    assert sessions[1].options["paused"]
    assert "new network: N = 20" in shown(page)
    wait_until(lambda: sessions[0].closed)


def test_a_running_simulation_runs_on_after_a_rebuild(page, sessions):
    built(page, sessions[0])
    page.on_button("run")
    drag(page, "n_exc", 20, final=True)
    page.tick()
    assert not sessions[1].options["paused"]


def test_what_is_not_allowed_is_reported_beside_its_slider(page, sessions):
    built(page, sessions[0])
    drag(page, "tau_m", -1.0, final=True)
    state = page.parameters.state["tau_m"]
    assert state["note"] == "TwoGroups.tau_m = -1 ms is not allowed: it must be at least 0.1 ms."
    assert state["value"] == 10.0
    drag(page, "tau_m", 11.0, final=True)
    assert page.parameters.state["tau_m"] == {"value": 11.0, "note": ""}


def test_put_all_back(page, sessions):
    built(page, sessions[0])
    drag(page, "tau_m", 20.0, final=True)
    page.parameters._handle_msg({"type": "defaults"})
    page.tick()
    assert page.values == {"tau_m": 10.0, "n_exc": 10, "dt_ms": 0.1}
    assert sessions[0].reported[-1] == ("set", "tau_m", 10.0)


def test_undo_returns_slider_and_model_and_redo_goes_again(page, sessions):
    session = sessions[0]
    built(page, session)
    drag(page, "tau_m", 12.0)
    drag(page, "tau_m", 15.0, final=True)
    page.tick()
    undo, redo = page.log.tools
    assert not undo.disabled
    assert undo.description == "Undo: τ_m 10 ms → 15 ms (Ctrl+Z)"
    assert redo.disabled
    page.heartbeat._handle_msg({"key": "undo"})
    page.tick()
    page.tick()
    assert session.reported[-1] == (
        "set",
        "tau_m",
        10.0,
    )  # by ``set``, so it is logged and replayed
    assert page.parameters.state["tau_m"]["value"] == page.values["tau_m"] == 10.0
    assert undo.disabled
    page.heartbeat._handle_msg({"key": "redo"})
    page.tick()
    page.tick()
    assert session.reported[-1] == ("set", "tau_m", 15.0)
    page.heartbeat._handle_msg({"key": "redo"})
    page.tick()
    assert page.values["tau_m"] == 15.0
    assert len(sessions) == 1


def test_undo_of_a_rebuild_rebuilds(page, sessions):
    built(page, sessions[0])
    drag(page, "n_exc", 20, final=True)
    page.tick()
    page.heartbeat._handle_msg({"key": "undo"})
    page.tick()
    page.tick()
    assert len(sessions) == 3
    assert sessions[-1].model.values() == {"tau_m": 10.0, "n_exc": 10, "dt_ms": 0.1}


def test_put_all_back_can_be_undone(page, sessions):
    built(page, sessions[0])
    drag(page, "tau_m", 20.0, final=True)
    page.parameters._handle_msg({"type": "defaults"})
    page.heartbeat._handle_msg({"key": "undo"})
    page.tick()
    assert page.values["tau_m"] == 20.0


def test_reset_begins_at_zero_with_the_present_values(page, sessions):
    built(page, sessions[0])
    drag(page, "tau_m", 20.0)
    page.on_button("reset")
    assert sessions[1].model.values()["tau_m"] == 20.0
    assert sessions[1].options["paused"]


def test_run_after_the_end_begins_again(page, sessions):
    built(page, sessions[0])
    sessions[0].report(state="stopped")
    page.on_button("run")
    assert len(sessions) == 2
    assert not sessions[1].options["paused"]


def test_failure_is_one_sentence_and_the_traceback_a_click_away(page, sessions):
    session = sessions[0]
    built(page, session)
    session.arrive(frame(7.0, units=[1]))
    page.tick()
    session.report(
        state="failed", message="Two groups stopped. v is not finite.", details="Trace<b>"
    )
    assert "failed" in shown(page)
    assert page.error_banner.view.visible
    assert "v is not finite." in page.error_banner.text.object
    assert "<details>" in page.error_banner.text.object
    assert "Trace&lt;b&gt;" in page.error_banner.text.object
    assert page.heartbeat.t_ms == [7.0]  # what was drawn stays
    page.on_button("reset")
    page.tick()
    assert not page.error_banner.view.visible


def test_interventions_are_listed_latest_first(page, sessions):
    session = sessions[0]
    built(page, session)
    session.interventions += [
        Intervention(3, 3.0, "set", "tau_m", "τ_m 10 ms → 12 ms"),
        Intervention(2100, 2100.0, "operation", "Inject", "inject <1>"),
    ]
    page.tick()
    text = page.log.view.object
    assert text.index("2.10 s") < text.index("3 ms")
    assert "inject &lt;1&gt;" in text


def test_two_pages_share_nothing(sessions):
    one, other = Explorer(TwoGroups()), Explorer(TwoGroups())
    for page in (one, other):
        page._begin(paused=True)
        page.heartbeat.heard = True
    drag(one, "tau_m", 33.0, final=True)
    one.tick()
    assert other.values["tau_m"] == 10.0
    assert other.parameters.state == {}
    assert one.session is not other.session
    assert TwoGroups().tau_m == 10.0


def test_closing_ends_the_session(page, sessions):
    page.close()
    wait_until(lambda: sessions[0].closed)
    page.tick()  # a late call does nothing


def test_the_strip_is_quiet_while_nothing_changes(page, sessions):
    built(page, sessions[0])
    before = shown(page)
    pane = page.strip.view
    changes = []
    pane.param.watch(changes.append, "object")
    for _ in range(5):
        page.strip._shown_at = 0.0
        page.strip.show(Status(**vars(sessions[0].status())), 0)
    assert changes == []
    assert pane.object == before


def wait_until(condition, timeout_s: float = 60.0) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < timeout_s
        time.sleep(0.01)


def test_a_page_that_waited_longer_than_it_may_rest_runs_when_it_is_its_turn(
    monkeypatch, page, sessions
):
    now = [0.0]
    monkeypatch.setattr(turns.everybody, "limit", 1)
    monkeypatch.setattr(Idle, "after_s", 60.0)
    page.resting._now = lambda: now[0]
    built(page, sessions[-1])
    before = Turn()
    assert before.ask()
    page.later(page.go)
    page.tick()
    assert page.turn.waiting
    now[0] = 59.0
    before.leave()
    page.tick()
    now[0] = 70.0
    page.tick()
    assert sessions[-1].status().state == "running"
    now[0] = 120.0  # and nobody touches it now either
    page.tick()
    assert sessions[-1].status().state == "paused"


def test_a_page_whose_drawing_takes_long_leaves_time_to_others(page, sessions):
    session = sessions[-1]
    built(page, session)
    page._budget = Budget(share=0.0, most_s=1e-9)  # what it may spend without waiting
    session.report(state="running")
    session.arrive(frame(1.0, units=[0]))
    page.tick()
    assert page.drawn == 1  # somebody begins, however long it will take
    session.arrive(frame(2.0, units=[1]), frame(3.0, units=[2]))
    for _ in range(3):
        page.tick()
    assert page.drawn == 1
    page._budget = Budget(share=1.0, most_s=1.0)
    page.tick()
    assert page.drawn == 2 and session.frames() == []  # nothing was lost meanwhile
