"""Worker processes: forked from a server that has Brian2 loaded, spawned where there is none."""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import multiprocessing.connection
import os
import shutil
import sys
import threading
import uuid
import weakref
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any

import platformdirs
import psutil

from ..family import end_with_parent, kill_group

_lock = threading.RLock()  # a session may be collected, and ended, while another one is started
_launched: weakref.WeakSet[Any] = weakref.WeakSet()


def _context() -> Any:
    kind = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(kind)
    if kind == "forkserver":
        context.set_forkserver_preload(["workbench.brian.preload"])
    return context


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Keep multiprocessing from running the user's script again in the child.

    It would import the parent's ``__main__``; a script without an ``if __name__`` guard would
    then start its simulations once more. Workers need nothing from it.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def launch(target: Any, *args: Any, name: str) -> tuple[Any, Connection]:
    """Start ``target(connection, *args)`` in a worker; returns the process and our end.

    The worker ends with this process, also when that is killed, and when the process that is
    returned here is forgotten.
    """
    context = _context()
    ours, theirs = context.Pipe(duplex=True)
    with _lock, _without_main():
        process = context.Process(
            target=_enter, args=(target, theirs, *args), name=name, daemon=True
        )
        process.start()
        _launched.add(process)
    theirs.close()
    return process, ours


def _enter(target: Any, *args: Any) -> None:
    end_with_parent()
    target(*args)


def end(process: Any) -> None:
    """End a worker now, with a compiler that it may have started."""
    with _lock:
        kill_group(process)


@atexit.register
def _end_all() -> None:
    for process in list(_launched):
        end(process)


def exit_code(process: Any, timeout: float = 0) -> int | None:
    """How a worker ended; None when it has not ended within ``timeout`` seconds.

    The fork server says it once, to whoever asks first, and multiprocessing asks for every process
    whenever one is started: of two threads that ask at once, one is told that it ended with 255.
    """
    if not multiprocessing.connection.wait([process.sentinel], timeout):
        return None
    with _lock:
        process.join(timeout)
        return process.exitcode


def prestart() -> None:
    """Start the fork server now, so that the first session need not wait for Brian2."""
    sweep_store()
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing import forkserver

        _context()
        with _lock, _without_main():
            forkserver.ensure_running()


def runs_folder() -> Path:
    """Where runs are kept: ``WORKBENCH_RUNS``, or the user's data directory."""
    given = os.environ.get("WORKBENCH_RUNS")
    return Path(given) if given else Path(platformdirs.user_data_dir("circuit-workbench")) / "runs"


def live_folder() -> Path:
    """Where running sessions record: below ``WORKBENCH_RUNS``, or the user's cache directory."""
    base = os.environ.get("WORKBENCH_RUNS") or platformdirs.user_cache_dir("circuit-workbench")
    return Path(base) / "live"


def new_store() -> Path:
    """A fresh place to record one run; its name says which process it belongs to."""
    return live_folder() / f"{os.getpid()}-{uuid.uuid4().hex[:12]}.zarr"


def sweep_store() -> None:
    """Remove recordings whose process is gone and that nobody saved for a day."""
    import time

    for path in live_folder().glob("*-*.zarr"):
        pid = path.name.split("-")[0]
        with contextlib.suppress(OSError):
            old = time.time() - path.stat().st_mtime > 86_400
            if pid.isdigit() and not psutil.pid_exists(int(pid)) and old:
                shutil.rmtree(path, ignore_errors=True)
