"""Run a command, and kill it and its children when the parent process ends.

Usage: python -I -S guard.py PID COMMAND...

A killed process cannot end its children, and a program such as a compiler does not watch its
parent. This script runs between the two, in one process group with the command. It is run by its
path and uses only the standard library, so that it starts quickly.
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
    # An orphan gets a new parent PID. A pipe could be inherited and kept open by other processes.
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
        return 127  # as a shell does
    if code < 0:  # killed by a signal: end in the same way for our caller
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    sys.exit(main())
