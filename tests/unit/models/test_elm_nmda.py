"""Experiment ``nmda``: what is concluded from scores, and that it stops when asked to."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from models.elm_neuron.data.trials import Trial
from models.elm_neuron.experiments import nmda


def scores(with_, without):
    values = np.array([with_, without])
    return xr.Dataset(
        {
            "explained": (("cell", "n_memory"), values),
            "rmse_mV": (("cell", "n_memory"), 1 - values),
            "auc": (("cell", "n_memory"), values),
            "spikes": ("cell", [5, 6]),
        },
        coords={"cell": list(nmda.CELLS), "n_memory": [1, 2, 5]},
    )


def test_units_are_enough_when_more_explain_hardly_more():
    data = scores([0.5, 0.8, 0.9], [0.85, 0.86, 0.865])
    assert nmda.units_needed(data, "with NMDA") == 5
    assert nmda.units_needed(data, "without NMDA") == 1
    (line,) = nmda.compare(data)
    assert (line.ours, line.agrees) == (0.2, True)
    (line,) = nmda.compare(scores([0.8, 0.8, 0.8], [0.5, 0.6, 0.9]))
    assert (line.ours, line.agrees) == (5.0, False)


def test_nothing_is_concluded_from_nothing():
    data = scores([np.nan] * 3, [np.nan] * 3)
    assert np.isnan(nmda.units_needed(data, "with NMDA"))
    assert not nmda.compare(data)[0].agrees


def test_it_ends_when_it_is_asked_to(monkeypatch, tmp_path):
    def made(folder, n, *, first_seed, cell, progress):
        progress(0.5, "half")
        return [tmp_path / "t.npz"]

    one = Trial("t", np.zeros(1, int), np.zeros(1, int), np.linspace(-70, -60, 900), np.zeros(0))
    monkeypatch.setattr(nmda, "make_trials", made)
    monkeypatch.setattr(nmda, "load_trials", lambda folder: [one])
    reported = []

    def progress(share, text):
        reported.append((share, text))
        return False

    data = nmda.NMDA.run(None, folder=str(tmp_path), progress=progress)
    assert reported[0] == (0.125, "with NMDA: half")
    assert np.isnan(data.explained.values).all()
    assert data.std_mV.values == pytest.approx(np.minimum(one.v_soma_mV[500:], -55).std())
