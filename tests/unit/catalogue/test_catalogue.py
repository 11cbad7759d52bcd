"""Catalogue of saved runs: completeness, rebuilding, shared use, no code execution."""

from __future__ import annotations

import dataclasses
import errno
import io
import json
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from made_up import made_up, memory

import workbench as wb
from workbench.catalogue import Catalogue
from workbench.catalogue import index as catalogue_index
from workbench.catalogue.entry import read_entry
from workbench.catalogue.index import FILE
from workbench.errors import ParameterError, StoreError, UnknownName
from workbench.interventions import Intervention
from workbench.paths import KEPT_S
from workbench.store import RunWriter

HERE = Path(__file__).parents[1]


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    return Catalogue()


def small(**changes):
    return made_up({"a": 3, "b": 2}, **changes)


# -- what it knows ------------------------------------------------------------------------


def test_a_saved_run_is_known_with_everything_about_it(catalogue):
    run = small(
        provenance={
            "date": "2026-03-01T10:00:00+00:00", "brian2": "2.9.0", "git_commit": "aaaa",
            "model_commit": "bbbb+",
        },
        outcome="stopped", message="stopped by the caller",
    )  # fmt: skip
    entry = run.keep("best", tags=["paper", "paper", " a b "], notes=" look at b ")
    assert wb.runs() == [entry]
    assert entry.path == catalogue.folder / "best.zarr"
    assert (entry.id, entry.model, entry.seed, entry.engine) == ("best", "made-up", 7, "numpy")
    assert entry.parameters == run.parameters
    assert entry.versions == {"brian2": "2.9.0"}
    assert (entry.commit, entry.dirty) == ("bbbb", True)
    assert entry.started == "2026-03-01T10:00:00+00:00"
    assert (entry.duration_ms, entry.spikes) == (200.0, len(run.steps))
    assert (entry.outcome, entry.message) == ("stopped", "stopped by the caller")
    assert (entry.tags, entry.notes) == (("paper", "a b"), "look at b")
    assert entry.interventions == 4
    data = [f for f in entry.path.rglob("*") if f.is_file()]
    assert entry.size == sum(f.stat().st_size for f in data) > 1000
    assert np.array_equal(entry.open().steps, run.steps)


def test_runs_are_chosen_by_model_and_tag_newest_first(catalogue):
    for k, (model, tag) in enumerate([("one", "x"), ("two", "x"), ("one", "y")]):
        run = small(model=model, provenance={"date": f"2026-03-0{k + 1}T10:00:00+00:00"})
        run.keep(f"r{k}", tags=[tag])
    assert [e.id for e in wb.runs()] == ["r2", "r1", "r0"]
    assert [e.id for e in wb.runs(model="one")] == ["r2", "r0"]
    assert [e.id for e in wb.runs(tag="x")] == ["r1", "r0"]
    assert [e.id for e in wb.runs(model="one", tag="x")] == ["r0"]
    assert wb.runs(tag="' OR 1 --") == []
    assert catalogue.entries(tag="\ud800") == [] == catalogue.entries(model="\ud800")


def test_names_are_free_unique_and_found_by_their_beginning(catalogue):
    first, second = small().keep(), small().keep()
    assert first.id.startswith("made-up-2")
    assert first.id != second.id
    named = small(model="../../odd name").keep()
    assert named.path.parent == catalogue.folder
    assert catalogue.entry("odd").id == named.id
    with pytest.raises(ParameterError, match=r"'made' is the beginning of 2 saved runs"):
        catalogue.entry("made")
    small().keep("fine")
    with pytest.raises(UnknownName, match=r"Unknown saved run: 'fone'\. Did you mean 'fine'\?"):
        catalogue.entry("fone")
    with pytest.raises(StoreError, match=r"There is a saved run 'fine' already"):
        small().keep("fine")
    for name in ("../up", "a/b", "", ".hidden", "x" * 101):
        with pytest.raises(ParameterError, match="cannot name a run"):
            small().keep(name)
    with pytest.raises(ParameterError, match="cannot be a tag"):
        small().keep(tags=["a,b"])
    assert len(catalogue.entries()) == 4


def test_a_run_is_found_by_path_or_by_name(catalogue, tmp_path):
    kept = small().keep("mine")
    elsewhere = small().save(tmp_path / "other.zarr")
    assert catalogue.find("mine") == kept.path
    assert catalogue.find(str(elsewhere)) == elsewhere
    with pytest.raises(StoreError, match=r"no/such\.zarr does not exist: give a run's folder"):
        catalogue.find("no/such.zarr")
    with pytest.raises(StoreError, match="is not a run"):
        catalogue.find(str(tmp_path))


def test_tags_and_notes_are_changed_and_belong_to_the_run(catalogue):
    small().keep("r", tags=["a"])
    assert catalogue.tag("r", ["b", "a"], []).tags == ("a", "b")
    assert catalogue.label("r", ["b", "c"], "new").notes == "new"
    assert catalogue.tag("r", [], ["b"]).tags == ("c",)
    with pytest.raises(UnknownName, match=r"Unknown tag of r: 'd'"):
        catalogue.tag("r", [], ["d"])
    with pytest.raises(ParameterError, match=r"^The notes hold '\\ud800', half a character"):
        catalogue.label("r", ["d"], "\ud800")
    (catalogue.folder / FILE).unlink()
    assert (catalogue.entry("r").tags, catalogue.entry("r").notes) == (("c",), "new")
    (catalogue.folder / "r.zarr" / "label.json").write_text('{"tags": [1, "\\u001b[2J", "e"]}')
    assert catalogue.entry("r").tags == ()


# -- only an index ------------------------------------------------------------------------


def test_the_index_follows_the_folder(catalogue, tmp_path):
    small().keep("a")
    shutil.copytree(catalogue.folder / "a.zarr", catalogue.folder / "copy.zarr")
    (catalogue.folder / "live").mkdir()
    (catalogue.folder / "notes.zarr").mkdir()
    assert {e.id for e in catalogue.entries()} == {"a", "copy"}
    shutil.rmtree(catalogue.folder / "a.zarr")
    assert {e.id for e in catalogue.entries()} == {"copy"}
    small(seed=99).save(catalogue.folder / "copy.zarr", overwrite=True)
    assert catalogue.entry("copy").seed == 99


@pytest.mark.parametrize("accident", ["removed", "garbage", "torn", "other version", "unwritable"])
def test_an_index_that_is_lost_or_damaged_is_made_anew(catalogue, accident):
    before = [small().keep(f"r{k}", tags=[str(k)]) for k in range(3)]
    index = catalogue.folder / FILE
    if accident == "torn":
        with index.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 20_000)
    elif accident == "other version":
        db = sqlite3.connect(index)
        db.executescript("DROP TABLE runs; CREATE TABLE runs (x); PRAGMA user_version = 77")
        db.close()
    else:
        for file in catalogue.folder.glob(FILE + "*"):
            file.unlink()
    if accident == "garbage":
        index.write_bytes(b"this is no database " * 1000)
    elif accident == "unwritable":
        index.mkdir()
    assert sorted(Catalogue().entries(), key=lambda e: e.id) == before
    assert catalogue.thumbnail("r1").startswith(b"\x89PNG")
    assert catalogue.index() == 3


def test_an_index_that_is_damaged_while_it_is_made_anew_is_made_once_more(catalogue, monkeypatch):
    before = [small().keep(f"r{k}") for k in range(3)]
    index, connect, opened = catalogue.folder / FILE, sqlite3.connect, []

    def damaged_by_another_process(file, *args, **options):
        opened.append(file)
        if len(opened) == 1:
            index.write_bytes(b"this is no database " * 1000)
        elif len(opened) == 2:  # its tables are lost with the log that the other one takes away
            db = connect(index)
            db.executescript("PRAGMA user_version = 2")
            db.close()
        return connect(file, *args, **options)

    monkeypatch.setattr(sqlite3, "connect", damaged_by_another_process)
    assert sorted(Catalogue().entries(), key=lambda e: e.id) == before
    assert opened == [str(index)] * 3


def test_a_whole_name_is_no_beginning_of_another(catalogue):
    small().keep("made-up")
    other = small().keep("made-up-2")
    catalogue.remove("made-up.zarr")
    with pytest.raises(UnknownName, match="Unknown saved run"):
        catalogue.remove("made-up.zarr")
    assert [e.id for e in catalogue.entries()] == [other.id]


@pytest.mark.skipif(sys.platform != "linux", reason="names are texts on other systems")
def test_a_folder_whose_name_is_no_text_hides_no_other_run(catalogue):
    kept = small().keep("kept").path
    other = os.fsencode(catalogue.folder) + b"/\xff\xfe.zarr"
    shutil.copytree(os.fsencode(kept), other)
    assert [entry.id for entry in catalogue.entries()] == ["kept"]
    assert catalogue.index() == 1


def test_a_run_that_may_not_be_read_is_said_and_hides_no_other(catalogue, monkeypatch):
    for name in ("kept", "closed"):
        small().keep(name)
    plain = os.stat

    def stat(path, *args, **options):
        if "closed.zarr/" in os.fspath(path).replace(os.sep, "/"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return plain(path, *args, **options)

    monkeypatch.setattr(os, "stat", stat)
    closed, kept = sorted(Catalogue().entries(), key=lambda entry: entry.id)
    assert (kept.id, kept.outcome) == ("kept", "finished")
    assert closed.outcome == "damaged"
    assert "Permission denied" in closed.message


def test_a_folder_that_may_not_be_read_is_said_in_a_sentence(catalogue, monkeypatch):
    small().keep("kept")

    def scandir(path):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(StoreError, match="cannot be read: permission denied"):
        catalogue.entries()


def test_what_a_killed_process_has_left_is_removed_once_nobody_works_on_it(catalogue):
    small().keep("kept")
    before = time.time() - 2 * KEPT_S
    for name in ("old", "new"):
        for left in (f".{name}.zarr.0123456789ab.part", f".{name}.trash"):
            (catalogue.folder / left / "spike_time").mkdir(parents=True)
            if name == "old":
                os.utime(catalogue.folder / left, (before, before))
    small().keep("other")
    left = sorted(p.name for p in catalogue.folder.glob(".*"))
    assert left == [".new.trash", ".new.zarr.0123456789ab.part"]
    assert [entry.id for entry in catalogue.entries()] == ["other", "kept"]


def test_nothing_is_made_where_nothing_is_kept(catalogue):
    assert catalogue.entries() == []
    assert not catalogue.folder.exists()


KEEP_SOME = """
import sys; sys.path.insert(0, {here!r})
from made_up import made_up
from workbench.catalogue import Catalogue
catalogue = Catalogue()
for k in range(4):
    entry = made_up({{"a": 3, "b": 2}}, seed=k).keep(tags=[sys.argv[1]])
    catalogue.tag(entry.id, [f"k{{k}}"])
    assert entry.id in [e.id for e in catalogue.entries(tag=sys.argv[1])]
catalogue.remove(entry.id)
"""


def test_several_processes_share_it(catalogue):
    code = KEEP_SOME.format(here=str(HERE))
    all_of_them = [
        subprocess.Popen([sys.executable, "-c", code, who], stderr=subprocess.PIPE, text=True)
        for who in ("one", "two")
    ]
    message = [process.communicate(timeout=250)[1] for process in all_of_them]
    assert [process.returncode for process in all_of_them] == [0, 0], "\n".join(message)
    found = catalogue.entries()
    assert len(found) == 6
    for who in ("one", "two"):
        mine = sorted(e.tags for e in found if who in e.tags)
        assert mine == [(who, f"k{k}") for k in range(3)]
    leftovers = {p.name for p in catalogue.folder.iterdir()} - {e.path.name for e in found}
    assert leftovers <= {FILE, f"{FILE}-wal", f"{FILE}-shm"}


class Vanishing(type(Path())):
    """A file that another process removes between two looks at it."""

    def lstat(self):
        raise FileNotFoundError(2, "No such file or directory", str(self))

    def stat(self, **_):
        raise FileNotFoundError(2, "No such file or directory", str(self))

    def is_file(self):
        return True

    def is_symlink(self):
        return False


def test_a_file_that_goes_while_a_run_is_looked_at_does_no_harm(catalogue, monkeypatch):
    entry = made_up({"a": 3}).keep()
    (entry.path / "run.json.part").write_text("{")  # as while it is being recorded
    real = Path.rglob

    def rglob(self, pattern):
        yield from real(self, pattern)
        yield Vanishing(self / "run.json.part")

    def path(*parts):
        return Vanishing(*parts) if parts[-1] == "run.json.part" else Path(*parts)

    monkeypatch.setattr(Path, "rglob", rglob)
    monkeypatch.setattr("workbench.catalogue.entry.Path", path)
    assert read_entry(entry.path).size == entry.size > 0


def test_a_run_that_is_removed_while_it_is_read_is_not_listed(catalogue, monkeypatch):
    entry = made_up({"a": 3}).keep()
    catalogue.index()
    real = catalogue_index.read_entry

    def read(path):
        shutil.rmtree(path)
        return real(path)

    monkeypatch.setattr(catalogue_index, "read_entry", read)
    (entry.path / "label.json").write_text('{"tags": ["new"], "notes": ""}')  # to be read again
    assert catalogue.entries() == []
    monkeypatch.undo()
    assert Catalogue().entries() == []


def test_a_place_that_was_taken_and_left_meanwhile_is_passed_over(catalogue, monkeypatch):
    """Another process keeps a run under our name, and removes it before we can look."""
    real, met = Path.replace, []

    def replace(self, target):
        if met or Path(target).suffix != ".zarr":
            return real(self, target)
        met.append(Path(target))
        (met[0] / "spikes").mkdir(parents=True)
        try:
            return real(self, target)
        finally:
            (met[0] / "spikes").rmdir()
            met[0].rmdir()

    monkeypatch.setattr(Path, "replace", replace)
    kept = made_up({"a": 3}).keep()
    assert [kept.path] == [e.path for e in catalogue.entries()]
    assert kept.path != met[0]
    assert not list(catalogue.folder.glob(".*"))


# -- runs that are being recorded, and their end --------------------------------------------

RECORD = """
import sys; sys.path.insert(0, {here!r})
from recorded import META, batch
from workbench.store import RunWriter
writer = RunWriter(sys.argv[1], **META)
writer.append(*batch(0))
writer.progress(1000.0, [])
print("recording", flush=True)
sys.stdin.read()
"""


def test_a_run_whose_process_dies_is_noticed(catalogue):
    place = catalogue.place("toy")
    code = RECORD.format(here=str(HERE))
    with subprocess.Popen(
        [sys.executable, "-c", code, str(place)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "recording\n"
        (entry,) = catalogue.entries()
        assert (entry.outcome, entry.spikes) == ("running", 1000)
        with pytest.raises(StoreError, match="is being recorded: end the run before"):
            catalogue.remove(entry.id)
        kept = entry.open().keep("so-far")
        assert (kept.outcome, kept.spikes) == ("stopped", 1000)
        assert kept.message == "Kept at t = 1000 ms, before it had ended."
        process.kill()
    assert catalogue.entry(entry.id).outcome == "interrupted"
    catalogue.remove(entry.id)
    assert [e.id for e in catalogue.entries()] == ["so-far"]


def test_removing_takes_the_run_and_nothing_else(catalogue, tmp_path):
    small().keep("gone")
    small().keep("stays")
    outside = small().save(tmp_path / "outside.zarr")
    (catalogue.folder / "link.zarr").symlink_to(outside)
    catalogue.remove("gone")
    catalogue.remove("link")
    assert [e.id for e in catalogue.entries()] == ["stays"]
    assert wb.open_run(outside).seed == 7
    assert not list(catalogue.folder.glob(".*"))
    with pytest.raises(UnknownName):
        catalogue.remove("../outside")


# -- nothing of it is executed --------------------------------------------------------------


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


def test_pickled_data_are_refused_and_not_unpickled(catalogue, tmp_path):
    entry = small().keep("trap")
    mark = tmp_path / "executed"
    payload = pickle.dumps(Trap(mark))
    array = entry.path / "spike_time"
    (array / "c" / "0").write_bytes(payload)
    (entry.path / "payload.pkl").write_bytes(payload)
    header = json.loads((array / "zarr.json").read_text())
    header |= {
        "data_type": "object",
        "codecs": [{"name": "numcodecs.pickle", "configuration": {"protocol": 5}}],
        "attributes": {"__reduce__": ["os.system", [f"touch {mark}"]]},
    }
    (array / "zarr.json").write_text(json.dumps(header))
    (catalogue.folder / FILE).unlink()
    for run in (catalogue.entry("trap"), entry):
        with pytest.raises(StoreError, match=r"spike_time is not a plain array of numbers\.$"):
            run.open()
    assert catalogue.thumbnail("trap") == b""
    assert not mark.exists()
    pickle.loads(payload)
    assert mark.exists()  # the trap works


@pytest.mark.parametrize(
    "odd",
    [
        {"model": {"py/object": "os.system"}},
        {"parameters": {"tau": {"__class__": "builtins.eval"}}},
        {"provenance": {"date": ["!!python/object/apply:os.system", "id"]}},
        {"seed": "__import__('os')"},
        {"seed": 2**70},
        {"info": {"populations": [{"name": "a", "factory": "os.system"}]}},
        {"interventions": [7]},
        {"duration_ms": "nan()"},
    ],
)
def test_odd_attributes_are_refused(catalogue, odd):
    entry = small().keep("odd")
    file = entry.path / "run.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | odd))
    with pytest.raises(StoreError, match=r"odd\.zarr is damaged: .*Simulate it again"):
        entry.open()
    if next(iter(odd)) not in ("info", "interventions"):  # the list does not look into these
        found = catalogue.entry("odd")
        assert found.outcome == "damaged"
        assert "is damaged" in found.message


@pytest.mark.parametrize("file", ["run.json", "label.json", "spike_unit/zarr.json"])
def test_a_file_that_is_nested_without_an_end_is_damage(catalogue, file):
    kept, other = small().keep("nested"), small().keep("other")
    (kept.path / file).write_text("[" * 100_000)
    assert {e.id for e in catalogue.entries()} == {"nested", other.id}
    if file == "label.json":
        assert catalogue.entry("nested").outcome == kept.outcome
        return
    with pytest.raises(StoreError, match=r"nested\.zarr is (damaged|not a run): ") as refused:
        wb.open_run(kept.path).spikes("a")
    assert len(str(refused.value)) <= 300


def test_a_model_of_a_very_long_name_is_shortened_where_it_is_named(catalogue):
    run = small(model="x" * 10**6)
    with pytest.raises(UnknownName) as refused:
        run.spikes("nobody")
    assert len(str(refused.value)) <= 300
    kept = small().keep("long")
    described = kept.path / "run.json"
    described.write_text(json.dumps({**json.loads(described.read_text()), "model": "x" * 10**6}))
    (entry,) = catalogue.entries()
    assert entry.model.startswith("xxx") and len(entry.model) <= 100


def test_texts_cannot_steer_a_terminal(catalogue):
    entry = small(engine="\x1b[2J\x07numpy", message="a\nb\x1b").keep("loud")
    assert entry.engine == "\ufffd[2J\ufffdnumpy"
    assert entry.message == "a\nb\ufffd"


# -- what a person can read -----------------------------------------------------------------


def test_interventions_are_readable_one_a_line(catalogue):
    run = small()
    text = (run.keep("r").path / "run.json").read_text("utf-8")
    lines = [json.loads(x.rstrip(",")) for x in text.splitlines() if x.startswith("  {")]
    assert lines == [e.to_json() for e in run.interventions]
    assert max(len(x) for x in text.splitlines() if "tick" in x and "info" not in x) < 200


def test_recording_writes_the_same_readable_log(tmp_path):
    run = small()
    writer = RunWriter(
        tmp_path / "w.zarr", model="m", parameters={}, info=run.info, seed=1, engine="numpy",
        provenance={},
    )  # fmt: skip
    changed = Intervention(3, 3.0, "set", "tau", value=np.float64(1.5))
    writer.progress(5.0, [changed, Intervention(4, 4.0, "operation", "Inject")])
    text = (tmp_path / "w.zarr" / "run.json").read_text("utf-8")
    first = '{"tick": 3, "t_ms": 3.0, "kind": "set", "name": "tau", "value": 1.5}'
    second = '{"tick": 4, "t_ms": 4.0, "kind": "operation", "name": "Inject", "args": {}}'
    assert f"\n  {first},\n  {second}\n]" in text
    assert json.loads(text)["duration_ms"] == 5.0


# -- thumbnails -----------------------------------------------------------------------------


def test_the_thumbnail_shows_each_spike_at_its_place(catalogue):
    from matplotlib.colors import to_rgb
    from matplotlib.image import imread

    from workbench.palette import population_colors

    run = small(duration_ms=100.0, steps=np.array([500]), units=np.array([4], np.int32))
    run.keep("one")
    image = imread(io.BytesIO(catalogue.thumbnail("one")))[..., :3]
    assert image.shape == (180, 320, 3)
    inked = (image < 0.99).any(axis=2)
    rows, columns = (np.flatnonzero(inked.any(axis=k)) for k in (1, 0))
    assert 160 <= columns.min() <= columns.max() <= 162  # 50 of 100 ms
    assert rows.min() > 180 * 0.7  # the last neuron of the lower of two populations
    color = to_rgb(population_colors(run.info.populations)["b"])
    assert np.allclose(image[rows[0], columns[0]], 0.1 + 0.9 * np.array(color), atol=0.01)


def test_without_spikes_the_thumbnail_shows_traces(catalogue):
    from matplotlib.colors import to_rgb
    from matplotlib.image import imread

    from workbench.palette import population_colors

    silent = {"steps": np.empty(0, int), "units": np.empty(0, np.int32)}
    run = small(**silent)
    rising = np.linspace(-60, -50, len(run.state_t))[:, None]
    run.states["a.v"] = np.repeat(rising, run.states["a.v"].shape[1], axis=1)
    run.keep("quiet")
    image = imread(io.BytesIO(catalogue.thumbnail("quiet")))[..., :3]
    color = to_rgb(population_colors(run.info.populations)["a"])
    inked = (abs(image - color) < 0.01).all(axis=2)
    assert inked.any(axis=0).all()  # a line from the first column to the last
    heights = [np.flatnonzero(column).mean() for column in inked.T]
    assert heights[0] > 170 and heights[-1] < 10 and (np.diff(heights) <= 0).all()
    small(**silent, states=False).keep("nothing")
    assert catalogue.thumbnail("nothing") == b""


def test_many_thumbnails_take_one_look_through_the_folder(catalogue, monkeypatch):
    for k in range(5):
        small().keep(f"r{k}")
    entries, looked, plain = catalogue.entries(), [], catalogue_index.Index._changes
    monkeypatch.setattr(
        catalogue_index.Index, "_changes", lambda *given: looked.append(1) or plain(*given)
    )
    found = catalogue.thumbnails(entries)
    assert len(looked) == 1
    assert found == {e.id: catalogue.thumbnail(e.id) for e in entries}
    assert all(png.startswith(b"\x89PNG") for png in found.values())
    assert catalogue.thumbnails([]) == {}


def test_thumbnails_are_kept_until_the_data_change(catalogue):
    memory().keep("m")
    before = catalogue.thumbnail("m")
    catalogue.tag("m", ["new"])
    assert catalogue.thumbnail("m") == before
    small().save(catalogue.folder / "m.zarr", overwrite=True)
    assert catalogue.thumbnail("m") != before


def test_large_plots_are_kept_until_the_data_change(catalogue):
    memory().keep("m")
    assert catalogue.plots("m") == {}
    catalogue.store_plots("m", {"Spikes": b"\x89PNG 1", "Rates": b"\x89PNG 2"})
    catalogue.tag("m", ["new"])
    assert catalogue.plots("m") == {"Spikes": b"\x89PNG 1", "Rates": b"\x89PNG 2"}
    small().save(catalogue.folder / "m.zarr", overwrite=True)
    assert catalogue.plots("m") == {}


# -- where a model's file comes from ---------------------------------------------------------


def test_the_commit_of_a_model_s_own_repository(tmp_path):
    from workbench.provenance import model_commit

    def git(*words):
        who = ["-c", "user.name=n", "-c", "user.email=e@x", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", "-C", str(tmp_path), *who, *words], check=True, capture_output=True)

    def commit():
        model_commit.cache_clear()
        return model_commit(tmp_path / "mine.py")

    (tmp_path / "mine.py").write_text("x = 1")
    assert commit() == ""
    git("init")
    (tmp_path / "other.py").write_text("")
    git("add", "other.py")
    git("commit", "-m", "first")
    assert commit().endswith("+")  # not known to git yet
    git("add", "mine.py")
    git("commit", "-m", "second")
    clean = commit()
    assert len(clean) == 12
    assert int(clean, 16) > 0
    (tmp_path / "mine.py").write_text("x = 2")
    assert commit() == clean + "+"
    git("rm", "--cached", "mine.py")
    (tmp_path / ".gitignore").write_text("mine.py\n")
    assert commit() == ""  # it only lies there


# -- two over one another --------------------------------------------------------------------


def test_an_overlay_tells_common_spikes_from_those_of_one_run():
    from workbench.figures import element_bytes
    from workbench.plots import overlay
    from workbench.plots.raster.bands import Bands

    first = memory()
    late = first.steps.copy()
    late[first.steps > 1000] += 3
    second = dataclasses.replace(first, steps=late)
    moved = int((first.steps > 1000).sum())
    bands = Bands(first.info.populations)
    groups = overlay._strokes(first, second, list(first.info.populations), bands)
    assert [len(t) for t, _, _ in groups] == [len(late) - moved, moved, moved]
    assert np.all(groups[0][0] <= 100)
    for draw in (overlay.raster, overlay.rates):
        element = draw(first, second)
        assert element_bytes(element, "png", 120, 90).startswith(b"\x89PNG")
    alien = made_up({"x": 3, "y": 2})
    with pytest.raises(ParameterError, match="no population of one name and size in common"):
        overlay.raster(first, alien)
