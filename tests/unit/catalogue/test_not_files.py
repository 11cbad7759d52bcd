"""Saved runs that somebody else has made: what is no file in them, and labels without an end."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from made_up import made_up

from workbench.catalogue import Catalogue
from workbench.catalogue.entry import LABEL, MOST_TAGS, read_entry
from workbench.errors import ParameterError, StoreError
from workbench.store import open_run

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")


@pytest.fixture
def catalogue(tmp_path):
    found = Catalogue(tmp_path / "runs")
    found.keep(made_up({"a": 3, "b": 2}), "one", tags=["paper"])
    return found


def within(seconds, action):
    """What it returns; a pipe that is opened is waited for, as long as nobody writes into it."""
    found = []
    thread = threading.Thread(target=lambda: found.append(action()), daemon=True)
    thread.start()
    thread.join(seconds)
    assert found, "it waits"
    return found[0]


def replaced(file: Path, kind: str) -> None:
    file.unlink()
    if kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to("/dev/zero")


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_label_that_is_no_file_is_none(catalogue, kind):
    path = catalogue.folder / "one.zarr"
    replaced(path / LABEL, kind)
    entry = within(10, lambda: catalogue.entry("one"))
    assert (entry.tags, entry.outcome) == ((), "finished")


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_is_no_file_in_a_run_is_damage_in_a_sentence(catalogue, kind):
    path = catalogue.folder / "one.zarr"

    def refused():
        with pytest.raises(StoreError) as error:
            open_run(path)
        return str(error.value)

    (chunk,) = [p for p in sorted((path / "spike_time" / "c").rglob("*")) if p.is_file()][:1]
    for file, said in (
        (chunk, "a part of spike_time is missing"),
        (path / "spike_time" / "zarr.json", "spike_time does not say what it holds"),
        (path / "run.json", "its run.json cannot be read"),
    ):
        replaced(file, kind)
        assert said in within(10, refused)
    assert within(10, lambda: read_entry(path)).outcome == "damaged"


def test_texts_of_a_run_have_an_end(catalogue, monkeypatch):
    path = catalogue.folder / "one.zarr"
    monkeypatch.setattr("workbench.store.metadata.MOST_BYTES", 10)
    label = {"tags": [f"t{k}" for k in range(2 * 10**5)], "notes": ""}
    (path / LABEL).write_text(json.dumps(label))
    assert len((path / LABEL).read_text()) > 10**6
    assert catalogue.entry("one").tags == ()
    (path / LABEL).write_text(json.dumps({**label, "tags": label["tags"][:1000]}))
    assert len(catalogue.entry("one").tags) == MOST_TAGS


def test_a_run_has_some_tags_and_no_more(catalogue):
    tags = [f"t{k}" for k in range(MOST_TAGS)]
    assert catalogue.label("one", tags * 2, "").tags == tuple(tags)
    with pytest.raises(ParameterError) as refused:
        catalogue.label("one", [*tags, "and one"], "")
    assert str(refused.value) == "51 tags are too many: a run has at most 50."
    with pytest.raises(ParameterError, match="51 tags"):
        catalogue.tag("one", ["and one"])
    with pytest.raises(ParameterError, match="51 tags"):
        catalogue.keep(made_up({"a": 3}), "two", tags=[*tags, "and one"])
