"""The delay line: its formulas, its ensembles, small experiments."""

from __future__ import annotations

import numpy as np
import pytest

from models._shared.legendre import held, readout, state_space
from models.lmu_delay import LMUDelay, Silence, experiments
from models.lmu_delay.ensembles import band_limited, ensembles
from workbench.errors import ParameterError

EXPERIMENTS = {e.name: e for e in LMUDelay.experiments}


def test_a_constant_input_is_remembered_as_constant():
    """The fixed point of the delay line reads the input at every delay."""
    A, B = state_space(6)
    m = -np.linalg.solve(A, B)
    assert np.allclose(readout(6, np.linspace(0, 1, 9)) @ m, 1)


def test_theta_scales_time():
    one, ten = held(*state_space(4, 1.0), 0.01), held(*state_space(4, 10.0), 0.1)
    assert all(np.allclose(a, b) for a, b in zip(one, ten, strict=True))


def test_the_noise_is_the_same_at_any_step():
    coarse, fine = band_limited(1.0, 2e-3, 3), band_limited(1.0, 1e-3, 3)
    assert np.allclose(coarse, fine[::2], atol=1e-9)
    assert coarse.std() == pytest.approx(1) and abs(coarse.mean()) < 1e-9


def test_more_neurons_decode_better():
    def error(n: int) -> float:
        e = ensembles(1, n, (100, 120), (-1, 0.5), 1)
        x = np.linspace(-1, 1, 50)
        rate = np.maximum(0, e.gain * e.encoder * x[:, None] + e.bias)
        return float(np.abs(rate @ e.decoder - x).max())

    assert error(200) < error(10) / 2


def test_silenced_neurons_fire_no_more_and_come_back():
    line = LMUDelay(n_neurons=10)
    plan = [Silence(100.0, share=1.0), Silence(200.0, share=0.0)]
    t, _ = line.run(300, operations=plan, engine="numpy").spikes("ensembles")
    assert (t < 100).any() and (t >= 200).any() and not ((t >= 100) & (t < 200)).any()
    with pytest.raises(ParameterError, match="from 0 to 1"):
        Silence(0.0, share=1.5).check(line)


@pytest.mark.slow
def test_small_experiments_compare_and_draw(monkeypatch):
    import holoviews as hv

    hv.extension("matplotlib")
    monkeypatch.setattr(experiments, "fast_engine", lambda: "numpy")
    pade = EXPERIMENTS["pade"].run(LMUDelay(), most=1.0)
    assert len(EXPERIMENTS["pade"].compare(pade)) == 4
    assert all(c.agrees for c in EXPERIMENTS["pade"].compare(pade))
    small = LMUDelay(order=3, theta=200, cutoff=5)
    neurons = EXPERIMENTS["neurons"].run(small, sizes=(5, 10), seconds=0.6, seeds=2)
    assert EXPERIMENTS["neurons"].compare(neurons)[0].error > 0
    for name, data in (("pade", pade), ("neurons", neurons)):
        assert hv.render(EXPERIMENTS[name].figure(data), backend="matplotlib") is not None
