"""Background jobs: figures and experiments run in separate processes.

Meanwhile the web process serves other pages; it never imports Brian2.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
import traceback
from collections import deque
from collections.abc import Callable
from typing import Any

from workbench.engine.process import end, exit_code, launch
from workbench.errors import WorkbenchError, message
from workbench.plots.registry import adopt, packed

TOO_BIG = "This needs more memory than it may use (WORKBENCH_MEMORY_GB)."


class BackgroundJob:
    """Runs ``function(*args, report=...)`` in a process; ``report(fraction, text)`` its progress.

    ``poll()`` returns messages: ("progress", fraction, text), then ("done", result) or
    ("failed", sentence, traceback). Functions, arguments and results must be picklable.
    """

    def __init__(self, function: Callable[..., Any], *args: Any, name: str = "workbench-job"):
        self._process, self._conn = launch(_work, function, args, packed(), name=name)
        self._news: deque[tuple[Any, ...]] = deque()
        self.over = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        last: tuple[Any, ...] = ()
        with contextlib.suppress(EOFError, OSError):
            while True:
                last = self._conn.recv()
                self._news.append(last)
        if not last or last[0] == "progress":
            code = exit_code(self._process, 30)
            self._news.append(("failed", f"The job's process ended without a result ({code}).", ""))
        self.over.set()

    def poll(self) -> list[tuple[Any, ...]]:
        """Return the messages that arrived since the last call, without blocking."""
        return [self._news.popleft() for _ in range(len(self._news))]

    def stop(self) -> None:
        """End the job without a result."""
        end(self._process)


async def elsewhere(function: Callable[..., Any], *args: Any) -> Any:
    """Compute ``function(*args)`` in another process and return its result.

    raises : WorkbenchError with the message of any error raised there
    """
    loop = asyncio.get_running_loop()
    job = await loop.run_in_executor(None, lambda: BackgroundJob(function, *args))
    await loop.run_in_executor(None, job.over.wait)
    for kind, *rest in job.poll():
        if kind == "done":
            return rest[0]
        if kind == "failed":
            raise WorkbenchError(rest[0])
    raise WorkbenchError("The job ended without a result.")


def _work(
    conn: Any, function: Callable[..., Any], args: tuple[Any, ...], plots: bytes = b""
) -> None:
    def report(fraction: float, text: str = "") -> None:
        conn.send(("progress", float(fraction), str(text)))

    try:
        adopt(plots)
        reports = "report" in inspect.signature(function).parameters
        result = function(*args, **({"report": report} if reports else {}))
        conn.send(("done", result))
    except MemoryError:
        conn.send(("failed", TOO_BIG, traceback.format_exc()))
    except Exception as error:
        conn.send(("failed", message(error), traceback.format_exc()))
    finally:
        conn.close()
