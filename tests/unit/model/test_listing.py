"""The list of models comes from an index, and is right when a file has changed."""

from __future__ import annotations

import os

import pytest

from workbench.model import listing, registry

MODEL = '''"""A model."""

import workbench as wb
{extra}

class Own(wb.Model):
    """A model."""

    slug = "own"
    title = "{title}"
    purpose = "To be listed."
'''
LONG_AGO = 1_600_000_000


def save(path, text, at):
    path.write_text(text)
    os.utime(path, (at, at))


@pytest.fixture
def index(models_folder, tmp_path, monkeypatch):
    """The models of an own folder only, and how often they were imported."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    for module in (listing, registry):
        monkeypatch.setattr(module, "model_folders", lambda: [models_folder])
    looked = []
    imported = listing._imported
    monkeypatch.setattr(listing, "_imported", lambda: looked.append(1) or imported())
    return looked


def test_a_second_look_imports_nothing(index, models_folder):
    save(models_folder / "own.py", MODEL.format(title="First", extra=""), LONG_AGO)
    first = listing.listed_models()
    assert [(m.slug, m.title, m.error) for m in first] == [("own", "First", "")]
    assert listing.listed_models() == first
    assert len(index) == 1


def test_a_changed_file_is_read_again(index, models_folder):
    save(models_folder / "own.py", MODEL.format(title="First", extra=""), LONG_AGO)
    listing.listed_models()
    save(models_folder / "own.py", MODEL.format(title="Other", extra=""), LONG_AGO + 1)
    assert [m.title for m in listing.listed_models()] == ["Other"]


def test_a_file_of_its_package_counts_too(index, models_folder):
    package = models_folder / "own"
    package.mkdir()
    save(package / "__init__.py", "from .words import TITLE\n" + MODEL.format(
        title="", extra="").replace('title = ""', "title = TITLE"), LONG_AGO)  # fmt: skip
    save(package / "words.py", 'TITLE = "First"', LONG_AGO)
    assert [m.title for m in listing.listed_models()] == ["First"]
    save(package / "words.py", 'TITLE = "Other"', LONG_AGO + 1)
    assert [m.title for m in listing.listed_models()] == ["Other"]


def test_a_new_and_a_removed_file_are_noticed(index, models_folder):
    save(models_folder / "own.py", MODEL.format(title="First", extra=""), LONG_AGO)
    listing.listed_models()
    other = MODEL.format(title="Second", extra="").replace('"own"', '"two"')
    save(models_folder / "two.py", other, LONG_AGO)
    assert [m.slug for m in listing.listed_models()] == ["own", "two"]
    (models_folder / "own.py").unlink()
    assert [m.slug for m in listing.listed_models()] == ["two"]


def test_a_broken_model_is_tried_each_time(index, models_folder):
    save(models_folder / "own.py", MODEL.format(title="x", extra="import no_such_thing"), LONG_AGO)
    for _ in range(2):
        (row,) = listing.listed_models()
        assert row.slug == "own" and "no_such_thing" in row.error
    assert len(index) == 2


def test_a_damaged_index_is_made_anew(index, models_folder, tmp_path):
    save(models_folder / "own.py", MODEL.format(title="First", extra=""), LONG_AGO)
    first = listing.listed_models()
    for text in ("", "[]", '{"asked": 1}'):
        (tmp_path / "cache" / "models.json").write_text(text)
        assert listing.listed_models() == first
