"""Pathways of a projection: each with its own delays, and what it adds with its sign."""

from __future__ import annotations

import json
from collections import Counter
from typing import ClassVar

import brian2 as b2
import numpy as np
import pytest

import workbench as wb
from workbench import Model, Parameter
from workbench.circuits import serialize as plain
from workbench.circuits.layout.edge_labels import note
from workbench.circuits.read.network import from_network
from workbench.engine.runtime import Runtime, brian_settings_kept


@pytest.fixture(autouse=True)
def numpy_target():
    """Nothing here is worth compiling."""
    before, b2.prefs.codegen.target = b2.prefs.codegen.target, "numpy"
    b2.BrianLogger.suppress_name("unused_brian_object")
    yield
    b2.prefs.codegen.target = before


def group(name, equations="dv/dt = -v/(10*ms) : volt\ndc/dt = -c/(50*ms) : 1", n=5):
    return b2.NeuronGroup(
        n, equations, threshold="v > 2*mV", reset="v = 0*mV", method="exact", namespace={},
        name=name,
    )  # fmt: skip


def joined(model="w : volt", on_pre="v_post += w", **given):
    """The only projection of a circuit, ``projection``, between five neurons and five others."""
    pre, post = group("pre"), group("post")
    s = b2.Synapses(pre, post, model, on_pre=on_pre, namespace={}, name="projection", **given)
    s.connect(j="i")
    return s, lambda: from_network(b2.Network(pre, post, s)).edge("projection")


TWO = {"fast": "v_post += w", "calcium": "c_post += 1"}


def two():
    s, read = joined(on_pre=TWO, on_post="c_pre += 1")
    s.w = 3 * b2.mV
    s.fast.delay = "1*ms + i*4*ms"
    s.calcium.delay = "10*ms + i*ms"
    return s, read


def test_every_pathway_has_its_delays():
    edge = two()[1]()
    delays = {p.name: (p.prepost, p.delay.low, p.delay.high) for p in edge.pathways}
    assert delays == {"fast": ("pre", 1, 17), "calcium": ("pre", 10, 14), "post": ("post", 0, 0)}
    assert edge.delay_ms == (1, 17)
    assert "fast: adds w = 3 mV to v, delay 1–17 ms" in edge.describe()
    assert "calcium: adds 1 to c, delay 10–14 ms" in edge.describe()


def test_the_drawing_and_the_tables_tell_each_delay():
    s, read = two()
    assert r"d_{\mathrm {fast}}" in note(read(), True).lines[1]
    assert r"d_{\mathrm {calcium}}" in note(read(), True).lines[1]
    tables = str(from_network(b2.Network(s.source, s.target, s)).tables())
    assert "fast: 1–17 ms<br>calcium: 10–14 ms" in tables


def test_a_named_pathway_that_is_alone_has_the_delay_of_the_projection():
    s, read = joined(on_pre={"slow": "v_post += w"})
    s.w = 1 * b2.mV
    s.slow.delay = 7 * b2.ms
    edge = read()
    assert edge.delay_ms == (7, 7)
    assert note(edge, True).lines[1].endswith(r"\bar{d}=7\,\mathrm {ms}")
    assert edge.describe().endswith("weight 1 mV, delay 7 ms")


def test_a_delay_of_what_the_target_sets_off_is_reported():
    s, read = joined(on_post="w += 1*mV")
    s.post.delay = 2 * b2.ms
    edge = read()
    assert edge.delay_ms == (0, 0)
    assert "post: delay 2 ms" in edge.describe()
    assert r"\overline{d_{\mathrm {post}}}=2" in note(edge, True).lines[1]


def test_a_run_knows_all_delays():
    s, _ = two()
    net = b2.Network(s.source, s.target, s)

    class Two(Model):
        """Gives the network that is there."""

        def build(self):
            return net

    with brian_settings_kept():
        runtime = Runtime(Two(), 1, "numpy")
        info = runtime.build()
    assert info.projection("projection").delay_ms == (1, 17)


def test_pathways_are_stored():
    s, _ = two()
    circuit = from_network(b2.Network(s.source, s.target, s))
    again = plain.from_plain(json.loads(json.dumps(plain.to_plain(circuit))))
    assert again.edges == circuit.edges
    old = plain.to_plain(circuit)
    for edge in old["edges"]:
        del edge["pathways"]  # as stored before there were any
    assert [e.pathways for e in plain.from_plain(old).edges] == [()]


@pytest.mark.parametrize(
    ("model", "on_pre", "values", "message", "low", "high"),
    [
        ("w : volt", "v_post -= w", {"w": "(1 + i)*mV"}, "-w", -5, -1),
        ("w : volt", "v_post = v_post - w", {"w": "1*mV"}, "-w", -1, -1),
        ("w : volt\nf : 1", "v_post += w*f", {"w": "2*mV", "f": "i % 3 - 1"}, "w*f", -2, 2),
        ("w : volt\nf : 1", "v_post -= w*f", {"w": "1*mV", "f": "2"}, "-(w*f)", -2, -2),
        ("w : volt", "v_post += -w*0.5", {"w": "4*mV"}, "-w*0.5", -2, -2),
        ("w : volt\nk : 1", "x = w*k\nv_post -= x", {"w": "3*mV", "k": "-1"}, "-(w*k)", 3, 3),
    ],
)
def test_what_a_spike_adds_has_its_sign(model, on_pre, values, message, low, high):
    s, read = joined(model, on_pre)
    for name, value in values.items():
        setattr(s, name, value)
    ((variable, added),) = read().pathways[0].adds
    assert variable == "v"
    scale = {"mV": 1.0, "V": 1e3}[added.unit]
    assert (added.low * scale, added.high * scale) == pytest.approx((low, high))
    assert added.text.replace("(", "").replace(")", "") == message.replace("(", "").replace(")", "")
    assert f"adds {added.text} = " in read().describe()


def test_a_shared_factor_counts():
    s, read = joined("w : volt\ngain : 1 (shared)", "v_post += gain*w")
    s.w, s.gain = 1 * b2.mV, -2.0
    assert read().pathways[0].adds[0][1].value == pytest.approx(-2)
    assert read().sign == "inhibitory"


@pytest.mark.parametrize(
    ("model", "on_pre", "message"),
    [
        ("w : volt\nu : 1", "v_post += w*u; u -= 0.1*u", "w*u"),
        ("w : volt", "v_post += w*(1 - c_post)", "w*(1 - c_post)"),
        ("w : volt", "v_post += w*rand()", "w*rand()"),
    ],
)
def test_what_changes_while_it_runs_is_reported_as_its_expression(model, on_pre, message):
    added = joined(model, on_pre)[1]().pathways[0].adds[0][1]
    assert (added.form, added.text, added.value) == ("function", message, None)


def test_the_weight_alone_is_not_said_twice():
    s, read = joined()
    s.w = 1 * b2.mV
    assert ";" not in read().describe()


# -- two projections between one pair ------------------------------------------------------------


def test_projections_with_the_same_ends_are_named():
    pre, post = group("pre"), group("post")
    both = [
        b2.Synapses(pre, post, "w : volt", on_pre="v_post += w", namespace={}, name=name)
        for name in ("ampa", "nmda")
    ]
    for s in both:
        s.connect()
    net = b2.Network(pre, post, *both)

    class Both(Model):
        """Gives the network that is there."""

        slug = "both"

        def build(self):
            return net

    with brian_settings_kept():
        info = Runtime(Both(), 1, "numpy").build()
    assert [p.label for p in info.projections] == ["ampa: pre → post", "nmda: pre → post"]
    circuit = from_network(net)
    assert circuit.message(circuit.edge("nmda")).startswith("nmda: pre → post")
    assert "nmda:<br>pre → post" in str(circuit.tables())


def test_a_matrix_of_weights_says_whose_they_are():
    from tests.unit.made_up import made_up
    from workbench.plots.weights.static import weights

    element = weights(made_up({"a": 4, "b": 5}))
    label = element.vdims[0].label.replace("\n", " ")  # broken into lines that fit a colour bar
    assert label.startswith("Weight, a to b (nA)")


# -- synapses onto synapses ----------------------------------------------------------------------


class OntoSynapses(Model):
    """A modulator whose spikes raise the weights of a projection."""

    slug = "onto-synapses"
    title = "Onto synapses"
    traces: ClassVar[dict] = {"target.v": "mV"}
    E = Parameter(0.0, unit="mV", bounds=(-50, 50), doc="rest")

    def build(self):
        clock = b2.Clock(0.1 * b2.ms, name="onto_clock")
        source = b2.SpikeGeneratorGroup(
            3, [0, 1, 2], [0, 0, 0] * b2.ms, period=20 * b2.ms, clock=clock, name="source"
        )
        modulator = b2.SpikeGeneratorGroup(
            3, [0, 2], [31, 53] * b2.ms, clock=clock, name="modulator"
        )
        target = b2.NeuronGroup(
            3, "dv/dt = (E - v)/(10*ms) : volt\nE : volt (shared)", threshold="v > 2*mV",
            reset="v = 0*mV", method="exact", clock=clock, namespace={}, name="target",
        )  # fmt: skip
        conn = b2.Synapses(
            source, target, "w : volt", on_pre="v_post += w", clock=clock, namespace={},
            name="conn",
        )  # fmt: skip
        conn.connect(j="i")
        conn.w = 1 * b2.mV
        onto = b2.Synapses(
            modulator, conn, on_pre="w_post += 2*mV", clock=clock, namespace={}, name="onto"
        )
        onto.connect(j="i")
        return b2.Network(source, modulator, target, conn, onto, name="onto_synapses")


def test_synapses_onto_synapses_run_and_are_drawn(tmp_path):
    run = OntoSynapses().run(100, engine="numpy")
    # Weights are raised at 31 and at 53 ms; from then on each input spike, every 20 ms, fires.
    assert run.weights["conn"]["w"][-1] == pytest.approx([3e-3, 1e-3, 3e-3])
    _, i = run.spikes("target")
    assert Counter(i.tolist()) == {0: 3, 2: 2}
    circuit = run.info.circuit
    edge = circuit.edge("onto")
    assert (edge.source, edge.target, edge.onto, edge.kind) == (
        "modulator", "target", "conn", "modulation",
    )  # fmt: skip
    assert circuit.edge("conn").plastic  # by what leads onto it
    assert run.info.projection("conn").plastic
    onto = run.info.projection("onto")
    assert (onto.target, onto.onto, onto.weight) == ("target", "conn", None)
    for notation in ("senk", "classic", "ncd"):
        assert "<svg" in circuit.to_svg(notation=notation)


# -- a cell with compartments --------------------------------------------------------------------


class Cable(Model):
    """A soma, an axon and a dendrite; spikes at one compartment."""

    slug = "cable-of-31"
    title = "Cable"
    traces: ClassVar[dict] = {"cell.v": "mV"}
    location: ClassVar[int | None] = 4
    gl = Parameter(1.0, unit="siemens/meter**2", bounds=(0.1, 10), softbounds=(0.1, 10), doc="leak")

    def build(self):
        clock = b2.Clock(0.1 * b2.ms, name="cable_clock")
        shape = b2.Soma(30 * b2.um)
        shape.axon = b2.Cylinder(length=300 * b2.um, diameter=1 * b2.um, n=20)
        shape.dend = b2.Cylinder(length=100 * b2.um, diameter=2 * b2.um, n=10)
        cell = b2.SpatialNeuron(
            shape,
            "Im = gl*(-70*mV - v) : amp/meter**2\ngl : siemens/meter**2 (shared)\n"
            "I : amp (point current)",
            Cm=1 * b2.uF * b2.cm**-2, Ri=100 * b2.ohm * b2.cm, threshold="v > -60*mV",
            threshold_location=self.location, refractory="v > -60*mV",
            method="exponential_euler", clock=clock, namespace={}, name="cell",
        )  # fmt: skip
        cell.v = -70 * b2.mV
        cell.I[0] = 0.3 * b2.nA
        source = b2.SpikeGeneratorGroup(2, [0], [50] * b2.ms, clock=clock, name="source")
        s = b2.Synapses(
            source, cell, on_pre="I_post += 0.1*nA", clock=clock, namespace={}, name="input"
        )
        s.connect(i=[0, 1], j=[0, 25])
        return b2.Network(source, cell, s, name="cable")


def test_a_cell_with_compartments_is_one_cell():
    run = Cable().run(60, engine="numpy", record={"cell.v": "all"})
    cell = run.info.population("cell")
    assert (cell.size, cell.compartments, cell.kind, cell.entries) == (1, 31, "neurons", 31)
    assert run.states["cell.v"].shape == (60, 31)
    t, i = run.spikes("cell")
    assert i.tolist() == [0] and t[0] > 0
    assert run.info.n_units == 3
    node = run.info.circuit.node("cell")
    assert (node.size, node.compartments, node.kind) == (1, 31, "population")
    assert run.info.circuit.edge("input").sign == "excitatory"
    with pytest.raises(wb.errors.SimulationError, match="cell has the compartments 0 to 30; 31"):
        Cable().run(1, engine="numpy", record={"cell.v": [31]})


def test_the_tables_tell_of_compartments_and_not_of_brians_own_variables():
    text = str(wb.circuit(Cable()).tables())
    assert "| cell | N1 |  | 1 (31 compartments) |" in text
    assert "cell with compartments, spiking" in text and "I_{m} = " in text
    assert "private" not in text and "space" not in text


def test_spikes_are_the_cells_wherever_its_threshold_is(monkeypatch):
    runs = {}
    for location in (0, 4, 30):
        monkeypatch.setattr(Cable, "location", location)
        runs[location] = Cable().run(60, engine="numpy")
        assert set(runs[location].spikes("cell")[1].tolist()) <= {0}
    assert len(runs[0].spikes("cell")[0]) == len(runs[4].spikes("cell")[0]) == 1


def test_where_each_compartment_spikes_each_has_its_row(monkeypatch):
    monkeypatch.setattr(Cable, "location", None)
    run = Cable().run(60, engine="numpy")
    cell = run.info.population("cell")
    assert (cell.size, cell.compartments) == (31, 31)
    assert len(set(run.spikes("cell")[1].tolist())) > 1
    assert run.info.circuit.node("cell").size == 1


def test_a_voltage_that_explodes_in_a_compartment_is_noticed():
    class Exploding(Cable):
        """Its current is too large for any number."""

        def build(self):
            net = super().build()
            net["cell"].v[7] = np.nan * b2.volt
            return net

    with pytest.raises(wb.errors.SimulationError, match=r"cell\.v is not .* of 31 compartments"):
        Exploding().run(5, engine="numpy")


def test_what_cannot_be_drawn_is_reported():
    with pytest.raises(wb.errors.WorkbenchError, match="solves a cable equation"):
        wb.circuit(Cable()).to_svg(notation="ncd")


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "off_mV"), [(Cable, 1e-5), (OntoSynapses, 1e-9)])
def test_the_compiled_engine_runs_them_too(kind, off_mV):
    # Brian2 solves the cable equation by another routine in C++: its own voltages in bare scripts
    # differ by 1e-8 mV between the two targets after 3 ms, and by more later.
    a, b = (kind().run(100, engine=engine) for engine in ("numpy", "compiled"))
    assert np.array_equal(a.steps, b.steps) and np.array_equal(a.units, b.units)
    for name, values in a.states.items():
        assert b.states[name] == pytest.approx(values, rel=1e-9, abs=off_mV)


# -- the network of a circuit is that of a run ---------------------------------------------------


class Drawn(Model):
    """Its synapses are drawn at random, and a live parameter is not what ``build`` writes."""

    slug = "drawn"
    title = "Drawn"
    w = Parameter(2.0, unit="mV", bounds=(0, 5), doc="weight")

    def build(self):
        pre, post = group("pre", n=20), group("post", n=20)
        s = b2.Synapses(
            pre, post, "w : volt (shared)", on_pre="v_post += w", namespace={}, name="s"
        )
        s.connect(p=0.3)
        s.w = 1 * b2.mV
        return b2.Network(pre, post, s)


def test_the_circuit_of_a_model_is_the_one_of_its_run():
    b2.seed(99)  # whatever was drawn before
    for seed in (1, 2):
        circuit = wb.circuit(Drawn(), seed=seed)
        with brian_settings_kept():
            info = Runtime(Drawn(), seed, "numpy").build()
        assert circuit.edges == info.circuit.edges
        assert circuit.edge("s").weight.value == pytest.approx(2)
    edges = [wb.circuit(Drawn(), seed=n).edge("s") for n in (1, 1, 2)]
    assert edges[0] == edges[1] != edges[2]
