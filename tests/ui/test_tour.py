"""The first minute: a page shows what its model does, and any touch takes over."""

from __future__ import annotations

import pytest

from panels.model_page import Explorer
from panels.parts.tour import OVER
from tests.ui.fakes import TwoGroups, frame
from tests.ui.test_address import at_once, opened  # noqa: F401
from tests.ui.test_journey import press, state
from workbench.model import registry
from workbench.model.tour import Step, Tour

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")

TOUR = Tour(
    (
        Step(0.0, "It begins.", card="Raster"),
        Step(10.0, "It gets <slower>.", {"tau_m": 20.0}, card="Traces"),
    ),
    until_ms=30.0,
    speed=15.0,
)


@pytest.fixture
def page(opened, monkeypatch):  # noqa: F811
    monkeypatch.setattr(TwoGroups, "tour", TOUR)
    found = opened({"tau_m": "7", "seed": "4"})
    found.shown.begin()
    found.session.report(state="running")
    found.tick()
    return found


def reach(page, t_ms: float) -> None:
    page.session.arrive(frame(t_ms))
    page.tick()
    page.tick()


def marked(page) -> list[str]:
    cards = (*page.plots.cards.values(), *page.own)
    framed = [c.title for c in cards if "wb-marked" in c.view.css_classes]
    assert framed == [c.title for c in cards if c.heading.marked]  # brought into view
    return framed


def test_a_model_without_a_tour_offers_none(opened):  # noqa: F811
    assert not opened({}).shown.button.visible


def test_it_shows_step_after_step_and_pauses(page):
    assert page.shown.button.visible
    assert page.session.options["speed"] == 15.0
    assert page.session.model.tau_m == 10.0 and page.values["tau_m"] == 10.0
    assert "It begins." in page.shown._text.object and page.shown.view.visible
    assert marked(page) == ["Raster"]
    reach(page, 10.0)
    assert ("set", "tau_m", 20.0) in page.session.reported and page.values["tau_m"] == 20.0
    assert "It gets &lt;slower&gt;." in page.shown._text.object
    assert marked(page) == ["Traces"] and page.shown.going_on
    reach(page, 30.0)
    assert page.session.status().state == "paused"
    assert OVER in page.shown._text.object and marked(page) == []
    assert not page.shown.going_on


@pytest.mark.parametrize(
    "touch",
    [lambda p: p.parameters._handle_msg(
        {"type": "set", "name": "tau_m", "value": 12.5, "final": True}),
     lambda p: p.on_button("pause"), lambda p: p.on_button("reset"),
     lambda p: p.set_values({"tau_m": 3.0}, "a preset"), lambda p: p.commands.key("undo")],
    ids=["slider", "pause", "reset", "preset", "undo"],
)  # fmt: skip
def test_any_touch_takes_over(page, touch):
    touch(page)
    page.tick()
    session = page.session
    reach(page, 12.0)
    assert ("set", "tau_m", 20.0) not in session.reported
    assert not page.shown.view.visible and marked(page) == []


def test_undo_leads_back_to_the_values_before(page):
    page.commands.key("undo")
    assert page.values["tau_m"] == 7.0


@pytest.mark.slow
@pytest.mark.parametrize("slug", [s for s, m in registry.models().items() if m.tour is not None])
def test_the_cards_that_a_tour_speaks_of_are_there(slug):
    page = Explorer(registry.load(slug))
    titles = {card.title for card in (*page.plots.cards.values(), *page.own)}
    assert {step.card for step in page.model_class.tour.steps} - {""} <= titles


@pytest.mark.slow
@pytest.mark.browser
def test_a_memory_is_shown_in_a_browser(server, open_page):
    page = open_page(f"{server.url}/hippocampal-cam")
    state(page, "ready")
    page.get_by_role("button", name="Show me").click()
    page.get_by_text("A memory that knows nothing yet.").wait_for()
    page.get_by_text("Now the cue alone").wait_for()
    press(page, "pause")
    state(page, "paused")
    page.get_by_text("Now the cue alone").wait_for(state="hidden")
