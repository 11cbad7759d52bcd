"""What somebody sends to the server in front so that a web process reads what it did not see."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

from panels.several.front import Front, Process

FORGED = b"6.6.6.6"


class Who(RequestHandler):
    """Says from where it was asked, as a page of the login finds it out."""

    def get(self) -> None:
        self.application.asked.append(self.request.remote_ip)
        self.finish(f"you are at {self.request.remote_ip}")

    def post(self) -> None:
        self.application.asked.append(self.request.remote_ip)
        self.finish(f"{len(self.request.body)} bytes from {self.request.remote_ip}")


class Echo(WebSocketHandler):
    def on_message(self, message) -> None:
        self.write_message(f"heard {message}")


@contextlib.asynccontextmanager
async def tornado_behind_a_front():
    """``ask(bytes)`` -> all that comes back; and where the process was asked from."""
    app = Application([("/", Who), ("/ws", Echo)])
    app.asked = []
    sockets = bind_sockets(0, "127.0.0.1")
    behind = HTTPServer(app, xheaders=True)
    behind.add_sockets(sockets)
    front = Front([Process(sockets[0].getsockname()[1])])
    server = await asyncio.start_server(front.serve, "127.0.0.1", 0, limit=2**16)
    port = server.sockets[0].getsockname()[1]

    async def ask(text: bytes, wait_s: float = 2.0) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(text)
        found = b""
        with contextlib.suppress(TimeoutError):
            while piece := await asyncio.wait_for(reader.read(2**16), wait_s):
                found += piece
        writer.close()
        return found

    try:
        yield ask, app.asked
    finally:
        server.close()
        behind.stop()
        await behind.close_all_connections()


SECOND = b"GET / HTTP/1.1\r\nHost: h\r\nX-Real-Ip: " + FORGED + b"\r\n\r\n"
HOST = b"Host: h\r\n"
TRICKS = {
    "a header in the first line": b"GET / HTTP/1.1\nX-Real-Ip: " + FORGED + b"\r\n" + HOST,
    "a whole head in the first line": b"GET / HTTP/1.1\n\n" + SECOND,
    "an empty first line": b"\r\n\r\n" + SECOND,
    "kept open as for a websocket": b"GET / HTTP/1.1\r\n" + HOST
    + b"Connection: keep-alive, Upgrade\r\n\r\n" + SECOND,
    "a websocket where there is none": b"GET / HTTP/1.1\r\n" + HOST
    + b"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n" + SECOND,
    "a websocket with a body": b"GET / HTTP/1.1\r\n" + HOST
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\nabc" + SECOND,
    "a form sent as a websocket": b"POST / HTTP/1.1\r\n" + HOST
    + b"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n"
    + SECOND,
    "two lengths": b"POST / HTTP/1.1\r\n" + HOST
    + b"Content-Length: 0\r\nContent-Length: 60\r\n\r\n" + SECOND,
    "a length and chunks": b"POST / HTTP/1.1\r\n" + HOST
    + b"Content-Length: 200\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND,
    "two requests in a row": b"GET / HTTP/1.1\r\n" + HOST + b"\r\n" + SECOND,
    "the name in capitals": b"GET / HTTP/1.1\r\n" + HOST + b"X-REAL-IP: " + FORGED + b"\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS)
def test_nobody_comes_from_another_place_than_their_own(trick):
    async def steps():
        async with tornado_behind_a_front() as (ask, asked):
            await ask(TRICKS[trick] if TRICKS[trick].endswith(SECOND) else TRICKS[trick] + b"\r\n")
            assert set(asked) <= {"127.0.0.1"}
            assert len(asked) <= 1  # what follows a request in its connection is read by nobody

    asyncio.run(steps())


def test_a_websocket_is_one_and_a_form_arrives():
    shake = (
        b"GET /ws HTTP/1.1\r\n"
        + HOST
        + b"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    hello = bytes([0x81, 0x85, 1, 2, 3, 4]) + bytes(
        c ^ m for c, m in zip(b"hello", b"\1\2\3\4\1", strict=True)
    )

    async def steps():
        async with tornado_behind_a_front() as (ask, asked):
            answer = await ask(shake + hello)  # at once, as a quick browser might
            assert answer.startswith(b"HTTP/1.1 101 ") and answer.endswith(b"heard hello")
            form = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabc"
            assert (await ask(form)).endswith(b"3 bytes from 127.0.0.1")
            assert asked == ["127.0.0.1"]


def test_who_leaves_in_the_midst_of_a_form_leaves_nothing_open():
    async def steps():
        async with tornado_behind_a_front() as (ask, asked):
            form = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 300\r\n\r\nabc"
            assert await ask(form, wait_s=0.2) == b""
            for _ in range(100):
                await asyncio.sleep(0.02)
                if len(asyncio.all_tasks()) == 1:
                    break
            assert len(asyncio.all_tasks()) == 1
            assert asked == []

    asyncio.run(steps())
