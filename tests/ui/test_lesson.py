"""A lesson on a page: its steps, what it locks and hides, what is predicted, what is reached."""

from __future__ import annotations

import pytest

from panels.model_page import Explorer
from tests.ui.fakes import TwoGroups, frame
from tests.ui.test_address import at_once, opened  # noqa: F401
from tests.ui.test_journey import state, until
from workbench.lessons import lesson_files, lesson_of, load_lesson
from workbench.model import registry

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")

RATE = {"measure": "mean_rate", "of": "exc", "over_ms": 50}
LESSON = lesson_of(
    "one",
    {
        "title": "<b>One</b>",
        "speed": 40,
        "steps": [
            {
                "text": "First.\n\nThen <i>this</i>.",
                "values": {"tau_m": 20},
                "cards": ["Raster"],
                "hidden": ["*"],
                "locked": ["tau_m"],
                "predict": {
                    "ask": "What?", "answers": ["a", "b"], "right": 2, "values": {"tau_m": 5},
                    "explain": "So it is.", "low": 1, **RATE,
                },
            },
            {
                "text": "Second.",
                "predict": {"ask": "How many?", "value": 3, "tolerance": 0.5, "unit": "Hz"},
            },
            {
                "text": "Third.",
                "locked": ["n_exc"],
                "target": {"ask": "Go.", "low": 15, "high": 25, "solution": {"tau_m": 2}, **RATE},
            },
        ],
    },
    TwoGroups,
)  # fmt: skip


@pytest.fixture
def page(opened, monkeypatch):  # noqa: F811
    monkeypatch.setattr("panels.parts.lesson.load_lesson", lambda cls, name: LESSON)
    monkeypatch.setattr("panels.parts.lesson.LOOK_EVERY_S", -1.0)
    found = opened({"lesson": "one"})
    tell(found, kept=None)
    return found


def tell(page, **message) -> None:
    """A message from the browser, and what follows from it."""
    page.lesson.view[0]._handle_msg(message)
    for _ in range(3):
        page.tick()
        if page.session.info is None:
            page.session.info = page.made[0].info


def shown(page) -> dict:
    return page.lesson.view[0].shown


def run_to(page, first_ms: int, last_ms: int, each_ms: int = 10) -> None:
    """Frames with one spike of each excitatory neuron every so often."""
    page.session.report(state="running")
    for t_ms in range(first_ms + each_ms, last_ms + 1, each_ms):
        page.session.arrive(frame(float(t_ms), units=list(range(10))))
        page.tick()
        page.heartbeat._handle_msg({"beat": page.heartbeat.beat, "shown": 1})
    page.tick()


def test_a_page_without_a_lesson_has_none(opened):  # noqa: F811
    page = opened({})
    assert page.lesson.view == [] and page.lesson.buttons == []
    assert page.parameters.fences == {} and page.changes.held == frozenset()


def test_a_lesson_that_there_is_not_is_said(opened):  # noqa: F811
    page = opened({"lesson": "nowhere"})
    assert page.lesson.view == []
    assert "The lesson was not opened. Unknown lesson" in page.address._text.object


def test_a_step_sets_locks_hides_and_shows(page):
    assert page.values["tau_m"] == 20 and page.session.model.tau_m == 20
    assert page.parameters.fences == {"tau_m": "locked", "n_exc": "hidden", "dt_ms": "hidden"}
    left_out = {c.title for c in page.plots.ordered if "wb-hidden" in c.view.css_classes}
    assert left_out == {c.title for c in page.plots.ordered} - {"Raster"}
    assert shown(page)["lesson"] == "<b>One</b>"
    assert shown(page)["paragraphs"] == ["First.", "Then <i>this</i>."]
    assert page.transport.chosen_speed == 40
    assert page.session.status().state == "ready"  # until somebody presses Run


def test_what_is_locked_cannot_be_moved(page):
    page.parameters._handle_msg({"type": "set", "name": "tau_m", "value": 7, "final": True})
    page.set_values({"tau_m": 7, "n_exc": 30}, "a preset")
    page.tick()
    assert page.values["tau_m"] == 20 and page.values["n_exc"] == 10
    page.changes.put_back()
    assert page.values["tau_m"] == 20


def test_an_answer_is_given_before_it_is_revealed(page):
    tell(page, reveal=True)
    assert not shown(page)["predict"]["revealed"]
    assert "truth" not in shown(page)["predict"] and "explain" not in shown(page)["predict"]
    tell(page, answer=1)
    tell(page, reveal=True)
    asked = shown(page)["predict"]
    assert asked["revealed"] and not asked["right"] and asked["truth"] == 2
    assert asked["verdict"] == "Not so. The right answer: b" and asked["explain"] == ["So it is."]
    assert page.values["tau_m"] == 5 and ("set", "tau_m", 5.0) in page.session.reported
    assert page.session.status().state == "running"
    tell(page, answer=2)
    assert shown(page)["predict"]["given"] == 1
    assert shown(page)["score"] == "Predictions right: 0 of 2. Targets reached: 0 of 1."


def test_what_follows_is_measured(page):
    tell(page, answer=2)
    tell(page, reveal=True)
    run_to(page, 0, 40)
    assert page.lesson.view[0].live["predict"] == "Mean rate of exc: measuring …"
    run_to(page, 40, 60)
    assert page.lesson.view[0].live["predict"] == "Mean rate of exc: 100 Hz"
    run_to(page, 60, 200, each_ms=20)  # once it was measured, it stays
    assert page.lesson.view[0].live["predict"] == "Mean rate of exc: 100 Hz"


def test_a_number_is_asked_for_with_its_unit(page):
    tell(page, step=1)
    assert page.values["tau_m"] == 10 and page.parameters.fences == {}
    tell(page, answer="3 mV")
    assert "has the wrong unit: it is measured in Hz" in shown(page)["predict"]["note"]
    assert shown(page)["predict"]["typed"] == "3 mV"
    tell(page, answer="3.4")
    assert shown(page)["predict"]["note"] == ""
    tell(page, reveal=True)
    assert shown(page)["predict"]["verdict"] == "Right."
    assert shown(page)["marks"] == ["", "right", ""]


def test_a_target_is_reached_by_what_is_measured(page):
    tell(page, step=1)
    tell(page, step=1)
    run_to(page, 0, 100)
    live = page.lesson.view[0].live
    assert live["target"] == "Mean rate of exc: 100 Hz" and live["value"] == pytest.approx(100)
    assert not shown(page)["target"]["reached"]
    run_to(page, 100, 300, each_ms=50)
    assert shown(page)["target"]["reached"] and shown(page)["target"]["range"] == "from 15 to 25 Hz"
    assert shown(page)["last"]
    tell(page, step=1)
    assert shown(page)["over"] and shown(page)["heading"] == "That was it: 1 of 3"
    assert shown(page)["lines"] == [
        "Step 1: not predicted", "Step 2: not predicted", "Step 3: target reached",
    ]  # fmt: skip
    tell(page, again=True)
    assert shown(page)["at"] == 0 and page.lesson.progress.reached == set()


def test_it_goes_on_where_it_was(page, opened):  # noqa: F811
    tell(page, answer=1)
    tell(page, reveal=True)
    kept = page.lesson.view[0].kept
    later = opened({"lesson": "one", "speed": "40"})
    tell(later, kept=kept)
    assert shown(later)["predict"]["revealed"] and later.values["tau_m"] == 5
    moved = opened({"lesson": "one", "tau_m": "3"})  # the address has what was moved since
    tell(moved, kept=kept)
    assert shown(moved)["predict"]["revealed"] and moved.values["tau_m"] == 3


def test_its_address_holds_no_run(page):
    run_to(page, 0, 50)
    assert page.address.query() == "?tau_m=20&speed=40&lesson=one&link=1"


@pytest.mark.slow
@pytest.mark.parametrize("slug", [s for s, m in registry.models().items() if lesson_files(m)])
def test_the_cards_that_a_lesson_shows_are_there(slug):
    page = Explorer(registry.load(slug))
    titles = {card.title for card in page.plots.ordered}
    for name in lesson_files(page.model_class):
        lesson = load_lesson(page.model_class, name)
        assert {title for step in lesson.steps for title in step.cards} <= titles


@pytest.mark.slow
@pytest.mark.browser
def test_a_lesson_is_gone_through_in_a_browser(server, open_page):
    page = open_page(f"{server.url}/ssn-pair")
    state(page, "ready")
    page.get_by_role("button", name="Lesson: Supralinear gain").click()
    page.get_by_role("heading", name="Two units").wait_for()
    assert page.get_by_role("slider", name="k", exact=True).is_disabled()
    assert not page.get_by_role("slider", name="W_EE").is_visible()
    page.get_by_role("button", name="Next").press("Enter")
    page.get_by_role("heading", name="Twice the weak input").wait_for()
    see = page.get_by_role("button", name="See what happens")
    assert see.is_disabled()
    page.get_by_label("Almost seven times as large").press("Space")
    until(see.is_enabled)
    see.press("Enter")
    page.get_by_text("Right.", exact=True).wait_for()
    page.get_by_text("Mean of r, excitatory: 3.3").wait_for()
    page.reload()
    page.get_by_text("Right.", exact=True).wait_for()  # where it was
    for _ in range(3):
        page.get_by_role("button", name="Next").click()
    page.get_by_role("heading", name="Your turn").wait_for()
    page.get_by_role("slider", name="h", exact=True).fill("3")
    page.get_by_text("Reached: from 5.6 to 6.4 Hz.", exact=True).wait_for()
    page.get_by_role("button", name="Finish").click()
    page.get_by_role("heading", name="That was it: 2 of 4").wait_for()
    page.get_by_role("button", name="Leave the lesson").click()
    page.get_by_role("button", name="Lesson: Supralinear gain").wait_for()
    state(page, "ready")


@pytest.mark.slow
@pytest.mark.browser
def test_what_is_asked_waits_for_what_is_taught(server, open_page):
    page = open_page(f"{server.url}/hippocampal-cam?lesson=recall")
    state(page, "ready")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("heading", name="By a part of the content").wait_for()
    page.get_by_label("Both cues, 3 and 4").check()
    page.get_by_role("button", name="See what happens").click()  # at once: nothing is taught yet
    page.get_by_text("Neurons that answered the last question: 2").wait_for()
