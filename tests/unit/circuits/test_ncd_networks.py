"""Terms derived from networks that use all of Brian2's ways compute what Brian2 computes."""

from __future__ import annotations

import pytest

from workbench.checks.term import term_computes_the_model
from workbench.model.model import Model

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def model_of(build):
    """A model class around a function ``(b2, clock) -> objects``."""

    class Made(Model):
        slug = "made"
        dt_ms, tick_ms = 0.1, 0.5

        def build(self):
            import brian2 as b2

            clock = b2.Clock(0.1 * b2.ms, name="made_clock")
            return b2.Network(*build(b2, clock), name="made")

    return Made


LIF = """
dv/dt = (1.3 - v)/(10*ms) + (g - h*v)/(5*ms) : 1 (unless refractory)
dg/dt = -g/(3*ms) : 1
dh/dt = -h/(4*ms) : 1
"""


def lif(b2, clock, n, name, **more):
    options = {"threshold": "v > 1", "reset": "v = 0", "refractory": 1 * b2.ms, "method": "euler"}
    options = {"model": LIF, **options, **more}
    group = b2.NeuronGroup(n, clock=clock, name=name, namespace={}, **options)
    group.v = "i/(1.0*N)"
    return group


@case
def a_delay_for_each_synapse(b2, clock):
    a = lif(b2, clock, 12, "a", method="exponential_euler")
    s = b2.Synapses(
        a[3:9],
        a,
        "w : 1",
        on_pre="g_post += w\nh_post += 0.3*w",
        clock=clock,
        namespace={},
        name="s",
    )
    s.connect(p=0.7)
    s.w, s.delay = "rand()", "rand()*2*ms"
    r = b2.Synapses(
        a, a[2:5], on_pre="v_post -= 0.05", delay=0.3 * b2.ms, clock=clock, namespace={}, name="r"
    )
    r.connect(condition="i != j")
    return a, s, r


@case
def plastic_synapses(b2, clock):
    a, b = lif(b2, clock, 8, "a"), lif(b2, clock, 5, "b")
    s = b2.Synapses(
        a, b,
        """w : 1
        dx/dt = -x/(5*ms) : 1 (event-driven)
        dy/dt = -y/(7*ms) : 1 (event-driven)""",
        on_pre={
            "pre": "g_post += w\nx += 0.1\nw = clip(w - y*v_post, 0, 2)",
            "late": "h_post += 0.1*w",
        },
        on_post="y += 0.1\nw = clip(w + x, 0, 2)",
        delay={"late": 1 * b2.ms}, clock=clock, namespace={}, name="s",
    )  # fmt: skip
    s.connect()
    s.w, s.pre.delay, s.post.delay = "0.5*rand()", "rand()*ms", 0.2 * b2.ms
    return a, b, s


@case
def noise_of_every_kind(b2, clock):
    a = b2.NeuronGroup(
        6, """dv/dt = -v/(10*ms) + 0.6*xi*(10*ms)**-0.5 : 1
        du/dt = -u/(5*ms) : 1""",
        threshold="v > 0.8 + 0.1*rand()", reset="v = 0.1*randn()", method="euler",
        clock=clock, namespace={}, name="a",
    )  # fmt: skip
    p = b2.PoissonGroup(10, "(100 + i*20)*Hz", clock=clock, namespace={}, name="p")
    s = b2.Synapses(
        p, a, on_pre="v_post += 0.3*int(rand() < 0.5)", clock=clock, namespace={}, name="s"
    )
    s.connect(p=0.5)
    q = b2.PoissonInput(a, "u", 20, 50 * b2.Hz, weight=0.01)
    g = b2.SpikeGeneratorGroup(3, [0, 1, 2, 0], [1, 2, 2, 5] * b2.ms, clock=clock, name="g")
    t = b2.Synapses(g, a, on_pre="v_post += 0.5", clock=clock, namespace={}, name="t")
    t.connect(j="i")
    return a, p, s, q, g, t


@case
def gap_junctions_and_graded_synapses(b2, clock):
    a = b2.NeuronGroup(
        7, """dv/dt = (1.2 - v + I + J)/(10*ms) : 1
        I : 1
        J : 1""", threshold="v > 1", reset="v = 0", method="euler", clock=clock,
        namespace={}, name="a",
    )  # fmt: skip
    a.v = "rand()"
    gap = b2.Synapses(
        a,
        a,
        "w : 1\nI_post = w*(v_pre - v_post) : 1 (summed)",
        clock=clock,
        namespace={},
        name="gap",
    )
    gap.connect(condition="i != j")
    gap.w = "0.1*rand()"
    graded = b2.Synapses(
        a, a,
        """ds/dt = -s/(3*ms) + 0.5*(1 - s)/ms/(1 + exp(-10*(v_pre - 0.5))) : 1 (clock-driven)
        J_post = 0.05*s : 1 (summed)""", clock=clock, namespace={}, method="euler", name="graded",
    )  # fmt: skip
    graded.connect(p=0.5)
    push = b2.Synapses(a, a, on_pre="v_post += 0.02", clock=clock, namespace={}, name="push")
    push.connect(j="(i + 1) % 7")
    return a, gap, graded, push


@case
def rates_with_a_function_and_timed_input(b2, clock):
    import numpy as np

    matrix = np.random.default_rng(3).normal(size=(5, 5)) / 5

    @b2.check_units(x=1, result=1)
    def mixed(x):
        return matrix @ x

    stimulus = b2.TimedArray(np.arange(30.0).reshape(6, 5) / 30, dt=2 * b2.ms)
    a = b2.NeuronGroup(
        5, """dr/dt = (-r + tanh(net))/(5*ms) : 1
        net = stim(t, i) + K + field : 1
        K : 1
        field = r*0.1 : 1 (constant over dt)
        m : 1""", method="rk4", clock=clock, namespace={"stim": stimulus, "mixed": mixed}, name="a",
    )  # fmt: skip
    a.run_regularly("K = mixed(r)", when="before_groups", name="a_mix")
    a.run_regularly("m = 0.5*m + r", dt=0.5 * b2.ms, when="end", name="a_slow")
    b = b2.NeuronGroup(
        3, "dr/dt = (-r + L)/(5*ms) : 1\nL : 1", method="exact", clock=clock, namespace={}, name="b"
    )
    w = b2.Synapses(
        a, b, "w : 1\nL_post = w*r_pre : 1 (summed)", clock=clock, namespace={}, name="w"
    )
    w.connect()
    w.w = "i - j"
    return a, b, w


@case
def synapses_that_saturate_and_wear_out(b2, clock):
    a = lif(b2, clock, 6, "a")
    s = b2.Synapses(
        a, a, "du/dt = (0.5 - u)/(20*ms) : 1 (clock-driven)", method="exact",
        on_pre="g_post += u*(1 - g_post)\nu = 0.8*u", clock=clock, namespace={}, name="s",
    )  # fmt: skip
    s.connect(condition="i != j")
    s.u = 0.5
    return a, s


@case
def a_glia_that_modulates_synapses(b2, clock):
    a = lif(b2, clock, 6, "a", model=LIF + "c : 1")
    s = b2.Synapses(
        a, a, "w : 1", on_pre="g_post += w*(1 + c_post)", clock=clock, namespace={}, name="s"
    )
    s.connect(p=0.6)
    s.w = "0.3*rand()"
    astro = b2.NeuronGroup(
        1, "dCa/dt = -Ca/(20*ms) : 1", method="exact", clock=clock, namespace={}, name="astro"
    )
    up = b2.Synapses(a, astro, on_pre="Ca_post += 0.1", clock=clock, namespace={}, name="up")
    up.connect()
    down = b2.Synapses(
        astro, a, "c_post = Ca_pre : 1 (summed)", clock=clock, namespace={}, name="down"
    )
    down.connect()
    return a, s, astro, up, down


@case
def sums_late_in_the_step(b2, clock):
    a = lif(b2, clock, 6, "a")
    b = b2.NeuronGroup(
        4,
        "dm/dt = -m/(9*ms) : 1\nx : 1\ny : 1",
        method="exact",
        clock=clock,
        namespace={},
        name="b",
    )
    s = b2.Synapses(a, b, on_pre="m_post += 0.1*(i + 1)", clock=clock, namespace={}, name="s")
    s.connect(p=0.8)
    u = b2.Synapses(
        b, b, "w : 1\nx_post = w*m_pre : 1 (summed)", clock=clock, namespace={}, name="u"
    )
    u.connect()
    u.w = "0.1*(i - j)"
    u.summed_updaters["x_post"].when, u.summed_updaters["x_post"].order = "after_synapses", 1
    b.run_regularly("m += 0.5*tanh(x)", when="after_synapses", order=2, name="b_update")
    b.run_regularly("y = 2*m", when="after_synapses", order=3, name="b_read")
    return a, b, s, u


@case
def matrices_of_graded_units(b2, clock):
    """Projections as matrix products, of a product of variables, held, and learned."""
    import numpy as np

    from workbench.brian import dense

    rng = np.random.default_rng(4)
    units = "dr/dt = (-r + tanh(f + rec - q))/(5*ms) : 1\ng : 1\nf : 1\nrec : 1\nq : 1\nm : 1"
    a = b2.NeuronGroup(5, units, method="euler", clock=clock, namespace={}, name="a")
    b = b2.NeuronGroup(3, units, method="euler", clock=clock, namespace={}, name="b")
    a.r, a.g, a.f = "rand()", "1 + 0.1*i", "0.1*i"
    slow = b2.Clock(0.3 * b2.ms, name="slow")
    to_b = dense.project(a, b, rng.normal(size=(3, 5)), of="r", into="rec", name="to_b")
    parts = [
        dense.project(a, a, rng.normal(size=(5, 5)) / 5, of="g*r", into="rec", name="own"),
        dense.project(b, a, rng.normal(size=(5, 3)), of="r", into="q", name="held", clock=slow),
    ]
    to_b.run_regularly("w += 0.01*r_pre*r_post", when="end", name="learning")
    rectified = b2.Synapses(
        a, b, "w : 1\nf_post = w*clip(r_pre, 0, 1)*g_pre/2 : 1 (summed)", clock=clock,
        namespace={}, name="rectified",
    )  # fmt: skip
    rectified.connect(p=0.7)
    rectified.w = "i - j"
    part = b2.Synapses(
        a[1:3], b, "m_post = 2*r_pre : 1 (summed)", clock=clock, namespace={}, name="part"
    )
    part.connect()
    return a, b, to_b, *parts, rectified, part


def test_graded_projections_are_linear_maps_where_they_are():
    from workbench.circuits.ncd.derive.derive import term_of
    from workbench.circuits.ncd.draw.columns import columns

    term = term_of(model_of(CASES["matrices_of_graded_units"])().build()).term
    ops = [c.term.operator for x in columns(term) for c in x.cells if hasattr(c.term, "operator")]
    kinds = {op.title: op.glyph for op in ops}
    assert kinds["own"] == kinds["rectified"] == "plate"
    assert kinds["to b"] == "plastic" and kinds["held"] == "scan"


@pytest.mark.parametrize("name", list(CASES))
def test_the_term_computes_what_brian_computes(name):
    term_computes_the_model(model_of(CASES[name]))


def test_a_circuit_has_its_term_and_carries_it_to_another_process():
    import pickle

    from workbench.circuits import circuit

    drawn = circuit(model_of(CASES["a_delay_for_each_synapse"])())
    assert pickle.loads(pickle.dumps(drawn)).term is None  # the network stays where it is
    sent = pickle.loads(pickle.dumps(drawn.with_term()))
    assert sent.to_svg(85, notation="ncd") == drawn.to_svg(85, notation="ncd")
    assert 'class="glyph plate"' in sent.to_svg(85, notation="ncd")


def test_what_cannot_be_derived_says_what_to_do():
    from workbench.circuits.ncd.derive.derive import term_of
    from workbench.circuits.ncd.term.arrays import TermError

    def build(b2, clock):
        return (
            b2.NeuronGroup(1, "v : 1", clock=clock, name="a"),
            b2.NetworkOperation(lambda: None, clock=clock, name="op"),
        )

    with pytest.raises(TermError, match=r"^op is a Python function .* declare its own, in term"):
        term_of(model_of(build)().build())
