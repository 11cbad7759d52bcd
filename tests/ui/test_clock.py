"""The drawing clock: its own beat, and a drawing in between for which somebody waits."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from bokeh.document import Document
from panel.io.state import set_curdoc

from panels.bokeh_internals import clock as module
from panels.bokeh_internals.clock import Clock


class Session:
    """What a clock needs of Bokeh's session of a page."""

    async def with_document_locked(self, task, *args):
        return await task(*args)


class Time:
    """The time that a clock reads, which passes only where a test says so."""

    now = 1000.0

    def monotonic(self):
        return self.now


async def turns():
    """Let the event loop do what it was asked to."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def time(monkeypatch):
    monkeypatch.setattr(module, "time", time := Time())
    return time


@pytest.fixture
def begun(monkeypatch, time):
    """A clock that never beats by itself within a test, and what it has drawn; to be awaited."""
    monkeypatch.setattr(module, "FPS", SimpleNamespace(read=lambda: 1e-6))
    begins = []

    async def begin(drawn):
        document = Document()
        context = SimpleNamespace(session=Session())
        monkeypatch.setattr(Document, "session_context", property(lambda _self: context))
        monkeypatch.setattr(Document, "add_next_tick_callback", lambda _self, f: begins.append(f))
        clock = Clock(lambda: drawn.append(1), lambda: True, pytest.fail)
        with set_curdoc(document):
            clock.start()
        await begins.pop()()
        return clock

    return begin


def test_a_drawing_comes_at_once_where_somebody_waits_for_it(begun, time):
    async def watch():
        drawn = []
        clock = await begun(drawn)
        for _ in range(5):  # as often as it is asked before it is drawn
            clock.soon()
        await turns()
        assert len(drawn) == 1
        time.now += 0.9 * module.LEAST_S  # one was drawn just now
        clock.soon()
        await turns()
        assert len(drawn) == 1
        time.now += 0.2 * module.LEAST_S
        clock.soon()
        await turns()
        assert len(drawn) == 2
        time.now += 2 * module.LEAST_S
        clock.soon()
        clock.stop()
        await turns()
        assert len(drawn) == 2

    asyncio.run(watch())


def test_what_is_asked_before_a_clock_begins_is_not_in_the_way_later(begun, monkeypatch):
    start = Clock.start

    def asked_before(self):
        self.soon()
        start(self)

    monkeypatch.setattr(Clock, "start", asked_before)

    async def watch():
        drawn = []
        clock = await begun(drawn)
        assert drawn == []
        clock.soon()
        await turns()
        assert drawn == [1]

    asyncio.run(watch())
