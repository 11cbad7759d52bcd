"""One process on this machine that has loaded Brian2 and the model, and forks the simulating ones.

Loading takes seconds of a core, each time; a fork takes none. Used by local workers; where there is
no fork, and on other people's workers, each simulating process loads Brian2 by itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any, NamedTuple

from ..family import leave
from .child_process import Child, Conn, MessageLine

PATIENCE_S = 20.0  # for Python to start on a busy machine
HERE = hasattr(os, "fork") and hasattr(socket, "AF_UNIX")


class Rehearsal(NamedTuple):
    """What is built before the forks: a job, values of one of its runs, and memory in GB."""

    job: bytes
    values: dict[str, float]
    memory_gb: float


def start_fork_server(folder: str, rehearsal: Rehearsal) -> Child:
    """Start it; who connects to ``folder``/nursery gets a simulating process."""
    child = Child("workbench.sweeps.fork_server:serve")
    child.send((str(Path(folder) / "nursery"), tuple(rehearsal)))
    return child


class Forked(MessageLine):
    """A simulating process that the nursery at ``address`` forked; used as a `Child`."""

    def __init__(self, address: str, memory_gb: float):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._socket.connect(address)
                break
            except FileNotFoundError:  # not there yet; when it is gone, connecting is refused
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
        self._to, self._from = self._socket.makefile("wb"), self._socket.makefile("rb")
        self.pid: int | None = None
        self.send(memory_gb)

    def recv(self) -> Any:
        if self.pid is None:
            self.pid = super().recv()
        return super().recv()

    @property
    def alive(self) -> bool:
        if self.pid is None:
            return True
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, 0)
            return True
        return False

    def exit_code(self) -> int | None:
        """Unknown: it is the nursery's child."""
        return None

    def end(self) -> None:
        """Have it end now, without waiting; may be called from another thread."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # it ends when it hears no more of us

    def kill(self) -> None:
        """End it, and let go of it."""
        self.end()
        for part in (self._to, self._from, self._socket):
            with contextlib.suppress(OSError, ValueError):
                part.close()


def serve(conn: Conn) -> None:
    """Load Brian2, then fork a simulating process for everybody who connects."""
    conn.start(on_gone=leave)
    address, rehearsal = conn.recv()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(f"{address}.new")
    listener.listen(64)  # who connects from now on waits for Brian2
    Path(f"{address}.new").rename(address)
    from .simulate import prepare, rehearse, work

    prepare()
    rehearse(*rehearsal)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody has to wait for the forks
    while True:
        line, _ = listener.accept()
        if os.fork():
            line.close()
            continue
        listener.close()
        os.setsid()  # it ends alone, with what it has started
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # a compiler that a model calls is waited for
        try:
            ours = Conn(line.makefile("rb"), line.makefile("wb"))
            ours.start(on_gone=leave)
            memory_gb = ours.recv()
            ours.send(os.getpid())
            work(ours, memory_gb)
        finally:
            leave()
