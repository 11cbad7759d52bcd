"""Which files a model is made of: an edit of any of them must be noticed."""

from __future__ import annotations

import shutil

import pytest

import workbench as wb
from workbench.engine.compiled.built import is_warm, mark_warm
from workbench.model.registry import import_model_file
from workbench.model.source import source_files, source_hashes

MODEL = """
import brian2
from workbench import Model
from {helper} import size

class Own(Model):
    slug = "own-model"
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A user's model that is a package, with a helper of its own and one beside it."""
    folder = tmp_path / "own_models" / "own_model"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("from .model import Own\n")
    (folder / "model.py").write_text(MODEL.format(helper=".network"))
    (folder / "network.py").write_text("def size():\n    from beside_it import N\n    return N\n")
    (folder / "kernel.cpp").write_text("int f() { return 1; }\n")
    (folder.parent / "beside_it.py").write_text("N = 3\n")
    monkeypatch.syspath_prepend(str(folder.parent))
    return folder


def test_a_package_counts_with_all_its_files_and_what_they_import(package):
    own = import_model_file(package).Own
    assert sorted(source_hashes(own)) == [
        "beside_it.py",
        "own_model/__init__.py",
        "own_model/kernel.cpp",
        "own_model/model.py",
        "own_model/network.py",
    ]


@pytest.mark.parametrize("name", ["model.py", "network.py", "kernel.cpp", "../beside_it.py"])
def test_an_edit_of_any_file_changes_its_hash_and_no_other(package, name):
    own = import_model_file(package).Own
    before = source_hashes(own)
    path = (package / name).resolve()
    path.write_text(path.read_text() + "\n// edited\n" if path.suffix == ".cpp" else "N = 4\n")
    after = source_hashes(own)
    changed = [k for k in before | after if before.get(k) != after.get(k)]
    assert [k.rpartition("/")[2] for k in changed if k in before and k in after] == [path.name]


def test_installed_packages_and_the_workbench_itself_do_not_count():
    files = source_files(wb.models()["hippocampal-cam"])
    parts = {part for f in files for part in f.parts}
    assert "brian2" not in parts and "workbench" not in {f.parent.name for f in files}
    assert {"network.py", "model.py", "operations.py"} <= {f.name for f in files}


def test_what_models_share_counts():
    names = source_hashes(wb.models()["ssn"])
    assert "_shared/supralinear.py" in names and "ssn/model.py" in names


def test_a_class_without_a_file_is_known_by_its_source():
    def made(text):
        return type("Made", (wb.Model,), {"__module__": "__main__", "purpose": text})

    one, other = source_hashes(made("a")), source_hashes(made("b"))
    assert list(one) == ["Made"] and one != other


def test_an_edited_network_is_not_taken_for_what_was_compiled(tmp_path, monkeypatch, repository):
    """Only the file of the class counted once: an edit of another one went unnoticed."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    copy = tmp_path / "models_of_a_user" / "memory_copy"
    shutil.copytree(repository / "models" / "hippocampal_cam", copy)
    model = import_model_file(copy).HippocampalCAM()
    mark_warm(model, "cython")
    assert is_warm(model, "cython")
    network = copy / "network.py"
    network.write_text(network.read_text() + "\n# edited\n")
    assert not is_warm(model, "cython")
