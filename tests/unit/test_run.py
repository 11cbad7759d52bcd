"""What a run says about itself."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import balanced, made_up, memory

from workbench.errors import UnknownName


def test_spikes_of_the_populations_are_all_the_spikes():
    run = memory()
    parts = {name: run.spikes(name) for name in run.populations}
    assert sum(len(t) for t, _ in parts.values()) == len(run.steps)
    for name, (t, i) in parts.items():
        assert (np.diff(t) >= 0).all()
        assert len(i) == 0 or 0 <= i.min() <= i.max() < run.populations[name]
    with pytest.raises(UnknownName, match="Did you mean 'in_cue'"):
        run.spikes("in_cues")


def test_times_are_what_the_steps_mean():
    run = made_up({"a": 1}, steps=np.array([3, 7, 123457]), units=np.zeros(3, np.int32))
    assert run.spikes("a")[0].tolist() == [0.3, 0.7, 12345.7]


def test_rate_is_spikes_per_neuron_and_second():
    run = made_up({"a": 2}, duration_ms=500.0, steps=np.arange(5), units=np.zeros(5, np.int32))
    assert run.rate("a") == 5.0
    run.duration_ms = 0.0
    assert np.isnan(run.rate("a"))


def test_states_are_found_by_full_name_or_by_variable():
    run = memory()
    assert run.state("v") is run.state("in_cue.v")
    with pytest.raises(UnknownName, match="recorded state"):
        run.state("w")
    run.states["out_cue.v"] = run.states["in_cue.v"]
    with pytest.raises(UnknownName):
        run.state("v")  # of which population?


def test_weight_matrix_is_post_by_pre_with_gaps():
    run = balanced()
    matrix = run.weight_matrix("first_second")
    assert matrix.shape == (800, 3200)
    w = run.weights["first_second"]
    assert np.isfinite(matrix).sum() == len(w["i"])
    assert matrix[w["j"][5], w["i"][5]] == w["w"][-1][5]
    assert not np.nansum(run.weight_matrix("first_second", at=0))
    with pytest.raises(UnknownName, match="Did you mean 'first_second'"):
        run.weight_matrix("first_secnd")


def test_a_run_is_the_same_after_saving(tmp_path):
    from workbench import open_run

    run = memory()
    again = open_run(run.save(tmp_path / "m.zarr"))
    assert again.info == run.info
    assert again.interventions == run.interventions
    assert np.array_equal(again.weight_matrix("first_second"), run.weight_matrix("first_second"),
                          equal_nan=True)  # fmt: skip
    assert again.to_xarray().equals(run.to_xarray())
