"""Every model's runs as NWB files and Neo blocks: valid, and with the same trains when read."""

from __future__ import annotations

import numpy as np
import pynwb
import pytest
from neo.io import NeoMatlabIO
from nwbinspector import Importance, inspect_nwbfile

from workbench.model import registry

# A simulation has no subject; a short run of many neurons has more of these than samples.
ALLOWED = {"check_subject_exists", "check_data_orientation"}


@pytest.mark.slow
@pytest.mark.parametrize("slug", sorted(registry.models()))
def test_files_have_the_trains_of_the_run(slug, tmp_path, run_with_all_that_can_be_done):
    run = run_with_all_that_can_be_done(slug)
    path = run.to_nwb(tmp_path / "run.nwb")
    assert pynwb.validate(path=str(path)) == []
    said = [m for m in inspect_nwbfile(nwbfile_path=path, skip_validate=True)
            if m.importance is not Importance.BEST_PRACTICE_SUGGESTION]  # fmt: skip
    assert [m.message for m in said if m.check_function_name not in ALLOWED] == []
    with pynwb.NWBHDF5IO(str(path), "r") as reader:
        file = reader.read()
        read = {} if file.units is None else _trains(file.units.to_dataframe())
        for name, values in run.states.items():
            assert np.array_equal(file.processing["simulation"][name].data[:], values)
    expected = {}
    for p in run.info.spikers:
        t_ms, i = run.spikes(p.name)
        expected |= {(p.name, k): t_ms[i == k].tolist() for k in range(p.size)}
    assert read == expected
    assert sum(map(len, read.values())) == len(run.steps)
    run.to_neo(tmp_path / "run.mat")
    (segment,) = NeoMatlabIO(filename=str(tmp_path / "run.mat")).read_block().segments
    found = {
        (s.annotations["population"], int(s.annotations["neuron"])): np.round(
            np.atleast_1d(s.rescale("ms").magnitude), 9
        ).tolist()
        for s in segment.spiketrains
    }
    assert found == expected
    assert {s.name for s in segment.analogsignals} >= set(run.states)


def _trains(units):
    return {
        (row.population, row.neuron): np.round(row.spike_times * 1e3, 9).tolist()
        for row in units.itertuples()
    }
