"""``workbench serve --workers N``: starts the web processes, and serves in front of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import webbrowser
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import Any

from panels.access.listening import at_loopback, free_port, refused
from panels.access.others import LOOPBACK, SECRET, Others
from workbench.bundled_packages import bundled
from workbench.errors import ParameterError, WorkbenchError
from workbench.family import guarded, kill_group, kill_rest, python

from .front import MOST_HEAD_BYTES, Front, Process

START_S = 180.0  # until a web process listens
END_S = 10.0  # for one to end by itself
AGAIN_S = 2.0  # before one that has ended is started anew


def shares(limit: int | None, processes: int) -> list[int | None]:
    """How many simulations each process may run, of ``limit`` together; None: no limit."""
    if limit is None:
        return [None] * processes
    if limit < processes:
        raise ParameterError(
            f"--limit {limit} is not possible with --workers {processes}: each web process needs "
            f"at least one simulation. Give --limit {processes} or more, or fewer workers."
        )
    return [limit // processes + (k < limit % processes) for k in range(processes)]


class WebProcesses:
    """The web processes of one server, each started anew when it ends.

    at : where each listens
    """

    def __init__(
        self, others: Others, number: int, front: int, lessons: Sequence[tuple[str, str]] = ()
    ):
        self.at = [Process() for _ in range(number)]
        self._limits = shares(others.limit, number)
        self._others, self._front, self._lessons = others, front, lessons
        self._running: dict[int, subprocess.Popen[Any]] = {}
        # One for each: those that asyncio has by itself are few where there are few processors.
        self._waiting = ThreadPoolExecutor(number, thread_name_prefix="web-process")
        # People who logged in at one process are logged in at all.
        self._environment = {SECRET: os.environ.get(SECRET) or secrets.token_hex(32)}

    async def keep(self, k: int) -> None:
        """Keep the process ``k`` running, until this is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            process = self._running[k] = self._start(k)
            assert process.stdout is not None
            line = await loop.run_in_executor(self._waiting, process.stdout.readline)
            with contextlib.suppress(ValueError):
                self.at[k].port = int(json.loads(line)["port"])
            await loop.run_in_executor(self._waiting, process.wait)
            kill_rest(process)
            self.at[k].port = 0
            process.stdout.close()
            process.stdout = None  # `end` reads what is left
            await asyncio.sleep(AGAIN_S)

    def _start(self, k: int) -> subprocess.Popen[Any]:
        options = {f.name: getattr(self._others, f.name) for f in fields(self._others) if f.init}
        options |= {"limit": self._limits[k], "behind_proxy": True}
        given = json.dumps(
            {"others": options, "front": self._front, "lessons": list(self._lessons)}, default=str
        )
        return guarded(
            python("-m", f"{bundled('panels')}.several.web_process", given),
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
            env={**os.environ, **self._environment},
        )  # fmt: skip

    async def ready(self) -> None:
        """Wait until all listen; raises WorkbenchError when one does not."""
        loop = asyncio.get_running_loop()
        until = loop.time() + START_S
        while not all(process.port for process in self.at):
            ended = [p for p in self._running.values() if p.poll() is not None]
            if ended or loop.time() > until:
                raise WorkbenchError(
                    "A web process did not start: the reason is above. Without --workers there is "
                    "only one."
                )
            await asyncio.sleep(0.05)

    def end(self) -> None:
        """End them all, with what they simulate."""
        for process in self._running.values():
            with contextlib.suppress(OSError, AttributeError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._running.values():
            try:
                process.communicate(timeout=END_S)  # until nobody is left who could write
            except subprocess.TimeoutExpired:
                kill_group(process)


def serve(
    workers: int,
    port: int | None = None,
    open_browser: bool = True,
    show_only: str | None = None,
    to_others: Mapping[str, Any] | None = None,
    lessons: Sequence[tuple[str, str]] = (),
) -> None:
    """Serve until Ctrl-C with ``workers`` web processes; the rest as for `panels.serving.serve`."""
    others = Others(**to_others or {})
    shares(others.limit, workers)
    sockets = _sockets(port, others)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(workers, sockets, others, open_browser, show_only or "", lessons))


def _sockets(port: int | None, others: Others) -> list[socket.socket]:
    if not others.local:
        chosen = port or free_port()
        try:
            return [socket.create_server((others.address, chosen), backlog=128)]
        except OSError as error:
            raise refused(chosen, error, others.address) from error
    first, more = at_loopback(
        port, lambda chosen: socket.create_server((LOOPBACK, chosen), backlog=128)
    )
    return [first, *more]


async def _serve(
    workers: int, sockets: list[socket.socket], others: Others, open_browser: bool, show_only: str,
    lessons: Sequence[tuple[str, str]],
) -> None:  # fmt: skip
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, over.set)
    port = sockets[0].getsockname()[1]
    processes = WebProcesses(others, workers, port, lessons)
    kept = [asyncio.ensure_future(processes.keep(k)) for k in range(workers)]
    prefix = others.prefix.rstrip("/")
    front = Front(processes.at, f"{prefix}/", others.behind_proxy)
    listening: list[asyncio.Server] = []
    try:
        ready = asyncio.ensure_future(processes.ready())
        ending = asyncio.ensure_future(over.wait())
        await asyncio.wait((ready, ending), return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            ready.result()
            for one in sockets:
                listening.append(
                    await asyncio.start_server(front.serve, sock=one, limit=MOST_HEAD_BYTES)
                )
            address = f"http://{others.name}:{port}{prefix}/{show_only}"
            sys.stdout.write(f"The workbench is at {address}   (Ctrl-C ends it)\n")
            sys.stdout.flush()
            if open_browser:
                webbrowser.open(address)
            await over.wait()
    finally:
        for server in listening:  # pages that look for the server would come in while it ends
            server.close()
        for task in kept:
            task.cancel()
        processes.end()
