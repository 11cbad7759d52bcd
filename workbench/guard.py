"""Runs a command; ends it, and what it has started, when the process that asked for it is gone.

Usage: python -I -S guard.py PID COMMAND...

A process that is killed can end nothing any more, and a compiler does not ask who it works for. So
this one stands between them, in a process group of its own with the command. It is run by its path
and uses the standard library only: it has to be there at once.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

LOOK_EVERY_S = 0.2


def _watch(parent: int) -> None:
    # An orphan gets another parent. This needs no pipe, which others could inherit and keep open.
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    os.killpg(0, signal.SIGKILL)


def main() -> int:
    parent, command = int(sys.argv[1]), sys.argv[2:]
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    try:
        code = subprocess.call(command, close_fds=False)
    except OSError as error:
        sys.stderr.write(f"{command[0]} cannot be run: {error.strerror}\n")
        return 127  # as a shell says it
    if code < 0:  # it was killed: let our caller see the same
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    sys.exit(main())
