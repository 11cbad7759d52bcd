"""What runs inside a Dask worker: simulating processes, kept warm, and the task that uses them."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

from .child_process import Child
from .fork_server import Forked
from .simulate import start_point

Process = Child | Forked
RENEW_AFTER = 250  # Brian2's caches grow with every network that was ever built
GRACE_S = 3.0  # a process that is killed has to be started anew for the next sweep

# Idle processes of this worker, with what they may use, and how many runs they have done. They
# outlive a sweep, so that the next one finds them warm; left alone, they end by themselves.
_idle: list[tuple[Process, float, int]] = []
_lock = threading.Lock()


fork_server: str | None = None  # its address, where there is one


def start(memory_gb: float) -> Process:
    """Start a simulating process, in the quickest way that there is here."""
    if fork_server:
        with contextlib.suppress(OSError, EOFError):  # it died: go without it
            return Forked(fork_server, memory_gb)
    return start_point(memory_gb)


class Pool(WorkerPlugin):
    """Simulating processes of one worker for one sweep, as many as it has threads.

    memory_gb : what one of them may use; 0 sets no limit
    """

    def __init__(self, name: str, memory_gb: float):
        self.name = name
        self.memory_gb = memory_gb
        self._closed = False
        self._busy: set[Process] = set()

    def __reduce__(self) -> Any:
        return Pool, (self.name, self.memory_gb)

    def setup(self, worker: Worker) -> None:
        """Start what is missing: it loads Brian2 while the worker waits for its first task."""
        with _lock:
            ready = sum(m == self.memory_gb for _c, m, _n in _idle)
        for _ in range(worker.state.nthreads - ready):
            keep(start(self.memory_gb), self.memory_gb)

    def teardown(self, worker: Worker) -> None:
        """End what is still simulating, after a moment in which it may end by itself."""
        self._closed = True

        def end() -> None:
            for child in list(self._busy):
                child.end()

        timer = threading.Timer(GRACE_S, end)
        timer.daemon = True
        timer.start()

    def _take(self) -> tuple[Process, int]:
        with _lock:
            for place in reversed(range(len(_idle))):  # the latest is warm for certain
                child, memory_gb, used = _idle[place]
                if memory_gb == self.memory_gb:
                    del _idle[place]
                    break
            else:
                return start(self.memory_gb), 0
        if child.alive and used < RENEW_AFTER:
            return child, used
        child.kill()
        return start(self.memory_gb), 0

    def run(self, job: bytes, k: int, values: dict[str, float], seed: int) -> dict[str, Any]:
        """Have one run simulated; tried once more when the process dies on it."""
        code: int | None = None
        for _attempt in range(2):
            child, used = self._take()
            self._busy.add(child)
            try:
                child.send((job, k, values, seed))
                outcome = child.recv()
            except EOFError:
                if self._closed:
                    raise RuntimeError("the sweep is over") from None
                code = child.exit_code()
                child.kill()
                continue
            except BaseException:
                child.kill()
                raise
            finally:
                self._busy.discard(child)
            keep(child, self.memory_gb, used + 1)
            return outcome
        message = f"The process that simulated it died twice (exit code {code})."
        return {
            "k": k, "seed": seed, "error": message, "cells": {}, "engine": "", "wall_s": float("nan"),
        }  # fmt: skip


def keep(child: Process, memory_gb: float, used: int = 0) -> None:
    """Have a simulating process ready for the next run."""
    with _lock:
        _idle.append((child, memory_gb, used))


def simulate(pool: str, job: bytes, k: int, values: dict[str, float], seed: int) -> dict[str, Any]:
    """The Dask task: one run of a sweep."""
    plugin = get_worker().plugins[pool]
    assert isinstance(plugin, Pool)
    return plugin.run(job, k, values, seed)
