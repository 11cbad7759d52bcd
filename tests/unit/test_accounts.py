"""Names and passwords of those who may use a served workbench."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from workbench import accounts as module
from workbench.accounts import Accounts, checked_name, new_password
from workbench.cli import app
from workbench.errors import ParameterError, StoreError, UnknownName, WorkbenchError


@pytest.fixture
def accounts(tmp_path):
    found = Accounts(tmp_path / "users")
    found.add("anna", "correct horse")
    found.add("ben", None)
    found.write()
    return found


def test_a_password_fits_its_name_and_no_other(accounts):
    again = Accounts.read(accounts.path)
    assert again.fits("anna", "correct horse")
    for name, password in (
        ("anna", "correct horsE"), ("anna", ""), ("ben", "correct horse"), ("ben", ""),
        ("nobody", "correct horse"), ("anna", "correct horse" + "x" * 10**6),
    ):  # fmt: skip
        assert not again.fits(name, password)


def test_the_file_holds_no_password_and_is_its_owners_alone(accounts):
    assert "correct" not in accounts.path.read_text()
    assert stat.S_IMODE(accounts.path.stat().st_mode) == 0o600
    assert [p.name for p in accounts.path.parent.iterdir()] == ["users"]


def test_equal_passwords_have_different_hashes(accounts):
    accounts.add("carl", "correct horse")
    assert str(accounts.hashes["carl"]) != str(accounts.hashes["anna"])


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", ".hidden", "a b", "a" * 65, "a\n"])
def test_a_name_that_cannot_be_a_folder_is_refused(accounts, name):
    with pytest.raises(ParameterError):
        accounts.add(name, "correct horse")


def test_names_that_some_disks_take_for_one_are_refused(accounts):
    with pytest.raises(ParameterError, match="too much like 'anna'"):
        accounts.add("Anna", "correct horse")


@pytest.mark.parametrize("password", ["short", "x" * 257])
def test_a_password_has_a_length_that_is_allowed(accounts, password):
    with pytest.raises(ParameterError, match="8 to 256"):
        accounts.add("carl", password)


@pytest.mark.parametrize(
    "line",
    [
        "anna:secret", "anna:scrypt$1$1$1$$", "anna:scrypt$99999999$8$1$AAAA$AAAA",
        "anna:scrypt$16384$8$1$?$AAAA", "../anna", "anna::",
    ],
)  # fmt: skip
def test_a_line_that_is_no_user_is_refused_with_its_number(tmp_path, line):
    path = tmp_path / "users"
    path.write_text(f"# those of this term\n\n{line}\n")
    with pytest.raises(StoreError, match="line 3"):
        Accounts.read(path)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_whatever_a_file_holds_is_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("users") / "users"
    path.write_bytes(content)
    try:
        names = Accounts.read(path).hashes
    except WorkbenchError as error:
        assert len(str(error).replace(str(path), "")) < 300
    else:
        assert all(checked_name(name) == name for name in names)


def test_new_passwords_differ_and_can_be_read_out():
    found = {new_password() for _ in range(100)}
    assert len(found) == 100
    assert all(set(p) <= set("abcdefghijkmnopqrstuvwz-") and len(p) == 19 for p in found)


def test_the_command_adds_removes_and_lists(tmp_path):
    file = str(tmp_path / "users")
    run = CliRunner().invoke
    added = run(app, ["users", file, "--add", "anna", "--add", "ben"])
    (name, password), _ben, _count = (line.split()[:2] for line in added.stdout.splitlines())
    assert name == "anna"
    assert Accounts.read(file).fits("anna", password)
    assert run(app, ["users", file, "--remove", "ben"]).exit_code == 0
    assert list(Accounts.read(file).hashes) == ["anna"]
    listed = run(app, ["users", file])
    assert listed.stdout.splitlines()[0] == "anna"
    assert password not in listed.stdout


def test_the_command_changes_nothing_when_one_name_is_wrong(tmp_path):
    file = tmp_path / "users"
    done = CliRunner().invoke(app, ["users", str(file), "--add", "anna", "--add", "../ben"])
    assert done.exit_code == 2
    assert not file.exists()
    with pytest.raises(UnknownName):
        Accounts(file).remove(["carl"])


def test_commands_at_once_lose_nobody(tmp_path):
    file, names = tmp_path / "users", [f"person{k}" for k in range(6)]
    ended = []

    def add(name):
        command = [sys.executable, "-m", "workbench", "users", str(file), "--add", name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        ended.append((done.returncode, done.stderr))

    threads = [threading.Thread(target=add, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == [(0, "")] * len(names)
    assert sorted(Accounts.read(file).hashes) == names


def test_a_command_that_waits_too_long_says_so(accounts, monkeypatch):
    monkeypatch.setattr(module, "LOCKED_S", 0.05)
    with (
        module.changing(accounts.path),
        pytest.raises(StoreError, match="is being changed by another command"),
        module.changing(accounts.path),
    ):
        pass


def test_what_fails_changes_nothing(accounts):
    before = accounts.path.read_text()
    with pytest.raises(UnknownName), module.changing(accounts.path) as found:
        found.add("clara", "correct horse")
        found.remove(["nobody"])
    assert accounts.path.read_text() == before
