"""Runs as NWB files: valid, without faults that an inspector finds, and the same when read."""

from __future__ import annotations

import json
import sys

import numpy as np
import pynwb
import pytest
from made_up import made_up, silent
from nwbinspector import Importance, inspect_nwbfile

from workbench.errors import ParameterError
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
