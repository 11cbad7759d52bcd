"""Has a script looked at in a process of its own, which ends when it has answered."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import BuildError, UnknownName
from ..family import guarded, kill_group, kill_rest, python

TIMEOUT_S = 120.0
MOST_SAID = 10_000  # bytes, of which the last line is shown


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
        answer, said = Path(folder) / "answer", Path(folder) / "said"
        _run(reader, path, args, answer, said, timeout_s)
        message = _last_line(said)
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


def _run(
    reader: str, path: Path, args: Sequence[str], answer: Path, said: Path, timeout_s: float
) -> None:
    """Run the script, and end what it has started.

    said : becomes what it writes to stderr; a pipe could be held open by processes of its own
    """
    # No figure windows, and no prompts that wait for input.
    environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONUNBUFFERED": "1"}
    # What Brian2 and the script leave there goes with the answer.
    environment["TMPDIR"] = str(answer.parent)
    command = python("-m", "workbench.scripts.child")
    with said.open("wb") as errors:
        process = guarded(
            [*command, reader, str(answer), str(path), *args],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, env=environment,
        )  # fmt: skip
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        raise BuildError(
            f"{path.name} did not come to its first run within {timeout_s:g} s: allow it more "
            "time, or make its network smaller."
        ) from None
    finally:
        kill_group(process)
        process.wait()
        kill_rest(process)


def _last_line(said: Path) -> str:
    with said.open("rb") as file:
        file.seek(max(0, said.stat().st_size - MOST_SAID))
        lines = file.read().decode(errors="replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
