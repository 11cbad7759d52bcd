"""The page of saved runs without a browser: what it shows while the catalogue changes."""

from __future__ import annotations

import asyncio
import threading

import pytest

from panels.runs import RunsPage
from workbench.catalogue import Catalogue

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")


def test_what_was_read_before_a_change_is_not_shown_after_it(tmp_path, monkeypatch):
    page, shown = RunsPage(Catalogue(tmp_path)), []
    monkeypatch.setattr(page, "_show", lambda *found: shown.append(found))

    async def changed_while_it_is_read():
        loop = asyncio.get_running_loop()
        began, may_go = asyncio.Event(), threading.Event()

        def read():
            loop.call_soon_threadsafe(began.set)
            assert may_go.wait(60)
            return ("old",)

        monkeypatch.setattr(page, "_read", read)
        again = asyncio.create_task(page.look_again())
        await began.wait()
        monkeypatch.setattr(page, "_read", lambda: ("new",))
        page.look()
        may_go.set()
        await again

    asyncio.run(changed_while_it_is_read())
    assert shown == [("new",)]
    asyncio.run(page.look_again())
    assert shown == [("new",), ("new",)]
