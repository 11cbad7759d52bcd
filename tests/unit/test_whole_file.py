"""A file is written whole or not at all."""

from __future__ import annotations

import os
import stat

import pytest

from workbench import whole_file
from workbench.errors import StoreError
from workbench.whole_file import written_whole


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_was_there_stays_where_writing_fails(tmp_path):
    path = tmp_path / "figure.pdf"
    path.write_text("the last one")
    with pytest.raises(StoreError, match="cannot be written"), written_whole(path) as new:
        new.write_text("half")
        raise OSError(28, "No space left on device")
    with pytest.raises(ValueError, match="of the drawing"), written_whole(path) as new:
        new.write_text("half")
        raise ValueError("of the drawing")
    assert path.read_text() == "the last one"
    assert names(tmp_path) == ["figure.pdf"]


def test_nothing_is_left_of_a_new_file_that_cannot_be_written(tmp_path):
    with pytest.raises(StoreError), written_whole(tmp_path / "new.csv") as new:
        assert new.suffix == ".csv"  # by which those who write it know what to write
        raise OSError(28, "No space left on device")
    assert names(tmp_path) == []


def test_permissions_and_links_stay(tmp_path):
    path, link = tmp_path / "one.txt", tmp_path / "link.txt"
    path.write_text("before")
    path.chmod(0o640)
    link.symlink_to(path)
    with written_whole(link) as new:
        new.write_text("after")
    assert link.is_symlink()
    assert path.read_text() == "after"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_is_private_is_its_owners_alone(tmp_path):
    path = tmp_path / "users"
    path.write_text("before")
    path.chmod(0o644)
    with written_whole(path, private=True) as new:
        new.write_text("after")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_the_administrator_changes_stays_its_owners(tmp_path, monkeypatch):
    path, given = tmp_path / "users", []
    path.write_text("before")
    monkeypatch.setattr(whole_file.os, "chown", lambda *of: given.append(of), raising=False)
    with written_whole(path) as new:
        new.write_text("after")
    about = path.stat()
    assert given == [(new, about.st_uid, about.st_gid)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")
def test_a_pipe_is_written_to_as_it_is(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with written_whole(pipe) as new:
        assert new == pipe
    assert names(tmp_path) == ["pipe"]
