"""Has a script looked at in a process of its own, which ends when it has answered."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import BuildError, UnknownName
from ..family import guarded, kill_group, kill_left

TIMEOUT_S = 120.0
LAST_BYTES = 2**16  # of what a script writes to stderr


def ask(
    reader: str, path: str | Path, args: Sequence[str] = (), timeout_s: float = TIMEOUT_S
) -> Any:
    """What ``reader``, "module:function", makes of the first network that a script would run.

    The script runs in its own process, as from a shell, until its first ``run``. There its
    network is read and the process ends. Nothing is simulated.

    raises : UnknownName if the file does not exist; BuildError, with the line, if the script
             fails, takes longer than ``timeout_s``, or has no network
    """
    path = Path(path)
    if not path.is_file():
        raise UnknownName(f"There is no script {path}: give the path of a Python file.")
    with tempfile.TemporaryDirectory(prefix="workbench-script-") as folder:
        answer = Path(folder) / "answer"
        message = _run(reader, path, args, answer, timeout_s)
        if not answer.exists():
            raise BuildError(
                f"{path.name} ended its process before a network could be read"
                f"{f': {message}' if message else ''}. Run it by itself to see why."
            )
        kind, _, content = answer.read_bytes().partition(b"\n")
    if kind == b"answer":
        # Safe to unpickle: written by our own module in the process started above.
        return pickle.loads(content)
    failure = json.loads(content)
    where = f", line {failure['line']}" if failure["line"] else ""
    error = BuildError(f"{path.name}{where}: {failure['message']}")
    error.details = failure["details"]  # type: ignore[attr-defined]
    raise error


def _run(reader: str, path: Path, args: Sequence[str], answer: Path, timeout_s: float) -> str:
    """Run the script, and end what it has left; returns the last line that it wrote to stderr."""
    # No figure windows, and no prompts that wait for input.
    environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONUNBUFFERED": "1"}
    process = guarded(
        [sys.executable, "-m", "workbench.scripts.child", reader, str(answer), str(path), *args],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env=environment,
    )  # fmt: skip
    said = _Said(process.stderr)
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        raise BuildError(
            f"{path.name} did not come to its first run within {timeout_s:g} s: allow it more "
            "time, or make its network smaller."
        ) from None
    finally:
        if process.poll() is None:
            kill_group(process)
            process.wait()
        # Processes that the script has started, which hold stderr open.
        kill_left(process)
        said.join()
    lines = [line for line in said.last.splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


class _Said(threading.Thread):
    """Reads what a program writes; ``last`` is the end of it, as text."""

    def __init__(self, stream: Any):
        super().__init__(daemon=True)
        self._stream, self._end = stream, b""
        self.start()

    def run(self) -> None:
        with self._stream:
            while piece := self._stream.read1(LAST_BYTES):
                self._end = (self._end + piece)[-LAST_BYTES:]

    @property
    def last(self) -> str:
        return self._end.decode(errors="replace")
