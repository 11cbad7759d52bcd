"""Runs as NWB files: valid, without faults that an inspector finds, and the same when read."""

from __future__ import annotations

import json
import sys

import h5py
import numpy as np
import pynwb
import pytest
from made_up import made_up, silent
from nwbinspector import Importance, inspect_nwbfile

import workbench as wb
from workbench.errors import ParameterError, StoreError
from workbench.formats import read_trains
from workbench.formats.nwb import to_nwb
from workbench.optional import NotInstalled

# A simulation has no subject.
ALLOWED = {"check_subject_exists"}


def faults(path):
    """What PyNWB's validator and the NWB Inspector say, but for suggestions."""
    said = [f for f in inspect_nwbfile(nwbfile_path=path, skip_validate=True)
            if f.importance not in (Importance.BEST_PRACTICE_SUGGESTION,)]  # fmt: skip
    found = [f.message for f in said if f.check_function_name not in ALLOWED]
    return [*pynwb.validate(path=str(path)), *found]


def test_a_file_holds_all_of_a_run(tmp_path):
    run = made_up({"a": 5, "b": 3})
    path = run.to_nwb(tmp_path / "run.nwb")
    assert faults(path) == []
    with pynwb.NWBHDF5IO(str(path), "r") as reader:
        file = reader.read()
        units = file.units.to_dataframe()
        assert units.population.tolist() == ["a"] * 5 + ["b"] * 3
        for name in ("a", "b"):
            t_ms, i = run.spikes(name)
            for row in units[units.population == name].itertuples():
                assert np.array_equal(np.round(row.spike_times * 1e3, 9), t_ms[i == row.neuron])
        assert units.obs_intervals[0].tolist() == [[0, 0.2]]
        held = file.processing["simulation"]
        assert np.array_equal(held["a.v"].data[:], run.states["a.v"])
        assert (held["a.v"].unit, held["a.v"].rate) == ("mV", 1000.0)
        weights = held["weights first_second"].to_dataframe()
        assert np.array_equal(weights.weight_1, run.weights["first_second"]["w"][1])
        assert weights.pre.tolist() == run.weights["first_second"]["i"].tolist()
        assert held["parameters"].to_dataframe().value.tolist() == [3.0, 6.0]
        assert json.loads(file.notes)["seed"] == 7
        events = file.events["interventions"].to_dataframe()
        assert events.annotation.tolist()[0] == "Learn" and events.timestamp.tolist()[1] == 0.06
    with pytest.raises(ParameterError, match=r"run\.nwb exists already"):
        run.to_nwb(path)
    with pytest.raises(ParameterError, match=r"the name of an NWB file ends in \.nwb\.$"):
        run.to_nwb(tmp_path / "run.h5")


def test_a_silent_run_is_valid_too(tmp_path):
    path = silent().to_nwb(tmp_path / "silent.nwb")
    # The inspector itself fails at a column without numbers.
    assert pynwb.validate(path=str(path)) == []
    with pynwb.NWBHDF5IO(str(path), "r") as reader:
        assert [len(t) for t in reader.read().units["spike_times"][:]] == [0] * 5


def test_without_pynwb_the_sentence_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pynwb", None)
    with pytest.raises(NotInstalled, match=r"^An NWB file needs pynwb, .* install the extra nwb "):
        to_nwb(silent(), tmp_path / "run.nwb")


@pytest.mark.parametrize("how", ["external", "virtual", "link"])
def test_a_file_that_takes_its_data_from_another_one_is_refused(tmp_path, monkeypatch, how):
    secret, path = tmp_path / "secret", tmp_path / "run.nwb"
    secret.write_bytes(bytes(range(40)))
    with h5py.File(tmp_path / "other", "w") as other:
        other["times"] = np.arange(40.0)
    made_up({"a": 5}).to_nwb(path)
    assert wb.read_spikes(path).populations == {"a": 5}
    with h5py.File(path, "a") as file:
        units = file["units"]
        attributes, size = dict(units["spike_times"].attrs), len(units["spike_times"])
        del units["spike_times"]
        if how == "link":
            units["spike_times"] = h5py.ExternalLink("other", "times")
        elif how == "virtual":
            layout = h5py.VirtualLayout((size,), "f8")
            layout[: min(size, 40)] = h5py.VirtualSource("other", "times", (40,))[: min(size, 40)]
            units.create_virtual_dataset("spike_times", layout)
        else:
            units.create_dataset("spike_times", (40,), "u1", external=[(str(secret), 0, 40)])
        if how != "link":
            units["spike_times"].attrs.update(attributes)
            units["spike_times_index"].attrs["target"] = units["spike_times"].ref
    with pytest.raises(StoreError, match=r"run\.nwb has data in another file, '.*(secret|other)'"):
        wb.read_spikes(path)
    if how != "link":  # nor where only a reference leads to it
        monkeypatch.setattr(read_trains, "_refuse_other_files", lambda path: None)
        with pytest.raises(StoreError, match=r"run\.nwb has data in another file"):
            wb.read_spikes(path)
