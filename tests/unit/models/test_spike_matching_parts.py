"""The parts of spike matching that need no simulation: pairs, their cost, distances, weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models._shared.variants import varied
from models.spike_matching import SetWeights, SpikeMatching
from models.spike_matching.experiments.matching import compare, dataset
from models.spike_matching.measures import KERNEL, alike, distance, distances
from models.spike_matching.pairing import pair, unpaired
from models.spike_matching.reference import without_pair
from models.spike_matching.wiring import noise_of, weights_of
from panels.model_plots.two_rasters import FADING, FAINT, TwoRasters
from workbench.errors import ParameterError
from workbench.plots.live.seen import seen_of

trains = st.lists(st.integers(0, 60), max_size=6).map(lambda t: np.unique(t))
limits = st.integers(1, 20)


def cost(a, b, D, limit=None):
    return pair(a, b, D, limit).cost


@settings(max_examples=60, deadline=None)
@given(trains, trains, limits)
def test_the_cost_is_symmetric_and_zero_for_equal_trains_alone(a, b, D):
    assert cost(a, b, D) == cost(b, a, D)
    assert (cost(a, b, D) == 0) == np.array_equal(a, b)
    assert cost(a, a, D) == 0


@settings(max_examples=60, deadline=None)
@given(trains, trains, trains, limits)
def test_without_a_limit_the_cost_is_a_metric(a, b, c, D):
    through = cost(a, b, D, np.inf) + cost(b, c, D, np.inf)
    assert cost(a, c, D, np.inf) <= through


@settings(max_examples=60, deadline=None)
@given(trains, trains, limits)
def test_the_limit_makes_it_at_most_twice_as_large(a, b, D):
    metric = cost(a, b, D, np.inf)
    assert metric <= cost(a, b, D) <= 2 * metric


@pytest.mark.parametrize("D", [1, 5, 14])
def test_with_the_limit_two_ways_can_be_shorter_than_one(D):
    a, b, c = np.array([0]), np.array([D]), np.array([2 * D])
    assert cost(a, c, D) == 2 * D + 2 > cost(a, b, D) + cost(b, c, D) == 2 * D


@settings(max_examples=60, deadline=None)
@given(trains, trains, limits)
def test_the_cost_is_that_of_the_pairs_that_are_named(a, b, D):
    found = pair(a, b, D)
    ours, theirs = a[~found.extra], b[~found.missed]
    apart = np.abs(ours - theirs)  # pairs do not cross
    assert (apart <= D).all()
    assert found.cost == apart.sum() + (D + 1) * (found.extra.sum() + found.missed.sum())


def test_pairs_of_a_train_by_hand():
    found = pair(np.array([3, 20, 50]), np.array([5, 33, 52]), 6)
    assert found.cost == 2 + 7 + 7 + 2
    assert found.extra.tolist() == found.missed.tolist() == [False, True, False]
    with pytest.raises(ValueError, match="not in the order of their times"):
        pair(np.array([3, 1]), np.array([1]), 6)


def test_pairs_as_they_come_by_hand():
    ours, theirs = np.zeros(60, bool), np.zeros(60, bool)
    ours[[3, 20, 24, 58]] = theirs[[5, 33, 40]] = True
    # 3 and 5 are a pair; 20 is given up for 24; 33 would be a pair of 24 if D were 9.
    assert without_pair(ours, theirs, 8) == [(20, -1), (24, -1), (33, 1), (40, 1)]
    assert without_pair(ours, theirs, 9) == [(20, -1), (40, 1)]
    extra, missed = unpaired(ours[:, None], theirs[:, None], 9)
    assert np.flatnonzero(extra).tolist() == [20, 58] and np.flatnonzero(missed).tolist() == [40]


@settings(max_examples=30, deadline=None)
@given(trains, trains, limits)
def test_trains_may_be_cut_where_no_pair_reaches_over(a, b, D):
    ours, theirs = np.zeros((61, 1), bool), np.zeros((61, 1), bool)
    ours[a.astype(int)], theirs[b.astype(int)] = True, True
    extra, missed = unpaired(ours, theirs, D)
    whole = pair(a, b, D)
    # Another choice among the cheapest ones may be made, but none that costs more.
    kept = a[~extra[a.astype(int), 0]], b[~missed[b.astype(int), 0]]
    cost = np.abs(kept[0] - kept[1]).sum() + (D + 1) * (extra.sum() + missed.sum())
    assert cost == whole.cost


def test_distances_are_those_of_smoothed_trains():
    rng = np.random.default_rng(1)
    ours, theirs = rng.random((2, 80, 3)) < 0.1
    smooth = np.array([np.convolve(ours[:, i].astype(float) - theirs[:, i], KERNEL)
                       for i in range(3)])  # fmt: skip
    expected = (smooth**2).sum() / 80, (smooth.sum(axis=0) ** 2).sum() / 80 / 3
    np.testing.assert_allclose(distances(ours, theirs), expected)
    assert distances(ours, ours) == (0.0, 0.0)


def test_weights_differ_but_not_in_who_inhibits():
    model = varied(SpikeMatching(), n_neurons=40)
    w = weights_of(model)
    assert (w.sign < 0).sum() == 8
    for drawn in (w.reference, w.naive):
        assert (np.sign(drawn) == w.sign[:, None]).all() and np.abs(drawn).max() <= 3
    assert abs(alike(w.naive, w.reference, w.sign)) < 0.1
    assert alike(w.naive, w.naive, w.sign) == pytest.approx(1)
    assert noise_of(model).shape == (1000, 40)
    assert not np.array_equal(noise_of(model), noise_of(varied(model, wiring_seed=3)))


def test_weights_can_be_set_to_either_draw():
    model = varied(SpikeMatching(), n_neurons=10)
    for kind in ("naive", "reference"):
        (write,) = SetWeights(weights=kind).writes(model, 4)
        drawn = getattr(weights_of(model), kind)
        np.testing.assert_allclose(write.value, drawn.ravel() / 1000)
        assert (write.target, write.variable, write.tick) == ("learner_recurrent", "w", 4)
    with pytest.raises(ParameterError, match="called 'naive' or 'reference'"):
        SetWeights(weights="others").check(model)


def test_a_missed_spike_fades_once_it_is_matched():
    plot = TwoRasters()
    learner, missed = np.zeros((2, 20, 3), bool)
    missed[4, 1] = True
    seen = []
    for now in (missed, ~missed & missed, ~missed & missed):
        plot.take(now)
        plot.draw(learner, learner, now, 0.003)
        seen.append(plot.sources["missed"].data["a"].tolist())
    assert seen == [[1.0], [FADING], [FADING**2]]
    for _ in range(12):
        plot.take(learner)
    plot.draw(learner, learner, learner, 0.003)
    assert plot.sources["missed"].data["a"].tolist() == [] and FADING**14 < FAINT
    plot.clear()
    assert plot._empty.visible


@pytest.mark.parametrize("dark", [False, True])
def test_the_names_of_marks_that_fade_have_full_samples(dark):
    plot = TwoRasters()
    plot.set_dark(dark)
    legend = plot.root.legend[0]
    assert [item.label["value"] for item in legend.items] == ["matched", "extra", "missed"]
    for item in legend.items:
        drawn, sample = item.renderers
        assert sample.glyph.line_alpha == 1 and not sample.visible
        assert sample.glyph.line_color == drawn.glyph.line_color
        assert (sample.glyph.size, sample.glyph.marker) == (drawn.glyph.size, drawn.glyph.marker)
    plot.take(np.ones((4, 3), bool))
    extra = np.arange(4)[:, None] < [3, 3, 3]
    plot.draw(np.ones((4, 3), bool), extra, np.ones((4, 3), bool), 0.003)
    assert [item.label["value"] for item in legend.items][2] == "missed 12"
    assert {layer.name for layer in seen_of(plot.root).layers} == {"matched 3", "extra 9"}


def test_the_comparison_is_paired():
    one = {"shown": np.array([0, 9]), "D_A": np.ones((2, 2)), "alike": np.array([0.01, 0.9])}
    found = [
        one | {"D_P": np.array([[40.0 + k, 10], [40 + k, 42]]),
               "late": np.array([[10.0 + k, 1], [41.0 + k, 1]])}
        for k in range(4)
    ]  # fmt: skip
    nearer, other, weights = compare(dataset(found, 1, "finished", "spike-matching"))
    assert nearer.ours == other.ours == 1 and weights.ours == pytest.approx(0.01)
    assert "by 30.0 ± 0.0, 4 draws" in nearer.note and "naive 41.5 ± 1.3" in nearer.note
    assert compare(dataset([], 1, "stopped", "spike-matching")) == []


@pytest.mark.parametrize(("rate", "n"), [(0.01, 40), (0.2, 8), (0.0, 3), (1.0, 2)])
def test_the_distance_from_pairs_of_spikes_is_that_of_smoothed_trains(rate, n):
    rng = np.random.default_rng(4)
    ours, theirs = (rng.random((300, n)) < rate for _ in range(2))
    assert distance(ours, theirs) == pytest.approx(distances(ours, theirs)[0])


@pytest.mark.parametrize(("rate", "n", "D"), [(0.02, 40, 14), (0.1, 12, 3), (0.0, 3, 5)])
def test_trains_of_many_neurons_are_paired_as_each_by_itself(rate, n, D):
    rng = np.random.default_rng(5)
    ours, theirs = (rng.random((300, n)) < rate for _ in range(2))
    extra, missed = unpaired(ours, theirs, D)
    for k in range(n):
        a, b = (np.flatnonzero(trains[:, k]) for trains in (ours, theirs))
        found = pair(a, b, D)
        assert extra[:, k].sum() == found.extra.sum() and missed[:, k].sum() == found.missed.sum()
        assert not extra[:, k][~ours[:, k]].any() and not missed[:, k][~theirs[:, k]].any()
