"""Experiments that have processes of their own, begun from a page."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from panels.tabs import experiments as tab
from panels.widgets.background_job import BackgroundJob
from workbench.model import registry


class Having:
    """Stands for a model's class: its one experiment starts a process, which writes a file."""

    def __init__(self, folder: str):
        self.folder = folder
        self.experiments = (self,)
        self.name = "having-children"

    def run(self, _model, progress, **_options):
        context = multiprocessing.get_context("spawn")
        child = context.Process(target=Path.touch, args=(Path(self.folder) / "it-ran",))
        child.start()
        child.join()
        return child.exitcode

    def compare(self, exit_code):
        return [exit_code]

    def figure(self, _data):
        return None


def in_a_job(folder: str, report):
    tab.registry = type("Registry", (), {
        "model_class": staticmethod(lambda _slug: Having(folder)),
        "load": staticmethod(lambda _slug, **_values: None),
    })  # fmt: skip
    tab.files_of = lambda *_args: {}
    return tab.perform("a-model", {}, "having-children", {}, report)


def test_an_experiment_may_have_processes_of_its_own(tmp_path):
    job = BackgroundJob(in_a_job, str(tmp_path))
    assert job.over.wait(60)
    assert job.poll()[-1] == ("done", {"compared": [0], "files": {}})
    assert (tmp_path / "it-ran").exists()


@pytest.mark.slow
def test_trials_of_the_detailed_cell_are_simulated_from_a_page(tmp_path):
    options = {"trials": 1, "seconds": 0.5, "folder": str(tmp_path)}
    values = registry.load("elm-neuron").values()
    job = BackgroundJob(tab.perform, "elm-neuron", values, "teacher", options)
    assert job.over.wait(300)
    assert job.poll()[-1][0] == "done"
    assert [p.name for p in tmp_path.glob("*.npz")] == ["teacher_00001.npz"]
