"""Background jobs: figures and experiments run in separate processes.

Meanwhile the web process serves other pages; it never imports Brian2. What many may ask for at a
click, files and drawings, is made in few processes at a time: each takes some 0.3 GB.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
import traceback
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import panel as pn

from workbench.engine.process import end_soon, exit_code, launch
from workbench.errors import WorkbenchError, message
from workbench.plots.registry import adopt, packed
from workbench.settings import processors

from .file_size import Largest, not_too_large

MOST_AT_ONCE = max(2, processors())  # files and drawings in the making, of all pages together
LOOK_S = 1.0  # between two looks at whether the page is still there
WRITTEN = "It is being written already: wait until it is done."
TOO_BIG = "This needs more memory than it may use (WORKBENCH_MEMORY_GB)."


class BackgroundJob:
    """Runs ``function(*args, report=...)`` in a process; ``report(fraction, text)`` its progress.

    ``poll()`` returns messages: ("progress", fraction, text), then ("done", result) or
    ("failed", sentence, traceback). Functions, arguments and results must be picklable.
    """

    def __init__(self, function: Callable[..., Any], *args: Any, name: str = "workbench-job"):
        self._process, self._conn = launch(_work, function, args, packed(), Largest.mb, name=name)
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
        end_soon(self._process)


_T = TypeVar("_T")
_written: set[int] = set()  # buttons whose file, or run, is being written
_places: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
    weakref.WeakKeyDictionary()
)


def place() -> asyncio.Semaphore:
    """One of `MOST_AT_ONCE` places for what somebody waits for; use as ``async with place():``."""
    return _places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(MOST_AT_ONCE))


async def waited(function: Callable[..., _T], *args: Any) -> _T:
    """What ``function(*args)`` returns or raises; it waits for a process.

    In a thread of its own. Those of the event loop are few, other pages need them meanwhile, and
    a program that ends waits for all that they were asked to do.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[_T] = loop.create_future()

    def tell(how: Callable[[Any], None], what: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits
            loop.call_soon_threadsafe(lambda: None if found.done() else how(what))

    def work() -> None:
        try:
            result = function(*args)
        except Exception as error:
            tell(found.set_exception, error)
        else:
            tell(found.set_result, result)

    threading.Thread(target=work, daemon=True).start()
    return await found


@contextlib.contextmanager
def writing(button: Any) -> Iterator[None]:
    """Show on its button that a file, or a run, is being written.

    raises : WorkbenchError if it is already: the browser lets nobody press it then
    """
    if id(button) in _written:  # a browser may say that it is not loading
        raise WorkbenchError(WRITTEN)
    _written.add(id(button))
    button.loading = True
    try:
        yield
    finally:
        button.loading = False
        _written.discard(id(button))


async def elsewhere(function: Callable[..., Any], *args: Any) -> Any:
    """Compute ``function(*args)`` in another process, when there is a `place`; return its result.

    raises : WorkbenchError with the message of any error raised there; CancelledError if the page
             that asks is closed before it is done, which ends the process
    """
    closed = _closing()
    async with place():
        if not closed():
            job = await waited(lambda: BackgroundJob(function, *args))
            await waited(_until_over, job, closed)
    if closed():
        raise asyncio.CancelledError
    for kind, *rest in job.poll():
        if kind == "done":
            return rest[0]
        if kind == "failed":
            raise WorkbenchError(rest[0])
    raise WorkbenchError("The job ended without a result.")


def _closing() -> Callable[[], bool]:
    """What says whether the page that asks was closed meanwhile; also called in other threads."""
    document = pn.state.curdoc
    context = None if document is None else document.session_context
    session = None if context is None else context.session
    return lambda: session is not None and session.destroyed


def _until_over(job: BackgroundJob, closed: Callable[[], bool]) -> None:
    while not job.over.wait(LOOK_S):
        if closed():
            job.stop()


def _work(
    conn: Any,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    plots: bytes = b"",
    most_mb: float = 0.0,
) -> None:
    def report(fraction: float, text: str = "") -> None:
        conn.send(("progress", float(fraction), str(text)))

    try:
        adopt(plots)
        reports = "report" in inspect.signature(function).parameters
        result = function(*args, **({"report": report} if reports else {}))
        conn.send(("done", not_too_large(result, most_mb)))
    except MemoryError:
        conn.send(("failed", TOO_BIG, traceback.format_exc()))
    except Exception as error:
        conn.send(("failed", message(error), traceback.format_exc()))
    finally:
        conn.close()
