"""A run that is being kept stays until it is kept, whatever its page begins meanwhile."""

from __future__ import annotations

import asyncio
import threading
import time
from types import SimpleNamespace

import pytest

import workbench as wb
from panels.model_page import Explorer
from panels.parts.keep_run import Keeping
from panels.parts.readers import Readers
from workbench.catalogue import Catalogue

from .fakes import FakeSession, TwoGroups
from .test_journey import until

WARNINGS = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")


class Recorded(FakeSession):
    """Has a real run, until it is closed; reading it takes until ``go`` is set."""

    closed = False

    def run_so_far(self):
        assert self.go.wait(60)
        assert not self.closed, "it is gone"
        return self.run

    def close(self):
        self.closed = True


@WARNINGS
def test_a_run_is_kept_though_another_one_begins_meanwhile(monkeypatch, tmp_path):
    monkeypatch.setattr(TwoGroups, "start", lambda self, **o: Recorded(self, **o), raising=False)
    monkeypatch.setattr("panels.parts.keep_run.draw_ahead", lambda *_args: None)
    page = Explorer(TwoGroups())
    page._begin(paused=True)
    first = page.session
    first.run, first.go = wb.load("ssn-pair").run(20, seed=4, engine="numpy"), threading.Event()
    page.keeping = Keeping(
        lambda: page.readers.reading(page.session), lambda: Catalogue(tmp_path), lambda act: act()
    )
    page.keeping.keep()
    page.restart(False)
    assert page.session is not first
    first.go.set()
    until(lambda: page.keeping.message)
    assert page.keeping.message.startswith("Kept as ssn-pair-")
    assert len(Catalogue(tmp_path).entries()) == 1
    until(lambda: first.closed)
    page.close()


def test_a_session_that_two_read_is_closed_after_both():
    closed, readers = threading.Event(), Readers()

    class Session:
        pause = run_so_far = staticmethod(lambda: None)
        close = staticmethod(closed.set)

    session = Session()
    one, other = readers.reading(session), readers.reading(session)
    closing = threading.Thread(target=readers.close, args=(session,))
    closing.start()
    with one as run_so_far:
        run_so_far()
    assert not closed.wait(0.2)
    with pytest.raises(ZeroDivisionError), other:
        raise ZeroDivisionError
    closing.join(30)
    assert closed.is_set()


def test_a_file_for_the_page_is_waited_for_as_long_as_there_is_the_page():
    closed, readers = threading.Event(), Readers()
    session = SimpleNamespace(pause=lambda: None, close=closed.set)
    for_page, kept = readers.reading(session, for_page=True), readers.reading(session)
    threading.Thread(target=readers.close, args=(session,), daemon=True).start()
    assert not closed.wait(0.2)
    readers.leave()
    assert not closed.wait(0.2)  # what is kept is kept
    with kept:
        pass
    assert closed.wait(30)
    with for_page:
        pass


@WARNINGS
def test_a_file_is_written_though_another_run_begins_meanwhile(monkeypatch):
    monkeypatch.setattr(TwoGroups, "start", lambda self, **o: Recorded(self, **o), raising=False)
    page = Explorer(TwoGroups())
    page._begin(paused=True)
    first = page.session
    first.run, first.go = wb.load("ssn-pair").run(20, seed=4, engine="numpy"), threading.Event()

    async def written_late(_made, run, *_asked):
        page.restart(False)
        time.sleep(0.2)
        assert not first.closed
        return str(run.seed).encode()

    monkeypatch.setattr("panels.parts.export_dialog.elsewhere", written_late)
    first.go.set()
    page.taking.build(())
    assert asyncio.run(page.taking._callback("csv")()).read() == b"4"
    until(lambda: first.closed)
    page.close()
