"""Work done elsewhere: figures and experiments run in processes of their own.

The web process answers other pages meanwhile, and never imports Brian2.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import traceback
from collections import deque
from collections.abc import Callable
from typing import Any

from workbench.engine.process import end, exit_code, launch
from workbench.errors import WorkbenchError, message
from workbench.plots.registry import adopt, packed


class BackgroundJob:
    """``function(*args, tell=...)`` in a process; ``tell(fraction, text)`` reports progress.

    ``poll()`` returns what arrived: ("progress", fraction, text), then ("done", result) or
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
        """What arrived since the last call; never waits."""
        return [self._news.popleft() for _ in range(len(self._news))]

    def stop(self) -> None:
        """End the job; it has no result then."""
        end(self._process)


async def elsewhere(function: Callable[..., Any], *args: Any) -> Any:
    """The result of ``function(*args)``, computed in another process.

    raises : WorkbenchError with the sentence of whatever went wrong there
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
        wants_tell = "tell" in function.__code__.co_varnames
        result = function(*args, **({"tell": report} if wants_tell else {}))
        conn.send(("done", result))
    except Exception as error:
        conn.send(("failed", message(error), traceback.format_exc()))
    finally:
        conn.close()
