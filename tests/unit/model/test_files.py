"""A run knows the files of its model; a replay says which of them changed."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from toys import Toy

import workbench as wb
from workbench.engine.compiled.built import is_compiled, mark_compiled
from workbench.errors import UnknownName
from workbench.model import registry
from workbench.model.files import EDITED, changed_files, files_of
from workbench.model.registry import import_model_file
from workbench.replay import class_of, report

MODEL = '''
"""A decaying number, its rate in a helper."""
from typing import ClassVar
from workbench import Model, Parameter


class Decay(Model):
    """A number that decays."""

    slug = "decay"
    title = "Decay"
    traces: ClassVar[dict] = {"cells.v": "1"}
    v_0 = Parameter(2.0, bounds=(0, 9), live=False, doc="begin")

    def build(self):
        import brian2 as b2
        from _rate import RATE  # a neighbour, imported late

        table = "decay_table.csv"
        clock = b2.Clock(0.1 * b2.ms, name="decay_clock")
        cells = b2.NeuronGroup(
            2, "dv/dt = -k*v : 1", threshold="v > 1.5", reset="v = 1", method="exact",
            clock=clock, namespace={"k": RATE * b2.Hz}, name="cells",
        )
        cells.v = self.v_0
        return b2.Network(cells, name="decay")
'''


@pytest.fixture
def decay(models_folder, monkeypatch):
    (models_folder / "decay.py").write_text(MODEL)
    (models_folder / "_rate.py").write_text("from _unit import ONE\nRATE = 10 * ONE\n")
    (models_folder / "_unit.py").write_text("ONE = 1\n")
    (models_folder / "_other.py").write_text("import workbench\n")
    (models_folder / "decay_table.csv").write_text("1\n")
    monkeypatch.syspath_prepend(models_folder)
    for name in ("_rate", "_unit"):
        sys.modules.pop(name, None)
    yield models_folder
    for name in ("_rate", "_unit"):
        sys.modules.pop(name, None)


def test_a_run_records_every_file_of_its_model(decay, tmp_path):
    run = registry.load("decay").run(5, engine="numpy")
    assert set(run.files) == {"decay.py", "_rate.py", "_unit.py", "decay_table.csv"}
    assert all(len(h) == 64 for h in run.files.values())
    again = wb.open_run(run.save(tmp_path / "run.zarr"))
    assert again.files == run.files
    assert report(run, again.replay()).startswith("identical: all 2 spikes")
    assert report(run, again.replay()).endswith("seed 1.")


def test_a_replay_says_which_file_changed(decay):
    run = registry.load("decay").run(5, engine="numpy")
    (decay / "_unit.py").write_text("ONE = 1  # still\n")
    (decay / "decay_table.csv").unlink()
    later = registry.load("decay").run(5, engine="numpy")
    assert changed_files(run.files, later.files) == [
        "_unit.py has changed",
        "decay_table.csv is no part of the model any more",
    ]
    assert report(run, later).endswith(
        "seed 1. Files of the model: _unit.py has changed; decay_table.csv is no part of the "
        "model any more."
    )


def test_a_file_that_was_edited_after_it_was_loaded_is_marked(decay):
    cls = registry.model_class("decay")
    assert not files_of(cls)["decay.py"].startswith(EDITED)
    (decay / "decay.py").write_text(MODEL.replace("2.0", "2.5"))
    later = cls.made_at_ns + 10**9
    os.utime(decay / "decay.py", ns=(later, later))
    assert files_of(cls)["decay.py"].startswith(EDITED)
    assert cls().run(5, engine="numpy").files["decay.py"].startswith(EDITED)


def test_files_that_are_new_are_reported():
    assert changed_files({"a.py": "1"}, {"a.py": "1", "b.py": "2"}) == ["b.py is new"]
    assert changed_files({}, {"a.py": "1"}) == []  # recorded before files were
    same = {"a.py": EDITED + "1"}
    assert changed_files(same, same) == ["a.py was edited after it was loaded"]


@pytest.mark.parametrize("installed", [False, True])
def test_of_an_installed_model_only_its_own_package_counts(tmp_path, monkeypatch, installed):
    """Beside it lies all that is installed; packages of one project belong together."""
    (tmp_path / "swamp").mkdir()
    (tmp_path / "swamp" / "__init__.py").write_text("")
    (tmp_path / "swamp" / "unit.py").write_text("import reeds\nONE = 1\n")
    text = "import reeds\n" + MODEL.replace("from _rate import RATE", "from swamp.unit import ONE")
    (tmp_path / "swamp" / "decay.py").write_text(text.replace("decay_table.csv", "rates.csv"))
    (tmp_path / "swamp" / "rates.csv").write_text("1\n")
    (tmp_path / "reeds").mkdir()
    (tmp_path / "reeds" / "__init__.py").write_text("")
    if installed:
        (tmp_path / "reeds-1.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    names = ("swamp", "swamp.decay", "reeds")
    try:
        files = files_of(importlib.import_module("swamp.decay").Decay)
    finally:
        for name in names:
            sys.modules.pop(name, None)
    own = {"swamp/__init__.py", "swamp/decay.py", "swamp/unit.py", "swamp/rates.csv"}
    assert set(files) == own | (set() if installed else {"reeds/__init__.py"})


@pytest.mark.parametrize("slug", ["cuba", "elm-neuron", "astrocyte-lsm"])
def test_our_own_models_have_the_files_that_they_import(slug, repository):
    cls = registry.model_class(slug)
    files = files_of(cls)
    own = Path(sys.modules[cls.__module__].__file__).relative_to(repository).as_posix()
    assert own in files
    assert not any("workbench/" in name or "site-packages" in name for name in files)
    assert all((repository / name).is_file() for name in files)
    shipped = {"elm-neuron": "m10.npz", "astrocyte-lsm": "samples.cpp"}.get(slug, ".py")
    assert any(name.endswith(shipped) for name in files)  # weights, and code in C++


def test_a_live_run_has_the_files_of_a_class_that_travelled():
    with Toy().start(engine="numpy", speed=None, duration_ms=5) as session:
        assert session.wait(60)
        run = session.stop()
    assert run.files == files_of(Toy) != {}


# -- classes without a file ----------------------------------------------------------------------

NOTEBOOK = '''
import warnings
warnings.simplefilter("ignore")
from IPython.core.interactiveshell import InteractiveShell
CELL = """
import workbench as wb
from workbench import Model, Parameter

LEVEL = 1.5

def half(x):
    return x / 2

class Mine(Model):
    title = "Mine"
    traces = {"cells.v": "1"}
    drive = Parameter(1.5, bounds=(0, 9), doc="drive")
    def build(self):
        import brian2 as b2
        clock = b2.Clock(0.1 * b2.ms, name="mine_clock")
        cells = b2.NeuronGroup(3, "dv/dt = (drive - v)/(10*ms) : 1\\\\ndrive : 1 (shared)",
            threshold="v > 1", reset="v = 0", method="exact", clock=clock, namespace={},
            name="cells")
        cells.v = f"i*{half(LEVEL)}/9"
        return b2.Network(cells, name="mine")
"""
shell = InteractiveShell.instance()
def cell(text):
    done = shell.run_cell(text)
    done.raise_error()
    return done.result
'''


def notebook(text: str, tmp_path) -> str:
    """What the cells of a notebook print, in a kernel of their own."""
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK + textwrap.dedent(text)],
        capture_output=True, text=True, timeout=300, cwd=tmp_path,
        env={**os.environ, "WORKBENCH_RUNS": str(tmp_path / "runs"), "IPYTHONDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_model_of_a_notebook_is_kept_and_replayed(tmp_path):
    message = notebook(
        """
        cell(CELL)
        cell('''
        from workbench.replay import report
        r = Mine().run(50, engine="numpy")
        entry = r.keep("mine")
        print(report(r, r.replay()))
        stored = wb.open_run(entry.path)
        print(report(stored, stored.replay()))
        print(list(stored.files), stored.files == r.files)
        ''')
        cell(CELL.replace("LEVEL = 1.5", "LEVEL = 0.1"))
        cell("del Mine; import gc")
        cell(CELL.replace("LEVEL = 1.5", "LEVEL = 0.1"))
        cell('print(report(r, r.replay(model=Mine)))')
        """,
        tmp_path,
    ).splitlines()
    identical = "identical: all 12 spikes in 50 ms, engine numpy, seed 1."
    assert message[:3] == [identical, identical, "['class Mine'] True"]
    assert message[3].startswith("different: 12 spikes recorded")
    assert message[3].endswith("Files of the model: class Mine has changed.")
    # In another kernel, where the class is not defined:
    message = notebook(
        """
        import workbench as wb
        run = wb.open_run(wb.runs()[0].path)
        try:
            run.replay()
        except Exception as error:
            print(error)
        cell(CELL)
        print(run.replay(model=shell.user_ns["Mine"]).files == run.files)
        """,
        tmp_path,
    ).splitlines()
    assert message[0].startswith("Unknown model: 'Mine'.")
    assert message[0].endswith(
        "If it was defined in a notebook, give its class: run.replay(model=...)."
    )
    assert message[1] == "True"


def test_the_class_with_the_code_of_the_run_is_taken_first():
    def variant(tau):
        return type(
            "Variant", (Toy,), {"slug": "a-variant", "watch": tau, "__module__": "__main__"}
        )

    first, second = variant(1), variant(2)
    run = first().run(5, engine="numpy")
    assert class_of(run) is first
    run.files = {}  # recorded before files were
    assert class_of(run) is second
    run.model = "no-such-model"
    with pytest.raises(UnknownName, match=r"give its class: run\.replay\(model=\.\.\.\)"):
        class_of(run)


def test_a_model_or_its_class_may_be_given():
    run = Toy(current=2).run(20, engine="numpy")
    for given in (Toy, Toy()):
        assert report(run, run.replay(model=given)).startswith("identical")


def test_an_edited_network_is_not_taken_for_what_was_compiled(tmp_path, monkeypatch, repository):
    """Only the file of the class counted once: an edit of another one went unnoticed."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    copy = tmp_path / "models_of_a_user" / "memory_copy"
    shutil.copytree(repository / "models" / "hippocampal_cam", copy)
    facts = copy / "facts.py"
    facts.write_text(facts.read_text().replace("from .._shared", "from models._shared"))
    model = import_model_file(copy).HippocampalCAM()
    mark_compiled(model, "cython")
    assert is_compiled(model, "cython")
    network = copy / "network.py"
    network.write_text(network.read_text() + "\n# edited\n")
    assert not is_compiled(model, "cython")
