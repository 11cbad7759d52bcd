"""Run a sweep: submit runs to Dask, store the results, stop early on request."""

from __future__ import annotations

import contextlib
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SimulationError
from .cluster import Team, check_where, team
from .dataset import dataset
from .design import Design
from .journal import Journal
from .progress import shown

if TYPE_CHECKING:
    import xarray

LOOK_EVERY_S = 0.2
AHEAD = 4  # runs submitted per thread: no thread idles, and few are cancelled at a stop


@dataclass(frozen=True)
class Progress:
    """Progress of a sweep; ``outcome`` is that of the run just finished, if any.

    state : "starting" (the workers), "running", then "finished" or "stopped"
    """

    done: int
    total: int
    failed: int
    state: str
    outcome: dict[str, Any] | None = None


def run_design(
    design: Design,
    *,
    scheduler: str,
    workers: int | None,
    path: str | Path | None,
    resume: bool,
    progress: bool | Callable[[Progress], Any],
    stop: threading.Event | None,
) -> xarray.Dataset:
    """Run a validated sweep; arguments as for ``workbench.sweeps.sweep``."""
    check_where(scheduler, workers)
    settings = design.settings()
    stop = stop or threading.Event()
    with contextlib.ExitStack() as stack:
        journal = Journal(Path(path), settings, resume) if path is not None else None
        if journal is not None:
            stack.callback(journal.close)
        report = stack.enter_context(shown(progress))
        stack.enter_context(_until_interrupted(stop))
        outcomes = dict(journal.outcomes) if journal is not None else {}
        # Failed runs are repeated: the machine may have been the cause.
        finished = {k for k, o in outcomes.items() if not o["error"]}
        todo = [k for k in design.order() if k not in finished]
        job = _Job(design, outcomes, journal, report, len(design.order()), len(todo))
        try:
            if todo:
                job.notify("starting")
                with team(scheduler, workers) as hands:
                    job.notify("running")
                    job.hand_out(hands, design.job(), todo, stop)
            job.notify("finished" if job.left == 0 else "stopped")
        finally:
            data = dataset({**settings, **_provenance()}, outcomes)
            data.attrs["outcome"] = "finished" if job.left == 0 else "stopped"
            if journal is not None:
                journal.write_zarr(data)
        return data


class _Job:
    def __init__(
        self,
        design: Design,
        outcomes: dict[int, dict[str, Any]],
        journal: Journal | None,
        report: Callable[[Progress], Any],
        total: int,
        left: int,
    ):
        self.design, self.outcomes, self.journal = design, outcomes, journal
        self.report, self.total, self.left = report, total, left

    def notify(self, state: str, outcome: dict[str, Any] | None = None) -> None:
        failed = sum(bool(o["error"]) for o in self.outcomes.values())
        self.report(Progress(self.total - self.left, self.total, failed, state, outcome))

    def hand_out(self, hands: Team, packed: bytes, todo: list[int], stop: threading.Event) -> None:
        """Simulate the runs ``todo`` until all are finished or ``stop`` is set."""
        waiting = iter(todo)
        news: queue.Queue[Any] = queue.Queue()
        flying: dict[Any, int] = {}

        def submit() -> None:
            k = next(waiting, None)
            if k is None:
                return
            from .dask_pool import simulate

            future = hands.client.submit(
                simulate, hands.pool, packed, k, self.design.values(k), self.design.seed_of(k),
                pure=False, retries=1,
            )  # fmt: skip
            flying[future] = k
            future.add_done_callback(news.put)

        for _ in range(AHEAD * hands.threads()):
            submit()
        try:
            while flying and not stop.is_set():
                try:
                    future = news.get(timeout=LOOK_EVERY_S)
                except queue.Empty:
                    hands.check()
                    continue
                outcome = self._result(future, flying[future])
                if outcome is None:  # its worker was lost with the result: Dask recomputes it
                    news.put(future)
                    hands.check()
                    continue
                del flying[future]
                self._keep(outcome)
                submit()
        finally:
            with contextlib.suppress(Exception):
                hands.client.cancel(list(flying))

    def _result(self, future: Any, k: int) -> dict[str, Any] | None:
        from distributed import KilledWorker

        from .dask_pool import ProcessDied

        try:
            return future.result(timeout=1)
        except TimeoutError:
            return None
        except KilledWorker:
            message = "The workers that simulated it were lost, one after the other."
        except ProcessDied as error:
            message = f"The process that simulated it died twice (exit code {error})."
        except Exception as error:
            if future.status == "cancelled":
                raise SimulationError(
                    "The scheduler has dropped the sweep; what is done is kept."
                ) from error
            message = f"{type(error).__name__}: {error}"
        return {
            "k": k, "seed": self.design.seed_of(k), "error": message, "cells": {}, "engine": "",
            "wall_s": float("nan"),
        }  # fmt: skip

    def _keep(self, outcome: dict[str, Any]) -> None:
        self.left -= 1
        if self.journal is not None:
            self.journal.add(outcome)
        self.outcomes[outcome["k"]] = outcome
        self.notify("running", outcome)


def _provenance() -> dict[str, Any]:
    from ..provenance import collect

    return {"provenance": collect()}


@contextlib.contextmanager
def _until_interrupted(stop: threading.Event) -> Iterator[None]:
    """Let the first Ctrl-C set ``stop``; the second one acts as usual."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def on_interrupt(_number: int, _frame: Any) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
