"""The spiking reservoir: theory against closed forms, what is drawn, and what is measured."""

from __future__ import annotations

import numpy as np
import pytest

from models.spiking_reservoir import SpikingReservoir
from models.spiking_reservoir.facts import FIRST_MV, FREE_HZ, LOOP
from models.spiking_reservoir.measures import peak, spectrum
from models.spiking_reservoir.theory import alternation, flip, mean_for, rate, response, rest
from models.spiking_reservoir.wiring import wiring
from workbench.errors import BuildError

MODEL = SpikingReservoir()
(FLIP,) = SpikingReservoir.experiments


def test_the_expected_numbers_are_those_of_theory():
    raised = SpikingReservoir(V_t=-50 + 0.5826 * 3 * np.sqrt(0.2 / 20), t_ref=4.9)
    assert rate(-44, 3, raised) == pytest.approx(FREE_HZ, abs=1e-3)
    assert rest(MODEL)[1] == pytest.approx(FIRST_MV, abs=5e-5)
    for rho, expected in LOOP.items():
        found = alternation(SpikingReservoir(rho=rho))
        assert found == pytest.approx(expected, rel=1e-3)
    assert flip(MODEL) == pytest.approx(18.13, abs=0.05)


def test_the_rate_without_much_noise_is_that_of_a_neuron_without_any():
    wanted = 1e3 / (5 + 20 * np.log(16 / 6))
    assert rate(-44, 0.1, MODEL) == pytest.approx(wanted, rel=1e-3)
    assert rate(mean_for(25, 3, MODEL), 3, MODEL) == pytest.approx(25, rel=1e-5)


@pytest.mark.parametrize(("E", "sigma"), [(-45.0, 3.0), (-52.0, 3.0), (-58.0, 5.0)])
def test_the_slow_response_is_the_slope_of_the_rate(E, sigma):
    slope = (rate(E + 0.01, sigma, MODEL) - rate(E - 0.01, sigma, MODEL)) / 0.02
    found = response(E, sigma, MODEL, np.array([0.01]))[0]
    assert found.real == pytest.approx(slope, rel=0.01)
    assert abs(found.imag) < 0.01 * slope


def test_the_fast_response_falls_with_the_root_of_the_frequency():
    """Brunel & Hakim 1999: the rate over sigma sqrt(omega tau), 45 degrees late."""
    f_Hz, E = np.array([2000.0]), -52.0
    found = response(E, 3.0, MODEL, f_Hz)[0]
    omega_tau = 2 * np.pi * 2.0 * 20.0
    wanted = rate(E, 3.0, MODEL) / 3.0 / np.sqrt(omega_tau)
    assert abs(found) == pytest.approx(wanted, rel=0.1)
    assert np.angle(found, deg=True) == pytest.approx(-45, abs=6)


def test_without_a_delay_and_with_fast_synapses_nothing_alternates():
    assert alternation(SpikingReservoir(rho=12, delay=0.1, tau_s=0.2))[0] < 0.6
    assert np.isnan(flip(SpikingReservoir(delay=0.1, tau_s=0.2)))


def test_where_excitation_is_too_weak_inhibition_is_none():
    E, w, _ = rest(SpikingReservoir(rho=60, w_e=0.0))
    assert w == 0
    assert E > -44
    assert alternation(SpikingReservoir(rho=60, w_e=0.0))[0] == 0


def test_no_neuron_has_a_synapse_onto_itself_and_all_have_their_inputs():
    drawn = wiring(SpikingReservoir(n_units=100, k_exc=30, k_inh=15))
    assert np.bincount(drawn.exc[:, 1]).tolist() == [30] * 100
    assert np.bincount(drawn.inh[:, 1]).tolist() == [15] * 100
    assert not np.any(drawn.exc[:, 0] == drawn.exc[:, 1])
    assert not np.any(drawn.inh[:, 0] + 80 == drawn.inh[:, 1])
    for pairs, size in ((drawn.exc, 80), (drawn.inh, 20)):
        assert len(np.unique(pairs, axis=0)) == len(pairs)
        assert set(pairs[:, 0]) == set(range(size))


def test_too_many_inputs_are_refused():
    with pytest.raises(BuildError, match=r"k_inh = 100 .* lower it to 39"):
        SpikingReservoir(n_units=200, k_exc=20).build()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"V_r": -50.0}, "V_r = -50 mV is not below V_t"),
     ({"t_ref": 40.0}, "refractory time of 40 ms forbids 30 Hz"),
     ({"k_inh": 5, "rho": 6.0}, "at 6 Hz the spikes of 5 inputs are no white noise")],
)  # fmt: skip
def test_weights_that_cannot_be_designed_are_refused(wrong, said):
    with pytest.raises(BuildError, match=f"{said}.* begin with balanced weights"):
        SpikingReservoir(**wrong).build()


def test_the_spectrum_of_independent_neurons_is_one():
    rng = np.random.default_rng(2)
    counts = rng.poisson(0.02 * 500, 60_000)
    _, power = spectrum(counts / 500 * 1e3, 1.0, 500)
    assert power[5:].mean() == pytest.approx(1.0, abs=0.03)
    t = np.arange(20_000)
    f, power = spectrum(20 + 5 * np.sin(2 * np.pi * 30 * t / 1e3), 1.0, 500)
    assert peak(f, power) == pytest.approx(30, abs=2)


def test_the_experiment_stops_when_told():
    reported = []

    def stop(fraction, text):
        reported.append(fraction)
        return False

    data = FLIP.run(MODEL, stop)
    assert len(reported) == 2
    assert np.isnan(data.rate).all()
