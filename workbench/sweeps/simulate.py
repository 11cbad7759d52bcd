"""The simulation process: runs and measures one run of a sweep after another.

It is separate from the Dask worker because Brian2's device, preferences and random numbers belong
to a process and its main thread, and because a simulation that crashes or exceeds its memory must
not end the worker.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import time
from typing import Any

from ..engine.process import limit_memory, limited_memory
from ..errors import WorkbenchError
from ..family import leave
from ..model.transfer import unpack_model
from .child_process import Child, Conn
from .measures import unpack
from .results import cells_of

REHEARSED_MS = 1.0
IDLE_S = 120.0  # idle time after which the process ends by itself
TOO_BIG = "The simulation needs more memory than a sweep's worker may use (WORKBENCH_MEMORY_GB)."


def start_point(memory_gb: float) -> Child:
    """Start a simulation process with a memory limit in GB; 0 sets no limit."""
    return Child("workbench.sweeps.simulate:serve", {"WORKBENCH_SWEEP_MEMORY_GB": str(memory_gb)})


def serve(conn: Conn) -> None:
    """Entry point of a simulation process that loads Brian2 itself."""
    conn.start(on_gone=leave)
    prepare()
    work(conn, float(os.environ.get("WORKBENCH_SWEEP_MEMORY_GB", "0")))


def prepare() -> None:
    """Load Brian2."""
    import workbench.brian.preferences  # noqa: F401

    _settle()


def rehearse(packed: bytes, values: dict[str, float], memory_gb: float) -> None:
    """Build a sweep's network, simulate a few steps and measure, before forking.

    All forks then share the imported modules and Brian2's code generation caches. Errors are
    ignored here; the runs report them.
    """
    with limited_memory(memory_gb), contextlib.suppress(Exception):
        job = _unpack(packed)
        short_ms = min(job["duration_ms"], REHEARSED_MS)
        simulate({**job, "duration_ms": short_ms}, values, seed=0)
    _settle()


def _settle() -> None:
    # Every run collects garbage, which would otherwise traverse all of Brian2's modules each time.
    gc.collect()
    gc.freeze()


def work(conn: Conn, memory_gb: float) -> None:
    """Receive (job, number, values, seed) and send the outcome of that run, until idle."""
    limit_memory(memory_gb)
    job: dict[str, Any] = {}
    packed = b""
    while True:
        try:
            asked, k, values, seed = conn.recv(IDLE_S)
        except TimeoutError:
            return
        if asked != packed:
            packed, job = asked, {}
        try:
            job = job or _unpack(packed)
            outcome = simulate(job, values, seed)
        except Exception as error:  # the user's model or measure may raise anything
            outcome = {"error": sentence(error), "cells": {}, "engine": "", "wall_s": float("nan")}
        conn.send({"k": k, "seed": seed, **outcome})


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
