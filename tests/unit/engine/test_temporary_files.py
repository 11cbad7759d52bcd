"""What workers keep in the temporary folder goes with them, however they end."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from workbench.engine import process as workers
from workbench.paths import KEPT_S, sweep_folders

WAIT_S = 60.0
NO_PROCESS = 2**22 + 1  # numbers of processes end at 2**22
WORK = """
import os, subprocess, sys, tempfile, time
from pathlib import Path

def written(conn):
    '''Files of this worker and of a program that it starts; then it waits.'''
    folder = Path(tempfile.mkdtemp(prefix="sources-"))
    (folder / "live.cpp").write_text("int main() {}")
    made = "import tempfile; print(tempfile.mkstemp()[1])"
    program = subprocess.run([sys.executable, "-c", made], capture_output=True, text=True)
    conn.send([str(folder), program.stdout.strip()])
    conn.recv()
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The temporary folder, and a module with a worker's work."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    (tmp_path / "writing_worker.py").write_text(WORK)
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


def begun():
    import writing_worker

    process, line = workers.launch(writing_worker.written, name="writing")
    return process, line, [Path(name) for name in line.recv()]


def is_empty(folder: Path) -> bool:
    began = time.monotonic()
    while found := [p for p in folder.iterdir() if not p.name.startswith("pymp-")]:
        assert time.monotonic() - began < WAIT_S, found
        time.sleep(0.05)
    return True


def test_of_a_worker_that_is_ended_nothing_is_left(temporary):
    process, _line, files = begun()
    assert all(file.exists() and temporary in file.parents for file in files)
    workers.end(process)
    assert not any(file.exists() for file in files)
    assert is_empty(temporary)


def test_of_a_worker_that_is_not_waited_for_nothing_is_left_either(temporary):
    process, _line, _files = begun()
    workers.end_soon(process)
    assert workers.exit_code(process, WAIT_S) == -signal.SIGKILL
    assert is_empty(temporary)


def test_of_a_worker_that_ends_by_itself_nothing_is_left(temporary):
    process, line, _files = begun()
    line.send("done")
    workers.exit_code(process, WAIT_S)
    assert is_empty(temporary)


def test_of_a_worker_that_was_killed_nothing_is_left_once_it_is_forgotten(temporary):
    process, line, files = begun()
    os.kill(process.pid, signal.SIGKILL)
    assert workers.exit_code(process, WAIT_S) == -signal.SIGKILL
    assert files[0].exists()
    del process, line
    gc.collect()
    assert is_empty(temporary)


def test_a_worker_whose_program_was_killed_takes_its_files_away(temporary, tmp_path):
    script = (
        "import os, signal, writing_worker\nfrom workbench.engine.process import launch\n"
        "process, line = launch(writing_worker.written, name='writing')\n"
        "print(line.recv()[0], flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    paths = os.pathsep.join([str(tmp_path), str(Path(workers.__file__).parents[2])])
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False,
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": paths},
    )  # fmt: skip
    assert done.stdout.startswith(str(temporary)), done.stderr
    assert is_empty(temporary)


def test_what_others_have_left_goes_after_a_day_and_what_is_in_use_stays(tmp_path):
    gone, young, used = (
        tmp_path / f"workbench-{number}-{name}"
        for number, name in ((NO_PROCESS, "old"), (NO_PROCESS, "young"), (os.getpid(), "used"))
    )
    for folder in (gone, young, used):
        folder.mkdir()
        (folder / "main.cpp").touch()
    for folder in (gone, used):
        before = time.time() - 2 * KEPT_S
        os.utime(folder, (before, before))
    sweep_folders(tmp_path, "workbench-*-*")
    assert sorted(tmp_path.iterdir()) == sorted([young, used])
