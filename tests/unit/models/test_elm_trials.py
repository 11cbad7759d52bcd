"""Trials are checked where they enter."""

from __future__ import annotations

import numpy as np
import pytest

from models.elm_neuron.data.trials import load_trial, load_trials
from workbench.errors import StoreError

GOOD = {
    "channel": np.array([3, 0, 3], np.uint16),
    "t_ms": np.array([0, 4, 9], np.uint16),
    "v_soma_mV": np.full(10, -70, np.float32),
    "spike_t_ms": np.array([6.4, 2.875], np.float32),
}


def saved(tmp_path, name="a.npz", **changes):
    path = tmp_path / name
    np.savez_compressed(path, **{**GOOD, **changes})
    return path


def test_a_trial_is_read(tmp_path):
    trial = load_trial(saved(tmp_path))
    assert (trial.name, trial.n_ms) == ("a", 10)
    assert trial.channel.tolist() == [3, 0, 3]
    # 2.875 - 0.5 and 6.4 - 0.5, cut off
    assert np.flatnonzero(trial.spikes()).tolist() == [2, 5]


def test_a_spike_before_the_first_bin_or_after_the_last_has_no_bin(tmp_path):
    trial = load_trial(saved(tmp_path, spike_t_ms=np.array([0.25, 10.6])))
    assert not trial.spikes().any()


def test_a_trial_without_events_or_spikes(tmp_path):
    trial = load_trial(saved(tmp_path, channel=[], t_ms=[], spike_t_ms=[]))
    assert not len(trial.channel)
    assert not trial.spikes().any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"t_ms": np.array([0, 4])}, "3 channels but 2 times"),
        ({"t_ms": np.array([0, 4, 10])}, "an event at 10 ms is after the end"),
        ({"t_ms": np.array([0, 4, -1])}, "an event at -1 ms is before the start"),
        ({"channel": np.array([0, 0.5, 1])}, "a channel is not a whole number"),
        ({"channel": np.array([-2, 0, 1])}, "channel -2 is below 0"),
        ({"v_soma_mV": np.full(10, np.nan)}, "v_soma_mV holds a value that is not finite"),
        ({"v_soma_mV": np.zeros((2, 5))}, "v_soma_mV must have one dimension, it has 2"),
        ({"spike_t_ms": np.array(["x"])}, "spike_t_ms must hold numbers, not <U1"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, changes, message):
    path = saved(tmp_path, **changes)
    with pytest.raises(StoreError) as caught:
        load_trial(path)
    assert str(caught.value) == f"{path} is not a trial: {message}."


def test_a_missing_key_a_broken_file_and_objects(tmp_path):
    path = tmp_path / "b.npz"
    np.savez(path, channel=[0], t_ms=[0])
    with pytest.raises(StoreError, match="it lacks v_soma_mV, spike_t_ms"):
        load_trial(path)
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(StoreError, match="cannot be read as a trial"):
        load_trial(path)
    saved(tmp_path, "b.npz", channel=np.array([0, 1, None], object))
    with pytest.raises(StoreError, match="cannot be read as a trial"):
        load_trial(path)


def test_a_folder(tmp_path):
    with pytest.raises(StoreError, match="holds no trials"):
        load_trials(tmp_path)
    with pytest.raises(StoreError, match="There is no folder"):
        load_trials(tmp_path / "nowhere")
    for name in ("b.npz", "a.npz", "c.npz"):
        saved(tmp_path, name)
    message = []
    assert [t.name for t in load_trials(tmp_path, 2, lambda f, text: message.append(f))] == [
        "a",
        "b",
    ]
    assert message == [0.5, 1.0]
