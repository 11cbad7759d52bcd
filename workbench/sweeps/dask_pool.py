"""Code that runs inside a Dask worker: a pool of simulation processes, and the Dask task.

A worker only waits for its simulations: each has a process of its own, as Brian2's device,
preferences and random numbers belong to a process and its main thread, and as one that crashes or
exceeds its memory must harm neither the worker nor the runs beside it.
"""

from __future__ import annotations

import threading
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

from ..engine.process import end, exit_code, launch, prestart
from .simulate import work

RENEW_AFTER = 250  # runs per process: Brian2's caches grow with every network built
GRACE_S = 3.0  # before busy processes are killed: the next sweep would have to start new ones


class ProcessDied(Exception):
    """A simulation process ended before it had an outcome; the argument is its exit code."""


class SimulationProcess:
    """A process that simulates one run after another, within ``memory_gb`` GB; 0: no limit."""

    def __init__(self, memory_gb: float):
        self.memory_gb, self.runs = memory_gb, 0
        self._process, self._conn = launch(work, memory_gb, name="sweep-simulation")

    @property
    def usable(self) -> bool:
        """Whether it lives, and has not built so many networks that it should be renewed."""
        return exit_code(self._process) is None and self.runs < RENEW_AFTER

    def simulate(self, *run: Any) -> dict[str, Any]:
        """Simulate one run; raises EOFError or OSError if the process ends before the outcome."""
        self._conn.send(run)
        outcome = self._conn.recv()
        self.runs += 1
        return outcome

    def end(self) -> None:
        """Kill the process; may be called from another thread."""
        end(self._process)

    def leave(self) -> None:
        """Let the process end by itself, with what it started, or kill it."""
        self._conn.close()
        self.exit_code()
        self.end()

    def exit_code(self) -> int | None:
        """Exit code; None if it has not ended after 5 s."""
        return exit_code(self._process, timeout=5)


# Idle processes of this worker. On a scheduler's workers they outlive a sweep, so that the next
# one can reuse them, and end by themselves after some idle time.
_idle: list[SimulationProcess] = []
_lock = threading.Lock()


class Pool(WorkerPlugin):
    """Simulation processes of one worker for one sweep, one per worker thread.

    memory_gb : memory limit of one process in GB; 0 sets no limit
    keep      : whether they may outlive the sweep
    """

    def __init__(self, name: str, memory_gb: float, keep: bool):
        self.name = name
        self.memory_gb, self.keep = memory_gb, keep
        self._closed = False
        self._busy: set[SimulationProcess] = set()

    def __reduce__(self) -> Any:
        return Pool, (self.name, self.memory_gb, self.keep)

    def setup(self, worker: Worker) -> None:
        """Load Brian2 for the processes while the worker waits for its first task."""
        prestart()

    def teardown(self, worker: Worker) -> None:
        """End the processes of the sweep; if they are kept, those still busy after a while."""
        self._closed = True
        if self.keep:
            timer = threading.Timer(GRACE_S, self._end_busy)
            timer.daemon = True
            timer.start()
            return
        self._end_busy()
        while process := self._from_idle():
            process.leave()

    def _end_busy(self) -> None:
        for process in list(self._busy):
            process.end()

    def _from_idle(self) -> SimulationProcess | None:
        with _lock:
            for process in reversed(_idle):  # prefer the most recently used
                if process.memory_gb == self.memory_gb:
                    _idle.remove(process)
                    return process
        return None

    def _take(self) -> SimulationProcess:
        process = self._from_idle()
        if process is not None and process.usable:
            return process
        if process is not None:
            process.end()
        return SimulationProcess(self.memory_gb)

    def run(self, job: bytes, k: int, values: dict[str, float], seed: int) -> dict[str, Any]:
        """Simulate one run; raises ProcessDied if the process ends meanwhile."""
        process = self._take()
        self._busy.add(process)
        try:
            if self._closed:
                raise ProcessDied("the sweep is over")
            outcome = process.simulate(job, k, values, seed)
        except (EOFError, OSError) as error:
            process.end()
            raise ProcessDied(process.exit_code()) from error
        except BaseException:
            process.end()
            raise
        finally:
            self._busy.discard(process)
        with _lock:
            _idle.append(process)
        return outcome


def simulate(pool: str, job: bytes, k: int, values: dict[str, float], seed: int) -> dict[str, Any]:
    """Simulate one run of a sweep (the Dask task)."""
    plugin = get_worker().plugins[pool]
    assert isinstance(plugin, Pool)
    return plugin.run(job, k, values, seed)
