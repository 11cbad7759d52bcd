"""The server in front of several web processes: each browser stays with the one it came to first.

It reads the head of each request, to learn which process the browser belongs to, and passes on what
follows as it is, in both directions, websockets included. A cookie says which process that is.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

COOKIE = "workbench_process"
MOST_HEAD_BYTES = 64 * 1024
HEAD_S, CONNECT_S = 30.0, 10.0  # to wait for the head of a request, and for a process
PIECE_BYTES = 64 * 1024
# What a browser could say of itself; a proxy in front of this server may say it.
BY_A_PROXY = (b"x-forwarded-for", b"x-forwarded-proto", b"x-real-ip", b"x-scheme")
AWAY = (
    "This part of the server has ended and is started anew: load the page again in a few seconds."
)
_CHOSEN = re.compile(rb"(?:^|[;\s])" + COOKIE.encode() + rb"=(\d{1,3})(?:$|[;\s])")


@dataclass
class Process:
    """One of the web processes.

    port : where it listens on this machine; 0 while it does not
    open : connections to it
    came : browsers that were sent there
    """

    port: int = 0
    open: int = 0
    came: int = 0


class BadRequest(Exception):
    """What came is no head of a request."""


@dataclass
class Head:
    """The first line of a request or an answer, and its headers as (name, value)."""

    first: bytes
    headers: list[tuple[bytes, bytes]]

    @classmethod
    async def read(cls, reader: asyncio.StreamReader) -> Head | None:
        """The next head; None when there is none. Raises BadRequest."""
        try:
            text = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            if error.partial.strip():
                raise BadRequest from error
            return None
        except asyncio.LimitOverrunError as error:
            raise BadRequest from error
        first, *lines = text[:-4].split(b"\r\n")
        headers = []
        for line in lines:
            name, colon, value = line.partition(b":")
            # A line that goes on, or bare line ends, could be read in two ways.
            if not colon or not name or name.strip() != name or b"\n" in line or b"\r" in line:
                raise BadRequest
            headers.append((name, value.strip()))
        return cls(first, headers)

    def all(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.headers if key.lower() == name]

    def drop(self, *names: bytes) -> None:
        self.headers = [(k, v) for k, v in self.headers if k.lower() not in names]

    def add(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    @property
    def text(self) -> bytes:
        lines = [self.first, *(k + b": " + v for k, v in self.headers)]
        return b"\r\n".join(lines) + b"\r\n\r\n"


class Front:
    """Passes requests on.

    processes    : the web processes; their ports may change
    path         : of the cookie
    behind_proxy : believe what a proxy in front of this server says about who asks
    """

    def __init__(self, processes: Sequence[Process], path: str = "/", behind_proxy: bool = False):
        self.processes = processes
        self._path = path.encode()
        self._behind_proxy = behind_proxy

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, which is one request, or one websocket."""
        # Cancelled it is when the server ends; asyncio would print where each connection stood.
        quiet = (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError)
        with contextlib.suppress(*quiet):
            try:
                head = await asyncio.wait_for(Head.read(reader), HEAD_S)
                if head is not None:
                    await self._pass_on(head, reader, writer)
            except BadRequest:
                await _say(writer, "400 Bad Request", "This is no request that can be read.")
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    def chosen(self, head: Head) -> tuple[Process, bool]:
        """The process of this request, and whether the browser must be told of it."""
        for cookie in head.all(b"cookie"):
            if found := _CHOSEN.search(cookie):
                number = int(found[1])
                if number < len(self.processes) and self.processes[number].port:
                    return self.processes[number], False
        there = [p for p in self.processes if p.port] or list(self.processes)
        process = min(there, key=lambda p: (p.came, p.open))
        process.came += 1
        return process, True

    async def _pass_on(
        self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        process, new = self.chosen(head)
        try:
            connecting = asyncio.open_connection("127.0.0.1", process.port, limit=MOST_HEAD_BYTES)
            back, forth = await asyncio.wait_for(connecting, CONNECT_S)
        except (TimeoutError, OSError):
            await _say(writer, "503 Service Unavailable", AWAY)
            return
        process.open += 1
        try:
            self._prepare(head, writer)
            forth.write(head.text)
            outward = asyncio.ensure_future(_pump(reader, forth))
            try:
                await self._answer(process if new else None, back, writer)
            finally:
                outward.cancel()
        finally:
            process.open -= 1
            forth.close()
            with contextlib.suppress(OSError):
                await forth.wait_closed()

    def _prepare(self, head: Head, writer: asyncio.StreamWriter) -> None:
        if not _upgrades(head):
            head.drop(b"connection", b"keep-alive")
            head.add(b"Connection", b"close")  # the next request may be for another process
        if not self._behind_proxy:
            head.drop(*BY_A_PROXY)
            peer = writer.get_extra_info("peername")
            head.add(b"X-Forwarded-For", str(peer[0] if peer else "").encode())

    async def _answer(
        self, new: Process | None, back: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        answer = await Head.read(back)
        if answer is None:
            return
        if new is not None:
            number = str(self.processes.index(new)).encode()
            answer.add(
                b"Set-Cookie",
                COOKIE.encode() + b"=" + number + b"; Path=" + self._path
                + b"; HttpOnly; SameSite=Lax",
            )  # fmt: skip
        writer.write(answer.text)
        await _pump(back, writer)


def _upgrades(head: Head) -> bool:
    return any(b"upgrade" in value.lower() for value in head.all(b"connection"))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes until there is no more."""
    with contextlib.suppress(OSError):
        while piece := await reader.read(PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def _say(writer: asyncio.StreamWriter, status: str, sentence: str) -> None:
    body = sentence.encode()
    writer.write(
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 5\r\n"
        f"X-Content-Type-Options: nosniff\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n".encode()
        + body
    )
    await writer.drain()
