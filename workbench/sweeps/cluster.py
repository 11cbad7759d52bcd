"""Dask workers of a sweep: one in this process, or those of an existing scheduler.

The local one has a thread for each run that is simulated at the same time. Threads will do, as they
only wait: runs are simulated in processes of their own. Workers that are processes as well would
cost the seconds in which each loads Dask, and would have to be watched.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
import uuid
from collections.abc import Iterator

import dask
import psutil
from distributed import Client, LocalCluster

from ..engine.process import prestart
from ..errors import ParameterError, SimulationError, in_brief
from ..model.units import whole_of
from ..settings import MEMORY_GB, processors
from .dask_pool import Pool

CONNECT_S = 30.0  # timeout for a scheduler to answer
WAIT_S = 30.0  # timeout for its first worker
LOCAL = "local"
HERE = "127.0.0.1:0"  # reached from this machine only


class Team:
    """A Dask client and its workers."""

    def __init__(self, client: Client, pool: str):
        self.client, self.pool = client, pool

    def check(self) -> None:
        """Raise SimulationError if the scheduler is gone."""
        if self.client.status != "running":
            raise SimulationError("The connection to the scheduler was lost; what is done is kept.")

    def threads(self) -> int:
        """Number of runs simulated at the same time."""
        workers = self.client.scheduler_info(n_workers=-1)["workers"].values()
        return max(1, sum(w["nthreads"] for w in workers))


@contextlib.contextmanager
def team(scheduler: str, workers: int | None) -> Iterator[Team]:
    """Connect to a scheduler, or start one here, and prepare its workers.

    raises : ParameterError for invalid arguments, SimulationError if the scheduler or its workers
             do not answer
    """
    with contextlib.ExitStack() as stack:
        pool = f"workbench-sweep-{uuid.uuid4().hex[:12]}"
        if scheduler == LOCAL:
            yield _local(stack, pool, workers or processors())
        else:
            yield _remote(stack, pool, scheduler)


def check_where(scheduler: str, workers: int | None) -> None:
    """Raise ParameterError for an invalid scheduler or number of workers."""
    if not isinstance(scheduler, str) or (scheduler != LOCAL and "://" not in scheduler):
        raise ParameterError(
            f"scheduler = {scheduler!r} is not allowed: it must be 'local', or an address such as "
            "'tcp://host:8786'."
        )
    if workers is None:
        return
    if not 1 <= whole_of(workers, what="workers") <= 1024:
        raise ParameterError(f"workers = {workers!r} is not allowed: a whole number from 1 on.")
    if scheduler != LOCAL:
        raise ParameterError(
            f"workers = {workers} is only for scheduler='local': a scheduler of your own has its "
            "workers already."
        )


def _local(stack: contextlib.ExitStack, pool: str, workers: int) -> Team:
    prestart()  # Brian2 is loaded while Dask starts
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="workbench-sweep-"))
    # Dask's profiler would look at the waiting threads a hundred times a second.
    with dask.config.set({"distributed.worker.profile.enabled": False}):
        cluster = stack.enter_context(
            LocalCluster(
                n_workers=1, threads_per_worker=workers, processes=False, memory_limit=0,
                local_directory=folder, silence_logs=logging.CRITICAL,
                # Both answer over HTTP, on all addresses unless told otherwise.
                dashboard_address=HERE, worker_dashboard_address=HERE,
                scheduler_kwargs={"dashboard": False},
            )
        )  # fmt: skip
    client = stack.enter_context(Client(cluster, set_as_default=False))
    client.register_plugin(Pool(pool, _share_gb(workers), keep=False))
    stack.callback(_forget, client, pool)
    return Team(client, pool)


def _remote(stack: contextlib.ExitStack, pool: str, address: str) -> Team:
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SimulationError(
            f"No Dask scheduler answers at {address}: start one with `dask scheduler`, or use "
            "scheduler='local'."
        ) from error
    stack.enter_context(client)
    try:
        client.wait_for_workers(1, timeout=WAIT_S)
    except TimeoutError as error:
        raise SimulationError(
            f"The scheduler at {address} has no workers: start some with `dask worker {address}`."
        ) from error
    limit = MEMORY_GB.read()
    try:
        client.register_plugin(Pool(pool, limit, keep=True))
    except Exception as error:
        raise SimulationError(
            f"The workers of {address} cannot run a sweep: the workbench must be installed there, "
            f"in the same version ({in_brief(error)})."
        ) from error
    stack.callback(_forget, client, pool)
    return Team(client, pool)


def _forget(client: Client, pool: str) -> None:
    with contextlib.suppress(Exception):
        client.unregister_worker_plugin(pool)


def _share_gb(workers: int) -> float:
    """Memory limit of one simulation in GB: the configured limit or an equal share of the RAM."""
    limit = MEMORY_GB.read()
    share = 0.8 * psutil.virtual_memory().total / 2**30 / workers
    return min(limit, max(share, 1.0)) if limit > 0 else 0.0
