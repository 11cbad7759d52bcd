"""A script of somebody's, opened from the command line, changed in the browser, and exported."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from tests.ui.conftest import free_port, wait_for
from tests.ui.test_journey import CLOCK, RATE, look_at, press, state, until
from workbench.catalogue import Catalogue
from workbench.store import open_run

pytestmark = pytest.mark.browser

SCRIPT = """
from brian2 import *

seed(2)
N = 100        # neurons
tau = 10*ms    # membrane time constant
v_t = 1        # threshold
drive = 1.05   # input, in units of the threshold

eqs = '''
dv/dt = (drive - v)/tau + 0.05*sqrt(2/tau)*xi : 1 (unless refractory)
'''
G = NeuronGroup(N, eqs, threshold="v > v_t", reset="v = 0", refractory=2*ms,
                method="euler")
G.v = "rand()"

S = Synapses(G, G, "w : 1", on_pre="v_post += w", delay=1*ms)
S.connect(condition="i != j", p=0.1)
S.w = "0.01*rand()"

M = StateMonitor(G, "v", record=[0, 1])
spikes = SpikeMonitor(G)
run(500*ms)

import matplotlib.pyplot as plt
plt.plot(spikes.t/ms, spikes.i, ".k")
plt.show()
print("spikes of the script", spikes.num_spikes)
"""


@pytest.fixture
def address(tmp_path):
    path, port = tmp_path / "thirty.py", free_port()
    path.write_text(SCRIPT)
    process = subprocess.Popen(
        [
            sys.executable, "-m", "workbench", "open", str(path), "--port", str(port),
            "--no-browser", "--timeout", "600",
        ],
        env={**os.environ, "WORKBENCH_RUNS": str(tmp_path / "runs")},
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/", process, timeout_s=600)
        yield f"http://127.0.0.1:{port}/script-thirty"
    finally:
        process.terminate()
        process.wait(90)


@pytest.mark.slow
def test_a_script_is_opened_changed_played_and_exported(address, open_page, tmp_path):
    page, began = open_page(address), time.monotonic()
    state(page, "ready")
    look_at(page, "rates")
    press(page, "run")
    state(page, "running")
    until(lambda: page.evaluate(CLOCK)[0] > 300)
    until(lambda: page.evaluate(RATE) > 0)
    before = page.evaluate(RATE)
    page.get_by_role("slider", name="drive").fill("4")
    look_at(page, "log")
    page.get_by_text("drive 1.05 → 4").first.wait_for()
    look_at(page, "rates")
    # With four times the input each neuron fires more than twice as often.
    until(lambda: page.evaluate(RATE) > 2 * before)
    press(page, "keep")
    page.get_by_text("Kept as").wait_for()
    # The whole script, from the beginning: its second run follows, its figure is shown.
    page.locator(".wb-play-script button").click()
    state(page, "finished")
    page.get_by_role("tab", name="Drawn by the script").click()
    picture = page.locator(".wb-script-figure img")
    picture.wait_for()
    until(lambda: picture.evaluate("i => i.naturalWidth") > 300)
    page.get_by_role("tab", name="Printed by the script").click()
    page.get_by_text("spikes of the script").wait_for()
    (kept,) = Catalogue(tmp_path / "runs").entries()
    script = tmp_path / "exported.py"
    subprocess.run(
        [
            sys.executable, "-m", "workbench", "export", kept.id, "--script", str(script),
            "--of", str(tmp_path / "thirty.py"),
        ],
        env={**os.environ, "WORKBENCH_RUNS": str(tmp_path / "runs")}, check=True,
    )  # fmt: skip
    took_s = time.monotonic() - began
    done = subprocess.run(
        [sys.executable, str(script)], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    n = len(open_run(kept.path).spikes("G")[0])
    assert n > 300 and f"G: {n} spikes" in done.stdout
    if os.getloadavg()[0] < (os.cpu_count() or 1):  # a minute of a machine with nothing else to do
        assert took_s < 60
