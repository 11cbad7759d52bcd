"""Worker processes: forked from a server that has Brian2 loaded, spawned where there is none.

And how much memory a process may use, where the system can tell it.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import multiprocessing
import multiprocessing.connection
import multiprocessing.util
import os
import shutil
import signal
import sys
import tempfile
import threading
import uuid
import weakref
from collections.abc import Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any

from ..paths import sweep_folders, sweep_store

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

from ..family import end_with_parent, kill_group, safe_path, yield_by

TEMPORARY = "workbench"  # begins the names of the workers' temporary folders
GONE_S = 2.0  # to wait for a worker that was killed, before what it has written is removed
LONGEST_SOCKET = 103  # bytes in the name of a socket: 107 on Linux, 103 on macOS
SOCKET = "/pymp-12345678/listener-12345678"  # of multiprocessing, below the temporary folder
SHORT_FOLDER = "/tmp"
SAFE_PATH, BY_US = "PYTHONSAFEPATH", "workbench"  # Python asks only whether it is set
QUIET = "ignore:resource_tracker:UserWarning"
KEPT_BYTES = 2**25  # the most that glibc allows for the size of a block that it keeps
SMALL_BYTES = 2**17  # glibc's own threshold, until a larger block was freed
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # of malloc.h
# The same for a program that is started, in its environment.
MALLOC_KEEPS = {f"MALLOC_{name}_THRESHOLD_": str(KEPT_BYTES) for name in ("MMAP", "TRIM")}


class Yielding:
    """By how much workers yield to this process, which draws what they simulate (see ``nice``)."""

    by = 0


class Memory:
    """What a worker may use, GB, where it sets itself no other limit; 0 for no limit."""

    most_gb = 0.0


_lock = threading.RLock()  # a session may be collected, and ended, while another one is started
# Worker -> what removes its temporary folder; also when the worker is forgotten.
_launched: weakref.WeakKeyDictionary[Any, weakref.finalize] = weakref.WeakKeyDictionary()


def _context() -> Any:
    kind = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(kind)
    if kind == "forkserver":
        context.set_forkserver_preload(["workbench.brian.preload"])
        _name_sockets_shortly()
    return context


def _track_quietly() -> None:
    """Start multiprocessing's tracker, unless it runs, so that it says nothing of locks.

    A worker that is ended leaves the lock behind that Blosc makes in each process which reads a
    run. The tracker takes it away; when the program ends it would print that it did.
    """
    with _lock:
        sys.warnoptions.append(QUIET)  # its command line has them
        try:
            resource_tracker.ensure_running()
        finally:
            sys.warnoptions.remove(QUIET)


def _name_sockets_shortly() -> None:
    """Have multiprocessing's sockets in /tmp where the temporary folder has too long a name.

    So do Pythons from 3.14 on; others could start no worker, as in a job's folder of a cluster.
    """
    with _lock:
        default = tempfile.gettempdir()
        if len(os.fsencode(default + SOCKET)) > LONGEST_SOCKET:
            before, tempfile.tempdir = tempfile.tempdir, SHORT_FOLDER
            try:
                multiprocessing.util.get_temp_dir()  # remembers which
            finally:
                tempfile.tempdir = before


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


@contextlib.contextmanager
def _safe_path() -> Iterator[None]:
    """Keep what is started here from importing files of the working folder; see `safe_path`.

    multiprocessing starts its servers with ``python -c``.
    """
    if not safe_path() or SAFE_PATH in os.environ:
        yield
        return
    os.environ[SAFE_PATH] = BY_US
    try:
        yield
    finally:
        del os.environ[SAFE_PATH]


@contextlib.contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Keep Ctrl-C from what is started here, for good: it reaches every process of a terminal.

    Only the process that somebody talks to may act on it, and end the others.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    _track_quietly()  # the tracker lets it through again when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def allowed_children() -> Iterator[None]:
    """Let a daemonic process have children, as workers of Dask and sessions' own workers are.

    multiprocessing refuses, as a daemonic process is killed and would leave its children behind.
    Workers end with the process that launched them, however it ends.
    """
    here = multiprocessing.current_process()
    daemonic = here.daemon
    here.daemon = False
    try:
        yield
    finally:
        here.daemon = daemonic


def launch(target: Any, *args: Any, name: str) -> tuple[Any, Connection]:
    """Start ``target(connection, *args)`` in a worker; returns the process and our end.

    The worker ends with this process, also when that is killed, and when the process that is
    returned here is forgotten. Its temporary files are in a folder of its own, which goes with it:
    most workers are killed, and could not remove what they have there.
    """
    context = _context()
    ours, theirs = context.Pipe(duplex=True)
    own = Path(tempfile.gettempdir()) / f"{TEMPORARY}-{os.getpid()}-{uuid.uuid4().hex[:12]}"
    with _lock, _without_main(), _safe_path(), _without_ctrl_c(), allowed_children():
        process = context.Process(
            target=_enter, args=(Yielding.by, Memory.most_gb, own, target, theirs, *args),
            name=name, daemon=True,
        )  # fmt: skip
        process.start()
        _launched[process] = weakref.finalize(process, _remove, own)
    theirs.close()
    return process, ours


def _enter(yielding: int, most_gb: float, own: Path, target: Any, *args: Any) -> None:
    if os.environ.get(SAFE_PATH) == BY_US:  # it was for the server; scripts start as ever
        del os.environ[SAFE_PATH]
    end_with_parent(functools.partial(_remove, own))
    _have_temporary(own)
    limit_memory(most_gb)
    if yielding:
        yield_by(yielding)
    try:
        target(*args)
    finally:
        _remove(own)


def _have_temporary(folder: Path) -> None:
    """Have this process, and what it starts, keep temporary files there."""
    try:
        folder.mkdir(0o700)
    except OSError:  # a full disk; what needs the folder says so
        return
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def end(process: Any) -> None:
    """End a worker now, with a compiler that it may have started, and what it has written."""
    with _lock:
        kill_group(process)
        remove = _launched.get(process)
    if remove is not None and remove.alive:
        multiprocessing.connection.wait([process.sentinel], GONE_S)
        remove()


def end_soon(process: Any) -> None:
    """The same where nobody may wait: it is killed now, and what it has written goes after that."""
    with _lock:
        kill_group(process)
    threading.Thread(target=end, args=(process,), daemon=True).start()


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
    sweep_folders(Path(tempfile.gettempdir()), f"{TEMPORARY}-*-*")
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing import forkserver

        _context()
        with _lock, _without_main(), _safe_path(), _without_ctrl_c():
            forkserver.ensure_running()


def limit_memory(gigabytes: float) -> None:
    """What this process asks for beyond it is refused, as a MemoryError; 0 sets no limit."""
    if resource is None or gigabytes <= 0:
        return
    size = int(gigabytes * 2**30)
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard == resource.RLIM_INFINITY or size <= hard:
        resource.setrlimit(resource.RLIMIT_AS, (size, hard))


def keep_freed_memory() -> None:
    """Let glibc's ``malloc`` keep what is freed, up to `KEPT_BYTES`, for the next use.

    By itself it gives a block of some 100 kB or more back to the system, which has to clear each
    page of the next one anew: a recording takes blocks of 2 MB hundreds of times a second, and a
    third of its time went there.
    """
    _tell_malloc({_M_MMAP_THRESHOLD: KEPT_BYTES, _M_TRIM_THRESHOLD: KEPT_BYTES})


def give_freed_memory_back() -> None:
    """Let glibc's ``malloc`` give what is freed back to the system; call before threads begin.

    For a process whose pages come and go. By itself it has a heap for each of up to eight threads a
    processor, and keeps what is freed in each; and the larger the blocks that were freed, the
    larger those that it takes from a heap.
    """
    _tell_malloc({_M_ARENA_MAX: 1, _M_MMAP_THRESHOLD: SMALL_BYTES, _M_TRIM_THRESHOLD: SMALL_BYTES})


def _tell_malloc(options: dict[int, int]) -> None:
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        for option, value in options.items():
            mallopt(option, value)


def trim_memory() -> None:
    """Give back what is free now amid what is in use, which takes milliseconds."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
