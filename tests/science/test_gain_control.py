"""Is the gain control true? Closed forms, and numbers of independent calculations.

Every fact that the models declare is measured by `test_facts`; here stand the laws behind them,
over many cases, and the numbers of the reference that are tables rather than facts.
"""

from __future__ import annotations

import numpy as np
import pytest

from models._shared.ssn_reference import gain_of, pair_jacobian, stationary_covariance
from models.adaptive_whitening import experiments as whitening
from models.adaptive_whitening import frames, optimal_gains
from models.adaptive_whitening.experiments.speed import mean_updates
from models.normalisation.facts import closed, half_contrast
from models.ssn_line.facts import suppression
from models.v1_adaptation import facts as v1_facts
from models.v1_adaptation import theory as v1
from workbench.errors import ParameterError
from workbench.model import registry

RNG = np.random.default_rng(5)
KINDS = ("random", "equiangular", "local")


def covariance(n: int) -> np.ndarray:
    A = RNG.standard_normal((n, 2 * n))
    return A @ A.T / n


# -- adaptive whitening --------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("kind", KINDS)
def test_enough_interneurons_whiten_any_input(n, alpha, kind):
    k = n * (n + 1) // 2
    C = covariance(n)
    W = frames.frame(kind, n, k, C[None])
    assert frames.spans_all(W)
    g = optimal_gains(C, W, alpha)
    # Rounding, times the condition of (W^T W)^o2, which is below 1e6 for these frames.
    np.testing.assert_allclose(frames.response_covariance(C, W, g, alpha), np.eye(n), atol=1e-8)


@pytest.mark.parametrize("k", [2, 4, 6, 9])
def test_fewer_interneurons_equalise_only_their_own_variances(k):
    C, W = covariance(4), frames.frame("random", 4, k, np.eye(4)[None], seed=k)
    seen = frames.response_covariance(C, W, optimal_gains(C, W))
    # Newton's method stops at a slope of 1e-11, or 1e-6 where the problem is ill-conditioned.
    np.testing.assert_allclose(np.einsum("ik,ij,jk->k", W, seen, W), 1, atol=1e-6)
    assert np.linalg.norm(seen - np.eye(4), 2) > 1e-3


def test_the_spectral_frame_needs_only_as_many_as_there_are_dimensions():
    C = covariance(6)
    W = frames.frame("spectral", 6, 6, C[None])
    g = optimal_gains(C, W)
    np.testing.assert_allclose(g, np.sqrt(np.linalg.eigvalsh(C)[::-1]) - 1, atol=1e-9)
    assert frames.whitening_error(C, W, g) < 1e-9


def test_gains_that_may_not_be_negative_leave_small_variances_alone():
    axes = np.linalg.qr(RNG.standard_normal((4, 4)))[0]
    C = (axes * np.array([0.25, 0.5, 2.0, 9.0])) @ axes.T
    W = frames.frame("spectral", 4, 4, C[None])
    g = optimal_gains(C, W, non_negative=True)
    np.testing.assert_allclose(g, [2, np.sqrt(2) - 1, 0, 0], atol=1e-9)
    left = np.linalg.eigvalsh(frames.response_covariance(C, W, g))
    np.testing.assert_allclose(left, [0.25, 0.5, 1, 1], atol=1e-9)


def test_optimal_gains_are_a_minimum_of_the_objective():
    C, W = covariance(3), frames.frame("random", 3, 4, np.eye(3)[None])
    g = optimal_gains(C, W)
    best = frames._objective(C, W, g, 1.0)
    for _ in range(50):
        assert frames._objective(C, W, g + 0.05 * RNG.standard_normal(4), 1.0) > best


def test_equiangular_frames_are_equiangular_where_they_exist():
    for n, k, cosine in ((2, 3, 0.5), (3, 4, 1 / 3), (3, 6, 1 / np.sqrt(5)), (7, 28, 1 / 3)):
        W = frames.frame("equiangular", n, k, np.eye(n)[None])
        between = np.abs(W.T @ W)[np.triu_indices(k, 1)]
        np.testing.assert_allclose(between, cosine, atol=1e-6)


@pytest.mark.slow
def test_mean_updates_lose_their_error_as_published():
    """An independent calculation printed 4.81, 1.72, 0.163, 6.8e-4 and 1.0e-9."""
    C = frames.contexts("published", 2, 2)
    W = frames.frame("local", 2, 3, C)
    _, errors = whitening.offline(C[0], W, np.array(whitening.START), 2e-3, 40_000)
    for step, expected in whitening.OFFLINE.items():
        assert errors[step - 1] == pytest.approx(expected, abs=whitening.OFFLINE_TOL[step])


def test_frames_that_know_the_axes_of_both_contexts_do_better():
    revisits = next(e for e in whitening.EXPERIMENTS if e.name == "revisits")
    assert all(c.agrees for c in revisits.compare(revisits.run(None, steps=500)))


def test_mean_updates_of_many_circuits_are_those_of_each():
    C = np.array([covariance(3) for _ in range(4)])
    W = np.array([frames.frame("random", 3, 6, C, seed=s) for s in range(4)])
    g, errors = mean_updates(C, W, np.zeros((4, 6)), 1e-2, 50)
    for k in range(4):
        alone, own = whitening.offline(C[k], W[k], np.zeros(6), 1e-2, 50)
        np.testing.assert_allclose(g[k], alone, rtol=1e-10)
        np.testing.assert_allclose(errors[:, k], own, rtol=1e-9)


def test_a_covariance_that_is_none_is_refused():
    with pytest.raises(ParameterError, match="no eigenvalue below 0; this one has -1"):
        optimal_gains(np.diag([1.0, -1.0]), np.eye(2))
    with pytest.raises(ParameterError, match=r"A frame for \(2, 2\) covariances is \(N, K\)"):
        optimal_gains(np.eye(2), np.eye(3))


# -- V1 adaptation -------------------------------------------------------------------------------


@pytest.mark.parametrize("row", list(v1_facts.TABLE))
def test_every_row_of_the_recurrence_table(row):
    ours = v1_facts.adapted(v1_facts.recurrence(registry.load("v1-adaptation"), row))
    for name, value in zip(v1_facts.COLUMNS, v1_facts.TABLE[row], strict=True):
        # Half a unit of the last printed digit.
        tol = 0.0051 if name == "shift" else 0.00051
        assert ours[name] == pytest.approx(value, abs=tol), name


def test_the_identity_holds_for_any_gains_and_weights():
    for _ in range(5):
        W = 0.4 * RNG.standard_normal((12, 12)) / np.sqrt(12)
        who = v1.RatePopulation(RNG.random((12, 30)), W, 1.0, 1.0, np.ones(12))
        g = RNG.uniform(0.3, 1.5, 12)
        y, r = who.responses(g), who.internal(g)
        np.testing.assert_allclose(who.f - y + W @ y, (1 - g)[:, None] * r, atol=1e-12)


def test_the_sign_of_the_recurrence_decides_the_sign_of_the_shift():
    found = {}
    for w_exc, w_inh in ((0.0, 0.0), (0.5, 0.0), (0.0, 0.6)):
        who = v1.population(40, w_exc, 3.0, w_inh, 0.5)
        p = v1.ensemble(0.35)
        found[w_exc, w_inh] = v1.summary(who, p, who.local_gains(p))["shift"]
    assert abs(found[0.0, 0.0]) < 1e-9
    assert found[0.5, 0.0] > 0.5 > -0.5 > found[0.0, 0.6]


def test_the_whole_objective_is_lower_at_its_optimum_than_at_the_local_rule():
    who, p = v1.population(20, 0.8, 4.0, 0.4, 0.2), v1.ensemble(0.35)
    local, full = who.local_gains(p), who.optimal_gains(p)
    ones = np.ones(20)
    levels = [who.objective(g, p) for g in (full, local, ones)]
    assert levels[0] < levels[1] < levels[2]
    assert np.abs(who.gradient(full, p, who.preferred())).max() < 1e-6 * who.gamma
    # With g0 chosen for the whole objective, g = 1 is its optimum under the uniform ensemble.
    u = np.full(len(p), 1 / len(p))
    assert np.abs(who.optimal_gains(u, who.recentred()) - 1).max() < 1e-6


def test_an_ensemble_is_a_probability_with_its_mass_at_the_adapter():
    p = v1.ensemble(0.5, adapter=40.0, n=2520)
    assert p.sum() == pytest.approx(1)
    near = np.abs(v1.on_circle(v1.orientations(2520) - 40)) < 1.5 * v1.BIN_DEG - 1e-6
    assert p[near].sum() == pytest.approx(0.5, abs=0.002)  # a stimulus of 2520 at each edge
    with pytest.raises(ParameterError, match=r"p_a = 1\.5 is not allowed"):
        v1.ensemble(1.5)


# -- supralinear networks and normalisation ------------------------------------------------------


@pytest.mark.parametrize("slug", ["ssn", "ssn-line"])
def test_every_seed_gives_the_same_rates(slug):
    """So a fact that is a sign holds for all of them or for none."""
    model = registry.load(slug, n_sites=15)
    one, *others = (
        model.run(20.0, seed=seed, engine="numpy", record={"excitatory.r": "all"}).state("r")
        for seed in (1, 2, 3)
    )
    assert one.max() > 0
    assert all((other == one).all() for other in others)


def test_noise_of_a_linear_circuit_without_recurrence():
    """One leaky unit driven by Ornstein-Uhlenbeck noise: var = sigma^2 tau_n / (tau_n + tau)."""
    tau, tau_n = 0.02, 0.05
    J = np.diag([-1 / tau, -1 / tau])
    V = stationary_covariance(J, tau_n, np.array([0.2, 0.1]) / tau)
    np.testing.assert_allclose(
        np.diag(V), np.array([0.04, 0.01]) * tau_n / (tau_n + tau), rtol=1e-10
    )


def test_gain_is_the_slope_of_the_power_law():
    u = np.linspace(0.1, 5, 20)
    r = 0.3 * u**2
    np.testing.assert_allclose(gain_of(r, 0.3, 2.0), 0.6 * u, rtol=1e-12)
    J = pair_jacobian(r[:2], np.zeros((2, 2)), np.array([0.02, 0.01]), 0.3, 2.0)
    np.testing.assert_allclose(J, np.diag([-50.0, -100.0]))


def test_a_mask_moves_the_half_contrast_as_the_closed_form_says():
    """sqrt(sigma^2 + c_m^2) where the mask does not drive the neuron: narrow tuning comes close."""
    narrow = registry.load("normalisation", kappa=40.0, n_neurons=200)
    for mask in (0.25, 0.5):
        assert half_contrast(narrow, mask) == pytest.approx(np.hypot(0.13, mask), rel=1e-3)


def test_normalisation_keeps_the_tuning_of_a_single_grating():
    model = registry.load("normalisation")
    low, high = closed(model, 0.05, 0.0), closed(model, 1.0, 0.0)
    np.testing.assert_allclose(low / low.max(), high / high.max(), rtol=1e-12)


EVERY = [
    pytest.param(slug, experiment, id=f"{slug}: {experiment.name}")
    for slug in ("adaptive-whitening", "v1-adaptation", "ssn", "ssn-line", "ssn-pair",
                 "normalisation", "background-gain")
    for experiment in registry.models()[slug].experiments
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("slug", "experiment"), EVERY)
def test_every_line_of_every_experiment_agrees(slug, experiment):
    lines = experiment.compare(experiment.run(registry.load(slug)))
    assert lines
    assert not [line for line in lines if not line.agrees]


@pytest.mark.slow
def test_surround_suppression_grows_with_contrast():
    model = registry.load("ssn-line")
    found = [suppression(model, c) for c in (10.0, 20.0, 50.0)]
    assert found[0] < found[1] < found[2]
    assert found[2] > 0.25


@pytest.mark.slow
def test_full_rule_in_the_network_rests_at_one_under_the_uniform_ensemble():
    """0.05: chance of 8,000 frames, as for the local rule."""
    model = registry.load("v1-adaptation", rule="full", ensemble="uniform", n_neurons=40)
    from models._shared.variants import fast_engine

    g = v1_facts.online_gains(model, 12_000, fast_engine())
    assert np.abs(g - 1).max() < 0.05
