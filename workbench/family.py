"""Child processes that end with their parent, however it ends, together with their own children.

No process started by the workbench may outlive it, even if it is killed by SIGKILL and cannot
notify anything. Our own child processes detect this by a closed pipe; external programs are run by
a guard process. Each has its own process group, so that its own children end with it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

_GUARD = Path(__file__).with_name("guard.py")
GRACE_S = 2.0  # for a process to notice that its parent has ended, and to close its files
_TRIES, _NEXT_TRY_S = 4, 0.1  # Linux lets ordinary users set one each tenth of a second


def end_with_parent(last: Callable[[], object] = lambda: None) -> None:
    """End this process with its parent; call first in a process started by multiprocessing.

    last : done before it ends so
    """
    with contextlib.suppress(OSError, AttributeError):  # already a group leader; Windows
        os.setsid()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel, last), daemon=True).start()


def yield_by(nice: int) -> None:
    """Leave the processors to others as far as ``nice`` says; call after `end_with_parent`.

    Linux mostly shares time among sessions first (man 7 sched, "The autogroup feature"): there the
    niceness of a process counts only within its session, so that the session gets one too.
    """
    with contextlib.suppress(OSError, AttributeError):  # AttributeError: Windows
        os.nice(nice)
        _have_session_yield(os.getpid(), os.nice(0))


def _have_session_yield(pid: int, nice: int) -> None:
    """Set the niceness of the session of a process, where the system has such a thing."""
    with contextlib.suppress(OSError):  # another system, or not allowed
        for _ in range(_TRIES):
            try:
                _autogroup(pid).write_text(str(nice))
                return
            except BlockingIOError:
                time.sleep(_NEXT_TRY_S)


def _autogroup(pid: int) -> Path:
    return Path(f"/proc/{pid}/autogroup")  # "/autogroup-123 nice 0"


def _niceness_of_session() -> int:
    try:
        return int(_autogroup(os.getpid()).read_text().split()[-1])
    except (OSError, ValueError, IndexError):
        return 0


def _watch(sentinel: Any, last: Callable[[], object]) -> None:
    wait([sentinel])
    time.sleep(GRACE_S)
    last()
    leave()


def leave() -> None:
    """End this process, its threads and its children immediately."""
    with contextlib.suppress(AttributeError):  # Windows has no process groups
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
    os._exit(0)


def kill_group(process: Any) -> None:
    """Kill the process group led by ``process``; do nothing if the process has ended.

    process : a process of subprocess or of multiprocessing
    """
    over = process.poll() is not None if hasattr(process, "poll") else not process.is_alive()
    if over:
        return
    with contextlib.suppress(OSError, AttributeError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()  # in case it does not lead a group yet; Windows


def safe_path() -> bool:
    """Whether programs in Python that are started here need nothing of the working folder.

    With ``-c`` and ``-m`` Python looks there before anywhere else: a file ``types.py`` of whoever
    has sent the folder would run. Where this process looks there itself, as ``python -m`` in a
    clone, what it starts may have to.
    """
    try:
        return not {"", str(Path.cwd())} & set(sys.path)
    except OSError:  # the folder was removed
        return True


def python(*args: str) -> list[str]:
    """The command line of a program in Python; see `safe_path`."""
    return [sys.executable, *(["-P"] if safe_path() else []), *args]


def kill_rest(process: subprocess.Popen[Any]) -> None:
    """Kill what a `guarded` process that has ended leaves running: its own children."""
    with contextlib.suppress(OSError, AttributeError):  # there is nothing; Windows
        os.killpg(process.pid, signal.SIGKILL)


def guarded(command: Sequence[str], **how: Any) -> subprocess.Popen[Any]:
    """Start a program that is killed with its children when this process ends.

    how : as for ``subprocess.Popen``. End it earlier with `kill_group`.
    """
    if os.name == "nt":  # on Windows the parent PID of an orphan does not change
        return subprocess.Popen(command, **how)
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), *command],
        start_new_session=True,
        **how,
    )
    if nice := _niceness_of_session():
        _have_session_yield(process.pid, nice)
    return process


def run_guarded(command: Sequence[str], **how: Any) -> subprocess.CompletedProcess[str]:
    """Like ``subprocess.run``, but `guarded`; captures the output as text."""
    pipe = subprocess.PIPE
    with guarded(command, stdout=pipe, stderr=pipe, text=True, **how) as process:
        try:
            out, err = process.communicate()
        except BaseException:
            kill_group(process)
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)
