"""Scripts with worker processes, and with values for a binary that was built before."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pytest

import workbench as wb
from workbench.scripts.execution import Execution
from workbench.scripts.model import ALL

# The network is made in a worker process, one for each input.
POOL = """
from multiprocessing import Pool
import brian2 as b2

def simulate(drive):
    G = b2.NeuronGroup(2, "dv/dt = drive/b2_ms : 1", threshold="v > 1", reset="v = 0",
                       method="euler", namespace={"drive": drive, "b2_ms": b2.ms})
    seen = b2.SpikeMonitor(G)
    b2.Network(G, seen).run(5.05*b2.ms)
    return int(seen.num_spikes)

if __name__ == "__main__":
    with Pool(2) as pool:
        print("found", pool.map(simulate, [0.5, 1.0]))
"""

# tau is 0 until the binary is started; what is traced is computed from a name of the script.
BINARY = """
import brian2 as b2
b2.set_device("cpp_standalone", build_on_run=False)
twice = 2
G = b2.NeuronGroup(3, '''dv/dt = 1/tau : 1
                         tau : second (constant)
                         shown = twice*v : 1''', threshold="v > 1", reset="v = 0", method="euler",
                   name="G")
M = b2.StateMonitor(G, "shown", record=[1])
seen = b2.SpikeMonitor(G)
b2.run(10.05*b2.ms)
b2.device.build(run=False)
found = []
for tau in (4.95, 2.45):
    b2.device.run(run_args={G.tau: tau*b2.ms})
    found += [float(G.tau[0]/b2.ms), int(seen.num_spikes)]
print("found", found)
"""


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """name -> a script played to its end, by the command or in Python; both at once."""
    folder = tmp_path_factory.mktemp("unusual")

    for name, text in (("pool", POOL), ("binary", BINARY)):
        (folder / f"{name}.py").write_text(text)

    def by_command():
        done = subprocess.run(
            [
                sys.executable, "-m", "workbench", "open", str(folder / "pool.py"), "--headless",
                "--to-end", "--json", "--engine", "numpy", "--timeout", "600",
            ],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return json.loads(done.stdout)

    def in_python():
        model = wb.open_script(folder / "binary.py", timeout_s=600)
        with type(model)(script_runs=ALL).start(engine="numpy") as session:
            assert session.wait(600)
            return session.stop(), session.output

    with ThreadPoolExecutor(2) as pool:
        made = {"pool": pool.submit(by_command), "binary": pool.submit(in_python)}
        return {name: one.result() for name, one in made.items()}


def test_a_network_of_a_worker_process_is_opened(played):
    found = played["pool"]
    # In steps of 0.1 ms v grows by 0.05 or 0.1, and is above 1 every 21 or 11 steps.
    assert [(p["size"], p["spikes"]) for p in found["populations"]] == [(2, 2 * 2)]
    assert found["output"].splitlines() == [
        "[5.05 ms of another network: not shown]", "found [4, 8]",
    ]  # fmt: skip
    assert (found["simulated_ms"], found["first_run_ms"]) == (5.05, 5.05)


def test_a_binary_s_values_are_those_of_its_runs(played):
    run, output = played["binary"]
    assert "found [4.95, 6, 2.45, 12]" in output
    t_ms, i = run.spikes("G")
    assert (sorted(set(i)), (t_ms < 10.05).sum(), (t_ms > 10.05).sum()) == ([0, 1, 2], 6, 12)


def test_a_trace_that_is_computed_may_use_names_of_the_script(played):
    run, _ = played["binary"]
    # Until v is above 1, after 5 ms.
    assert run.states["G.shown"][:4, 0] == pytest.approx([2 * t_ms / 4.95 for t_ms in range(4)])


SIGNALS = """
import signal
from brian2 import *
before = signal.signal(signal.SIGINT, lambda *_: print("asked to end"))
print(callable(before) or before)
G = NeuronGroup(2, "dv/dt = 1/second : 1", threshold="v > 1", reset="v = 0", method="euler")
run(1*ms)
signal.signal(signal.SIGINT, before)
"""


def test_a_script_that_says_what_a_signal_is_to_do_is_opened(tmp_path):
    script = tmp_path / "signals.py"
    script.write_text(SIGNALS)
    import brian2  # noqa: F401  which says so too

    handler = signal.getsignal(signal.SIGINT)
    run = Execution(compile(SIGNALS, str(script), "exec"), script)
    assert run.next_run().duration_s == pytest.approx(1e-3)
    assert run.next_run() is None
    assert signal.getsignal(signal.SIGINT) is handler
    assert wb.open_script(script, timeout_s=100).opening.duration_ms == 1


def test_a_script_that_is_looked_at_leaves_nothing_in_the_temporary_folder(tmp_path, monkeypatch):
    script, temporary = tmp_path / "temporary.py", tmp_path / "temporary"
    temporary.mkdir()
    script.write_text(f"import tempfile\ntempfile.mkdtemp()\n{SIGNALS}")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    wb.open_script(script, timeout_s=100)
    assert list(temporary.iterdir()) == []
