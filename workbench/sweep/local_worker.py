"""The process of a local Dask worker: one thread, and a simulating process beside it."""

from __future__ import annotations

import asyncio
import os

from .child import Conn, leave
from .point import start_point


def serve(conn: Conn) -> None:
    """Work for the scheduler at the address that is sent, until the process that sent it ends."""
    conn.start(on_gone=leave)
    address, folder, memory_gb = conn.recv()
    # Brian2 loads there while Dask loads here.
    child = start_point(memory_gb)

    from distributed import Worker

    from . import pool

    pool.keep(child, memory_gb)

    async def work() -> None:
        async with Worker(
            address, nthreads=1, memory_limit=0, local_directory=folder, dashboard=False,
            name=f"sweep-{os.getpid()}", death_timeout=60,
        ) as worker:  # fmt: skip
            await worker.finished()

    asyncio.run(work())
