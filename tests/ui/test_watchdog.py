"""A page that cannot work says so: in its log, in the page, once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import weakref
from types import SimpleNamespace

import pytest
from bokeh.document import Document
from bokeh.models import Range1d
from panel.io.state import set_curdoc

from panels.bokeh_internals import batching as sending
from panels.bokeh_internals import patches, versions
from panels.bokeh_internals.heartbeat import Heartbeat
from panels.model_page import Explorer
from panels.parts import watchdog

from .conftest import free_port, wait_for
from .fakes import INFO, TwoGroups, frame
from .test_explorer import built, page, sessions  # noqa: F401

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")


def messages(caplog):
    return [r.getMessage() for r in caplog.records if r.name == "workbench"]


def test_a_drawing_that_fails_is_logged_and_shown_once(page, sessions, caplog, monkeypatch):  # noqa: F811
    built(page, sessions[-1])

    def breaks(frames, t_ms):
        raise ZeroDivisionError("no <width>")

    monkeypatch.setattr(page.plots, "update", breaks)
    assert not page.watchdog.view.visible
    for t_ms in (1.0, 2.0, 3.0):
        sessions[-1].arrive(frame(t_ms, [1]))
        page.clock._beat()
    assert messages(caplog) == ["A drawing failed."]
    assert page.watchdog.view.visible
    assert "ZeroDivisionError: no &lt;width&gt;" in page.watchdog.view.object
    assert "Traceback" in page.watchdog.view.object


def test_what_a_page_lacks_is_named_in_the_order_in_which_it_comes(sessions):  # noqa: F811
    explorer = Explorer(TwoGroups())
    explorer._begin(paused=True)
    assert watchdog.lacks(explorer) == "its drawing clock does not run"
    explorer.clock._beat()
    assert watchdog.lacks(explorer) == "the browser has not said that it shows the page"
    explorer.heartbeat.heard = True
    assert watchdog.lacks(explorer) == ""  # the network is being built
    sessions[-1].info = INFO
    assert watchdog.lacks(explorer) == "its plots were not made"
    explorer.clock._beat()
    assert watchdog.lacks(explorer) == ""
    sessions[-1].report(state="running", t_ms=5.0)
    assert watchdog.lacks(explorer) == "the simulation runs, but nothing of it is drawn"
    sessions[-1].arrive(frame(5.0, [1]))
    explorer.clock._beat()
    assert watchdog.lacks(explorer) == ""
    explorer.close()


def test_it_warns_once_and_only_after_a_while(sessions, caplog):  # noqa: F811
    explorer = Explorer(TwoGroups())
    explorer._begin(paused=True)
    for now in (100.0, 101.0, 100.0 + watchdog.READY_S):
        explorer.watchdog.look(now)
    assert messages(caplog) == []
    for now in (101.0 + watchdog.READY_S, 102.0 + watchdog.READY_S):
        explorer.watchdog.look(now)
    (message,) = messages(caplog)
    assert message.startswith(
        "The page of two-groups does not work: its drawing clock does not run"
    )
    assert f"Bokeh {versions.running()['bokeh']}" in message and "tried were" in message
    explorer.heartbeat.heard = True
    explorer.clock._beat()  # it runs after all: nothing to complain of any more
    assert not explorer.watchdog.view.visible
    explorer.close()


def test_plots_that_get_nothing_are_complained_of_until_they_do(sessions, monkeypatch):  # noqa: F811
    explorer = Explorer(TwoGroups())
    explorer._begin(paused=True)
    explorer.heartbeat.heard = True
    explorer.clock._beat()
    built(explorer, sessions[-1])
    sessions[-1].report(state="running", t_ms=5.0)
    for now in (100.0, 101.0 + watchdog.READY_S):
        explorer.watchdog.look(now)
        explorer.clock._beat()
    assert explorer.watchdog.view.visible
    assert "nothing of it is drawn" in explorer.watchdog.view.object
    sessions[-1].arrive(frame(5.0, [1]))
    explorer.clock._beat()
    explorer.watchdog.look(102.0 + watchdog.READY_S)
    explorer.clock._beat()
    assert not explorer.watchdog.view.visible
    explorer.close()


def test_versions_beyond_those_that_were_tried_are_known(monkeypatch):
    assert versions.untried() == ()
    monkeypatch.setattr(versions, "running", lambda: {**dict.fromkeys(versions.NAMES, "99.1")})
    assert set(versions.untried()) == set(versions.NAMES)
    assert versions.sentence(("bokeh",)).startswith("Here run Bokeh 99.1; tried were Bokeh >=3.9")


@pytest.fixture
def served_document(monkeypatch):
    """A document of a session with one browser, and what Bokeh itself sends of it."""
    monkeypatch.setattr(patches, "_missing", {})
    monkeypatch.setattr(patches, "_reported", set())
    document, by_bokeh = Document(), []
    model = Range1d(0, 1)
    document.add_root(model)
    document.models.flush_synced()
    browser = SimpleNamespace(_socket=object())
    context = SimpleNamespaceWithReferences(
        session=SimpleNamespace(_subscribed_connections=[browser])
    )
    document._session_context = weakref.ref(context)
    document.on_change(by_bokeh.append)
    with set_curdoc(document):
        yield document, model, by_bokeh, context


class SimpleNamespaceWithReferences(SimpleNamespace):
    """One that can be referred to weakly."""


def test_a_drawing_is_one_message(served_document):
    _document, model, by_bokeh, _context = served_document
    with sending.together() as parcel:
        model.start = 2
        model.end = 3
    ((_handler, message),) = parcel._messages
    assert [e["attr"] for e in message.content["events"]] == ["start", "end"]
    assert by_bokeh == []


def test_with_a_bokeh_that_was_not_tried_it_sends_in_bokeh_s_way(
    served_document, caplog, monkeypatch
):
    _document, model, by_bokeh, _context = served_document
    monkeypatch.setattr(versions, "running", lambda: {"bokeh": "3.99.0", "panel": "1.99.0"})
    for value in (2, 4):
        with sending.together() as parcel:
            model.start = value
        assert parcel._messages == []
    assert [e.attr for e in by_bokeh] == ["start", "start"]
    (message,) = messages(caplog)
    assert "Bokeh 3.99.0" in message and "in their own way" in message


# A server on which something is broken, as it was with a Bokeh that nobody had tried.
BROKEN = """
import sys
from panels.bokeh_internals import clock
from panels.parts import watchdog
clock.Clock.start = lambda self: None
watchdog.READY_S = 1.0
sys.argv = ["workbench", "serve", "--port", sys.argv[1], "--no-browser"]
from workbench.cli import main
main()
"""


@pytest.mark.slow
@pytest.mark.browser
def test_a_page_whose_clock_does_not_run_says_so_and_the_log_too(open_page, tmp_path):
    port, log = free_port(), tmp_path / "log.txt"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", BROKEN, str(port)], stdout=out, stderr=out, env={**os.environ}
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/", process)
        page = open_page(f"http://127.0.0.1:{port}/hippocampal-cam")
        # While it is being built, the page says that instead.
        said = page.locator(".wb-not-ready", has_text=re.compile("drawing clock|does not answer"))
        said.wait_for()
        message = said.inner_text()
        while "the page of hippocampal-cam does not work" not in log.read_text().lower():
            page.wait_for_timeout(200)
        page.close()  # before its server goes
    finally:
        process.terminate()
        process.wait(90)
    running = versions.running()
    for text in (message, log.read_text()):
        assert f"Bokeh {running['bokeh']}" in text and f"Panel {running['panel']}" in text
    assert "its drawing clock does not run" in log.read_text()


def test_a_page_says_which_versions_run():
    assert Heartbeat(lambda _key: None).versions == versions.sentence()
