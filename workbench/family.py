"""Processes that end with the one that started them, however it ends, and with all of their own.

Nothing that the workbench starts may outlive it, also when it is killed (signal 9) and can tell
nobody. A process of ours hears that from a pipe; a program of others has a guard beside it. Either
has a process group of its own, so that what it starts in turn ends with it.
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
from collections.abc import Sequence
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

_GUARD = Path(__file__).with_name("guard.py")
GRACE_S = 2.0  # for a process to hear by itself that it is alone, and to close its files


def end_with_parent() -> None:
    """To be called first in a process that multiprocessing started, by whatever method."""
    with contextlib.suppress(OSError, AttributeError):  # it leads a group already; Windows
        os.setsid()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(sentinel: Any) -> None:
    wait([sentinel])
    time.sleep(GRACE_S)
    leave()


def leave() -> None:
    """End this process at once, whatever its threads do, and what it has started."""
    with contextlib.suppress(AttributeError):  # Windows has no process groups
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
    os._exit(0)


def kill_group(process: Any) -> None:
    """Kill a process that leads a group, and what it has started; nothing if it has ended.

    process : of subprocess or of multiprocessing
    """
    over = process.poll() is not None if hasattr(process, "poll") else not process.is_alive()
    if over:
        return
    with contextlib.suppress(OSError, AttributeError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()  # before it leads one; Windows


def guarded(command: Sequence[str], **how: Any) -> subprocess.Popen[Any]:
    """Start a program that is ended, with all that it starts, when this process is gone.

    how : as for ``subprocess.Popen``. End it earlier with `kill_group`.
    """
    if os.name == "nt":  # there, an orphan's parent keeps its number
        return subprocess.Popen(command, **how)
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), *command],
        start_new_session=True,
        **how,
    )


def run_guarded(command: Sequence[str], **how: Any) -> subprocess.CompletedProcess[str]:
    """``subprocess.run`` with `guarded`; what it says is kept, as text."""
    pipe = subprocess.PIPE
    with guarded(command, stdout=pipe, stderr=pipe, text=True, **how) as process:
        try:
            out, err = process.communicate()
        except BaseException:
            kill_group(process)
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)
