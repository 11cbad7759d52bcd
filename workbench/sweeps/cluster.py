"""Dask workers of a sweep: local ones started here, or those of an existing scheduler."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
from distributed import Client, LocalCluster

from ..errors import ParameterError, SimulationError, in_brief
from ..model.units import whole_of
from ..settings import MEMORY_GB
from .child_process import Child
from .dask_pool import Pool
from .fork_server import HERE, Rehearsal, start_fork_server

CONNECT_S = 30.0  # timeout for a scheduler to answer
WAIT_S = 30.0  # timeout for its first worker
LOCAL = "local"


class Team:
    """A Dask client and its workers.

    Call ``tend()`` from time to time: it replaces lost workers.
    """

    def __init__(self, client: Client, pool: str):
        self.client, self.pool = client, pool

    def tend(self) -> None:
        if self.client.status != "running":
            raise SimulationError("The connection to the scheduler was lost; what is done is kept.")

    def threads(self) -> int:
        """Number of runs simulated at the same time."""
        workers = self.client.scheduler_info(n_workers=-1)["workers"].values()
        return max(1, sum(w["nthreads"] for w in workers))


class LocalTeam(Team):
    """Local workers: one process with one thread each."""

    def __init__(
        self,
        client: Client,
        pool: str,
        workers: int,
        address: str,
        folder: str,
        fork_server: str | None,
    ):
        super().__init__(client, pool)
        self.address = address
        self.folder, self.fork_server, self.lost = folder, fork_server, 0
        self.children = [self._start() for _ in range(workers)]

    def _start(self) -> Child:
        # Lost workers are replaced and failed runs are reported, so Dask need not log them.
        quiet = {"DASK_LOGGING__DISTRIBUTED": "critical"}
        child = Child("workbench.sweeps.local_worker:serve", quiet)
        child.send((self.address, self.folder, self.fork_server))
        return child

    def threads(self) -> int:
        return len(self.children)

    def tend(self) -> None:
        super().tend()
        for place, child in enumerate(self.children):
            if not child.alive:
                self.lost += 1
                if self.lost > 10 + 5 * len(self.children):
                    raise SimulationError(
                        f"The sweep's workers died {self.lost} times; what is done is kept. "
                        "There may be too little memory: try fewer workers."
                    )
                child.kill()
                self.children[place] = self._start()

    def close(self) -> None:
        for child in self.children:
            child.hang_up()
        for child in self.children:
            child.kill()


@contextlib.contextmanager
def team(
    scheduler: str, workers: int | None, job: bytes, values: dict[str, float]
) -> Iterator[Team]:
    """Connect to a scheduler, or start a local one with workers, and prepare the workers.

    job, values : the job to simulate, and the parameter values of one of its runs

    raises : ParameterError for invalid arguments, SimulationError if the scheduler or its workers
             do not answer
    """
    with contextlib.ExitStack() as stack:
        pool = f"workbench-sweep-{uuid.uuid4().hex[:12]}"
        if scheduler == LOCAL:
            yield _local(stack, pool, workers or os.cpu_count() or 1, job, values)
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


def _local(
    stack: contextlib.ExitStack, pool: str, workers: int, job: bytes, values: dict[str, float]
) -> Team:
    share_gb = _share_gb(workers)
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="workbench-sweep-"))
    fork_server = None
    if HERE:
        stack.callback(start_fork_server(folder, Rehearsal(job, values, share_gb)).kill)
        fork_server = str(Path(folder) / "nursery")
    cluster = stack.enter_context(
        LocalCluster(
            n_workers=0, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False}, silence_logs=logging.CRITICAL,
        )
    )  # fmt: skip
    client = stack.enter_context(Client(cluster, set_as_default=False))
    client.register_plugin(Pool(pool, share_gb))
    found = LocalTeam(client, pool, workers, cluster.scheduler_address, folder, fork_server)
    stack.callback(found.close)
    return found


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
        client.register_plugin(Pool(pool, limit))
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
