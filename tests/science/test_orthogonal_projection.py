"""Orthogonal projection: the experiment on few pictures, whole and stopped."""

from __future__ import annotations

import numpy as np
import pytest

from models._shared.variants import varied
from models.orthogonal_projection import OrthogonalProjection
from models.orthogonal_projection.experiments import forgetting as experiment

pytestmark = pytest.mark.slow


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(experiment, "fast_engine", lambda: "numpy")
    return varied(OrthogonalProjection(), n_tasks=2)


def test_both_readouts_are_followed_through_all_tasks(small):
    data = experiment.forgetting(small, seeds=2, samples=300)
    assert data.accuracy.shape == (2, 2, 40, 2) and np.isfinite(data.accuracy.values).all()
    # Until the second task begins, nothing is protected: both readouts are the same.
    first = data.accuracy.isel(shown=slice(0, 20))
    assert np.array_equal(first.sel(projection="with"), first.sel(projection="without"))
    assert not np.array_equal(data.accuracy[:, 0], data.accuracy[:, 1])
    assert len(experiment.figure(data)) == 2
    assert data.attrs["outcome"] == "finished"


def test_a_stopped_experiment_returns_the_orders_that_are_done(small):
    data = experiment.forgetting(
        small, lambda fraction, text: "order 2" not in text, seeds=2, samples=300
    )
    assert data.attrs["outcome"] == "stopped"
    assert np.isfinite(data.accuracy[0].values).all() and np.isnan(data.accuracy[1].values).all()
