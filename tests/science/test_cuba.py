"""The balanced network: what a number of its rate alone does not show."""

import numpy as np
import pytest

from models.cuba import CUBA


def isi_cv(t_ms, i) -> float:
    """Mean coefficient of variation of the intervals, over neurons with at least six spikes."""
    found = []
    for neuron in np.unique(i):
        intervals = np.diff(np.sort(t_ms[i == neuron]))
        if len(intervals) >= 5:
            found.append(intervals.std() / intervals.mean())
    return float(np.mean(found))


def test_equal_time_constants_are_no_trouble():
    """The exact solution has a removable singularity there."""
    near, equal = (
        CUBA(n_neurons=100, tau_m=tau, tau_e=5, tau_i=5, w_e=0, w_i=0).run(100, engine="numpy")
        for tau in (5.001, 5)
    )
    assert np.isfinite(equal.state("excitatory.v")).all()
    assert np.abs(near.state("excitatory.v") - equal.state("excitatory.v")).max() < 0.02


def test_unconnected_neurons_fire_regularly():
    t_ms, i = CUBA(n_neurons=100, w_e=0, w_i=0).run(500, engine="numpy").spikes("excitatory")
    assert isi_cv(t_ms, i) < 0.01


@pytest.mark.slow
def test_the_network_fires_irregularly_and_keeps_on():
    """Regular firing has CV 0, a Poisson process 1 (less when counted over some ten intervals)."""
    run = CUBA().run(2000, engine="numpy")
    t_ms, i = run.spikes("excitatory")
    assert 0.5 < isi_cv(t_ms, i) < 1.5
    assert 4 < (t_ms >= 1000).sum() / run.populations["excitatory"] < 7


@pytest.mark.slow
def test_stronger_inhibition_fires_less():
    calm, usual = (CUBA(w_i=w).run(500, engine="numpy").rate("excitatory") for w in (-14, -9))
    assert calm < 0.8 * usual
