"""Where pages are served to others, they ask for no file of the machine and name none."""

from __future__ import annotations

import pytest

from panels.access import visitor
from panels.parts.watchdog import Watchdog
from panels.runs_page.page import RunsPage
from panels.tabs import experiments as tab
from workbench.catalogue import Catalogue
from workbench.model import registry
from workbench.settings import processors

from .test_sweep import FakeBackground, opened, page, saved  # noqa: F401

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")
EXPERIMENTS = [
    pytest.param(slug, e, id=f"{slug} {e.name}")
    for slug, cls in registry.models().items()
    for e in cls.experiments
]


@pytest.fixture
def to_others():
    visitor.use_accounts(False, to_others=True)
    yield
    visitor.use_accounts(False)


@pytest.mark.parametrize(("slug", "experiment"), EXPERIMENTS)
def test_an_option_that_names_a_file_says_so(slug, experiment):
    """A text that is empty at first is a place: whatever else a text can be has a first value."""
    texts = {k for k, (default, _doc) in experiment.options.items() if default in ("", None)}
    downloads = {k for k, (_, doc) in experiment.options.items() if "download" in doc}
    assert texts | downloads == experiment.of_machine


def entry_of(slug, name):
    experiment = next(e for e in registry.model_class(slug).experiments if e.name == name)
    return tab._Entry(slug, experiment, dict)


def test_experiments_take_no_folder_from_whoever_comes(to_others, monkeypatch):
    started = []
    monkeypatch.setattr(tab, "BackgroundJob", lambda *args, **more: started.append(args))
    for _ in range(2):
        entry = entry_of("elm-neuron", "teacher")
        entry.start()
        visitor.use_accounts(False)  # the second time, on one's own machine
    (*_, served), (*_, own) = started
    assert "folder" not in served
    assert own["folder"] == ""
    assert set(own) - set(served) == {"folder"}


def test_an_experiment_has_no_more_processes_than_there_are_processors(monkeypatch):
    started = []
    monkeypatch.setattr(tab, "BackgroundJob", lambda *args, **more: started.append(args))
    entry = entry_of("elm-neuron", "teacher")
    entry.inputs["workers"].value = "10000"
    entry.start()
    assert started == []
    assert f"at most {processors()}." in entry.message.object


def test_a_sweep_says_where_it_lies_on_one_s_own_machine_only(page, to_others):  # noqa: F811
    def done():
        page.start()
        job = FakeBackground.made[-1]
        job.finish(0, 1, 2)
        job.finish(1, 2, 2, error=f"StoreError: {page.path} is damaged")
        job.news.append(("done", "finished"))
        page.poll()
        return " ".join([page.message.object, *(str(f.object) for f in page.files[1:])])

    text = done()
    assert f"{page.path.name} is damaged" in text
    assert str(page.path.parent) not in text
    assert len(page.files) == 1
    visitor.use_accounts(False)
    assert f"wb.open_sweep(&#x27;{page.path}" in done() or f"wb.open_sweep('{page.path}" in done()


def test_a_drawing_that_fails_names_no_folder(to_others):
    explorer = type("Page", (), {"slug": "cuba"})()
    dog = Watchdog(explorer)
    try:
        raise ValueError(f"{__file__} is missing")
    except ValueError as error:
        dog.failed(error)
    assert "test_nothing_of_the_machine.py" in dog.view.object
    assert __file__.rpartition("/")[0] not in dog.view.object


def test_an_empty_list_of_runs_does_not_say_where_they_would_lie(to_others, tmp_path):
    found = RunsPage(Catalogue(tmp_path / "runs"))
    found.look()
    assert str(tmp_path) not in found.message.object
    visitor.use_accounts(False)
    found.look()
    assert str(tmp_path) in found.message.object
