"""The circuit of any Brian2 script: run in a process of its own, and stopped at its first run."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

from ..errors import BuildError, UnknownName
from ..family import guarded, kill_group
from .elements import Circuit

TIMEOUT_S = 120.0


def circuit_of_script(path: str | Path, timeout_s: float = TIMEOUT_S) -> Circuit:
    """The circuit of the network that a script would simulate first. Nothing is simulated.

    The script runs as it would from a shell, in its own process, until its first ``run``; there
    its network is read and the process ends.

    raises : UnknownName when there is no such file; BuildError, with the line, when the script
             fails, when it takes longer than ``timeout_s``, or when it holds no network
    """
    path = Path(path)
    if not path.is_file():
        raise UnknownName(f"There is no script {path}: give the path of a Python file.")
    with tempfile.TemporaryDirectory(prefix="workbench-script-") as folder:
        answer = Path(folder) / "answer"
        message = _run(path, answer, timeout_s)
        if not answer.exists():
            raise BuildError(
                f"{path.name} ended its process before a network could be read"
                f"{f': {message}' if message else ''}. Run it by itself to see why."
            )
        kind, _, content = answer.read_bytes().partition(b"\n")
    if kind == b"circuit":
        # Written by our own module in the process that we started, for this one reader.
        found = pickle.loads(content)
        assert isinstance(found, Circuit)
        return found
    failure = json.loads(content)
    where = f", line {failure['line']}" if failure["line"] else ""
    error = BuildError(f"{path.name}{where}: {failure['message']}")
    error.details = failure["details"]  # type: ignore[attr-defined]
    raise error


def _run(path: Path, answer: Path, timeout_s: float) -> str:
    """Run the script; returns the last line that it wrote on stderr."""
    # Figures must neither open nor wait, and nothing may be asked of anybody.
    environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONUNBUFFERED": "1"}
    process = guarded(
        [sys.executable, "-m", "workbench.circuits.script_child", str(path), str(answer)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env=environment, text=True, errors="replace",
    )  # fmt: skip
    try:
        _, complaints = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        raise BuildError(
            f"{path.name} did not come to its first run within {timeout_s:g} s: allow it more "
            "time, or make its network smaller."
        ) from None
    finally:
        if process.poll() is None:
            kill_group(process)
            process.communicate()
    lines = [line for line in complaints.splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""
