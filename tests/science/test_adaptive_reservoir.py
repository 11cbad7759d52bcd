"""The adaptive reservoir: closed forms, the design, the rule, and what the readout measures."""

from __future__ import annotations

import numpy as np
import pytest

from models.adaptive_reservoir import AdaptiveReservoir, Design
from models.adaptive_reservoir.facts import multiplier_of, recorded
from models.adaptive_reservoir.theory import flip, memory, multiplier
from models.adaptive_reservoir.wiring import designed, targets, wiring
from workbench.errors import BuildError

SMALL = {"n_units": 100, "degree": 20, "w_mean": 0.05}
EXPERIMENTS = {e.name: e for e in AdaptiveReservoir.experiments}


def test_the_multiplier_is_an_eigenvalue_of_the_jacobian():
    """Whatever c, N and the degree are: the matrix of a designed network, by linear algebra."""
    for c, rho in ((5.0, 0.2), (10.0, 0.25), (10.0, 0.8)):
        model = AdaptiveReservoir(**SMALL, c=c, rho=rho)
        drawn = wiring(model)
        A_E, A_I = drawn.matrices()
        A_I[drawn.inh[:, 1], drawn.inh[:, 0]] = designed(model, drawn)
        jacobian = c * rho * (1 - rho) * np.concatenate([A_E, -A_I], axis=1)
        values = np.linalg.eigvals(jacobian)
        assert np.abs(values - multiplier(rho)).min() < 1e-9
    assert flip() == pytest.approx(0.218, abs=5e-4)


@pytest.mark.parametrize("changed", [{"c": 5.0}, {"n_units": 60}, {"degree": 30}])
def test_the_multiplier_is_the_same_for_other_networks(changed):
    model = AdaptiveReservoir(**{**SMALL, **changed})
    assert multiplier_of(model, 0.3) == pytest.approx(float(multiplier(0.3)), abs=1e-4)


def test_without_input_the_design_is_a_fixed_point():
    model = AdaptiveReservoir(**SMALL, sigma_in=0, delta=0, rho=0.6, spread=0.6, c=4)
    run = model.run(50, engine="numpy", record={"excitatory.r": "all", "inhibitory.r": "all"})
    r = np.concatenate([run.state("excitatory.r"), run.state("inhibitory.r")], axis=1)
    wanted = targets(model, wiring(model))
    assert np.ptp(wanted) > 0.3
    np.testing.assert_allclose(r[-1], wanted, atol=1e-9)


def test_the_design_can_be_done_while_it_runs():
    model = AdaptiveReservoir(**SMALL, sigma_in=0, delta=0, begin="balanced", rho=0.4, c=5)
    run = model.run(120, operations=[Design(60)], engine="numpy", record={"excitatory.r": "all"})
    r = run.state("excitatory.r")
    assert np.abs(r[59] - 0.4).mean() > 0.03
    np.testing.assert_allclose(r[-1], 0.4, atol=1e-6)


def test_below_the_flip_the_population_alternates_and_forgets():
    kept = {}
    for rho in (0.2, 0.5):
        r, u = recorded(AdaptiveReservoir(**SMALL, c=5, delta=0, rho=rho), 500)
        mean = r.mean(axis=1)
        kept[rho] = (np.corrcoef(mean[1:], mean[:-1])[0, 1], memory(r, u, 20).sum())
    assert kept[0.2][0] < -0.95
    assert kept[0.5][0] > -0.8
    assert kept[0.2][1] < kept[0.5][1]


def test_memory_of_a_delay_line_is_its_length_and_of_noise_nothing():
    rng = np.random.default_rng(1)
    u = rng.uniform(-1, 1, 2000)
    line = np.stack([np.concatenate([np.zeros(k), u[: len(u) - k]]) for k in range(8)], axis=1)
    found = memory(line, u, 20)
    np.testing.assert_allclose(found[:8], 1, atol=1e-9)
    assert found[8:].max() < 0.03
    assert memory(rng.normal(size=(2000, 8)), u, 20).sum() < 0.1
    assert memory(np.full((200, 5), 0.3), u[:200], 5).sum() == 0


def test_every_neuron_has_its_inputs_and_the_targets_are_spread():
    model = AdaptiveReservoir(spread=1)
    drawn = wiring(model)
    assert np.bincount(drawn.exc[:, 1]).tolist() == [40] * 500
    assert np.bincount(drawn.inh[:, 1]).tolist() == [10] * 500
    wanted = targets(model, drawn)
    assert wanted.mean() == pytest.approx(0.5, abs=1e-3)
    assert wanted.std() == pytest.approx(np.sqrt(1 / 20), abs=0.002)  # of Beta(2, 2)
    with pytest.raises(BuildError, match="too many for 40 neurons"):
        AdaptiveReservoir(n_units=40, degree=50).build()


@pytest.mark.parametrize("name", ["flip", "capacity"])
def test_an_experiment_stops_when_told(name):
    reported = []

    def stop(fraction, text):
        reported.append(fraction)
        return False

    data = EXPERIMENTS[name].run(AdaptiveReservoir(), stop)
    assert len(reported) == 2
    assert all(np.isnan(v).all() for v in data.data_vars.values())
