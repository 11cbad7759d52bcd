"""What runs inside a Dask worker: simulating processes, kept warm, and the task that uses them."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

from .child import Child

RENEW_AFTER = 250  # Brian2's caches grow with every network that was ever built


class Pool(WorkerPlugin):
    """Simulating processes of one worker for one sweep, as many as it has threads.

    memory_gb : what one of them may use; 0 sets no limit
    """

    def __init__(self, name: str, memory_gb: float):
        self.name = name
        self.memory_gb = memory_gb

    def __reduce__(self) -> Any:
        return Pool, (self.name, self.memory_gb)

    def setup(self, worker: Worker) -> None:
        """Start them, so that they load Brian2 while the worker waits for its first task."""
        self._lock = threading.Lock()
        self._closed = False
        self._all: set[Child] = set()
        self._idle: list[tuple[Child, int]] = []
        for _ in range(worker.state.nthreads):
            self._idle.append((self._start(), 0))

    def teardown(self, worker: Worker) -> None:
        """End them."""
        self._closed = True
        for child in list(self._all):
            self._end(child)

    def _start(self) -> Child:
        child = Child(
            "workbench.sweep.point:serve", {"WORKBENCH_SWEEP_MEMORY_GB": str(self.memory_gb)}
        )
        self._all.add(child)
        return child

    def _end(self, child: Child) -> None:
        self._all.discard(child)
        with contextlib.suppress(OSError):
            child.kill()

    def run(self, job: bytes, k: int, values: dict[str, float], seed: int) -> dict[str, Any]:
        """Have one run simulated; tried once more when the process dies on it."""
        code: int | None = None
        for _attempt in range(2):
            with self._lock:
                child, used = self._idle.pop() if self._idle else (self._start(), 0)
            if not child.alive or used >= RENEW_AFTER:
                self._end(child)
                child, used = self._start(), 0
            try:
                child.send((job, k, values, seed))
                outcome = child.recv()
            except EOFError:
                if self._closed:
                    raise RuntimeError("the sweep is over") from None
                with contextlib.suppress(Exception):
                    code = child.process.wait(5)
                self._end(child)
                continue
            except BaseException:
                self._end(child)
                raise
            with self._lock:
                self._idle.append((child, used + 1))
            return outcome
        said = f"The process that simulated it died twice (exit code {code})."
        return {
            "k": k, "seed": seed, "error": said, "cells": {}, "engine": "", "wall_s": float("nan"),
        }  # fmt: skip


def simulate(pool: str, job: bytes, k: int, values: dict[str, float], seed: int) -> dict[str, Any]:
    """The Dask task: one run of a sweep."""
    plugin = get_worker().plugins[pool]
    assert isinstance(plugin, Pool)
    return plugin.run(job, k, values, seed)


def work(conn: Any) -> None:
    """A local Dask worker with one thread; ends with the process that started it."""
    import asyncio

    from .child import leave

    conn.start(on_gone=leave)
    address, folder = conn.recv()

    async def main() -> None:
        async with Worker(
            address, nthreads=1, memory_limit=0, local_directory=folder, dashboard=False,
            name=f"sweep-{os.getpid()}", death_timeout=60,
        ) as worker:  # fmt: skip
            await worker.finished()

    asyncio.run(main())
