"""Two servers, or two commands, that share a cache and a folder of saved runs."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from made_up import made_up

from workbench import Catalogue, open_run, store
from workbench.catalogue import entry
from workbench.engine.compiled import cache
from workbench.errors import PlaceTaken

HERE = Path(__file__).parent
COMPILE = """
import json, sys; sys.path.insert(0, sys.argv[1])
from toys import Toy
run = Toy(n_cells=7).run(50, seed=3, engine="compiled")
print(json.dumps([run.engine, run.steps.tolist(), run.units.tolist()]))
"""
COUNTING = """#!/bin/sh
case "$*" in *--version*) ;; *) echo "$*" >> {log} ;; esac
exec g++ "$@"
"""


@pytest.mark.slow  # a network is compiled
@pytest.mark.timeout(900)
@pytest.mark.skipif(cache.compiler() is None, reason="no C++ compiler here")
def test_what_both_need_is_compiled_once(tmp_path, monkeypatch):
    wrapper, log = tmp_path / "compiler", tmp_path / "asked"
    wrapper.write_text(COUNTING.format(log=log))
    wrapper.chmod(0o700)
    monkeypatch.setenv("CXX", str(wrapper))
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    both = [
        subprocess.Popen(
            [sys.executable, "-c", COMPILE, str(HERE)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    said = [process.communicate(timeout=800) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    (one, other) = (json.loads(out) for out, _ in said)
    assert one == other
    assert one[0] == "compiled" and one[1]
    asked = log.read_text().splitlines()
    assert len(asked) == len(set(asked)) > 0, "something was compiled twice"
    (kept,) = cache.kept()
    assert [place.name for place in cache.folder().iterdir()] == [kept.key]


@pytest.fixture
def saved(tmp_path):
    catalogue = Catalogue(tmp_path)
    catalogue.keep(made_up({"a": 3}), "one")
    return catalogue


def test_labels_of_one_run_may_be_written_at_once(saved, monkeypatch):
    """The other writes its label whole while this one's is under way."""
    replace, errors = Path.replace, []

    def write() -> None:
        try:
            saved.label("one", ["other"], "theirs")
        except Exception as error:
            errors.append(error)

    def interrupted(self, target):
        monkeypatch.setattr(Path, "replace", replace)
        other = threading.Thread(target=write)
        other.start()
        other.join()
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    found = saved.label("one", ["mine"], "ours")
    assert errors == []
    assert (found.tags, found.notes) == (("mine",), "ours")
    assert [path.name for path in found.path.glob(f"{entry.LABEL}*")] == [entry.LABEL]


def test_two_that_save_under_one_name_at_once_leave_one_whole_run(tmp_path, monkeypatch):
    """On two machines, or in two containers, their processes may have the same number."""
    place, together, plain = tmp_path / "run.zarr", threading.Barrier(2), store._write
    came: dict[int, type[Exception] | None] = {}

    def written_together(run, draft):
        together.wait(60)
        plain(run, draft)
        together.wait(60)

    def save(seed):
        try:
            made_up({"a": 3}, seed=seed).save(place)
            came[seed] = None
        except Exception as error:
            came[seed] = type(error)

    monkeypatch.setattr(store, "_write", written_together)
    both = [threading.Thread(target=save, args=(seed,)) for seed in (1, 2)]
    for one in both:
        one.start()
    for one in both:
        one.join(100)
    (first,) = (seed for seed, error in came.items() if error is None)
    assert came[3 - first] is PlaceTaken
    assert open_run(place).seed == first
    assert [p.name for p in tmp_path.iterdir()] == ["run.zarr"]
