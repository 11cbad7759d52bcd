"""A run of an opened script that is exported as that script: repeated by Brian2 alone."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import workbench as wb
from tests.unit.export.test_export_script import same
from workbench.errors import BuildError
from workbench.scripts.literals import compiled, with_values

# A bare run(), Python at every step, a Python function, randomness, a number that shapes the
# network, a constant, a shared variable.
BARE = '''"""Its own docstring."""
from __future__ import annotations
import sys
from brian2 import *
N = 8            # neurons; "ä" has two bytes
tau, kick = 10*ms, 0.3
@check_units(x=1, result=1)
def soft(x):
    return x / (1 + abs(x))
G = NeuronGroup(N, """dv/dt = (drive + 0.5*soft(w) - v)/tau + 0.1*sqrt(2/tau)*xi : 1
                      w : 1
                      drive : 1 (shared)""",
                threshold="v > 1", reset="v = 0; w += 0.2", method="euler")
G.v, G.drive = "rand()", 1.1
late = SpikeMonitor(G)
@network_operation(dt=5*ms)
def push():
    G.v_[int(len(late.i)) % N] += kick
run(int(sys.argv[1])*ms)
raise RuntimeError("after its first run")
'''
# A Network of its own within a function, and a morphology.
CABLE = """
import brian2 as b2
from brian2 import um, ms, mV, nA, Mohm, uF, cm, siemens
def main():
    morphology = b2.Cylinder(length=100*um, diameter=2*um, n=5)
    neuron = b2.SpatialNeuron(
        morphology, "Im = gl*(-70*mV - v) : amp/meter**2\\nI : amp (point current)\\n"
        "gl : siemens/meter**2 (shared)", threshold="v > -60*mV", refractory="v > -65*mV",
        reset="v = -70*mV", method="exponential_euler", name="cable")
    neuron.v, neuron.gl = -70*mV, 1e-4*siemens/cm**2
    neuron.I[0] = 0.15*nA
    net = b2.Network(neuron)
    net.run(20*ms)
main()
"""


@pytest.fixture
def recorded(tmp_path):
    """A run of a script with these values, and changes at 12 ms, until 30 ms; and its model."""

    def run(text, args, values, changes):
        source = tmp_path / "own.py"
        source.write_text(text)
        model = wb.open_script(source, args, timeout_s=600)
        model = type(model)(**values)
        with model.start(engine="numpy", paused=True, seed=6) as session:
            assert session.wait(600, until="ready"), session.status().message
            session.step(12)
            assert session.reach(12, 600)
            for name, value in changes.items():
                session.set(name, value)
            session.step(18)
            assert session.reach(30, 600)
            return session.stop(), type(model)

    return run


def with_scipy(name, cwd):
    """Run a script with all packages of this environment."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run([sys.executable, name], cwd=cwd, env=kept, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("text", "args", "values", "changes", "population"),
    [
        (BARE, ["20"], {"N": 11, "drive": 1.2}, {"tau": 6, "drive": 1.5}, "G"),
        pytest.param(CABLE, [], {}, {"gl": 0.5}, "cable", marks=pytest.mark.slow),
    ],
)
def test_its_spikes_are_those_of_the_run(
    tmp_path, brian_alone, recorded, text, args, values, changes, population
):
    run, model = recorded(text, args, values, changes)
    path = wb.export_script(run, tmp_path / "again.py", model=model)
    again = brian_alone if text == BARE else with_scipy  # Brian2 needs that for morphologies
    again(path.name, cwd=path.parent)
    with np.load(path.with_suffix(".results.npz")) as file:
        found = dict(file)
    assert len(run.spikes(population)[0]) > 10
    assert same(run, population, found)
    # What was done is part of it: without the changes the spikes are others.
    text = path.read_text()
    lines = [line for line in text.splitlines() if not line.startswith(" " * 12 + "(12, ")]
    assert len(text.splitlines()) == len(lines) + len(changes)
    path.write_text("\n".join(lines))
    again(path.name, cwd=path.parent)
    with np.load(path.with_suffix(".results.npz")) as file:
        assert not same(run, population, file)
    with pytest.raises(BuildError, match="such a network cannot be written"):
        wb.export_notebook(run, tmp_path / "book.ipynb", model=model)


def test_numbers_are_replaced_in_the_text_as_they_are_when_it_runs(tmp_path):
    source = (
        "ms, mV = 0.001, 0.001\n"
        "a, b = 'ä', 3  # kept\n"
        "tau = 10*ms; rate = 3/ms\n"
        "E = -60 * \\\n  mV\n"
        "c = 2*tau\n"
    )
    values = {"b": 7, "tau": 12.5, "rate": 1e-3, "E": -0.1}
    text = with_values(source, values)
    assert "a, b = 'ä', 7  # kept" in text and "c = 2*tau" in text
    ran, replaced = {}, {}
    exec(text, ran)
    exec(compiled(source, tmp_path / "s.py", values), replaced)
    for name in ("b", "tau", "rate", "E", "c"):
        assert ran[name] == replaced[name]
