"""The experiments on the hippocampal memory, in a small form, and the formulas beside them."""

import itertools

import numpy as np
import pytest

from models.hippocampal_cam import Freeze, HippocampalCAM, Learn, RecallByContent
from models.hippocampal_cam.closed_forms import (
    classical_capacities,
    false_cues_and,
    false_cues_exact,
    false_cues_or,
)
from models.hippocampal_cam.experiments.interference import random_operations, safe_spacing, shares
from workbench.replay import same_spikes

EXPERIMENTS = {e.name: e for e in HippocampalCAM.experiments}
SMALL = {
    "functional": {},
    "stress": {"cycles": 1},
    "interference": {"shortest_ms": 6, "longest_ms": 7, "seeds": 1, "operations": 40},
    "capacity": {"n_cues": 4, "loads": (4,), "densities": (0.3,), "bits": (1, 2), "seeds": 1},
}


class Results(dict):
    """Of each experiment, once it is asked for."""

    def __missing__(self, name):
        self[name] = EXPERIMENTS[name].run(HippocampalCAM(), **SMALL[name])
        return self[name]


@pytest.fixture(scope="module")
def results():
    return Results()


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n == "capacity")) for n in SMALL]
)
def test_comparisons_and_figure_come_from_the_result(results, name):
    import holoviews as hv

    hv.extension("matplotlib")
    assert EXPERIMENTS[name].compare(results[name])
    assert hv.render(EXPERIMENTS[name].figure(results[name]), backend="matplotlib") is not None


def test_published_protocol_agrees(results):
    assert [c.what for c in EXPERIMENTS["functional"].compare(results["functional"]) if
            not c.agrees] == []  # fmt: skip


def test_spikes_of_every_operation_are_the_closed_form(results):
    for name in ("functional", "stress"):
        assert np.array_equal(results[name].spikes, results[name].spikes_expected)


def test_the_documented_timing_fails_by_content_only(results):
    data = results["interference"]
    assert shares(data, "RecallByContent")[0][1] > 0.1
    assert shares(data, "RecallByCue")[0][1] == 0
    assert np.isnan(safe_spacing(data))


@pytest.mark.slow
def test_a_frozen_memory_answers_by_the_rule(results):
    frozen = results["capacity"].sel(condition="frozen")
    assert float(frozen.errors.max()) == 0
    assert float(frozen.recall.min()) == 1


@pytest.mark.parametrize("name", ["interference", "capacity", "functional"])
def test_stops_when_told(name):
    reported = []

    def stop(fraction, text):
        reported.append(fraction)
        return False

    data = EXPERIMENTS[name].run(HippocampalCAM(), stop)
    assert data is not None
    assert len(reported) <= 3


def test_options_are_those_that_run_takes():
    import inspect

    for experiment in EXPERIMENTS.values():
        taken = inspect.signature(experiment.run).parameters
        for name, (default, doc) in experiment.options.items():
            assert taken[name].default == default
            assert doc


@pytest.mark.slow  # builds the network twice
def test_a_frozen_run_is_replayed_spike_for_spike():
    plan = [
        Learn(0.0, 0, (0, 1)),
        Freeze(20.0),
        Learn(30.0, 1, (1, 2)),
        RecallByContent(50.0, (1,)),
    ]
    model = HippocampalCAM()
    run = model.run(70, operations=plan, engine="numpy")
    assert [e["name"] for e in run.interventions][1] == "Freeze"
    assert len(run.steps) > 20
    assert same_spikes(run, run.replay())
    plastic = model.run(70, operations=[o for o in plan if o != Freeze(20.0)], engine="numpy")
    assert not same_spikes(run, plastic)  # frozen, it does not learn the second content


def test_random_operations_keep_the_spacing():
    plan = random_operations(np.random.default_rng(0), 50, 5, 10, 6)
    gaps = [b.t_ms - a.t_ms for a, b in itertools.pairwise(plan)]
    assert gaps == [7 if isinstance(o, Learn) else 6 for o in plan[:-1]]


def test_false_cues_against_random_contents():
    """The closed forms against counting, 4,000 sets of contents; tolerance four standard errors."""
    rng = np.random.default_rng(1)
    memories, n_content, ones, bits = 6, 20, 6, 2
    counts = []
    for _ in range(4000):
        contents = [set(rng.choice(n_content, ones, replace=False)) for _ in range(memories)]
        asked = set(rng.choice(sorted(contents[0]), bits, replace=False))
        counts.append(sum(bool(asked & c) for c in contents[1:]))
    exact = false_cues_exact(memories, ones, n_content, bits)
    assert abs(np.mean(counts) - exact) < 4 * np.std(counts) / np.sqrt(len(counts))
    assert false_cues_or(memories, ones / n_content, 1) == pytest.approx(
        false_cues_exact(memories, ones, n_content, 1)
    )
    assert false_cues_and(6, 0.3, 2) == pytest.approx(0.45)


def test_classical_capacities():
    """N = 56 for five cues and ten bits: 7.7 and 3.5 memories."""
    found = classical_capacities(5, 10, 0.4)
    assert (round(found["hopfield"], 1), round(found["hopfield_all_exact"], 1)) == (7.7, 3.5)
    assert found["one_hot"] == 5
