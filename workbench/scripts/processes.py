"""A script's own worker processes become threads of its process, one after the other.

Its networks are then where the workbench looks for them. What a worker returns is the same.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import multiprocessing.context
import multiprocessing.pool
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from types import CodeType
from typing import Any


@contextlib.contextmanager
def in_this_process() -> Iterator[None]:
    """Within the block, pools of processes have one thread, and a process is a thread."""
    places = [
        (multiprocessing, "Pool", _pool),
        (multiprocessing.context.BaseContext, "Pool", lambda _context, *a, **k: _pool(*a, **k)),
        (multiprocessing, "Process", _Process),
        (concurrent.futures, "ProcessPoolExecutor", _executor),
    ]
    kept = [(home, name, getattr(home, name)) for home, name, _ in places]
    try:
        for home, name, replacement in places:
            setattr(home, name, replacement)
        yield
    finally:
        for home, name, original in kept:
            setattr(home, name, original)


@contextlib.contextmanager
def without_signals() -> Iterator[None]:
    """Within the block, a script that says what a signal is to do in its thread changes nothing.

    Python lets the main thread alone say so, and answers others with an error. Here the script is
    ended by whoever opened it.
    """
    plain = signal.signal

    def in_a_thread(number: int, handler: Any) -> Any:
        if threading.current_thread() is threading.main_thread():
            return plain(number, handler)
        return signal.getsignal(number)

    signal.signal = in_a_thread  # type: ignore[assignment]
    try:
        yield
    finally:
        signal.signal = plain


def _pool(
    processes: int | None = None, initializer: Callable[..., Any] | None = None,
    initargs: Sequence[Any] = (), *_: Any, **__: Any,
) -> Any:  # fmt: skip
    return multiprocessing.pool.ThreadPool(1, initializer, initargs)


def _executor(*_: Any, initializer: Any = None, initargs: Any = (), **__: Any) -> Any:
    return concurrent.futures.ThreadPoolExecutor(1, initializer=initializer, initargs=initargs)


class _Process(threading.Thread):
    """A thread with what scripts ask of a process; it begins when the one before it has ended."""

    _turn = threading.Lock()
    exitcode = 0

    def __init__(
        self, group: None = None, target: Any = None, name: str | None = None, args: Any = (),
        kwargs: Any = None, *, daemon: bool | None = None,
    ):  # fmt: skip
        super().__init__(group, target, name, args, kwargs, daemon=True)

    def run(self) -> None:
        with self._turn:
            super().run()

    def terminate(self) -> None:
        """Its work goes on: a thread cannot be ended."""

    def close(self) -> None:
        """Nothing is held."""


def joblib_in_this_thread(code: CodeType) -> contextlib.AbstractContextManager[Any]:
    """Within the block, ``joblib.Parallel`` of a script that imports it works in its thread."""
    if "joblib" not in code.co_names:
        return contextlib.nullcontext()
    import joblib

    return joblib.parallel_config(backend="sequential")
