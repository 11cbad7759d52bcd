"""A script played to its end: its later runs, what it prints and draws, and where it fails."""

from __future__ import annotations

import subprocess
import sys

import pytest

import workbench as wb
from workbench.errors import SimulationError
from workbench.scripts.model import ALL

# Two runs in each round of a loop, one of a broken tick; the state put back; a change between
# runs; a run of another network; output of three kinds; a figure.
LOOP = """
from brian2 import *
import warnings
prefs.codegen.target = "numpy"
seed(3)
tau = 10*ms
G = NeuronGroup(20, '''dv/dt = (drive - v)/tau + 0.1*sqrt(2/tau)*xi : 1
                       drive : 1''', threshold="v > 1", reset="v = 0", method="euler")
S = Synapses(G, G, "w : 1", on_pre="v += w", delay=2*ms)
S.connect(p=0.2)
S.w = 0.05
spikes = SpikeMonitor(G)
store()
found = []
for level in (1.1, 1.5):
    restore()
    G.drive = level
    run(30*ms)
    run(12.5*ms)
    found += [len(spikes.i), float(spikes.t[-1]/ms), float(G.t/ms)]
print("found", found)
H = NeuronGroup(1, "dx/dt = 1/ms : 1", threshold="x > 3", reset="x = 0", method="euler")
count = SpikeMonitor(H)
Network(H, count).run(10*ms)
print("count", count.num_spikes)
warnings.warn("careful")

import matplotlib
if matplotlib.get_backend().lower() != "agg":
    import matplotlib.pyplot as plt
    plt.plot(spikes.t/ms, spikes.i, ".k")
    plt.show()
"""

FAILS = """
import brian2 as b2
G = b2.NeuronGroup(1, "dx/dt = 1/b2_ms : 1", method="euler", namespace={"b2_ms": b2.ms})
b2.run(5*b2.ms)
print("so far")
[][1]
"""


def played(path):
    model = wb.open_script(path, timeout_s=600)
    with type(model)(script_runs=ALL).start() as session:
        assert session.wait(600)
        try:
            return session.stop(), session.output, session.figures
        except SimulationError as error:
            return error, session.output, session.figures


def test_all_of_a_script(tmp_path):
    path = tmp_path / "loop.py"
    path.write_text(LOOP)
    run, output, figures = played(path)
    plain = subprocess.run(
        [sys.executable, str(path)], check=True, capture_output=True, text=True,
        env={"MPLBACKEND": "agg", "HOME": str(tmp_path)},
    )  # fmt: skip
    lines = [line for line in output.splitlines() if line.split()[0] in ("found", "count")]
    assert lines == plain.stdout.splitlines() and "count 3" in lines
    first, at, end, second, last, _ = eval(lines[0].removeprefix("found "))
    t_ms, _ = run.spikes("G")
    # One round after the other, each 42.5 ms, the second from the next whole ms on.
    assert (run.duration_ms, run.outcome, end) == (85.0, "finished", 42.5)
    assert (t_ms < 42.5).sum() == first > 5 and (t_ms > 42.5).sum() == second > first
    assert t_ms[t_ms < 42.5][-1] == pytest.approx(at)
    assert t_ms[-1] == pytest.approx(43 + last)
    assert "[10 ms of another network: not shown]" in output and "careful" in output
    assert list(figures) == [1] and figures[1].startswith(b"\x89PNG")


def test_a_script_that_fails_after_its_first_run(tmp_path):
    path = tmp_path / "fails.py"
    path.write_text(FAILS)
    error, output, _ = played(path)
    assert "fails.py, line 6: IndexError: list index out of range" in str(error)
    assert output.startswith("so far") and error.run.duration_ms == 5.0
