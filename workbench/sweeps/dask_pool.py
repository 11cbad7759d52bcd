"""Code that runs inside a Dask worker: a pool of simulation processes, and the Dask task."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

from .child_process import Child
from .fork_server import Forked
from .simulate import start_point

Process = Child | Forked
RENEW_AFTER = 250  # runs per process: Brian2's caches grow with every network built
GRACE_S = 3.0  # before busy processes are killed: the next sweep would have to start new ones

# Idle processes of this worker: (process, memory limit in GB, runs done). They outlive a sweep so
# that the next one can reuse them, and end by themselves after some idle time.
_idle: list[tuple[Process, float, int]] = []
_lock = threading.Lock()


fork_server: str | None = None  # address of the fork server, if there is one


def start(memory_gb: float) -> Process:
    """Start a simulation process, by forking where possible."""
    if fork_server:
        with contextlib.suppress(OSError, EOFError):  # it died: start without it
            return Forked(fork_server, memory_gb)
    return start_point(memory_gb)


class Pool(WorkerPlugin):
    """Simulation processes of one worker for one sweep, one per worker thread.

    memory_gb : memory limit of one process in GB; 0 sets no limit
    """

    def __init__(self, name: str, memory_gb: float):
        self.name = name
        self.memory_gb = memory_gb
        self._closed = False
        self._busy: set[Process] = set()

    def __reduce__(self) -> Any:
        return Pool, (self.name, self.memory_gb)

    def setup(self, worker: Worker) -> None:
        """Start missing processes, which load Brian2 while the worker waits for its first task."""
        with _lock:
            ready = sum(m == self.memory_gb for _c, m, _n in _idle)
        for _ in range(worker.state.nthreads - ready):
            keep(start(self.memory_gb), self.memory_gb)

    def teardown(self, worker: Worker) -> None:
        """End processes that are still simulating after a grace period."""
        self._closed = True

        def end() -> None:
            for child in list(self._busy):
                child.end()

        timer = threading.Timer(GRACE_S, end)
        timer.daemon = True
        timer.start()

    def _take(self) -> tuple[Process, int]:
        with _lock:
            for place in reversed(range(len(_idle))):  # prefer the most recently used
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
        """Simulate one run; retry once if the process dies."""
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
            "k": k, "seed": seed, "error": message, "cells": {}, "engine": "",
            "wall_s": float("nan"),
        }  # fmt: skip


def keep(child: Process, memory_gb: float, used: int = 0) -> None:
    """Return a simulation process to the pool for the next run."""
    with _lock:
        _idle.append((child, memory_gb, used))


def simulate(pool: str, job: bytes, k: int, values: dict[str, float], seed: int) -> dict[str, Any]:
    """Simulate one run of a sweep (the Dask task)."""
    plugin = get_worker().plugins[pool]
    assert isinstance(plugin, Pool)
    return plugin.run(job, k, values, seed)
