"""The server in front of several web processes: who goes where, and what is passed on."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from panels.access.others import Others
from panels.several.front import AWAY, COOKIE, SILENT, Front, Process
from panels.several.serving import WebProcesses, shares
from workbench.errors import ParameterError


async def backend(number, seen):
    """A web process: notes what it is asked, and answers with its number."""

    async def answer(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head)
        if b"Upgrade: websocket" in head:
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
            while piece := await reader.read(1000):
                writer.write(piece.upper())
                await writer.drain()
        else:
            length = int((head.split(b"Content-Length: ")[1:] or [b"0"])[0].split(b"\r\n")[0])
            body = await reader.readexactly(length)
            text = b"process %d %s" % (number, body)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


@contextlib.asynccontextmanager
async def front(number=2, **options):
    """A front with so many processes: ``ask(text)``, the front, what the processes saw."""
    seen: list[bytes] = []
    backends = [await backend(k, seen) for k in range(number)]
    one = Front([Process(port) for _, port in backends], **options)
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0, limit=2**16)
    port = server.sockets[0].getsockname()[1]

    async def ask(text):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(text)
        answer = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        return answer

    try:
        yield ask, one, seen, port
    finally:
        for each in (server, *(s for s, _ in backends)):
            each.close()


def get(*headers):
    return b"\r\n".join([b"GET / HTTP/1.1", b"Host: here", *headers]) + b"\r\n\r\n"


def run(steps):
    asyncio.run(steps())


def test_each_browser_stays_where_it_came_to_first():
    async def steps():
        async with front() as (ask, one, _seen, _port):
            first, second = await ask(get()), await ask(get())
            assert b"process 0" in first
            assert b"process 1" in second
            assert f"Set-Cookie: {COOKIE}=1; Path=/; HttpOnly; SameSite=Lax".encode() in second
            for _ in range(3):
                again = await ask(get(b"Cookie: a=b; " + f"{COOKIE}=1".encode() + b"; c=d"))
                assert b"process 1" in again
                assert b"Set-Cookie" not in again
            assert [p.came for p in one.processes] == [1, 1]
            assert [p.open for p in one.processes] == [0, 0]

    run(steps)


@pytest.mark.parametrize("cookie", [b"99", b"x", b"-1", b"1x", b"", b"0001"])
def test_a_cookie_that_is_none_of_ours_is_as_none(cookie):
    async def steps():
        async with front() as (ask, _one, _seen, _port):
            answer = await ask(get(b"Cookie: " + f"{COOKIE}=".encode() + cookie))
            assert b"process 0" in answer
            assert b"Set-Cookie" in answer

    run(steps)


def test_a_process_that_has_ended_is_left_out_and_said():
    async def steps():
        async with front() as (ask, one, _seen, _port):
            one.processes[0].port = 0
            answer = await ask(get(f"Cookie: {COOKIE}=0".encode()))
            assert b"process 1" in answer
            one.processes[1].port = 1  # where nobody listens
            answer = await ask(get(f"Cookie: {COOKIE}=1".encode()))
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert AWAY.encode() in answer

    run(steps)


def test_new_browsers_are_not_sent_to_a_process_that_is_stuck(monkeypatch):
    async def steps():
        goes_on = asyncio.Event()

        async def answer(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            await goes_on.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nat all")
            await writer.drain()
            writer.close()

        other = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with other, front() as (ask, one, _seen, _port):
            one.processes[0].port = other.sockets[0].getsockname()[1]
            its_own = get(f"Cookie: {COOKIE}=0".encode())
            with monkeypatch.context() as soon:
                soon.setattr("panels.several.front.ANSWER_S", 0.1)
                answered = await ask(its_own)
            assert answered.startswith(b"HTTP/1.1 503 ")
            assert SILENT.encode() in answered
            for _ in range(3):
                assert b"process 1" in await ask(get())
            goes_on.set()
            assert b"at all" in await ask(its_own)
            assert b"at all" in await ask(get())
            assert [p.open for p in one.processes] == [0, 0]

    run(steps)


def test_what_a_browser_says_of_who_asks_is_not_believed():
    spoofed = get(b"X-Forwarded-For: 1.2.3.4", b"x-real-ip: 1.2.3.4", b"X-Scheme: https")

    async def steps():
        async with front() as (ask, _one, seen, _port):
            await ask(spoofed)
            assert b"1.2.3.4" not in seen[0]
            assert b"https" not in seen[0]
            assert seen[0].count(b"X-Forwarded-For: 127.0.0.1\r\n") == 1
        async with front(behind_proxy=True) as (ask, _one, seen, _port):
            await ask(spoofed)
            assert b"X-Forwarded-For: 1.2.3.4" in seen[0]
            assert b"127.0.0.1" not in seen[0]

    run(steps)


def test_a_body_and_a_websocket_are_passed_on():
    async def steps():
        async with front() as (ask, one, seen, port):
            post = (
                b"POST /login HTTP/1.1\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello"
            )
            assert (await ask(post)).endswith(b"process 0 hello")
            assert b"Connection: close\r\n" in seen[0]
            assert b"keep-alive" not in seen[0]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(get(b"Connection: Upgrade", b"Upgrade: websocket"))
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
            assert b"Connection: Upgrade\r\n" in seen[1]
            for word in (b"one", b"two"):
                writer.write(word)
                assert await reader.readexactly(3) == word.upper()
            assert sum(p.open for p in one.processes) == 1
            writer.close()
            for _ in range(100):
                await asyncio.sleep(0.01)
            assert sum(p.open for p in one.processes) == 0

    run(steps)


@pytest.mark.parametrize(
    "text",
    [
        b"GET / HTTP/1.1\r\nHost here\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length : 5\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000,
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text):
    async def steps():
        async with front() as (ask, _one, seen, _port):
            assert (await ask(text)).startswith(b"HTTP/1.1 400 ")
            assert seen == []

    run(steps)


def test_the_simulations_that_may_run_are_shared_out():
    assert shares(None, 3) == [None] * 3
    assert shares(7, 3) == [3, 2, 2]
    assert shares(2, 2) == [1, 1]
    with pytest.raises(ParameterError, match="--limit 1 is not possible with --workers 2"):
        shares(1, 2)


class ManyProcesses(WebProcesses):
    """Each says where it listens, and stays."""

    def _start(self, k):
        code = f"import time; print({json.dumps({'port': k + 1})!r}, flush=True); time.sleep(60)"
        return subprocess.Popen(
            [sys.executable, "-S", "-c", code], stdout=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip


def test_of_many_web_processes_each_is_started_anew(monkeypatch):
    monkeypatch.setattr("panels.several.serving.AGAIN_S", 0.1)

    async def started():
        # What asyncio has is a few more threads than there are processors.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        processes = ManyProcesses(Others(), 4, 0)
        kept = [asyncio.ensure_future(processes.keep(k)) for k in range(4)]
        try:
            await asyncio.wait_for(processes.ready(), 20)
            first = processes._running[3]
            first.kill()
            async with asyncio.timeout(20):
                while processes._running[3] is first or not processes.at[3].port:
                    await asyncio.sleep(0.05)
            return [process.port for process in processes.at]
        finally:
            for each in kept:
                each.cancel()
            processes.end()

    assert asyncio.run(started()) == [1, 2, 3, 4]


class Orphaning(WebProcesses):
    """The web process is a child of the one that is started, as of its guard."""

    def __init__(self, pids: Path):
        super().__init__(Others(), 1, 0)
        self._pids = pids

    def _start(self, k: int) -> subprocess.Popen:
        code = (
            "import json, subprocess, sys\n"
            "web = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(600)'])\n"
            f"with open({str(self._pids)!r}, 'a') as file:\n    print(web.pid, file=file)\n"
            "print(json.dumps({'port': 1}), flush=True)\nweb.wait()"
        )
        return subprocess.Popen(
            [sys.executable, "-S", "-c", code], stdout=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip


def test_a_web_process_whose_guard_is_killed_does_not_stay_beside_the_new_one(
    monkeypatch, tmp_path
):
    monkeypatch.setattr("panels.several.serving.AGAIN_S", 0.1)
    pids = tmp_path / "pids"

    async def started():
        processes = Orphaning(pids)
        kept = asyncio.ensure_future(processes.keep(0))
        try:
            await asyncio.wait_for(processes.ready(), 60)
            processes._running[0].kill()
            async with asyncio.timeout(60):
                while len(pids.read_text().split()) < 2:
                    await asyncio.sleep(0.05)
            return [lives(int(pid)) for pid in pids.read_text().split()]
        finally:
            kept.cancel()
            processes.end()

    assert asyncio.run(started()) == [False, True]


def lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_who_leaves_before_the_answer_is_served_to_the_end():
    async def left():
        asked, answer, told = asyncio.Event(), asyncio.Event(), []
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, told_of: told.append(told_of)
        )

        async def slow(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            asked.set()
            await answer.wait()
            writer.close()

        process = Process()
        between = Front([process])
        async with (
            await asyncio.start_server(slow, "127.0.0.1", 0) as behind,
            await asyncio.start_server(between.serve, "127.0.0.1", 0) as before,
        ):
            process.port = behind.sockets[0].getsockname()[1]
            port = before.sockets[0].getsockname()[1]
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            await asked.wait()
            writer.transport.abort()
            await asyncio.sleep(0.1)
            gc.collect()
            still = process.open
            answer.set()
            await asyncio.sleep(0.1)
        return told, still, process.open

    assert asyncio.run(asyncio.wait_for(left(), 20)) == ([], 1, 0)


def test_a_connection_that_is_still_closing_when_the_server_ends_prints_nothing():
    closing = asyncio.Event()

    class Slow:
        def close(self):
            closing.set()

        async def wait_closed(self):
            await asyncio.Event().wait()

    async def cut_off():
        reader = asyncio.StreamReader()
        reader.feed_eof()
        task = asyncio.ensure_future(Front([Process(1)]).serve(reader, Slow()))
        await closing.wait()
        await asyncio.sleep(0)
        task.cancel()
        await task  # asyncio prints what a connection raises

    asyncio.run(cut_off())
