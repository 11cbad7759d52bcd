"""Signs, weights and plasticity of projections, read off live networks."""

import brian2 as b2
import numpy as np
import pytest

from workbench.circuits import Rule
from workbench.circuits.read.effect import assignments
from workbench.circuits.read.network import (
    from_network,
    is_plastic,
    projection_sign,
    weight_variable,
)

LIF = "dv/dt = (-60*mV - v + R*I)/(10*ms) : volt (unless refractory)\nI : amp\nR : ohm (shared)"
CONDUCTANCE = """
dv/dt = (gl*(El - v) + ge*(Ee - v) + gi*(Ei - v))/Cm : volt
dge/dt = -ge/(5*ms) : siemens
dgi/dt = -gi/(10*ms) : siemens
"""
LEAK = {
    "gl": 10 * b2.nS, "El": -60 * b2.mV, "Ee": 0 * b2.mV, "Ei": -80 * b2.mV, "Cm": 200 * b2.pF,
}  # fmt: skip


def lif(name="neurons", n=5, model=LIF, namespace=None, **given):
    group = b2.NeuronGroup(
        n, model, threshold="v > -50*mV", reset="v = -60*mV", refractory=2 * b2.ms, method="euler",
        name=name, namespace=namespace or {}, **given,
    )  # fmt: skip
    group.v = -60 * b2.mV
    if "R" in group.variables:
        group.R = 100 * b2.Mohm
    return group


def join(source, target, model="", on_pre=None, name="projection", w=None, **given):
    s = b2.Synapses(source, target, model, on_pre=on_pre, name=name, namespace={}, **given)
    s.connect()
    if w is not None:
        s.w = w
    return s


def poisson(n=5, name="input"):
    return b2.PoissonGroup(n, 10 * b2.Hz, name=name)


@pytest.mark.parametrize(
    ("model", "on_pre", "w", "sign"),
    [
        ("w : amp", "I_post += w", 1 * b2.nA, "excitatory"),
        ("w : amp", "I_post -= w", 1 * b2.nA, "inhibitory"),
        ("w : amp", "I_post += w*0.28930", -1 * b2.nA, "inhibitory"),
        ("w : amp", "I += w", 0 * b2.nA, "excitatory"),  # a weight still to be learned
        ("w : amp (shared)", "I_post += w", -1 * b2.nA, "inhibitory"),
        ("w : volt", "v_post += w", 1 * b2.mV, "excitatory"),
        ("w : volt", "step = -w; v_post = v_post + step", 1 * b2.mV, "inhibitory"),
        ("w : volt", "v_post += w*int(rand() < 0.2)", 1 * b2.mV, "excitatory"),
        ("w : volt", "v_post += w", "1*mV*(2*(i % 2) - 1)", "mixed"),
        ("w : 1", "w = clip(w + 0.1, 0, 1)", 1, "unknown"),
    ],
)
def test_sign_of_current_and_voltage_synapses(model, on_pre, w, sign):
    assert projection_sign(join(lif("source"), lif(), model, on_pre, w=w)) == sign


def test_white_noise_in_the_membrane_does_not_hide_the_sign():
    noisy = "dv/dt = (-60*mV - v + h)/(10*ms) + mV*ms**-0.5*xi : volt\ndh/dt = -h/(5*ms) : volt"
    for k, (on_pre, sign) in enumerate(
        (("h_post += w", "excitatory"), ("h_post -= w", "inhibitory"))
    ):
        target = b2.NeuronGroup(
            3, noisy, threshold="v > -50*mV", reset="v = -60*mV", method="euler", name=f"noisy_{k}"
        )
        found = join(
            poisson(name=f"in_{k}"), target, "w : volt", on_pre, name=f"p_{k}", w=1 * b2.mV
        )
        assert projection_sign(found) == sign


@pytest.mark.parametrize(("channel", "sign"), [("ge", "excitatory"), ("gi", "inhibitory")])
def test_sign_of_conductances_follows_the_reversal_potential(channel, sign):
    target = lif(model=CONDUCTANCE, namespace=LEAK)
    s = join(poisson(), target, "w : siemens", f"{channel}_post += w", w=6 * b2.nS)
    assert projection_sign(s) == sign


def test_shunting_inhibition_is_inhibitory_though_it_rests_at_its_reversal():
    target = lif(model=CONDUCTANCE, namespace={**LEAK, "Ei": -60 * b2.mV})
    s = join(poisson(), target, "w : siemens", "gi_post += w", w=6 * b2.nS)
    assert projection_sign(s) == "inhibitory"


def test_sign_reaches_the_membrane_through_other_variables():
    alpha = """
    dv/dt = (-60*mV - v - I_syn)/(10*ms) : volt
    I_syn = 2*g : volt
    dg/dt = (x - g)/(5*ms) : volt
    dx/dt = -x/(5*ms) : volt
    """
    s = join(poisson(), lif(model=alpha), "w : volt", "x_post += w", w=1 * b2.mV)
    assert projection_sign(s) == "inhibitory"


def test_sign_of_a_summed_variable():
    model = "w : amp\nds/dt = -s/(5*ms) : 1 (clock-driven)\nI_post = w*s : amp (summed)"
    s = join(poisson(), lif(), model, "s += 1", method="euler", w=-1 * b2.nA)
    assert projection_sign(s) == "inhibitory"
    assert weight_variable(s) == "w"
    assert not is_plastic(s)


def test_names_that_only_the_run_knows():
    model = "dv/dt = (E_rest - v + R_m*I)/tau_m : volt\nI : amp"
    s = join(poisson(), lif(model=model), "w : amp", "I_post += w", w=1 * b2.nA)
    assert projection_sign(s) == "excitatory"  # a resistance and a time are positive
    s = join(poisson(), lif(model=LIF), "", "I_post += J_run", name="other")
    assert projection_sign(s) == "unknown"
    assert projection_sign(s, {"J_run": -1 * b2.nA}) == "inhibitory"


STDP = """
I_post += w*0.28930
apre += 1
w = clip(w - 6*nA*apost, 0*nA, 6*nA)
"""
TRACES = """
w : amp
dapre/dt = -apre/(3*ms) : 1 (event-driven)
dapost/dt = -apost/(3*ms) : 1 (event-driven)
"""


@pytest.mark.parametrize(
    ("model", "on_pre", "on_post", "weight", "plastic"),
    [
        (TRACES, STDP, None, "w", True),
        (TRACES, "I_post += w", "w = w + 1*nA*apre\napost += 1", "w", True),
        (TRACES, "I_post += w; apre += 1", None, "w", False),
        ("k : 1\nJ : amp (shared)", "I_post += k*J", None, "J", False),
        ("x : 1\nstrength : amp", "I_post += strength*x", "x += 1", "strength", False),
        ("dw/dt = -w/second : amp (clock-driven)", "I_post += w", None, "w", True),
        ("r : 1\nw_eff = r*1*nA : amp", "I_post += w_eff", None, "r", False),
        ("", "I_post += 1*nA", None, None, False),
        ("w : 1", "v_post += 1*mV; w += 1", None, None, False),
    ],
)
def test_weight_and_plasticity(model, on_pre, on_post, weight, plastic):
    s = b2.Synapses(
        lif("source"), lif(), model, on_pre=on_pre, on_post=on_post, namespace={}, name="s",
        method="euler",
    )  # fmt: skip
    s.connect()
    assert weight_variable(s) == weight
    assert is_plastic(s) is plastic
    assert projection_sign(s) == "excitatory"


def test_weight_changed_at_intervals_is_plastic():
    s = join(poisson(), lif(), "w : amp", "I_post += w", w=1 * b2.nA)
    assert not is_plastic(s)
    s.run_regularly("w *= 0.99", dt=10 * b2.ms)
    assert is_plastic(s)


def test_reading_a_sign_leaves_the_random_numbers_of_a_run_alone():
    b2.seed(3)
    before = b2.get_device().get_random_state()
    s = join(poisson(), lif(), "w : volt", "v_post += w*rand()", w=1 * b2.mV)
    b2.seed(3)
    assert projection_sign(s) == "excitatory"
    assert str(b2.get_device().get_random_state()) == str(before)


def test_assignments_are_changes():
    code = "# learn\n  w += 2*a\n  x = clip(x, 0, 1)\n  y -= b; z *= 0.5\n"
    assert assignments(code) == [
        ("w", "(2 * a)"),
        ("x", "(clip(x, 0, 1)) - x"),
        ("y", "-(b)"),
        ("z", "z*((0.5) - 1)"),
    ]
    assert assignments("if broken") == []


def test_poisson_input_and_populations():
    target = lif("cells", n=20, model=CONDUCTANCE, namespace=LEAK)
    noise = b2.PoissonInput(target, "gi", 10, 5 * b2.Hz, 1 * b2.nS)
    c = from_network(b2.Network(target, noise), title="noise")
    assert [(n.label, n.kind, n.size, n.sign) for n in c.nodes] == [
        ("cells", "population", 20, "none"),
        ("Poisson input", "input", 10, "inhibitory"),
    ]
    (edge,) = c.edges
    assert (edge.target, edge.sign, edge.n_synapses) == ("cells", "inhibitory", 200)
    assert edge.rule == Rule("K_in", 10, multapses="no", source="declared")
    assert "spike when v > -50*mV" in c.node("cells").equations


def test_zeros_of_a_matrix_product_have_no_sign_before_they_are_learnt():
    from workbench.brian import dense

    clock = b2.Clock(0.1 * b2.ms, name="clock_of_readout")
    units = "r : 1\nout : 1\ndx/dt = (out - x)/(5*ms) : 1"
    a, b = (
        b2.NeuronGroup(3, units, method="euler", clock=clock, namespace={}, name=name)
        for name in ("shown", "answers")
    )
    readout = dense.project(a, b, np.zeros((3, 3)), of="r", into="out", name="readout")
    readout.run_regularly("w += 0.01*r_pre*x_post", when="end", name="learning")
    assert projection_sign(readout) == "unknown"
    readout.w = 0.5
    assert projection_sign(readout) == "excitatory"
