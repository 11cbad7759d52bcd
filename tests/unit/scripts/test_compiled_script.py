"""Scripts on the compiled engine: their constants are live there too."""

from __future__ import annotations

import pytest

import workbench as wb
from workbench.errors import SimulationError
from workbench.scripts.model import ALL

# Nothing is random, so that both engines have the same spikes. The constants are in equations, a
# threshold, a pathway, event-driven equations and a refractory period.
SCRIPT = """
from brian2 import *
tau = 10*ms
v_t = 1.0
rest = 2*ms
tau_pre = 20*ms
step = 0.01
G = NeuronGroup(6, '''dv/dt = (drive - v)/tau : 1 (unless refractory)
                      drive : 1''', threshold="v > v_t", reset="v = 0", refractory="rest",
                method="exact")
G.drive = "1.5 + 0.1*i"
S = Synapses(G, G, '''w : 1
                      dapre/dt = -apre/tau_pre : 1 (event-driven)''',
             on_pre="v_post += w; apre += 1; w = clip(w + step*apre, 0, 0.1)")
S.connect(condition="i != j")
run(50*ms)
G.drive = 2
run(50*ms)
"""
CALM = SCRIPT + "\n@network_operation\ndef calm():\n    pass\nrun(1*ms)\n"


@pytest.mark.slow
def test_constants_change_live_in_the_binary(tmp_path, trains):
    path = tmp_path / "constants.py"
    path.write_text(SCRIPT)
    model = wb.open_script(path, timeout_s=600)
    assert set(model.constants) == {"rest", "step", "tau", "tau_pre", "v_t"}
    found = {}
    for engine in ("numpy", "compiled"):
        with model.start(engine=engine, paused=True, speed=None) as session:
            assert session.wait(600, until="ready")
            session.step(20)
            assert session.reach(20, 600)
            session.set("tau", "5 ms")
            session.set("v_t", 1.2)
            session.set("step", 0.02)
            session.step(60)
            assert session.reach(80, 600)
            found[engine] = session.stop()
    numpy, compiled = (trains([run.spikes("G")]) for run in found.values())
    assert found["compiled"].engine == "compiled"
    assert numpy == compiled and len(numpy[0]) > 40
    with pytest.raises(SimulationError, match=r"all runs of its script: choose its first run"):
        type(model)(script_runs=ALL).run(50, engine="compiled")


@pytest.mark.slow
def test_a_script_that_runs_python_at_each_step_is_refused(tmp_path):
    path = tmp_path / "calm.py"
    path.write_text(CALM.replace("run(50*ms)\nG.drive = 2\nrun(50*ms)\n", ""))
    with pytest.raises(
        SimulationError, match=r"calm cannot be compiled: 'networkoperation' runs Pyth"
    ):
        wb.open_script(path, timeout_s=600).run(5, engine="compiled")
