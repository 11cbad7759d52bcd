"""Carries a sweep out: hands runs to Dask, keeps what comes back, ends early when asked to."""

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
AHEAD = 4  # runs handed out for each thread: the next is there when one ends, few are cancelled


@dataclass(frozen=True)
class Progress:
    """How far a sweep is; ``outcome`` is the run that was finished just now, if one was.

    state : "starting" the workers, "running", then "finished" or "stopped"
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
    """Carry out a checked sweep; arguments as for ``workbench.sweeps``."""
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
        # What failed is tried again: the reason may have been the machine's.
        finished = {k for k, o in outcomes.items() if not o["error"]}
        todo = [k for k in design.order() if k not in finished]
        job = _Job(design, outcomes, journal, report, len(design.order()), len(todo))
        try:
            if todo:
                job.notify("starting")
                packed, first = design.job(), design.values(todo[0])
                with team(scheduler, workers, packed, first) as hands:
                    job.notify("running")
                    job.hand_out(hands, packed, todo, stop)
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
        """Have all of ``todo`` simulated, or as many as are finished when ``stop`` is set."""
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
                pure=False,
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
                    hands.tend()
                    continue
                outcome = self._result(future, flying[future])
                if outcome is None:  # its worker was lost with the result: it comes again
                    news.put(future)
                    hands.tend()
                    continue
                del flying[future]
                self._keep(outcome)
                submit()
        finally:
            with contextlib.suppress(Exception):
                hands.client.cancel(list(flying))

    def _result(self, future: Any, k: int) -> dict[str, Any] | None:
        from distributed import KilledWorker

        try:
            return future.result(timeout=1)
        except TimeoutError:
            return None
        except KilledWorker:
            message = "The workers that simulated it were lost, one after the other."
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
    """Ctrl-C sets ``stop``; the second one acts as always."""
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
