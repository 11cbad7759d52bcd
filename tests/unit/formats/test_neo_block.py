"""Runs as Neo blocks, in memory and read back from a file."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import quantities as pq
from made_up import made_up, silent
from neo.io import NeoMatlabIO

from workbench.errors import ParameterError
from workbench.formats import neo_block
from workbench.network import Population
from workbench.optional import NotInstalled


def spikes_in(block):
    """(population, neuron, t_ms) of every spike, in order."""
    return sorted(
        (s.annotations["population"], int(s.annotations["neuron"]), round(float(t), 6))
        for s in block.segments[0].spiketrains
        for t in np.atleast_1d(s.rescale("ms").magnitude)
    )


def spikes_of(run):
    return sorted(
        (name, int(i), round(float(t), 6))
        for name in run.populations
        for t, i in zip(*run.spikes(name), strict=True)
    )


def test_a_block_has_all_of_a_run(tmp_path):
    run = made_up({"a": 5, "b": 3})
    block = run.to_neo()
    (segment,) = block.segments
    assert [float(s.t_stop.rescale("ms")) for s in segment.spiketrains] == [200.0] * 8
    assert spikes_in(block) == spikes_of(run) and len(run.steps) > 30
    assert {g.name: len(g.spiketrains) for g in block.groups} == {"a": 5, "b": 3}
    signals = {s.name: s for s in segment.analogsignals}
    assert np.array_equal(signals["a.v"].magnitude, run.states["a.v"])
    assert signals["a.v"].units == pq.mV and signals["a.v"].sampling_period == 1 * pq.ms
    assert signals["a.v"].array_annotations["neuron"].tolist() == [0, 1, 2]
    assert signals["b.g"].units.dimensionality == pq.uS.dimensionality
    assert segment.events[0].labels.tolist()[0] == "Learn"
    assert segment.events[0].times.tolist() == [10, 60, 120, 150]
    assert json.loads(block.annotations["parameters"]) == run.parameters
    path = tmp_path / "run.mat"
    run.to_neo(path)
    again = NeoMatlabIO(filename=str(path)).read_block()
    assert spikes_in(again) == spikes_of(run)
    assert np.array_equal(again.segments[0].analogsignals[0].magnitude, run.states["a.v"])
    with pytest.raises(ParameterError, match=r"run\.mat exists already: give another name"):
        run.to_neo(path)
    with pytest.raises(ParameterError, match=r"the name of a file of a Neo block ends in \.mat\.$"):
        run.to_neo(tmp_path / "run.neo")


def test_neurons_of_nested_populations_have_one_train():
    run = made_up({"a": 4, "b": 2})
    whole = Population("whole", 6, 0, "neurons")
    run.info = dataclasses.replace(run.info, populations=(whole, *run.info.populations))
    block = run.to_neo()
    trains = block.segments[0].spiketrains
    assert sorted({s.annotations["population"] for s in trains}) == ["a", "b"] and len(trains) == 6
    assert sum(len(s) for s in trains) == len(run.steps)


def test_a_silent_run_has_empty_trains():
    block = silent().to_neo()
    assert [len(s) for s in block.segments[0].spiketrains] == [0] * 5
    assert not block.segments[0].analogsignals and not block.segments[0].events


def test_an_unknown_unit_is_an_annotation():
    run = made_up({"a": 2, "b": 2})
    run.info = dataclasses.replace(run.info, traces={"a.v": "furlong_per_fortnight"})
    signal = run.to_neo().segments[0].analogsignals[0]
    assert signal.units == pq.dimensionless
    assert signal.annotations["unit"] == "furlong_per_fortnight"


def test_without_neo_the_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "neo", None)
    with pytest.raises(NotInstalled, match=r"^A Neo block needs neo, .* install the extra neo \("):
        neo_block.to_neo(silent())
