"""The simulation process: runs and measures one run of a sweep after another.

It is separate from the Dask worker because Brian2's device, preferences and random numbers belong
to a process and its main thread, and because a simulation that crashes or exceeds its memory must
not end the worker.
"""

from __future__ import annotations

import contextlib
import gc
import pickle
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from ..engine.process import limit_memory
from ..errors import WorkbenchError
from ..model.transfer import unpack_model
from .measures import unpack
from .results import cells_of

IDLE_S = 120.0  # idle time after which the process ends by itself
TOO_BIG = "The simulation needs more memory than a sweep's worker may use (WORKBENCH_MEMORY_GB)."


def work(conn: Connection, memory_gb: float) -> None:
    """Receive (job, number, values, seed) and send the outcome of that run, until idle."""
    limit_memory(memory_gb)
    import workbench.brian.preferences  # noqa: F401

    job: dict[str, Any] = {}
    packed = b""
    while conn.poll(IDLE_S):
        try:
            asked, k, values, seed = conn.recv()
        except EOFError:
            return
        first = asked != packed
        if first:
            packed, job = asked, {}
        try:
            job = job or _unpack(packed)
            with _settings_kept():
                outcome = simulate(job, values, seed)
        except Exception as error:  # the user's model or measure may raise anything
            outcome = {"error": sentence(error), "cells": {}, "engine": "", "wall_s": float("nan")}
        conn.send({"k": k, "seed": seed, **outcome})
        if first:
            # Every run collects garbage, which need not look through the model's modules again.
            gc.collect()
            gc.freeze()


@contextlib.contextmanager
def _settings_kept() -> Iterator[None]:
    """Put back what a model or a measure may change of Brian2: its preferences and time step."""
    import brian2

    preferences, dt = dict(brian2.prefs), brian2.defaultclock.dt
    try:
        yield
    finally:
        for name, value in preferences.items():
            if brian2.prefs[name] != value:
                brian2.prefs[name] = value
        brian2.defaultclock.dt = dt


def _unpack(packed: bytes) -> dict[str, Any]:
    job = pickle.loads(packed)
    job["measure"] = [(name, unpack(function)) for name, function in job["measure"]]
    return job


def simulate(job: dict[str, Any], values: dict[str, float], seed: int) -> dict[str, Any]:
    """Simulate and measure one run; return its outcome as stored in the journal."""
    began = time.perf_counter()
    packed = job["model"]
    model = unpack_model({**packed, "values": {**packed["values"], **values}})
    run = model.run(
        job["duration_ms"], seed=seed, engine=job["engine"], operations=job["operations"]
    )
    cells: dict[str, Any] = {}
    for name, measure in job["measure"]:
        try:
            result = measure(run)
        except WorkbenchError:
            raise
        except Exception as error:
            raise WorkbenchError(f"measure {name} failed: {sentence(error)}") from error
        cells |= cells_of(name, result, job["reserved"])
    engine = run.engine
    del run
    gc.collect()
    wall_s = round(time.perf_counter() - began, 6)
    return {"error": "", "cells": cells, "engine": engine, "wall_s": wall_s}


def sentence(error: BaseException) -> str:
    """Describe in one sentence why a run has no result."""
    root = error
    while root.__cause__ is not None and not isinstance(root, MemoryError):
        root = root.__cause__
    if isinstance(root, MemoryError):
        return TOO_BIG
    if isinstance(error, WorkbenchError):
        return str(error)
    return f"{type(error).__name__}: {error}".splitlines()[0]
