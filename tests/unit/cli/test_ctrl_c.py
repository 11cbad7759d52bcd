"""Ctrl-C ends every command without a traceback, while it starts and while it works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from workbench import Catalogue
from workbench.cli.commands import COMMANDS
from workbench.run import Run

pytestmark = [
    pytest.mark.slow,  # each is started, twice
    pytest.mark.usefixtures("programs_hear_ctrl_c"),
    pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a POSIX signal"),
]
SCRIPT = """
from brian2 import *
cells = NeuronGroup(10, 'dv/dt = (2 - v) / (10*ms) : 1', threshold='v > 1', reset='v = 0')
run(1000*second)
"""
FIGURE = """
[[panels]]
run = "one.zarr"
"""
# Command -> lines of it; ``RUN`` is a saved run. Those that work on work longer than they are let.
LINES = {
    "list": ["list"],
    "describe": ["describe cuba"],
    "run": ["run cuba --duration 1e7", "run cuba --duration 1e7 --engine numpy --keep"],
    "figure": ["figure RUN raster -o a.pdf", "figure cuba raster -o b.pdf"],
    "plots": ["plots"],
    "circuit": ["circuit cuba"],
    "sweep": ["sweep cuba --vary tau_m=10:40:1", "sweep cuba --vary tau_m=10:40:400 --workers 2"],
    "train": ["train elm-neuron --data recordings"],
    "replay": ["replay RUN"],
    "runs list": ["runs list"],
    "runs show": ["runs show RUN"],
    "runs tag": ["runs tag RUN one"],
    "runs rm": ["runs rm RUN"],
    "runs index": ["runs index"],
    "reproduce": ["reproduce cuba"],
    "export": ["export RUN --csv tables"],
    "measure": ["measure RUN"],
    "redraw": ["redraw figure.toml"],
    "serve": ["serve --no-browser", "serve --no-browser --workers 2"],
    "notebooks": ["notebooks"],
    "users": ["users people --add anna --add ben"],
    "open": ["open script.py --no-browser", "open script.py --headless --duration 1e7"],
    "open-link": ["open-link /cuba?w_e=2.5&seed=7 --no-browser"],
    "new": ["new my-model --folder ."],
    "check": ["check cuba"],
    "adopt": ["adopt script.py"],
    "cache build": ["cache build"],
    "cache list": ["cache list"],
    "cache clear": ["cache clear"],
    "doctor": ["doctor"],
    "demo": ["demo"],
}
NOT_DONE, BY_SIGNAL = 130, -signal.SIGINT  # as a shell says it; before there is anybody to say it
WRONG = 2  # how a line ends that is refused, which would try nothing


LATER = """
import os, signal, sys, time, weakref
import workbench.cli
class Cell: pass
def work(**options):
    cell = Cell()
    there = weakref.ref(cell, lambda _: os.kill(os.getpid(), signal.SIGINT) or time.sleep(0))
    try:
        del cell
        time.sleep(60)
    except KeyboardInterrupt:
        print("stopped")
sys.modules["workbench.cli.app"].app = work
workbench.cli.main()
"""


def test_ctrl_c_in_a_callback_that_cannot_raise_comes_again():
    done = subprocess.run(
        [sys.executable, "-c", LATER], capture_output=True, text=True, timeout=50, check=False
    )
    assert (done.stdout, done.stderr) == ("stopped\n", "")


def test_every_command_is_tried():
    assert set(LINES) == set(COMMANDS)


@pytest.mark.parametrize("after_s", [0.5, 5.0])
@pytest.mark.parametrize("line", [line for lines in LINES.values() for line in lines])
def test_it_ends_soon_and_without_a_traceback(line, after_s, tmp_path, kept_run: Run):
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "figure.toml").write_text(FIGURE)
    record(tmp_path / "recordings")
    name = Catalogue(tmp_path).keep(kept_run, "one").id
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench", *(name if w == "RUN" else w for w in line.split())],
        cwd=tmp_path, stdin=subprocess.DEVNULL,
        env={**os.environ, "WORKBENCH_RUNS": str(tmp_path), "WORKBENCH_CACHE": str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    time.sleep(after_s)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)  # to all of the group, as a terminal does
    _, error = process.communicate(timeout=100)
    assert "Traceback" not in error
    assert process.returncode != WRONG, error
    assert process.returncode in (0, 1, NOT_DONE, BY_SIGNAL), error


@pytest.fixture(scope="module")
def kept_run() -> Run:
    from workbench import load

    return load("cuba").run(200, engine="numpy")  # longer than the windows of `measure`


def record(folder: Path) -> None:
    """Recordings of a cell, to train a neuron on."""
    folder.mkdir()
    rng = np.random.default_rng(1)
    for k in range(4):
        n, n_ms = 5000, 3000
        np.savez(
            folder / f"{k}.npz", channel=rng.integers(0, 12, n), t_ms=rng.integers(0, n_ms, n),
            v_soma_mV=-67 + rng.normal(size=n_ms), spike_t_ms=np.sort(rng.uniform(0, n_ms, 5)),
        )  # fmt: skip
