"""The process of a local Dask worker: one thread; it simulates in a process beside it."""

from __future__ import annotations

import asyncio
import os

from ..family import leave
from .child_process import Conn


def serve(conn: Conn) -> None:
    """Work for the scheduler at the address that is sent, until the process that sent it ends."""
    conn.start(on_gone=leave)
    address, folder, fork_server = conn.recv()

    from distributed import Worker

    from . import dask_pool as pool

    pool.fork_server = fork_server

    async def work() -> None:
        async with Worker(
            address, nthreads=1, memory_limit=0, local_directory=folder, host="127.0.0.1",
            dashboard=False, dashboard_address="127.0.0.1:0", name=f"sweep-{os.getpid()}",
            death_timeout=60,
        ) as worker:  # fmt: skip
            await worker.finished()

    asyncio.run(work())
