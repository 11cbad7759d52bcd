"""The embedded teacher: its input, its synapses, its files; the cell itself in tests/science."""

from __future__ import annotations

import numpy as np
import pytest

from models.elm_neuron.data.trials import load_trial
from models.elm_neuron.teacher.cell import N_DENDRITES, peak
from models.elm_neuron.teacher.input import EXCITE_100ms, _smooth, draw
from models.elm_neuron.teacher.run import spike_times
from models.elm_neuron.teacher.trials import TREES, _claim, events, make_trials, save_trial
from workbench.errors import ParameterError, StoreError


@pytest.mark.parametrize(("rise", "decay"), [(0.3, 3.0), (2.0, 70.0), (0.2, 8.0)])
def test_a_synaptic_conductance_has_a_peak_of_one(rise, decay):
    t = np.linspace(0, 20 * rise, 200_001)
    assert peak(rise, decay) * np.max(np.exp(-t / decay) - np.exp(-t / rise)) == pytest.approx(
        1, abs=1e-7
    )


def test_smoothing_keeps_what_is_constant():
    for width in (7.0, 150.0):
        assert _smooth(np.full(300, 3.0), width) == pytest.approx(np.full(300, 3.0))


def test_input_is_repeatable_and_has_the_rates_that_are_drawn():
    excite, inhibit = draw(3, 4000, TREES)
    assert excite.shape == inhibit.shape == (4000, N_DENDRITES)
    again = draw(3, 4000, TREES)
    assert np.array_equal(excite, again[0])
    assert not np.array_equal(excite, draw(4, 4000, TREES)[0])
    counts = np.array([draw(seed, 4000, TREES)[0].sum() for seed in range(40)])
    # Uniform counts and a loudness of mean 1: on the average half the largest count a tree.
    expected = 0.5 * sum(EXCITE_100ms) * 40 * len(TREES)
    assert counts.mean() == pytest.approx(expected, rel=0.12)  # 40 trials that differ by 35 %


def test_a_trial_is_written_as_it_is_read(tmp_path):
    excite, inhibit = events(1, 300)
    v = np.linspace(-70, -50, 300)
    save_trial(tmp_path / "a.npz", excite, inhibit, v, np.array([100.5]))
    found = load_trial(tmp_path / "a.npz")
    counts = np.zeros((300, 2 * N_DENDRITES), bool)
    counts[found.t_ms, found.channel] = True
    assert np.array_equal(counts, np.concatenate([excite, inhibit], axis=1))
    assert found.v_soma_mV == pytest.approx(v, abs=1e-5)
    assert np.flatnonzero(found.spikes()).tolist() == [100]


def test_spikes_are_local_maxima_above_the_threshold():
    v = np.full(200, -70.0)
    v[50:53] = (-30, 10, -30)
    v[100] = -26
    assert spike_times(v) == pytest.approx([51 * 0.05])


def test_trials_of_another_cell_are_left_alone(tmp_path):
    _claim(tmp_path, {"nmda": 1.0, "n_ms": 600})
    _claim(tmp_path, {"nmda": 1.0, "n_ms": 600})
    with pytest.raises(StoreError, match=r"holds trials of another cell \(nmda = 1\.0\)"):
        _claim(tmp_path, {"nmda": 0.0, "n_ms": 600})
    with pytest.raises(ParameterError, match="0 trials of 6 s on 2 workers are not possible"):
        make_trials(tmp_path, 0)
