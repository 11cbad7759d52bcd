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
ANSWER_S = 60.0  # and for its answer
PIECE_BYTES = 64 * 1024
# What a browser could say of itself; a proxy in front of this server may say it.
BY_A_PROXY = (b"x-forwarded-for", b"x-forwarded-proto", b"x-real-ip", b"x-scheme")
AWAY = (
    "This part of the server has ended and is started anew: load the page again in a few seconds."
)
SILENT = (
    "This part of the server does not answer: it is stuck, or the machine is busy. Load the page "
    "again in a while."
)
_CHOSEN = re.compile(rb"(?:^|[;\s])" + COOKIE.encode() + rb"=(\d{1,3})(?:$|[;\s])")


@dataclass
class Process:
    """One of the web processes.

    port   : where it listens on this machine; 0 while it does not
    open   : connections to it
    came   : browsers that were sent there
    silent : it was asked in vain, and has not answered since
    """

    port: int = 0
    open: int = 0
    came: int = 0
    silent: bool = False


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
        # To the process a bare line end would end the line, or the head: it would read headers of
        # which nothing is known here.
        if not first or b"\n" in first or b"\r" in first:
            raise BadRequest
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
    def upgrades(self) -> bool:
        """Whether it asks for a websocket."""
        return (
            self.first.startswith(b"GET ")
            and any(b"upgrade" in value.lower() for value in self.all(b"connection"))
            and [value.lower() for value in self.all(b"upgrade")] == [b"websocket"]
        )

    @property
    def length(self) -> int:
        """Bytes of the body; raises BadRequest where that could be read in two ways."""
        lengths = self.all(b"content-length")
        if self.all(b"transfer-encoding") or len(lengths) > 1:
            raise BadRequest
        if lengths and not re.fullmatch(rb"[0-9]{1,18}", lengths[0]):
            raise BadRequest
        return int(lengths[0]) if lengths else 0

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
        # asyncio forgets the task of a connection that was lost, also while it waits for an answer.
        self._serving: set[asyncio.Task[None] | None] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, which is one request, or one websocket."""
        task = asyncio.current_task()
        self._serving.add(task)
        try:
            await self._serve(reader, writer)
        finally:
            self._serving.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
        with contextlib.suppress(*quiet):
            await writer.wait_closed()

    def chosen(self, head: Head) -> tuple[Process, bool]:
        """The process of this request, and whether the browser must be told of it."""
        for cookie in head.all(b"cookie"):
            if found := _CHOSEN.search(cookie):
                number = int(found[1])
                if number < len(self.processes) and self.processes[number].port:
                    return self.processes[number], False
        there = [p for p in self.processes if p.port] or list(self.processes)
        there = [p for p in there if not p.silent] or there
        process = min(there, key=lambda p: (p.came, p.open))
        process.came += 1
        return process, True

    async def _pass_on(
        self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        upgrades, length = head.upgrades, head.length
        process, new = self.chosen(head)
        try:
            connecting = asyncio.open_connection("127.0.0.1", process.port, limit=MOST_HEAD_BYTES)
            back, forth = await asyncio.wait_for(connecting, CONNECT_S)
        except (TimeoutError, OSError):
            await _say(writer, "503 Service Unavailable", AWAY)
            return
        process.open += 1
        try:
            self._prepare(head, writer, upgrades)
            forth.write(head.text)
            # No more than the body: the process would take what follows for a next request, whose
            # headers nobody looked at here.
            outward = asyncio.ensure_future(_pump(reader, forth, 0 if upgrades else length))
            try:
                try:  # a body may take as long as it likes to come
                    async with asyncio.timeout(None if length else ANSWER_S):
                        answer = await Head.read(back)
                except TimeoutError:
                    process.silent = True
                    await _say(writer, "503 Service Unavailable", SILENT)
                    return
                process.silent = False
                if answer is None:
                    return
                self._answer(answer, process if new else None, writer)
                if upgrades and answer.first.split()[1:2] == [b"101"]:
                    outward = asyncio.ensure_future(_pump(reader, forth))
                await _pump(back, writer)
            finally:
                outward.cancel()
        finally:
            process.open -= 1
            forth.close()
            with contextlib.suppress(OSError):
                await forth.wait_closed()

    def _prepare(self, head: Head, writer: asyncio.StreamWriter, upgrades: bool) -> None:
        head.drop(b"connection", b"keep-alive")
        # Otherwise the next request may be for another process.
        head.add(b"Connection", b"Upgrade" if upgrades else b"close")
        if upgrades:
            head.drop(b"content-length", b"expect")  # nothing follows
        else:
            head.drop(b"upgrade")
        if not self._behind_proxy:
            head.drop(*BY_A_PROXY)
            peer = writer.get_extra_info("peername")
            head.add(b"X-Forwarded-For", str(peer[0] if peer else "").encode())

    def _answer(self, answer: Head, new: Process | None, writer: asyncio.StreamWriter) -> None:
        if new is not None:
            number = str(self.processes.index(new)).encode()
            answer.add(
                b"Set-Cookie",
                COOKIE.encode() + b"=" + number + b"; Path=" + self._path
                + b"; HttpOnly; SameSite=Lax",
            )  # fmt: skip
        writer.write(answer.text)


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None = None
) -> None:
    """Pass on what comes until there is no more, or ``most`` bytes of it."""
    left = PIECE_BYTES if most is None else most
    with contextlib.suppress(OSError):
        while left:
            piece = await reader.read(min(left, PIECE_BYTES))
            if not piece:
                if writer.can_write_eof():
                    writer.write_eof()
                return
            left -= 0 if most is None else len(piece)
            writer.write(piece)
            await writer.drain()


async def _say(writer: asyncio.StreamWriter, status: str, sentence: str) -> None:
    body = sentence.encode()
    writer.write(
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 5\r\n"
        f"X-Content-Type-Options: nosniff\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n".encode()
        + body
    )
    await writer.drain()
