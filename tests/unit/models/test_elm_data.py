"""Readers of other people's files, tried on small files of the same form."""

from __future__ import annotations

import json
import os
import pickle

import numpy as np
import pytest

from models.elm_neuron.data.neuronio import open_neuronio
from models.elm_neuron.data.recordings import load_recordings
from workbench.errors import StoreError


def neuronio(path, segments=5, n_ms=60, simulations=2, **extra):
    """A file as the published program writes it: Python 2 pickle, protocol 2, NumPy inside."""
    rng = np.random.default_rng(1)
    results = []
    for _ in range(simulations):
        spikes = [
            {k: np.sort(rng.choice(n_ms, 3, replace=False)) for k in range(segments)}
            for _ in range(2)
        ]
        results.append({
            "exInputSpikeTimes": spikes[0],
            "inhInputSpikeTimes": {k: v.tolist() for k, v in spikes[1].items()},
            "outputSpikeTimes": np.array([12.25, 40.5], np.float32),
            "somaVoltageLowRes": rng.normal(-67, 3, n_ms).astype(np.float16),
            "recordingTimeLowRes": np.arange(n_ms),
            **extra,
        })  # fmt: skip
    content = {
        "Params": {"allSegmentsType": ["basal"] * segments, "totalSimDurationInSec": 6},
        "Results": {"listOfSingleSimulationDicts": results},
    }
    path.write_bytes(pickle.dumps(content, protocol=2))
    return content


def test_neuronio_files_are_read(tmp_path):
    path = tmp_path / "sim_1.p"
    content = neuronio(path)
    trials = list(open_neuronio(path))
    assert [t.name for t in trials] == ["sim_1_000", "sim_1_001"]
    for t, wanted in zip(trials, content["Results"]["listOfSingleSimulationDicts"], strict=True):
        assert np.array_equal(t.v_soma_mV, wanted["somaVoltageLowRes"].astype(float))
        # Inhibition follows excitation; a spike at 12.25 ms is in bin 11, one at 40.5 in bin 40.
        for offset, key in ((0, "exInputSpikeTimes"), (5, "inhInputSpikeTimes")):
            for k, times in wanted[key].items():
                assert t.t_ms[t.channel == k + offset].tolist() == list(times)
        assert np.flatnonzero(t.spikes()).tolist() == [11, 40]
    found, n_input = load_recordings(tmp_path)
    assert (len(found), n_input) == (2, 1278)


class Wicked:
    def __reduce__(self):
        return os.mkdir, ("harmed",)


def test_a_pickle_that_names_code_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "sim.p"
    neuronio(path, note=Wicked())
    with pytest.raises(StoreError, match=r"names (posix|nt)\.mkdir, which is no data"):
        list(open_neuronio(path))
    assert not (tmp_path / "harmed").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no pickle", "cannot be read as a NeuronIO file"),
        (pickle.dumps({"Params": {}}, 2), "it lacks 'allSegmentsType'"),
        (pickle.dumps([1], 2), "cannot be read as a NeuronIO file"),
    ],
)
def test_something_else_is_refused(tmp_path, content, message):
    path = tmp_path / "sim.p"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=message):
        list(open_neuronio(path))


def test_a_segment_that_is_not_there_is_refused(tmp_path):
    path = tmp_path / "sim.p"
    neuronio(path, exInputSpikeTimes={7: [3]})
    with pytest.raises(StoreError, match="simulation 0 is not as in NeuronIO: it has an input on"):
        list(open_neuronio(path))


def test_the_folder_says_how_many_channels_there_are(tmp_path):
    np.savez(tmp_path / "a.npz", channel=[0, 1], t_ms=[1, 2], v_soma_mV=np.zeros(5),
             spike_t_ms=[2.0])  # fmt: skip
    assert load_recordings(tmp_path)[1] == 1278
    (tmp_path / "cell.json").write_text(json.dumps({"n_input": 96}))
    assert load_recordings(tmp_path)[1] == 96
    (tmp_path / "cell.json").write_text("{}")
    with pytest.raises(StoreError, match="does not say n_input"):
        load_recordings(tmp_path)
