"""Ctrl-C ends every command without a traceback, while it starts and while it works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = [
    pytest.mark.slow,  # each is started, twice
    pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a POSIX signal"),
]
COMMANDS = {
    "list": ["list"],
    "doctor": ["doctor"],
    "describe": ["describe", "cuba"],
    "circuit": ["circuit", "cuba"],
    "check": ["check", "cuba"],
    "reproduce": ["reproduce", "cuba"],
    "run": ["run", "cuba", "--duration", "1e7"],
    "sweep": ["sweep", "cuba", "--vary", "tau_m=10:40:1"],
    "cache": ["cache", "build"],
    "serve": ["serve", "--no-browser"],
}
NOT_DONE, BY_SIGNAL = 130, -signal.SIGINT  # as a shell says it; before there is anybody to say it


@pytest.mark.parametrize("after_s", [0.5, 5.0])
@pytest.mark.parametrize("command", COMMANDS)
def test_it_ends_soon_and_without_a_traceback(command, after_s, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench", *COMMANDS[command]], cwd=tmp_path,
        env={**os.environ, "WORKBENCH_RUNS": str(tmp_path), "WORKBENCH_CACHE": str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    time.sleep(after_s)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)  # to all of the group, as a terminal does
    _, error = process.communicate(timeout=100)
    assert "Traceback" not in error
    assert process.returncode in (0, NOT_DONE, BY_SIGNAL)
