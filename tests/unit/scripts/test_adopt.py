"""Scripts that become files of models: what is written, what it passes, and its spikes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import workbench as wb
from workbench.checks import CHECKS, CheckFailed
from workbench.cli import app
from workbench.errors import BuildError
from workbench.model import registry
from workbench.scripts.adopt import adopted
from workbench.scripts.adopt.edits import Source
from workbench.scripts.adopt.statements import before_the_run
from workbench.scripts.execution import RunCall

# A subgroup, an input without a name, an operation of the group, plots and prints.
PLAIN = '''
"""Neurons that drive each other.

More of it.
"""
from brian2 import *
import matplotlib.pyplot as plt
seed(4)
N = 20        # neurons
tau = 10*ms   # membrane time constant
Vt, Vr = -50*mV, -60*mV
figure = plt.figure()
P = NeuronGroup(N, """dv/dt = (drive - (v - Vr))/tau + 3*mV*sqrt(2/tau)*xi : volt
                      drive : volt (shared)""", threshold="v > Vt", reset="v = Vr",
                method="euler")  # leaky
P.v = "Vr + rand()*5*mV"
P.drive = 12*mV
S = Synapses(P[:15], P, on_pre="v_post += 0.2*mV", delay=1*ms)
S.connect(p=0.1)
I = PoissonInput(P, "v", 10, 20*Hz, weight=0.3*mV)
P.run_regularly("v += 0.1*mV", dt=5*ms)
spikes = SpikeMonitor(P)
print("so far")
run(60*ms)
plt.plot(spikes.t/ms, spikes.i, ".k")
'''

PLASTIC = """
import brian2 as b2
from brian2 import ms, Hz
import numpy as np

b2.seed(4)
b2.defaultclock.dt = 0.2*ms
taupre = 20*ms
wmax = 0.5
rates = np.linspace(20, 80, 30)*Hz

if __name__ == "__main__":
    inputs = b2.PoissonGroup(30, rates=rates)
    cells = b2.NeuronGroup(2, "dv/dt = -v/(10*ms) : 1", threshold="v > 1", reset="v = 0",
                           method="exact")
    S = b2.Synapses(inputs, cells, '''w : 1
                    dapre/dt = -apre/taupre : 1 (event-driven)
                    dapost/dt = -apost/taupre : 1 (event-driven)''',
                    on_pre="v_post += w; apre += 0.02; w = clip(w + apost, 0, wmax)",
                    on_post="apost -= 0.021; w = clip(w + apre, 0, wmax)")
    S.connect()
    S.w = "rand()*wmax"
    net = b2.Network(b2.collect())
    net.run(60*ms)
"""

# The first of several runs is taken; what is changed between them is left out.
SEVERAL = """
from brian2 import *
level = 1.5
G = NeuronGroup(5, '''dv/dt = (drive - v)/(10*ms) : 1
                      drive : 1''', threshold="v > 1", reset="v = 0", method="exact", dt=0.1*ms)
G.v = "rand()"
G.drive = level
M = SpikeMonitor(G)
seed(4)
run(50*ms)
for more in (2.0, 3.0):
    G.drive = more
    run(50*ms)
"""

SCRIPTS = {"plain": PLAIN, "plastic": PLASTIC, "several": SEVERAL}
ONLY_ITS_AUTHOR_KNOWS = {"has_facts"}


@pytest.fixture
def adopt(tmp_path, models_folder):
    """Writes a script, and has the command adopt it: -> (script, text of the model's file)."""

    def command(name):
        script = tmp_path / f"{name}.py"
        script.write_text(SCRIPTS[name])
        done = CliRunner().invoke(
            app, ["adopt", str(script), "--timeout", "600", "--name", f"my-{name}"]
        )
        assert done.exit_code == 0, done.output
        return script, (models_folder / f"my_{name}.py").read_text()

    return command


def test_a_script_becomes_a_model(adopt, plain_spikes, trains):
    script, text = adopt("plain")
    assert text.startswith('"""My plain: Neurons that drive each other.\n')
    assert "plt" not in text and "print" not in text and "SpikeMonitor" not in text
    assert "# leaky" in text and "seed(" not in text
    model = registry.load("my-plain")
    assert {k: (p.default, p.unit, p.live, p.doc) for k, p in model.parameters().items()} == {
        "Vr": (-60.0, "mV", True, "Vr"),
        "Vt": (-50.0, "mV", True, "Vt"),
        "tau": (10.0, "ms", True, "membrane time constant"),
        "drive": (12.0, "mV", True, "drive"),
        "N": (20, "1", False, "neurons"),
        "dt_ms": (0.1, "ms", False, model.parameter("dt_ms").doc),
    }
    run = model.run(60, seed=4, engine="numpy")
    plain = trains(plain_spikes(script).values())
    assert trains(run.spikes(p.name) for p in run.info.spikers) == plain and len(plain[0]) > 20


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_an_adopted_model_passes_what_its_author_need_not_write(name, adopt, plain_spikes, trains):
    script, _ = adopt(name)
    model = registry.load(f"my-{name}")
    failed = {}
    for check in CHECKS:
        try:
            check.run(type(model))
        except CheckFailed as error:
            failed[check.name] = str(error)
    assert set(failed) == ONLY_ITS_AUTHOR_KNOWS, failed
    run = model.run(50, seed=4, engine="numpy")
    plain = trains(plain_spikes(script, seed=4, most_ms=50).values())
    assert trains(run.spikes(p.name) for p in run.info.spikers) == plain
    assert sum(len(train) for train in plain) > 10


@pytest.mark.parametrize(
    ("text", "call", "message"),
    [
        (
            "for k in range(2):\n    run(1*ms)\n",
            RunCall(None, {}, 1e-3, 2),
            "script.py, line 2: its first run is in a for statement: put the statements that make "
            "the network and one run(...) at the top of a script, and adopt that.",
        ),
        (
            "def f():\n    run(1*ms)\nf()\n",
            RunCall(None, {}, 1e-3, 2, "f"),
            "script.py, line 2: its first run is in the function f: put the statements that make "
            "the network and one run(...) at the top of a script, and adopt that.",
        ),
    ],
)
def test_a_run_that_is_not_at_the_top_is_refused(text, call, message):
    with pytest.raises(BuildError, match=f"^{re.escape(message)}$"):
        before_the_run(Source(text), call, Path("script.py"))


def test_a_name_that_is_taken_is_refused_before_anything_runs():
    done = CliRunner().invoke(app, ["adopt", "nothing.py", "--name", "cuba"])
    assert done.exit_code == 2
    assert re.search(r"cuba.* already: choose another name", " ".join(done.stderr.split()))


def test_the_python_interface_is_the_command_s(tmp_path):
    with pytest.raises(wb.errors.UnknownName, match="There is no script"):
        adopted(tmp_path / "nothing.py", "my-model")
