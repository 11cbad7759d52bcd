"""Symmetric STDP: the experiments run on small data, can be stopped, and keep what they have."""

from __future__ import annotations

import numpy as np
import pytest

from models._shared.variants import varied
from models.symmetric_stdp import SymmetricSTDP
from models.symmetric_stdp.experiments import learning
from models.symmetric_stdp.experiments.classify import compare, digits, figure
from workbench.model.model import Model

pytestmark = pytest.mark.slow


@pytest.fixture
def small(monkeypatch) -> Model:
    """Few neurons and short presentations on NumPy: enough to go through everything."""
    monkeypatch.setattr(learning, "fast_engine", lambda: "numpy")
    return varied(SymmetricSTDP(), n_train=40, n_test=10, stimulus_ms=50, rest_ms=10, least=0)


def test_a_finished_network_is_kept_and_not_simulated_again(small, tmp_path, monkeypatch):
    options = {"hidden": (9,), "pictures": 10, "tests": 4, "seeds": 1, "keep": str(tmp_path)}
    data = digits(small, **options)
    assert data.attrs["outcome"] == "finished"
    assert np.isfinite(data.accuracy.values).all()
    assert data.w_input.shape == (9, 64)
    assert len(list(tmp_path.glob("*.npz"))) == 2
    assert all(c.unit == "%" for c in compare(data))
    assert len(figure(data)) == 2
    monkeypatch.setattr(learning, "learn", lambda *_: pytest.fail("simulated again"))
    again = digits(small, **options)
    assert np.array_equal(again.accuracy.values, data.accuracy.values)


def test_a_stopped_experiment_returns_what_it_has(small, tmp_path):
    said = []

    def stop(fraction: float, text: str) -> bool:
        said.append(text)
        return "two stages, seed" not in text

    options = {"hidden": (9,), "pictures": 10, "tests": 4, "seeds": 1, "keep": str(tmp_path)}
    data = digits(small, stop, **options)
    assert data.attrs["outcome"] == "stopped"
    assert np.isfinite(data.accuracy.sel(mode="joint").values).all()
    assert np.isnan(data.accuracy.sel(mode="two stages").values).all()
    assert any("pictures" in text for text in said)
