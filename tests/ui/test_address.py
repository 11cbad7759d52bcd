"""The address is the state of the page: read when it opens, followed, and its run only offered."""

from __future__ import annotations

import math
import time

import pytest

from panels.model_page import Explorer
from panels.parts import address as part
from panels.parts.address import Address, Asked
from tests.ui.fakes import INFO, FakeSession, TwoGroups, frame
from tests.ui.test_journey import CLOCK, press, state, until
from workbench.interventions import Intervention
from workbench.links import Link
from workbench.links.text import link_from

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")

CHANGED = Intervention.of_change(TwoGroups, 3, 3.0, "tau_m", 10.0, 7.0)


@pytest.fixture
def at_once(monkeypatch):
    """The address is looked at with every drawing."""
    monkeypatch.setattr(part, "EVERY_S", 0.0)
    monkeypatch.setattr(part, "RUNNING_S", 0.0)


@pytest.fixture
def opened(monkeypatch, at_once):
    """Opens the page of an address, drawn once with its network; with all its sessions."""
    pages: list[Explorer] = []

    def start(self, **options):
        plan = options.pop("plan", None)
        given = {"seed": 1, "engine": "auto", "speed": None} | options
        session = FakeSession(type(self)(**self.values()), **given)
        session.plan = plan or session.plan
        session.info = INFO
        session.report(state="ready")
        pages[-1].made.append(session)
        return session

    monkeypatch.setattr(TwoGroups, "start", start, raising=False)

    def open_one(query: dict[str, str]) -> Explorer:
        link = link_from(TwoGroups, list(query.items()))
        page = Explorer(link.model_now(), begun=Asked(link))
        pages.append(page)
        page.made = []
        page._begin(paused=True)
        page.heartbeat.heard = True
        page.tick()
        page.tick()
        return page

    yield open_one
    for page in pages:
        page.close()


def test_a_page_opens_as_its_address_says(opened):
    page = opened({
        "tau_m": "7", "seed": "4", "speed": "max", "tab": "About", "notation": "classic",
        "show.traces": "exc.v",
    })  # fmt: skip
    (session,) = page.made
    assert session.model.tau_m == 7 and session.options["seed"] == 4
    assert session.options["speed"] is None and page.transport.chosen_speed is None
    assert page.tab_names[page.tabs.active] == "About"
    assert page.plots.circuit.notation.value == page.plots.circuit.chosen.notation == "classic"
    assert not page.address.view.visible
    assert page.heartbeat.query == ""  # it is that of the page already


def test_what_a_page_does_not_have_is_said(opened):
    page = opened({"tab": "Nowhere"})
    assert "Unknown tab of two-groups: &#x27;Nowhere&#x27;" in page.address._text.object
    page = opened({"show.traces": "inh.v"})
    assert "Unknown name of traces of two-groups" in page.address._text.object
    assert page.address.view.visible


def test_the_address_follows_what_is_done(opened):
    page = opened({})
    page.parameters._handle_msg({"type": "set", "name": "tau_m", "value": 12.5, "final": True})
    page.tick()
    assert page.heartbeat.query == "?tau_m=12.5&link=1"
    page.transport.speed.value = 50.0
    page.tabs.active = len(page.tab_names) - 1
    page.made[-1].report(state="running")
    page.made[-1].arrive(frame(5.0))
    page.tick()
    tab = page.tab_names[-1]
    assert page.heartbeat.query == (f"?tau_m=12.5&speed=50&tab={tab}&t=5&ran=numpy&link=1")


def test_a_slider_that_stopped_on_its_way_while_the_run_stood_was_moved_once(opened):
    log = (
        Intervention.of_change(TwoGroups, 3, 3.0, "tau_m", 10.0, 8.0),
        Intervention.of_change(TwoGroups, 3, 3.0, "tau_m", 8.0, 7.0),
        Intervention.of_change(TwoGroups, 5, 5.0, "tau_m", 7.0, 6.0),
    )
    asked = Link(TwoGroups, {**TwoGroups().values(), "tau_m": 6.0}, t_ms=9.0, began_with="numpy",
                 log=log)  # fmt: skip
    page = opened(dict(pairs(asked)))
    assert "a run of 9 ms with seed 1 (2 interventions)" in page.address._text.object


def test_a_run_is_offered_and_repeated_only_when_asked_for(opened):
    asked = Link(TwoGroups, {**TwoGroups().values(), "tau_m": 7.0}, t_ms=9.0, began_with="numpy",
                 log=(CHANGED,))  # fmt: skip
    page = opened(dict(pairs(asked)))
    assert "a run of 9 ms with seed 1 (one intervention)" in page.address._text.object
    assert page.address.view.visible and len(page.made) == 1 and page.heartbeat.query == ""
    page.address._accept()
    page.tick()
    first, second = page.made
    assert first.closed or second is page.session
    assert second.model.tau_m == 10.0 and second.plan.changes == [(3, "tau_m", 7.0)]
    assert second.plan.engine == "numpy" and ("step", 9) in second.reported
    second.arrive(frame(9.0))
    second.report(state="paused")
    page.tick()
    assert ("speed", TwoGroups.pace) in second.reported  # as fast as possible until then
    assert page.values["tau_m"] == 7.0 and not page.address.view.visible
    assert dict(pairs(page.link_now())) == dict(pairs(asked))


def pairs(link: Link) -> list[tuple[str, str]]:
    from urllib.parse import parse_qsl

    from workbench.links.text import query_of

    return parse_qsl(query_of(link))


def test_an_address_that_is_refused_stays_until_something_changes(at_once):
    told, now = [], [Link(TwoGroups, TwoGroups().values())]
    bar = Address(Asked(refused="<b> is not known."), lambda: now[0], told.append, print)
    assert bar.view.visible and "&lt;b&gt; is not known." in bar._text.object
    bar.follow(False, 0.0)
    assert told == []
    now[0] = Link(TwoGroups, {**TwoGroups().values(), "tau_m": 3.0}, speed=math.inf)
    bar.follow(False, 0.0)
    assert told == ["?tau_m=3&speed=max&link=1"]


def test_too_much_for_an_address_leaves_the_run_out(at_once):
    log = tuple(
        Intervention.of_change(
            TwoGroups, k, float(k), "tau_m", 2 + math.sin(k), 2 + math.sin(k + 1)
        )
        for k in range(900)
    )
    link = Link(TwoGroups, TwoGroups().values(), seed=3, t_ms=1000.0, began_with="numpy", log=log)
    bar = Address(Asked(names_model=True), lambda: link, print, print)
    assert bar.query() == "?model=two-groups&seed=3&link=1"
    assert "too much for an address" in bar.texts()["python"]


@pytest.mark.slow
@pytest.mark.browser
def test_a_link_opens_the_same_page(server, open_page):
    page = open_page(f"{server.url}/ssn-pair?h=7&seed=4")
    state(page, "ready")

    def now():  # `page.url` hears of it only when Playwright is asked for something
        return page.evaluate("location.href")

    press(page, "run")
    state(page, "running")
    until(lambda: page.evaluate(CLOCK)[0] > 300)
    page.get_by_role("slider", name="h").first.fill("9")
    press(page, "pause")
    state(page, "paused")
    until(lambda: "done=" in now())
    time.sleep(2 * part.EVERY_S)  # the last change of the address
    address, t_ms = now(), page.evaluate(CLOCK)[0]
    assert "h=9&seed=4&t=" in address and f"t={t_ms:.15g}&" in address
    press(page, "export")
    page.locator(".wb-copy-link textarea").first.wait_for()
    assert page.locator(".wb-copy-link textarea").first.input_value() == address
    assert f"until t = {t_ms:.15g} ms" in page.locator(".wb-copy-python textarea").input_value()
    page.reload()
    state(page, "ready")
    page.get_by_text("This link holds a run of").first.wait_for()
    assert page.evaluate(CLOCK)[0] == 0 and now() == address
    press(page, "replay-link")
    until(lambda: page.evaluate(CLOCK)[0] == t_ms)
    state(page, "paused")
    until(lambda: now() == address)
