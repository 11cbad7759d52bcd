"""What is drawn or computed for whoever comes to a server has no more memory than a simulation."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from panels import serving
from panels.access import visitor
from panels.access.others import Others
from panels.parts import figure_drawing
from panels.tabs import experiments as tab
from panels.widgets.background_job import TOO_BIG, BackgroundJob
from panels.widgets.file_size import MOST_MB, Largest
from workbench.engine.process import Memory
from workbench.model import registry


def take(gigabytes: float) -> int:
    """Asks for memory without using it, which takes none but is refused beyond a limit."""
    return len(bytearray(int(gigabytes * 2**30)))


def file_of(size: int) -> bytes:
    return bytes(size)


def what_comes_of(gigabytes: float):
    job = BackgroundJob(take, gigabytes)
    assert job.over.wait(60)
    return job.poll()[-1]


def test_a_job_that_asks_for_more_is_refused_in_a_sentence(monkeypatch):
    assert what_comes_of(6.0) == ("done", 6 * 2**30)
    monkeypatch.setattr(Memory, "most_gb", 5.0)
    assert what_comes_of(0.5) == ("done", 2**29)
    kind, sentence, _trace = what_comes_of(6.0)
    assert (kind, sentence) == ("failed", TOO_BIG)


@pytest.mark.parametrize(("options", "most_gb"), [({"open_to_all": True}, 7.0), ({}, 0.0)])
def test_jobs_are_limited_where_others_come_in(monkeypatch, options, most_gb):
    monkeypatch.setenv("WORKBENCH_MEMORY_GB", "7")
    monkeypatch.setattr(serving, "pages", dict)
    monkeypatch.setattr(Memory, "most_gb", 1.0)
    monkeypatch.setattr(Largest, "mb", 1.0)
    serving.make_server(to_others=Others(**options)).stop()
    assert Memory.most_gb == most_gb
    assert Largest.mb == (MOST_MB if options else 0.0)
    visitor.use_accounts(False)


def test_a_file_that_is_too_large_to_hand_over_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr(Largest, "mb", 1.0)
    job = BackgroundJob(file_of, 3 * 10**6)
    assert job.over.wait(60)
    kind, sentence, _trace = job.poll()[-1]
    assert kind == "failed"
    assert sentence.startswith("The file has 3.0 MB, and this server hands over 1.0 MB at most: ")
    assert len(sentence) <= 300
    job = BackgroundJob(file_of, 10**6)
    assert job.over.wait(60)
    assert job.poll()[-1] == ("done", bytes(10**6))


def test_so_is_a_figure_s(monkeypatch):
    asked, answers = [(bytes, (3 * 10**6,)), (bytes, (3,))], []
    line = SimpleNamespace(
        poll=lambda _s: bool(asked), recv=lambda: asked.pop(0), send=answers.append,
        close=lambda: None,
    )  # fmt: skip
    monkeypatch.setattr(figure_drawing, "adopt", lambda _plots: None)
    figure_drawing._serve(line, b"", 1.0)
    assert answers[0][0] == "failed"
    assert "hands over 1.0 MB at most" in answers[0][1]
    assert answers[1] == ("done", bytes(3))


def test_an_experiment_begins_once_however_often_it_is_clicked(monkeypatch):
    started = []

    def begun(*args, **_more):
        started.append(args)
        return object()

    monkeypatch.setattr(tab, "BackgroundJob", begun)
    entry = tab._Entry("ssn", registry.model_class("ssn").experiments[0], dict)
    for _ in range(3):
        entry.start()
    assert len(started) == 1
