"""Irregularity of spike trains whose irregularity is known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.measures.variability import fano_factor, isi_cv

N, SPIKES = 200, 400


def gamma_trains(shape: float, rate_hz: float = 20.0):
    """``N`` stationary renewal trains with gamma intervals; (t_ms, i) up to a common end."""
    rng = np.random.default_rng(3)
    gaps = rng.gamma(shape, 1000 / rate_hz / shape, (N, SPIKES))
    t = np.cumsum(gaps, axis=1)
    end = t[:, -1].min()
    i = np.repeat(np.arange(N), SPIKES)
    keep = t.ravel() < end
    return t.ravel()[keep], i[keep], end


@pytest.mark.parametrize("shape", [1.0, 4.0, 25.0])
def test_gamma_intervals_vary_by_one_over_the_root_of_their_shape(shape):
    t, i, _ = gamma_trains(shape)
    found = isi_cv(t, i, N)
    # The mean over 200 neurons of some 380 intervals each: four standard errors, and the bias of
    # the standard deviation, below one part in 380.
    assert abs(found.mean() - shape**-0.5) < 4 * found.std() / np.sqrt(N) + shape**-0.5 / 380


@pytest.mark.parametrize("shape", [1.0, 4.0])
def test_counts_of_a_renewal_process_vary_as_its_intervals(shape):
    """In long windows the Fano factor is CV^2 (Cox 1962); 1 for Poisson in any window."""
    t, i, end = gamma_trains(shape)
    window_ms = 1000.0  # twenty intervals on average
    found = fano_factor(t, i, N, 1000.0, end, window_ms)
    # What a finite window adds: (1 - CV^4)/(6 rate window), 0.008 for shape 4.
    expected = 1 / shape + (1 - shape**-2) / 6 / 20
    assert abs(found.mean() - expected) < 4 * found.std() / np.sqrt(N)


def test_a_clock_does_not_vary():
    t = np.arange(5.0, 1000.0, 10.0)
    i = np.zeros(len(t), dtype=int)
    assert isi_cv(t, i, 1)[0] < 1e-12
    assert fano_factor(t, i, 1, 0.0, 1000.0, 100.0)[0] == 0


def test_too_little_is_nothing():
    t, i = np.array([1.0, 5.0, 2.0]), np.array([0, 0, 2])
    assert np.isnan(isi_cv(t, i, 4)).all()
    assert np.isnan(fano_factor(t, i, 4, 0.0, 50.0, 40.0)).all()
    found = fano_factor(t, i, 4, 0.0, 100.0, 10.0)
    assert np.isnan(found[[1, 3]]).all()
    assert found[0] > 0
    assert np.isnan(isi_cv(np.empty(0), np.empty(0, int), 3)).all()


def test_order_of_the_spikes_does_not_matter():
    t, i, end = gamma_trains(1.0)
    mixed = np.random.default_rng(0).permutation(len(t))
    assert np.allclose(isi_cv(t, i, N), isi_cv(t[mixed], i[mixed], N))
    assert np.array_equal(
        fano_factor(t, i, N, 0, end, 100), fano_factor(t[mixed], i[mixed], N, 0, end, 100)
    )
