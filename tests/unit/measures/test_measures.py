"""Measures against closed forms: numbers that can be worked out without a simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from workbench.errors import ParameterError
from workbench.measures import (
    avalanches,
    branching_factor,
    branching_of_counts,
    generalisation_rank,
    growth_rate,
    hamming,
    kernel_quality,
    power_law_exponent,
    power_law_likelihood_ratio,
    rank,
    spike_distance,
)


def ring(n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(n), (np.arange(n) + 1) % n


def test_one_spike_that_runs_round_a_ring_is_critical():
    # Each spike has one before it and one after it, within every window.
    n, steps = 40, 250
    step, unit = np.arange(steps), np.arange(steps) % n
    assert branching_factor(step, unit, *ring(n), n, steps) == 1.0


@pytest.mark.parametrize(("children", "expected"), [(2, 2.0), (3, 3.0)])
def test_a_source_of_several_targets_branches_by_their_number(children, expected):
    # 0 fires 1, which fires all its children, once a window; only 1 has both ends.
    pre = np.array([0, *[1] * children])
    post = np.array([1, *range(2, 2 + children)])
    starts = np.arange(30, 200, 20)
    step = np.concatenate([starts, starts + 1, np.repeat(starts + 2, children)])
    unit = np.concatenate(
        [np.zeros(len(starts)), np.ones(len(starts)),
         np.tile(np.arange(2, 2 + children), len(starts))]
    ).astype(int)  # fmt: skip
    # Unit 0: 1 child for no parent, counted as 1. Unit 1: its children for 1. Leaves: 0 for 1.
    mean = (1 + expected + 0 * children) / (2 + children)
    assert branching_factor(step, unit, pre, post, 2 + children, 250) == pytest.approx(mean)


def test_branching_counts_as_its_definition_says():
    rng = np.random.default_rng(3)
    n, steps, window, margin = 12, 120, 4, 25
    pre, post = np.nonzero(rng.random((n, n)) < 0.3)
    raster = rng.random((steps, n)) < 0.1
    step, unit = np.nonzero(raster)
    seen = raster.copy()
    seen[:margin] = seen[steps - margin :] = False
    per_neuron = []
    for k in range(n):
        ratios = [
            seen[t + 1 : t + 1 + window][:, post[pre == k]].sum()
            / max(1, seen[t - window : t][:, pre[post == k]].sum())
            for t in range(margin + window, steps - margin - window)
            if seen[t, k]
        ]
        if ratios:
            per_neuron.append(np.mean(ratios))
    assert branching_factor(step, unit, pre, post, n, steps) == pytest.approx(np.mean(per_neuron))


def test_no_spikes_have_no_branching():
    none = np.empty(0, int)
    assert math.isnan(branching_factor(none, none, *ring(4), 4, 250))


def test_units_out_of_range_are_refused():
    with pytest.raises(ParameterError, match=r"Units are numbered from 0 to 3; got 4\."):
        branching_factor(np.array([30]), np.array([0]), np.array([0]), np.array([4]), 4, 250)


def test_the_branching_parameter_of_a_driven_process_is_its_own():
    # Poisson offspring of mean m and Poisson drive: <A(t+1) | A(t)> = m A(t) + h.
    rng, m, h = np.random.default_rng(1), 0.9, 10.0
    counts = np.empty(40_000)
    counts[0] = h / (1 - m)
    for t in range(1, len(counts)):
        counts[t] = rng.poisson(m * counts[t - 1] + h)
    # Standard error of a regression slope near 1: sqrt((1 - m^2)/T) = 0.002; four of them.
    assert branching_of_counts(counts) == pytest.approx(m, abs=0.009)
    assert branching_of_counts(counts, lags=3) == pytest.approx(m, abs=0.009)
    assert math.isnan(branching_of_counts(np.ones(10)))


def test_several_lags_find_the_branching_parameter_where_few_neurons_are_seen():
    rng, m, h = np.random.default_rng(2), 0.95, 10.0
    whole = np.empty(40_000, int)
    whole[0] = h / (1 - m)
    for t in range(1, len(whole)):
        whole[t] = rng.poisson(m * whole[t - 1] + h)
    seen = rng.binomial(whole, 0.05)
    # One lag takes the noise of the sample for a weak memory; the fit of forty does not.
    assert branching_of_counts(seen) < 0.6
    assert branching_of_counts(seen, lags=40) == pytest.approx(m, abs=0.02)
    assert branching_of_counts(whole, lags=40) == pytest.approx(m, abs=0.01)
    for lags in (0, 39_999):
        with pytest.raises(ParameterError, match=f"lags = {lags} is not allowed: from 1 to 39998"):
            branching_of_counts(whole, lags=lags)


def test_rank_is_that_of_a_product():
    rng = np.random.default_rng(0)
    states = rng.normal(size=(60, 7)) @ rng.normal(size=(7, 30))
    assert rank(states) == 7


def test_kernel_quality_of_copies_is_the_number_of_classes():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(5), 20)
    states = rng.poisson(5, (5, 40))[labels]
    assert kernel_quality(states, labels, per_class=10, draws=3) == (5.0, 0.0)
    noisy = rng.poisson(5, (100, 40))
    assert generalisation_rank(noisy, labels, per_class=10, draws=3) == (40.0, 0.0)


def test_too_small_a_class_is_reported():
    with pytest.raises(
        ParameterError,
        match=r"per_class = 3 is not possible: the smallest class has 2 samples\.",
    ):
        kernel_quality(np.eye(4), np.array([0, 0, 1, 1]), per_class=3)


@pytest.mark.parametrize("rate", [-0.05, 0.0, 0.12])
def test_an_exponential_grows_at_its_rate(rate):
    distance = 1e-3 * np.exp(rate * np.arange(80) * 2.0)
    assert growth_rate(distance, dt_ms=2.0) == pytest.approx(rate, abs=1e-12)
    assert growth_rate(np.stack([distance, 5 * distance]), 2.0) == pytest.approx(rate, abs=1e-12)


def test_the_logistic_map_grows_at_its_lyapunov_exponent():
    # At r = 4 the exponent is ln 2 an iteration, exactly.
    rng, trials, steps = np.random.default_rng(2), 4000, 16
    x = rng.random(trials)
    y = x + 1e-9
    distance = np.empty((trials, steps))
    for t in range(steps):
        distance[:, t] = np.abs(x - y)
        x, y = 4 * x * (1 - x), 4 * y * (1 - y)
    # ln |f'| has the standard deviation pi/(2 sqrt 3); its mean over 4,000 trials 0.014.
    assert growth_rate(distance) == pytest.approx(math.log(2), abs=0.02)


def test_a_difference_that_is_gone_does_not_grow():
    assert growth_rate(np.zeros(5)) == -math.inf
    assert math.isnan(growth_rate(np.array([1.0, 0.0, 0.0])))


def test_distances_count_what_differs():
    a, b = np.zeros((4, 3), bool), np.zeros((4, 3), bool)
    a[1, 0] = b[2, 2] = True
    assert hamming(a, b).tolist() == [0, 1, 1, 0]
    q = math.exp(-0.5)
    wanted = [0, 1, math.sqrt(q**2 + 1), math.sqrt(q**4 + q**2)]
    assert spike_distance(a, b, tau_steps=2) == pytest.approx(wanted)
    with pytest.raises(ParameterError, match="Two rasters of one shape"):
        hamming(a, b[:2])


def test_avalanches_lie_between_silences():
    found = avalanches(np.array([3, 0, 1, 2, 0, 0, 5, 0, 4]))
    assert found.sizes.tolist() == [3, 5] and found.durations.tolist() == [2, 1]
    above = avalanches(np.array([1, 4, 3, 1, 9]), threshold=2)
    assert above.sizes.tolist() == [3] and above.durations.tolist() == [2]


def test_the_exponent_of_a_power_law_is_found():
    rng = np.random.default_rng(4)
    s = np.arange(1, 1001, dtype=float)
    p = s**-2.2
    sizes = rng.choice(s, 20_000, p=p / p.sum())
    alpha, error = power_law_exponent(sizes, largest=1000)
    assert error < 0.02
    assert abs(alpha - 2.2) < 4 * error
    assert power_law_likelihood_ratio(sizes) > 0
    assert power_law_likelihood_ratio(rng.geometric(0.2, 2000)) < 0


def test_the_exponent_and_the_likelihood_ratio_are_those_of_powerlaw():
    # powerlaw 2.0.0: Fit(sizes, xmin=1, discrete=True), its `alpha` and its comparison with the
    # exponential; it finds alpha to some 1e-3 where nothing bounds the sizes.
    sizes = np.random.default_rng(1).zipf(1.5, 2000)[:500]
    assert power_law_exponent(sizes)[0] == pytest.approx(1.52753, abs=2e-3)
    assert power_law_likelihood_ratio(sizes) == pytest.approx(2842.34, rel=1e-3)


def test_a_bounded_power_law_may_be_flat():
    s = np.arange(1, 301, dtype=float)
    p = s**-0.7
    sizes = np.random.default_rng(6).choice(s, 20_000, p=p / p.sum())
    alpha, error = power_law_exponent(sizes, largest=300)
    assert error < 0.01 and abs(alpha - 0.7) < 4 * error


def test_a_critical_branching_process_has_the_exponent_three_halves():
    # Total progeny with Poisson offspring of mean 1 is Borel: p(n) = e^-n n^(n-1)/n!, ~ n^-3/2.
    n = np.arange(1, 5001)
    log_p = -n + (n - 1) * np.log(n) - np.array([math.lgamma(k + 1) for k in n])
    p = np.exp(log_p)
    sizes = np.random.default_rng(5).choice(n, 30_000, p=p / p.sum())
    # From 10 on, Stirling's correction is below 1/120: the exponent is within 0.02 of 3/2.
    alpha, error = power_law_exponent(sizes, smallest=10, largest=5000)
    assert abs(alpha - 1.5) < 0.02 + 3 * error


def test_a_power_law_needs_sizes():
    with pytest.raises(ParameterError, match="needs at least two sizes from 10 to infinity"):
        power_law_exponent(np.array([1, 2, 3]), smallest=10)
