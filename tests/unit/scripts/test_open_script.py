"""Scripts as models: what opens, which sliders it has, and that spikes are those of the script."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from typer.testing import CliRunner

import workbench as wb
from workbench.cli import app
from workbench.errors import BuildError, ParameterError, UnknownName, WorkbenchError
from workbench.model.transfer import pack_model, unpack_model
from workbench.scripts.ranges import range_of
from workbench.scripts.reading import tick_of

# Noise, random weights and connections, a subgroup, an input, an operation and a monitor; magic.
NOISY = """
from brian2 import *
seed(5)
N = 40       # neurons
tau = 10*ms  # membrane
Vt, Vr = -50*mV, -60*mV
drive = 12*mV
P = NeuronGroup(N, '''dv/dt = (scale*drive - (v - Vr))/tau + 3*mV*sqrt(2/tau)*xi : volt
                      scale : 1 (shared)''', threshold="v > Vt", reset="v = Vr", method="euler")
P.v = "Vr + rand()*5*mV"
P.scale = 1
S = Synapses(P[:30], P, "w : volt", on_pre="v_post += w", delay=1*ms)
S.connect(p=0.1)
S.w = "rand()*0.2*mV"
I = PoissonInput(P, "v", 10, 20*Hz, weight=0.3*mV)
M = StateMonitor(P, "v", record=[3, 7])
spikes = SpikeMonitor(P)

@network_operation(dt=10*ms)
def calm():
    P.v[0] = Vr

P.run_regularly("v += 0.1*mV", dt=5*ms)
run(80*ms)
P.scale = 0
run(20*ms)
"""

# The run is in a function, whose names the equations use; the network is explicit; two clocks;
# the threshold is a function; a device is chosen; the script takes an argument.
EXPLICIT = """
import sys
import brian2 as b2
b2.set_device("cpp_standalone", build_on_run=False)
b2.seed(int(sys.argv[1]))

def simulate(b2=b2):
    ms, mV, tau_s = b2.ms, b2.mV, 5*b2.ms
    stimulus = b2.TimedArray([20, 0, 30]*mV, dt=20*ms)
    G = b2.NeuronGroup(10, "dv/dt = (stimulus(t) - v)/(10*ms) : volt", threshold="v > 10*mV",
                       reset="v = 0*mV", method="exact", name="G", dt=0.25*ms,
                       refractory=2*ms)
    G.v = "rand()*10*mV"
    H = b2.NeuronGroup(10, "dg/dt = -g/tau_s : 1", threshold="g > 1.5", reset="g = 0",
                       method="exact", name="H", dt=0.1*ms)
    S = b2.Synapses(G, H, "w : 1 (shared)", on_pre="g_post += w", name="S", method="exact")
    S.connect(p=0.5)
    S.w = 0.4
    net = b2.Network(G, H, S)
    net.run(60*ms)

simulate()
"""


@pytest.fixture(scope="module")
def opened(tmp_path_factory, plain_spikes):
    """name -> (model, spikes of the plain script by population); both scripts at once."""
    folder = tmp_path_factory.mktemp("scripts")

    def both(name, text, *args):
        path = folder / f"{name}.py"
        path.write_text(text)
        plain = plain_spikes(path, args)
        return wb.open_script(path, args, timeout_s=600), plain

    with ThreadPoolExecutor(2) as pool:
        noisy = pool.submit(both, "noisy", NOISY)
        explicit = pool.submit(both, "explicit", EXPLICIT, "3")
        return {"noisy": noisy.result(), "explicit": explicit.result()}


def same(run, name, plain):
    t_ms, i = run.spikes(name)
    mine = sorted(zip(np.round(t_ms, 6), np.asarray(i), strict=True))
    theirs = sorted(zip(np.round(plain[0], 6), plain[1], strict=True))
    return len(theirs) > 20 and mine == theirs


def test_its_sliders_are_found_with_units_and_comments(opened):
    model, _ = opened["noisy"]
    found = {k: (p.default, p.unit, p.live, p.doc) for k, p in model.parameters().items()}
    assert found == {
        "drive": (12.0, "mV", True, "drive"),
        "tau": (10.0, "ms", True, "membrane"),
        "Vr": (-60.0, "mV", True, "Vr"),
        "Vt": (-50.0, "mV", True, "Vt"),
        "scale": (1.0, "1", True, "scale"),
        "N": (40, "1", False, "neurons"),
        "script_runs": (0, "1", False, "runs of the script"),
    }
    assert model.parameter("tau").softbounds == (0.5, 40.0)
    assert model.parameter("N").source == "noisy.py, line 4"
    assert (model.opening.duration_ms, model.tick_ms, model.dt_ms) == (80.0, 1.0, 0.1)


def test_its_own_monitors_choose_what_is_traced(opened):
    noisy, explicit = opened["noisy"][0], opened["explicit"][0]
    assert (noisy.traces, noisy.watched) == ({"P.v": "mV"}, {"P.v": (3, 7)})
    assert explicit.traces == {"G.v": "mV", "H.g": "1"}


def test_untouched_the_spikes_are_those_of_the_script(opened):
    model, plain = opened["noisy"]
    run = model.run(80, seed=77)  # a seed of its own, which the script's overrules
    assert same(run, "P", plain["neurongroup"])
    assert [p.name for p in run.info.projections] == ["S"]
    assert run.recordings["P.v"].index.tolist() == [3, 7]


def test_a_run_in_a_function_with_its_names_and_arguments(opened):
    model, plain = opened["explicit"]
    assert model.tick_ms == 1.0
    run = model.run(60)
    assert same(run, "G", plain["G"]) and same(run, "H", plain["H"])
    assert set(model.parameters()) == {"tau_s", "w", "script_runs"}


def test_a_constant_changes_while_it_runs_and_is_repeated(opened):
    model, plain = opened["explicit"]
    with model.start(engine="numpy", paused=True) as session:
        assert session.wait(600, until="ready")
        session.step(20)
        assert session.reach(20, 600)
        session.set("w", 4.0)
        session.set("tau_s", "500 ms")
        session.step(40)
        assert session.reach(60, 600)
        run = session.stop()
    before = (run.spikes("H")[0] < 20).sum()
    assert before == (plain["H"][0] < 20).sum()
    assert len(run.spikes("H")[0]) > 2 * len(plain["H"][0])
    # G, which nothing of this reaches, goes on as it was.
    assert same(run, "G", plain["G"])


def test_a_number_of_the_script_is_replaced_before_it_runs_again(opened):
    model, _ = opened["noisy"]
    run = type(model)(N=33, drive=60).run(20)
    assert run.populations["P"] == 33
    assert run.rate("P") > 60


def test_it_travels_to_another_process_as_its_opening(opened):
    model, _ = opened["noisy"]
    other = unpack_model(pack_model(type(model)(tau=3)))
    assert type(other).__name__ == "ScriptNoisy" and other.tau == 3
    with pytest.raises(ParameterError, match="the script sets its own time step"):
        type(model)(dt_ms=0.05)


def test_the_command_reports_what_opened(opened):
    path = opened["explicit"][0].opening.path
    command = ["open", path, "--headless", "--json", "--duration", "20", "--timeout", "600", "3"]
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    found = json.loads(done.stdout)
    plain = opened["explicit"][1]
    assert [(p["name"], p["size"], p["spikes"]) for p in found["populations"]] == [
        (name, 10, int((plain[name][0] < 20).sum())) for name in ("G", "H")
    ]
    assert [(s["name"], s["unit"], s["live"]) for s in found["sliders"]] == [
        ("tau_s", "ms", True), ("w", "1", True),
    ]  # fmt: skip
    assert (found["first_run_ms"], found["simulated_ms"], found["left_out"]) == (60.0, 20.0, [])
    assert found["figures"] == 0
    assert "synapses_dt_mismatch" in found["output"]  # a warning of Brian2


def test_a_report_without_a_simulation_is_refused():
    done = CliRunner().invoke(app, ["open", "a.py", "--json"])
    assert done.exit_code == 2 and "give --headless too" in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import brian2\nbrian2.nothing\n", r"bad\.py, line 2: AttributeError: .*nothing.*"),
        ("def f(:\n", r"bad\.py, line 1: SyntaxError: .*"),
        ("import sys\nsys.exit(1)\n", r"bad\.py: it exits before it runs a network\."),
    ],
)
def test_a_script_that_fails_shows_its_line(tmp_path, text, message):
    path = tmp_path / "bad.py"
    path.write_text(text)
    with pytest.raises(BuildError, match=f"^{message}$"):
        wb.open_script(path, timeout_s=600)


SETTINGS = "[sliders.tau]\npin = true\nrange = [5, 50]\n[sliders.N]\nhide = true\n"


def test_settings_beside_the_script(opened, tmp_path):
    from workbench.scripts.model import model_of
    from workbench.scripts.settings_file import settings_path, with_settings

    opening = opened["noisy"][0].opening
    path = settings_path(opening.path)
    try:
        path.write_text(SETTINGS)
        model = model_of(with_settings(opening))
        named = [k for k in model.parameters() if k != "script_runs"]
        assert named[0] == "tau" and "N" not in model.parameters()
        assert model.parameter("tau").softbounds == (5, 50)
        path.write_text("[sliders.tauu]\nhide = true\n")
        with pytest.raises(UnknownName, match="Did you mean 'tau'"):
            with_settings(opening)
        path.write_text("[sliders.tau]\nrange = [5]\n")
        with pytest.raises(ParameterError, match=r"give \[low, high\], in ms\.$"):
            with_settings(opening)
        for wrong in ("sliders = 3", "[sliders]\ntau = 3", f"a = {'[' * 5000}", "sliders = []"):
            path.write_text(wrong)
            with pytest.raises(WorkbenchError):
                with_settings(opening)
    finally:
        path.unlink()


@pytest.mark.parametrize(
    ("steps", "tick"),
    [([0.1], 1.0), ([0.3], 1.2), ([0.1, 0.25], 1.0), ([0.1, 5.0], 5.0), ([2.0], 2.0),
     ([0.1, 1e7], 1.0)],
)  # fmt: skip
def test_a_tick_is_a_whole_number_of_all_steps(steps, tick):
    assert tick_of(steps) == pytest.approx(tick)


@pytest.mark.parametrize(
    ("name", "value", "unit", "expected"),
    [
        ("tau", 10.0, "ms", (0.5, 40.0)),
        ("V_t", -50.0, "mV", (-90.0, -10.0)),
        ("w", -0.5, "mV", (-2.0, 0.0)),
        ("p", 0.1, "1", (0.0, 1.0)),
        ("N", 100, "1", (1, 400)),
        ("g", 0.0, "nS", (-1.0, 1.0)),
    ],
)
def test_ranges(name, value, unit, expected):
    assert range_of(name, value, unit) == pytest.approx(expected)
