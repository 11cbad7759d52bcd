"""A page that nobody touches pauses, gives its worker back, and goes on at a click."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from panels.parts import resting
from panels.parts.resting import Idle, Ready, Resting


class Session:
    """Stands for a `workbench.Session`."""

    def __init__(self, state="running", fails=False):
        self.state, self.fails = state, fails
        self.parked = self.closed = False
        self.speed, self.may_go_on = 20.0, threading.Event()

    def status(self):
        return SimpleNamespace(state=self.state)

    def pause(self):
        self.state = "paused"

    def park(self, timeout):
        self.parked = True

    def branch(self, paused, speed, progress):
        progress(0.4)
        self.may_go_on.wait(30)
        if self.fails:
            raise RuntimeError("no room")
        return Session("paused")

    def close(self):
        self.closed = True


@pytest.fixture
def page(monkeypatch):
    monkeypatch.setattr(Idle, "after_s", 60.0)
    here = SimpleNamespace(session=Session(), now=0.0)
    here.resting = Resting(
        lambda: here.session, lambda new: setattr(here, "session", new), lambda: here.now
    )
    return here


def rested(page):
    page.now += 61
    page.resting.poll()
    page.resting.poll()
    return page.session


def settle(page):
    while page.resting.waking:
        page.resting.poll()


def test_what_nobody_touches_pauses_and_then_gives_its_worker_back(page):
    page.now = 59
    page.resting.poll()
    assert page.session.state == "running"
    page.resting.touch()
    page.now = 118
    page.resting.poll()
    assert page.session.state == "running"
    page.now = 120
    page.resting.poll()
    assert page.session.state == "paused"
    assert page.resting.said == "paused: nobody touched this page for 1 min"
    assert not page.session.parked
    page.resting.poll()
    assert page.session.parked


def test_it_goes_on_with_what_was_asked_for_when_it_stands_where_it_stood(page):
    old, done = rested(page), []
    page.resting.touch()
    page.resting.wake(lambda: done.append("run"))
    page.resting.wake(lambda: done.append("a pulse"))
    while "40 %" not in page.resting.said:
        pass
    assert page.resting.said == "simulating again up to here, 40 %"
    page.resting.poll()
    assert done == []
    old.may_go_on.set()
    settle(page)
    assert done == ["run", "a pulse"]
    assert page.session is not old
    assert page.resting.said == ""


def test_a_reset_meanwhile_is_left_alone(page):
    old, done = rested(page), []
    page.resting.wake(lambda: done.append("run"))
    page.session = other = Session("ready")
    old.may_go_on.set()
    settle(page)
    assert page.session is other
    assert done == []


def test_what_cannot_go_on_says_why(page):
    old = rested(page)
    old.fails = True
    old.may_go_on.set()
    page.resting.wake(lambda: None)
    settle(page)
    assert "no room" in page.resting.said
    assert "Reset" in page.resting.said


def test_without_a_limit_nothing_rests(page, monkeypatch):
    monkeypatch.undo()
    page.now = 1e9
    page.resting.poll()
    assert page.session.state == "running"


class Deferred(Session):
    """Stands for a `DeferredSession`."""

    def __init__(self):
        super().__init__("ready")
        self.has_worker = False

    def warm(self):
        self.has_worker = True

    def give_back(self):
        self.has_worker = False


@pytest.fixture
def opened(monkeypatch):
    """Opens pages, each with a session that begins."""
    monkeypatch.setattr(resting, "DeferredSession", Deferred)
    monkeypatch.setattr(resting, "Session", Deferred)
    monkeypatch.setattr(resting, "_pages", set())
    monkeypatch.setattr(Ready, "most", 2)

    def open_one():
        here = SimpleNamespace(session=Deferred(), now=0.0)
        here.resting = Resting(lambda: here.session, lambda _new: None, lambda: here.now)
        here.resting.begin()
        return here

    return open_one


def test_only_the_first_pages_have_a_worker_before_run(opened):
    pages = [opened() for _ in range(4)]
    assert [page.session.has_worker for page in pages] == [True, True, False, False]
    assert resting.workers() == 2
    pages[0].session = None  # a page that is between two sessions
    assert resting.workers() == 1
    assert opened().session.has_worker


def test_a_page_at_t_0_gives_its_worker_back_where_there_are_many(opened):
    pages = [opened() for _ in range(4)]
    pages[3].session.warm()  # somebody pressed Run
    for page in pages[:3]:
        page.resting.poll()
        assert page.session.has_worker == (page is not pages[2])
        page.now = 2.0
        page.resting.poll()
    assert [page.session.has_worker for page in pages] == [False, True, False, True]
