"""Comparing: equal values give equal spikes, and what differs is found where it begins."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from toys import Broken, Noisy, Toy

import workbench as wb
from workbench import Inject
from workbench.comparison.difference import Common, Tally, first_difference, parted, rate_difference
from workbench.comparison.pair import Pair
from workbench.errors import ParameterError, SimulationError, UnknownName
from workbench.network import NetworkInfo, Population
from workbench.replay import same_spikes


@pytest.fixture
def pairs():
    made = []

    def make(*args, **options):
        made.append(args[0] if isinstance(args[0], Pair) else Pair(*args, **options))
        return made[-1].start()

    yield make
    for pair in made:
        pair.close()


WAIT_S = 60  # only a failure takes as long


def info(**sizes):
    populations, offset = [], 0
    for name, size in sizes.items():
        populations.append(Population(name, size, offset, "neurons"))
        offset += size
    return NetworkInfo(0.1, 1.0, tuple(populations), (), {}, {})


# -- without a simulation ------------------------------------------------------------------------


def test_what_two_sets_share():
    split = parted(np.array([1, 3, 5, 8]), np.array([3, 4, 8, 9]))
    assert {k: v.tolist() for k, v in split.items()} == {"same": [3, 8], "a": [1, 5], "b": [4, 9]}


def test_the_first_spike_that_differs_is_found_whenever_spikes_arrive():
    tally = Tally(Common(info(e=3, i=2), info(e=3, i=2)))
    tally.add("a", np.array([1, 4]), np.array([0, 3]))
    tally.add("b", np.array([1]), np.array([0]))
    tally.compare(3)
    assert tally.first is None  # what b does at step 4 is not known yet
    tally.add("b", np.array([4, 5]), np.array([3, 4]))
    tally.compare(6)
    assert vars(tally.first) == {"t_ms": 0.5, "population": "i", "neuron": 1, "only_in": "b"}
    assert (tally.n, tally.n_same) == ({"a": 2, "b": 3}, 2)


def test_networks_of_different_sizes_have_one_numbering():
    common = Common(info(e=3, i=2), info(e=5, i=1))
    assert [(p.name, p.size, p.offset) for p in common.populations] == [("e", 5, 0), ("i", 2, 5)]
    assert common.unit["a"].tolist() == [0, 1, 2, 5, 6]
    assert common.unit["b"].tolist() == [0, 1, 2, 3, 4, 5]
    tally = Tally(common)
    tally.add("a", np.array([7]), np.array([3]))
    tally.add("b", np.array([7]), np.array([5]))
    assert tally.compare(8)["same"].tolist() == [7 * 7 + 5]  # the first inhibitory one in both


# -- with one --------------------------------------------------------------------------------------


def test_equal_values_give_identical_spikes():
    operations = [Inject(5.0, "source", (0, 2))]
    model = Noisy(current=1.4)
    a, b, differences = wb.compare(
        model, {"tau": 10}, duration_ms=120, seed=4, engine="numpy", operations=operations
    )
    assert len(a.steps) > 50
    assert same_spikes(a, b)
    assert same_spikes(a, model.run(120, seed=4, engine="numpy", operations=operations))
    assert first_difference(a, b) is None
    assert not np.any(differences["rate_difference"])
    assert not np.any(differences["difference_cells.v"])
    assert differences.attrs["first_difference"] == "null"


def test_one_parameter_different():
    # Only the synapses differ, and the first spike comes at 40 ms: equal until then.
    change, doing = {"w": 0.5}, [Inject(40.0, "source", (1,))]
    compared = wb.compare(Noisy(), change, duration_ms=100, engine="numpy", operations=doing)
    a, b, differences = compared
    assert b.parameters == {**a.parameters, "w": 0.5}
    assert compared.first.t_ms == pytest.approx(40.1, abs=0.11)
    assert (compared.first.population, compared.first.only_in) == ("cells", "a")
    t_ms, by_population = rate_difference(a, b, bin_ms=10)
    assert t_ms.tolist() == list(range(5, 100, 10))
    assert by_population["source"].tolist() == [0] * 10
    assert not by_population["cells"][:4].any()
    spikes = [np.histogram(r.spikes("cells")[0], np.arange(0, 101, 10))[0] for r in (a, b)]
    assert np.allclose(by_population["cells"], (spikes[1] - spikes[0]) / 10 / 0.01)
    assert differences["weight_difference_source_cells"].values.tolist() == [-4.5] * 30
    assert differences["rate_a"].sel(population="cells").mean() > 0
    assert '"w": [5' in differences.attrs["changed"]


def test_another_size_can_be_compared():
    a, b, differences = wb.compare(Toy(), {"n_cells": 14}, duration_ms=40, engine="numpy")
    assert (a.populations["cells"], b.populations["cells"]) == (10, 14)
    assert len(differences["weight_difference_source_cells"]) == 30
    assert first_difference(a, b) is not None


def test_a_pair_is_in_lockstep_and_obeys(pairs):
    pair = pairs(Noisy(), {}, seed=2, engine="numpy", paused=True, speed=1000)
    assert pair.wait(WAIT_S, until="ready")
    pair.show_weights(["source_cells"])
    pair.step(30)
    assert pair.wait(WAIT_S, until="paused")
    assert pair.a.status().t_ms == pair.b.status().t_ms == pair.status().t_ms == 30
    for name, value in (("current", 2.5), ("tau", 8)):
        pair.set(name, value)  # to both at the same tick, though they run
        pair.resume()
    pair.do(Inject(None, "source", (0,)))
    steps = {"a": [], "b": []}

    def look():
        for which, frames in zip("ab", pair.frames(), strict=True):
            steps[which] += [f.steps for f in frames]

    while pair.status().t_ms < 150:
        # A stretch of 50 ms of wall time at this speed; they go on while one looks at them.
        before, b, after = (s.status().t_ms for s in (pair.a, pair.b, pair.a))
        assert before - 50 <= b <= after + 50
        assert not pair.wait(0.01)
        look()
    assert pair.first is None
    counts = pair.counts
    assert counts["a"] == counts["b"] == counts["both"] > 100
    differences = pair.differences(timeout=WAIT_S)
    assert differences.attrs["first_difference"] == "null"
    since = pair.status().t_ms
    pair.set("current", 0, on="b")
    while pair.first is None:
        assert not pair.wait(0.01)
        look()
    pair.pause()
    assert pair.wait(WAIT_S, until="paused")
    assert pair.first.t_ms >= since
    wait_for_weights(pair)
    _t_ms, weights_a, weights_b = pair.weights["source_cells"]
    assert weights_a.shape == weights_b.shape == (10, 3)
    reached = pair.status().t_ms
    one, other = pair.stop()
    assert one.duration_ms == other.duration_ms == reached
    assert one.interventions == other.interventions[:3]
    assert other.interventions[3]["value"] == 0
    assert first_difference(one, other) == pair.first
    look()
    assert np.array_equal(np.concatenate(steps["a"]), one.steps)
    assert np.array_equal(np.concatenate(steps["b"]), other.steps)


def wait_for_weights(pair):
    deadline = time.monotonic() + WAIT_S
    while not pair.weights:
        assert time.monotonic() < deadline, pair.status()
        time.sleep(0.01)


def test_what_is_done_to_both_is_done_at_one_tick_however_slow_the_caller_is(pairs, monkeypatch):
    pair = pairs(Toy(), {}, engine="numpy", speed=1000)
    later = pair._later

    def later_and_wait(*what):
        later(*what)
        gone_on = pair.status().t_ms + 100
        while pair.status().t_ms < gone_on:
            assert not pair.wait(0.01)

    monkeypatch.setattr(pair, "_later", later_and_wait)
    pair.set("current", 2)
    pair.do(Inject(None, "source", (0,)))
    one, other = pair.stop()
    assert len(one.interventions) == 2
    assert one.interventions == other.interventions


def test_a_pair_that_has_ended_still_answers(pairs):
    pair = pairs(Toy(), {}, engine="numpy", duration_ms=20)
    assert pair.wait(WAIT_S)
    pair.stop()
    pair._thread = threading.current_thread()  # one that lives a moment longer, and leads no more
    assert pair.differences(timeout=10).attrs["first_difference"] == "null"


def test_a_pair_begins_where_a_run_ended(pairs):
    run = Noisy(current=1.2).run(50, seed=3, engine="numpy")
    longer = Noisy(current=1.2).run(90, seed=3, engine="numpy")
    pair = pairs(Pair.from_run(run, Noisy, {"current": 4}, paused=True))
    assert pair.wait(WAIT_S, until="paused")
    assert pair.status().t_ms == 50
    pair.show_weights(["source_cells"])
    wait_for_weights(pair)
    assert pair.weights["source_cells"][0] == 50  # while it stands where it begins
    pair.step(40)
    assert pair.wait(WAIT_S, until="paused")
    a, b = pair.stop()
    assert same_spikes(a, longer)
    assert 50 <= first_difference(a, b).t_ms < 60
    assert pair.first == first_difference(a, b)
    assert pair.counts["a"] == np.count_nonzero(a.steps >= 500)


def test_what_cannot_be_compared_is_refused_or_said(pairs):
    with pytest.raises(UnknownName, match="Did you mean 'current'"):
        Pair(Toy(), {"curent": 1})
    with pytest.raises(ParameterError, match="must be above 0"):
        wb.compare(Toy(), {}, duration_ms=0)
    with pytest.raises(SimulationError, match="equations are wrong here"):
        wb.compare(Broken(), {}, duration_ms=10)
    pair = pairs(Toy(), {}, paused=True)
    with pytest.raises(ParameterError, match="needs a rebuild"):
        pair.set("n_cells", 3)
    with pytest.raises(ParameterError, match="'both', 'a' or 'b'"):
        pair.set("current", 3, on="c")
    with pytest.raises(ParameterError, match="whole tick"):
        pair.step(0)
