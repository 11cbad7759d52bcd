"""Every model's runs as plain Brian2 scripts: with Brian2 alone they give the same again."""

from __future__ import annotations

import nbclient
import nbformat
import numpy as np
import pytest

import workbench as wb
from workbench.model import registry


@pytest.mark.slow
@pytest.mark.parametrize("slug", sorted(registry.models()))
def test_the_script_of_a_run_gives_the_same_again(
    slug, tmp_path, brian_alone, run_with_all_that_can_be_done
):
    run = run_with_all_that_can_be_done(slug)
    assert run.interventions
    path = wb.export_script(run, tmp_path / "run.py")
    brian_alone(path.name, cwd=tmp_path)
    found = np.load(path.with_suffix(".results.npz"))
    for population in run.info.spikers:
        mine = sorted(zip(*run.spikes(population.name), strict=True))
        name = population.name
        theirs = sorted(zip(found[f"{name}.t_ms"], found[f"{name}.i"], strict=True))
        assert mine == theirs
    assert len(run.steps) or not run.info.spiking
    assert run.states
    for name, values in run.states.items():
        assert np.array_equal(found[f"{name}.state_t_ms"], run.state_t)
        assert np.array_equal(found[f"{name}.state"], values)
        assert np.ptp(values) > 0 or run.info.spiking  # what never changes shows nothing


@pytest.mark.slow
def test_a_notebook_runs(tmp_path, run_with_all_that_can_be_done):
    run = run_with_all_that_can_be_done("background-gain")
    path = wb.export_notebook(run, tmp_path / "run.ipynb")
    book = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(book, resources={"metadata": {"path": tmp_path}}).execute()
    found = np.load(path.with_suffix(".results.npz"))
    t_ms, i = run.spikes("high")
    assert len(t_ms) > 100
    assert np.array_equal(found["high.t_ms"], t_ms) and np.array_equal(found["high.i"], i)
