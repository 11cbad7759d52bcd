"""A process that has loaded Brian2 and the model, and forks the simulation processes.

Loading takes several seconds of CPU time, a fork almost none. Local workers use it; on platforms
without fork, and on workers of an external scheduler, each simulation process loads Brian2 itself.
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
    """Network built before forking: a job, values of one of its runs, memory limit in GB."""

    job: bytes
    values: dict[str, float]
    memory_gb: float


def start_fork_server(folder: str, rehearsal: Rehearsal) -> Child:
    """Start the server; each connection to ``folder``/nursery gets a simulation process."""
    child = Child("workbench.sweeps.fork_server:serve")
    child.send((str(Path(folder) / "nursery"), tuple(rehearsal)))
    return child


class Forked(MessageLine):
    """A simulation process forked by the server at ``address``; same interface as `Child`."""

    def __init__(self, address: str, memory_gb: float):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._socket.connect(address)
                break
            except FileNotFoundError:  # not started yet; once it has ended, connecting is refused
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
        """Return None: the process is a child of the fork server."""
        return None

    def end(self) -> None:
        """End the process without waiting for it; may be called from another thread."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # it ends when the connection closes

    def kill(self) -> None:
        """End the process and close the connection."""
        self.end()
        for part in (self._to, self._from, self._socket):
            with contextlib.suppress(OSError, ValueError):
                part.close()


def serve(conn: Conn) -> None:
    """Load Brian2, then fork a simulation process for each connection."""
    conn.start(on_gone=leave)
    address, rehearsal = conn.recv()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(f"{address}.new")
    listener.listen(64)  # connections from now on wait until Brian2 is loaded
    Path(f"{address}.new").rename(address)
    from .simulate import prepare, rehearse, work

    prepare()
    rehearse(*rehearsal)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forks are reaped automatically
    while True:
        line, _ = listener.accept()
        if os.fork():
            line.close()
            continue
        listener.close()
        os.setsid()  # killing its group ends its own children, but not the server
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # a model may wait for a compiler it calls
        try:
            ours = Conn(line.makefile("rb"), line.makefile("wb"))
            ours.start(on_gone=leave)
            memory_gb = ours.recv()
            ours.send(os.getpid())
            work(ours, memory_gb)
        finally:
            leave()
