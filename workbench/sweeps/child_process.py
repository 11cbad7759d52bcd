"""A Python child process with a pipe in each direction, usable from any process.

``multiprocessing`` is not suitable: a worker of a Dask cluster is a daemonic process, which may
not have children, and a script without an ``if __name__`` guard would be run again by each child.
These children run no script, do not receive Ctrl-C from the terminal, and end with their parent.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

from ..family import kill_group

GONE = object()


class MessageLine:
    """Parent's end of a connection to another process; raises EOFError if that has ended."""

    _to: BinaryIO
    _from: BinaryIO

    def send(self, message: Any) -> None:
        try:
            pickle.dump(message, self._to)
            self._to.flush()
        except OSError as error:
            raise EOFError from error

    def recv(self) -> Any:
        """Return the next message, including messages sent before the other side ended."""
        try:
            return pickle.load(self._from)
        except (OSError, ValueError, pickle.UnpicklingError) as error:
            raise EOFError from error


class Child(MessageLine):
    """Runs a function ``f(conn)``, given as "module:function", in a new process.

    Messages are pickled: both ends belong to the same user on the same machine.
    """

    def __init__(self, target: str, env: dict[str, str] | None = None):
        paths = os.pathsep.join(p for p in sys.path if p)
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__, target],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": paths, **(env or {})},
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._to: BinaryIO = self.process.stdin  # type: ignore[assignment]
        self._from: BinaryIO = self.process.stdout  # type: ignore[assignment]

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def hang_up(self) -> None:
        """Close our end of the connection; the child's ``on_gone`` decides when it ends."""
        with contextlib.suppress(OSError):
            self._to.close()

    def exit_code(self) -> int | None:
        """Exit code; None if it has not ended after 5 s."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(5)
        return None

    def end(self) -> None:
        """Kill the process without waiting for it; may be called from another thread."""
        kill_group(self.process)

    def kill(self) -> None:
        """Kill the process and wait until it has ended."""
        self.hang_up()
        kill_group(self.process)
        self.process.wait()
        with contextlib.suppress(OSError, ValueError):
            self._from.close()


class Conn:
    """Child's end; ``on_gone`` is called from another thread when the parent disconnects."""

    def __init__(self, inbox: BinaryIO, outbox: BinaryIO):
        self._in, self._out = inbox, outbox
        self._queue: queue.Queue[Any] = queue.Queue()

    def start(self, on_gone: Callable[[], Any]) -> None:
        """Start reading messages."""
        threading.Thread(target=self._read, args=(on_gone,), daemon=True).start()

    def _read(self, on_gone: Callable[[], Any]) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._queue.put(pickle.load(self._in))
        self._queue.put(GONE)
        on_gone()

    def recv(self, timeout_s: float | None = None) -> Any:
        """Return the next message; raises EOFError if the parent has ended, or TimeoutError."""
        try:
            message = self._queue.get(timeout=timeout_s)
        except queue.Empty as error:
            raise TimeoutError from error
        if message is GONE:
            raise EOFError
        return message

    def send(self, message: Any) -> None:
        pickle.dump(message, self._out)
        self._out.flush()


def main() -> None:
    """Entry point of the child; printed text must not get into the message stream."""
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    module, _, function = sys.argv[1].partition(":")
    with contextlib.suppress(EOFError, BrokenPipeError):
        getattr(importlib.import_module(module), function)(Conn(inbox, outbox))


if __name__ == "__main__":
    main()
