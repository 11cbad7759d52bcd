"""How long the server keeps a page that nobody has looked at yet."""

from __future__ import annotations

import asyncio

import panel as pn
import pytest
from tornado.httpclient import AsyncHTTPClient

from panels import serving


@pytest.fixture
def server():
    """One page, whose session counts as unused as soon as it is made."""
    found = pn.serve(
        {"word": serving.awaited(lambda: pn.pane.HTML("word"))},
        port=0, show=False, start=False, verbose=False,
        unused_session_lifetime_milliseconds=1, check_unused_sessions_milliseconds=3_600_000,
    )  # fmt: skip
    found.start()
    yield found
    found.stop()


async def ask(server):
    await AsyncHTTPClient().fetch(f"http://localhost:{server.port}/word", request_timeout=60)
    (session,) = server.get_sessions("/word")
    return session


def test_a_page_that_has_not_come_yet_is_waited_for(server):
    async def asked():
        session = await ask(server)
        while not session.expiration_blocked:
            await asyncio.sleep(0.01)
        await server._tornado._cleanup_sessions()
        assert server.get_sessions("/word") == [session]

    server.io_loop.run_sync(asked, timeout=120)


def test_a_page_that_never_comes_is_given_up(server, monkeypatch):
    monkeypatch.setattr(serving, "OPEN_S", 0.01)

    async def asked():
        await ask(server)
        while server.get_sessions("/word"):
            await server._tornado._cleanup_sessions()
            await asyncio.sleep(0.01)

    server.io_loop.run_sync(asked, timeout=120)
