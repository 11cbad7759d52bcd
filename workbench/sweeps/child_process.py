"""A Python process of our own with a pipe to and from it, wherever we are.

``multiprocessing`` will not do: a worker of somebody's Dask cluster is a daemon, which may start no
further process by it, and a script without an ``if __name__`` guard would be run again by each
child. These children run no script, see no Ctrl-C of the terminal, and end with their parent.
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
    """The parent's end of a line to another process, which raises EOFError when that is gone."""

    _to: BinaryIO
    _from: BinaryIO

    def send(self, message: Any) -> None:
        try:
            pickle.dump(message, self._to)
            self._to.flush()
        except OSError as error:
            raise EOFError from error

    def recv(self) -> Any:
        """The next message, also one that was sent before the other side ended."""
        try:
            return pickle.load(self._from)
        except (OSError, ValueError, pickle.UnpicklingError) as error:
            raise EOFError from error


class Child(MessageLine):
    """Runs ``function(conn)`` of ``module``, given as "module:function", in a fresh process.

    Messages are pickled: both ends belong to one user on one machine.
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
        """Close our end of the line to it: the child ends when it likes, as told by ``on_gone``."""
        with contextlib.suppress(OSError):
            self._to.close()

    def exit_code(self) -> int | None:
        """How it ended; None when it does not within some seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(5)
        return None

    def end(self) -> None:
        """Have it end now, without waiting; may be called from another thread."""
        kill_group(self.process)

    def kill(self) -> None:
        """End it now; returns when it has ended."""
        self.hang_up()
        kill_group(self.process)
        self.process.wait()
        with contextlib.suppress(OSError, ValueError):
            self._from.close()


class Conn:
    """The child's end. ``on_gone`` is called, from another thread, when the parent hung up."""

    def __init__(self, inbox: BinaryIO, outbox: BinaryIO):
        self._in, self._out = inbox, outbox
        self._queue: queue.Queue[Any] = queue.Queue()

    def start(self, on_gone: Callable[[], Any]) -> None:
        """Begin to read."""
        threading.Thread(target=self._read, args=(on_gone,), daemon=True).start()

    def _read(self, on_gone: Callable[[], Any]) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._queue.put(pickle.load(self._in))
        self._queue.put(GONE)
        on_gone()

    def recv(self, timeout_s: float | None = None) -> Any:
        """The next message; raises EOFError when the parent is gone, TimeoutError when late."""
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
    """Entry point of the child: nothing that is printed may get into the line of messages."""
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    module, _, function = sys.argv[1].partition(":")
    with contextlib.suppress(EOFError, BrokenPipeError):
        getattr(importlib.import_module(module), function)(Conn(inbox, outbox))


if __name__ == "__main__":
    main()
