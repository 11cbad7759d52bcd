"""Circuits of real networks: models, subgroups, what the module accepts."""

from types import SimpleNamespace

import brian2 as b2
import pytest

import workbench as wb
from workbench.circuits import circuit
from workbench.circuits.read.network import from_network
from workbench.errors import BuildError, ParameterError


def test_subgroups_become_populations():
    c = wb.circuit(wb.load("cuba", n_neurons=500))
    assert [(n.name, n.size, n.sign, n.start) for n in c.nodes] == [
        ("excitatory", 400, "excitatory", 0),
        ("inhibitory", 100, "inhibitory", 400),
    ]
    assert {(e.source, e.target, e.sign) for e in c.edges} == {
        (a, b, a) for a in ("excitatory", "inhibitory") for b in ("excitatory", "inhibitory")
    }
    assert {e.projection for e in c.edges} == {"from_excitatory", "from_inhibitory"}


def test_unnamed_subgroups_are_called_by_their_slice():
    p = b2.NeuronGroup(10, "dv/dt = -v/(10*ms) : 1", threshold="v > 1", name="p", method="exact")
    s = b2.Synapses(p[:8], p, on_pre="v_post += 0.1", name="s")
    s.connect()
    rest = b2.Synapses(p[8:], p[:8], on_pre="v_post -= 0.1", name="rest")
    rest.connect(j="i")
    c = from_network(b2.Network(p, s, rest))
    assert [(n.name, n.size, n.sign) for n in c.nodes] == [
        ("p[:8]", 8, "excitatory"),
        ("p[8:]", 2, "inhibitory"),
    ]
    assert [(e.name, e.source, e.target, e.rule.symbol) for e in c.edges] == [
        ("rest", "p[8:]", "p[:8]", "δ"),
        ("p[:8]_to_p[:8]", "p[:8]", "p[:8]", "Ω"),
        ("p[:8]_to_p[8:]", "p[:8]", "p[8:]", "Ω"),
    ]

    assert [e.rule.certain for e in c.edges] == [False, True, False]  # two and sixteen synapses


def test_hippocampal_memory():
    model = wb.load("hippocampal-cam")
    c = circuit(model)
    assert c.title == model.title
    assert tuple(n.name for n in c.nodes) == model.populations
    assert {n.name for n in c.nodes if n.kind == "input"} == {"in_cue", "in_content"}
    assert {(e.source, e.target) for e in c.edges if e.plastic} == {
        ("cue_cue", "content_cue"),
        ("content_content", "cue_content"),
    }
    inhibiting = {(e.source, e.target) for e in c.edges if e.sign == "inhibitory"}
    assert inhibiting == {
        ("cue_cue", "cue_content"),
        ("cue_content", "cue_content"),
        ("cue_cue", "content_cond"),
    }
    assert all(e.sign in ("excitatory", "inhibitory") for e in c.edges)
    assert c.node("cue_cue").sign == "mixed"
    assert len(c.edges) == 18
    assert all(e.rule.source == "declared" for e in c.edges)
    assert {e.rule.symbol for e in c.edges} == {"δ", "Ω", "X"}
    assert [(e.rule.symbol, e.rule.autapses) for e in c.edges if e.source == e.target] == [
        ("Ω", "no")
    ]
    assert {n.symbol for n in c.nodes if n.size > 1} == {"C", "M"}


def test_what_has_a_circuit():
    c = circuit(wb.load("cuba", n_neurons=50))
    assert circuit(c) is c
    assert circuit(SimpleNamespace(info=SimpleNamespace(circuit=c))) is c
    with pytest.raises(BuildError, match="not built yet"):
        circuit(SimpleNamespace(info=None))
    with pytest.raises(ParameterError, match="no circuit of a int"):
        circuit(3)


def test_synapses_that_treat_all_alike_join_neurons_to_themselves_in_any_subgroup():
    c = circuit(wb.load("cuba", n_neurons=500))
    assert {(e.source, e.rule.autapses) for e in c.edges if e.source == e.target} == {
        ("excitatory", "yes"), ("inhibitory", "yes"),
    }  # fmt: skip
