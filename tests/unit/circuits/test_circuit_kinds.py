"""What is neither a spike nor a synapse: rates, gaps, given currents, third factors, recorders."""

import json

import brian2 as b2
import numpy as np
import pytest

from workbench.circuits import Circuit, Edge, Node, Param, Rule
from workbench.circuits.layout.edge_labels import note
from workbench.circuits.read.network import from_network
from workbench.circuits.read.nodes import effects
from workbench.circuits.serialize import from_plain, to_plain
from workbench.engine.runtime import Runtime, brian_settings_kept
from workbench.model.model import Model

LIF = "dv/dt = (-60*mV - v + R*I)/(10*ms) : volt\nI : amp\nR : ohm (shared)"


@pytest.fixture(autouse=True)
def numpy_target():
    before, b2.prefs.codegen.target = b2.prefs.codegen.target, "numpy"
    b2.BrianLogger.suppress_name("unused_brian_object")
    yield
    b2.prefs.codegen.target = before


def group(name, n=8, model=LIF, spiking=True, namespace=None):
    given = {"threshold": "v > -50*mV", "reset": "v = -60*mV"} if spiking else {}
    made = b2.NeuronGroup(n, model, name=name, method="euler", namespace=namespace or {}, **given)
    if "v" in made.variables:
        made.v = -60 * b2.mV
    if "R" in made.variables:
        made.R = 100 * b2.Mohm
    return made


def join(source, target, model="", on_pre=None, name="s", **given):
    s = b2.Synapses(source, target, model, on_pre=on_pre, name=name, namespace={}, **given)
    i, j = (a.ravel() for a in np.meshgrid(np.arange(source.N), np.arange(target.N)))
    s.connect(i=i, j=j)
    return s


RATE = "dr/dt = (-r + tanh(drive))/(10*ms) : 1\ndrive : 1"


@pytest.mark.parametrize(("w", "sign"), [(0.5, "excitatory"), (-0.5, "inhibitory")])
def test_rates_act_without_spikes(w, sign):
    a, b = (group(n, 6, RATE, spiking=False) for n in "ab")
    s = join(a, b, "w : 1\ndrive_post = w*r_pre : 1 (summed)", name="ab")
    s.w = w
    c = from_network(b2.Network(a, b, s))
    (e,) = c.edges
    assert (e.kind, e.sign, e.delay, e.rule.symbol) == ("continuous", sign, None, "Ω")
    assert (e.weight.value, e.weight.variable, e.channel) == (w, "w", "drive")
    assert c.node("a").kind == "population"


SCALED = """
dr/dt = (-r + tanh(J_e*from_e - 2*J_i*from_i))/(10*ms) : 1
from_e : 1
from_i : 1
J_e : 1 (shared)
J_i : 1
"""


def scaled(model=SCALED, w=1.0, **values):
    """The edge of a rate network whose target multiplies what comes in."""
    a, b = group("a", 6, RATE, spiking=False), group("b", 6, model, spiking=False)
    for name, value in ({"J_e": 1.25, "J_i": 0.5} | values).items():
        setattr(b, name, value)
    s = join(a, b, "w : 1\nfrom_e_post = w*r_pre : 1 (summed)", name="ab")
    s.w = w
    return from_network(b2.Network(a, b, s)).edges[0]


def test_a_constant_of_the_sum_is_part_of_the_weight():
    e = scaled()
    assert (e.weight.form, e.weight.value, e.weight.name) == ("constant", 1.25, "J_e")
    assert note(e, True).lines[-1] == r"\overline{J_{e}}=1.25"
    e = scaled(w=2.0)
    assert (e.weight.value, e.weight.variable, e.weight.factor) == (2.5, "w", "J_e")
    assert note(e, True).lines[-1] == r"\overline{J_{e}\,w}=2.5"
    e = scaled(w="1 + 0.1*abs(i - j)")
    assert e.weight.low == pytest.approx(1.25) and e.weight.high == pytest.approx(1.25 * 1.5)
    assert note(e, True).lines[-1] == r"J_{e}\,w(r)"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("J_e*from_e", "sin(r)*from_e"),  # depends on the state
        ("- 2*J_i*from_i", "+ J_e*from_i"),  # multiplies something else as well
        ("J_e*from_e", "J_e*from_e + from_e"),  # comes in twice
        ("J_e*from_e", "J_i*from_e"),  # is not the same for all neurons
    ],
)
def test_what_is_no_plain_constant_is_no_weight(old, new):
    e = scaled(SCALED.replace(old, new), J_i="0.1*i")
    assert (e.weight.value, e.weight.name, e.weight.factor) == (1.0, "", "")


def test_rates_that_saturate_downwards_inhibit():
    a, b = group("a", 6, RATE, spiking=False), group("b", 6, RATE, spiking=False)
    s = join(a, b, "drive_post = -2*r_pre/(1 + r_pre) : 1 (summed)", name="ab")
    assert from_network(b2.Network(a, b, s)).edges[0].sign == "inhibitory"


@pytest.mark.parametrize(("listens", "sign"), [(False, "inhibitory"), (True, "mixed")])
def test_what_listens_without_spikes_does_not_change_what_neurons_are(listens, sign):
    cells, glia = group("cells"), group("glia", 1, spiking=listens)
    inhibit = join(cells, cells, on_pre="v -= 1*mV", name="inhibit")
    hear = join(cells, glia, on_pre="v += 1*mV", name="hear")
    net = b2.Network(cells, glia, inhibit, hear)

    class Heard(Model):
        """Gives the network that is there."""

        def build(self):
            return net

    with brian_settings_kept():
        info = Runtime(Heard(), 1, "numpy").build()
    assert info.population("cells").sign == info.circuit.node("cells").sign == sign


def test_what_has_a_rate_is_told_from_all_that_it_sends():
    sent = [
        Edge("back", "memory", "neurons", "excitatory"),
        Edge("on", "memory", "memory", "mixed"),
    ]
    assert effects(sent, {"neurons"}) == {"excitatory", "mixed"}
    assert effects(sent, {"neurons", "memory"}) == {"excitatory", "mixed"}
    assert effects(sent[:1], {"neurons"}) == {"excitatory"}
    assert effects([], {"neurons"}) == set()


def test_gap_junctions_go_both_ways():
    a = group("a")
    gap = join(a, a, "g : siemens\nI_post = g*(v_pre - v_post) : amp (summed)", name="gap")
    gap.g = 1 * b2.nS
    (e,) = from_network(b2.Network(a, gap)).edges
    assert (e.kind, e.directed, e.sign, e.weight.unit) == ("gap junction", False, "mixed", "nS")
    assert "↔" in e.describe()
    chemical = join(a, a, "g : siemens\nI_post = g*(v_pre + 70*mV) : amp (summed)", name="graded")
    chemical.g = 1 * b2.nS
    (e,) = from_network(b2.Network(a, chemical)).edges
    assert (e.kind, e.sign) == ("continuous", "excitatory")


@pytest.mark.parametrize(
    ("values", "sign"),
    [([0, 1, 2], "excitatory"), ([0, -1], "inhibitory"), ([-1, 1], "mixed")],
)
def test_given_currents_are_inputs(values, sign):
    current = b2.TimedArray(np.array(values) * b2.nA, dt=1 * b2.ms, name="given_current")
    model = "dv/dt = (-60*mV - v + 100*Mohm*stimulus(t))/(10*ms) : volt"
    a = group("a", model=model, namespace={"stimulus": current})
    c = from_network(b2.Network(a))
    (e,) = c.edges
    assert (c.node("given_current").kind, c.node("given_current").device) == (
        "input",
        "timed array",
    )
    assert (e.source, e.target, e.sign, e.kind) == ("given_current", "a", sign, "continuous")


STDP = "w : amp\ndpre/dt = -pre/(20*ms) : 1 (event-driven)\ndopamine : 1"


def test_a_group_that_acts_on_synapses_modulates():
    a, b, astro = group("a"), group("b"), group("astro", 3)
    s = join(a, b, STDP, "I_post += w; w += 1*pA*dopamine; pre += 1", name="ab")
    s.w = 1 * b2.nA
    m = b2.Synapses(astro, s, on_pre="dopamine_post += 1", name="reward", namespace={})
    m.connect(i=0, j=np.arange(len(s)))
    c = from_network(b2.Network(a, b, astro, s, m))
    by = {e.projection: e for e in c.edges}
    assert (by["ab"].plastic, by["ab"].sign) == (True, "excitatory")
    assert (by["reward"].kind, by["reward"].sign, by["reward"].onto) == (
        "modulation", "modulatory", "ab",
    )  # fmt: skip
    assert c.node("astro").kind == "modulator"
    assert "astro modulates ab" in c.describe()


@pytest.mark.parametrize("way", ["read", "subexpression", "temporary", "at intervals"])
def test_a_third_factor_in_the_target_modulates(way):
    model = LIF + "\ndD/dt = -D/(100*ms) : 1"
    model += {"subexpression": "\neta = 2*D : 1", "at intervals": "\neta : 1"}.get(way, "")
    change = {"read": "w += 1*pA*D_post*pre", "temporary": "new = w + 1*pA*D_post\nw = new"}
    a, b, vta = group("a"), group("b", model=model), group("vta", 3)
    s = join(
        a,
        b,
        "w : amp\ndpre/dt = -pre/(20*ms) : 1 (event-driven)",
        "I_post += w\npre += 1\n" + change.get(way, "w += 1*pA*eta_post"),
        name="ab",
    )
    s.w = 1 * b2.nA
    if way == "at intervals":
        b.run_regularly("eta = 3*D", dt=1 * b2.ms)
    m = join(vta, b, on_pre="D_post += 1", name="reward")
    by = {e.projection: e for e in from_network(b2.Network(a, b, vta, s, m)).edges}
    assert (by["reward"].sign, by["reward"].onto) == ("modulatory", "ab")
    assert (by["ab"].sign, by["ab"].plastic) == ("excitatory", True)


def test_linked_variables_join_groups():
    driver = group("driver", 8, "dx/dt = -x/(10*ms) : amp", spiking=False)
    a = group("a", 8, "dv/dt = (-60*mV - v - 100*Mohm*x)/(10*ms) : volt\nx : amp (linked)")
    a.x = b2.linked_var(driver, "x")
    (e,) = from_network(b2.Network(driver, a)).edges
    assert (e.source, e.target, e.kind, e.sign) == ("driver", "a", "continuous", "inhibitory")


def test_what_synapses_release_comes_from_their_source():
    a, b = group("a"), group("b")
    astro = group("astro", 3, "dC/dt = (release - C)/second : 1\nrelease : 1", spiking=False)
    s = join(a, b, "w : amp\nY : 1", "I_post += w; Y += 1", name="ab")
    s.w = 1 * b2.nA
    up = b2.Synapses(s, astro, "release_post = Y_pre : 1 (summed)", name="up", namespace={})
    up.connect(i=np.arange(len(s)), j=np.zeros(len(s), int))
    by = {e.projection: e for e in from_network(b2.Network(a, b, astro, s, up)).edges}
    assert (by["up"].source, by["up"].target, by["up"].kind) == ("a", "astro", "continuous")
    assert by["up"].rule is None


def test_devices_and_recorders():
    a = group("a")
    cells = b2.Subgroup(a, 0, 5, name="front")
    given = b2.SpikeGeneratorGroup(4, [0, 1], [1, 2] * b2.ms, name="given")
    noise = b2.PoissonGroup(5, 3 * b2.Hz, name="noise")
    s1 = join(given, cells, on_pre="I_post += 1*nA", name="s1")
    s2 = join(noise, a, on_pre="I_post -= 1*nA", name="s2")
    monitors = [
        b2.SpikeMonitor(a, name="spikes"), b2.StateMonitor(cells, "v", record=0, name="trace"),
        b2.PopulationRateMonitor(a, name="rate"),
    ]  # fmt: skip
    c = from_network(b2.Network(a, given, noise, s1, s2, *monitors))
    device = {n.name: (n.kind, n.device) for n in c.nodes}
    assert device["given"] == ("input", "spike times")
    assert device["noise"] == ("input", "Poisson")
    assert device["spikes"] == ("recorder", "spikes")
    assert device["trace"] == ("recorder", "v")
    assert device["rate"] == ("recorder", "rate")
    recorded = {(e.source, e.target) for e in c.edges if e.kind == "recording"}
    assert recorded == {("front", "spikes"), ("a[5:]", "spikes"), ("front", "trace"),
                        ("front", "rate"), ("a[5:]", "rate")}  # fmt: skip
    left = {n.name for n in c.without("recorder").nodes}
    assert left == {"front", "a[5:]", "given", "noise"}
    (s1_edge,) = [e for e in c.edges if e.projection == "s1"]
    assert s1_edge.weight == Param("constant", 1.0, "nA", 0.0, 1.0, 1.0, text="1 * nA")


def test_a_circuit_survives_being_stored():
    c = Circuit(
        (Node("a", "a", 5, constants=(("tau", "5 ms"),)),),
        (
            Edge("aa", "a", "a", "excitatory", True, 9, Param("constant", 1.0, "ms", 0, 1.0, 1.0),
                 Rule("p", 0.1, "no", "no"), weight=Param("distributed", 1, "nS", 0.1, 0, 2, "N")),
        ),
        "kept",
        (("a", 1.0, 2.0),),
    )  # fmt: skip
    assert from_plain(json.loads(json.dumps(to_plain(c)))) == c


def test_a_circuit_stored_by_an_older_version_is_read():
    plain = {
        "nodes": [{"name": "a", "label": "a", "size": 5, "kind": "population", "sign": "none",
                   "equations": "", "group": "a", "start": 0}],
        "edges": [{"name": "aa", "source": "a", "target": "a", "sign": "excitatory",
                   "plastic": False, "n_synapses": 5, "delay_ms": [1.0, 2.0], "rule": "p = 0.1",
                   "evidence": "inferred", "projection": "aa"}],
        "title": "old",
    }  # fmt: skip
    (e,) = from_plain(plain).edges
    assert (e.delay_ms, e.rule, e.n_synapses) == ((1.0, 2.0), None, 5)


def test_a_poisson_input_says_what_its_weight_is():
    a = group("a", model=LIF + "\nu_e : amp (shared)")
    a.u_e = 2 * b2.nA
    named = b2.PoissonInput(a, "I", 3, 5 * b2.Hz, "u_e")
    named._name = "background"  # Brian2 gives no other way
    c = from_network(b2.Network(a, named))
    (e,) = c.edges
    assert c.node("background").label == "background"
    assert (e.weight.form, e.weight.value, e.weight.unit, e.weight.variable) == (
        "constant", 2.0, "nA", "u_e",
    )  # fmt: skip
