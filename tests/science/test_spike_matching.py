"""Spike matching: the experiment on small networks, whole, stopped and kept."""

from __future__ import annotations

import numpy as np
import pytest

from models._shared.variants import varied
from models.spike_matching import SpikeMatching
from models.spike_matching.experiments import matching as experiment

pytestmark = pytest.mark.slow


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(experiment, "fast_engine", lambda: "numpy")
    return varied(SpikeMatching(), n_neurons=30, w_max=15.0, pass_steps=100, I_mean=0.35)


def test_learner_and_control_are_followed_from_the_same_start(small, tmp_path, monkeypatch):
    data = experiment.matching(small, seeds=2, passes=12, keep=str(tmp_path))
    assert data.D_P.shape == (2, 2, 12) and (data.D_P > 0).all()
    first, last = data.D_P.isel(passed=0), data.D_P.isel(passed=-1)
    assert np.array_equal(first.sel(network="learner"), first.sel(network="control"))
    assert not np.array_equal(last.sel(network="learner"), last.sel(network="control"))
    assert data.attrs["outcome"] == "finished" and len(experiment.figure(data)) == 2
    assert len(experiment.compare(data)) == 3
    monkeypatch.setattr(type(small), "run", lambda *_a, **_k: pytest.fail("simulated again"))
    again = experiment.matching(small, seeds=2, passes=12, keep=str(tmp_path))
    assert data.equals(again)


def test_a_stopped_experiment_returns_the_draws_that_are_done(small, tmp_path):
    data = experiment.matching(
        small, lambda fraction, text: "draw 2" not in text, seeds=3, passes=6, keep=str(tmp_path)
    )
    assert data.attrs["outcome"] == "stopped" and data.sizes["seed"] == 1
