"""``workbench doctor``: what it finds, and what it says of what is missing or wrong."""

from __future__ import annotations

import importlib.metadata
import json

import pytest
from typer.testing import CliRunner

import workbench as wb
from workbench import installation
from workbench.cli import app
from workbench.engine.compiled import cache as binaries

REQUIRES = [
    "numpy>=2.1",
    "absent-package>=3",
    "old-python-only>=1; python_version < '3'",
    "jax>=0.8; extra == 'train'",
    "never-heard-of>=1; extra == 'odd'",
    "circuit-workbench[odd]; extra == 'both'",
    "numpy<1; extra == 'both'",
]


@pytest.fixture
def requires(monkeypatch):
    """A distribution with made-up needs."""
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: REQUIRES)


def call(*args: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["doctor", *args], catch_exceptions=False)
    return done.exit_code, done.stdout + done.stderr


def test_here_everything_that_everyone_needs_works():
    code, text = call()
    assert code == 0, text
    assert "ok  packages: brian2 2." in text
    assert f"models: {len(wb.models())} can be opened" in text


def test_json_has_each_part_with_its_state():
    code, text = call("--json")
    assert code == 0
    parts = {each["part"]: each for each in json.loads(text)}
    assert parts["Python"]["state"] == "good"
    assert {"extra train", "extra nwb", "saved runs", "cache"} <= set(parts)
    assert "extra dev" not in parts


def test_a_package_that_is_needed_is_named(requires):
    (finding,) = installation._packages()
    assert finding.state == "wrong"
    assert finding.found == "lacking: absent-package"
    assert "pip install --upgrade circuit-workbench" in finding.advice


def test_needs_of_an_extra_are_its_own_and_those_of_the_extras_that_it_brings(requires):
    assert [r.name for r in installation._required()] == ["numpy", "absent-package"]
    assert [r.name for r in installation._required("train")] == ["jax"]
    assert [r.name for r in installation._required("both")] == ["never-heard-of", "numpy"]
    number = importlib.metadata.version("numpy")
    assert installation._lacking(installation._required("both")) == [
        "never-heard-of", f"numpy {number} (needed: <1)",
    ]  # fmt: skip


def test_without_a_compiler_it_says_what_follows(monkeypatch):
    monkeypatch.setattr(binaries, "compiler", lambda: None)
    found = installation._compiler()
    assert found.state == "missing"
    assert "NumPy only" in found.advice and "apt install g++ make" in found.advice


def test_what_does_not_work_ends_with_1(monkeypatch, tmp_path, models_folder):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "file" / "runs"))
    monkeypatch.setenv("WORKBENCH_FPS", "many")
    (models_folder / "broken.py").write_text("import nothing_of_that_name\n")
    code, text = call()
    assert code == 1
    assert "!!  saved runs: " in text and "It cannot be written: not a directory." in text
    assert "WORKBENCH_FPS = 'many' is not allowed" in text
    assert "!!  model broken: " in text and "nothing_of_that_name" in text
    assert "4 parts do not work." in text  # live recordings are below the saved runs
    assert "Traceback" not in text


def test_little_room_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(installation, "LITTLE_BYTES", 1e18)
    found = installation._folder("cache", tmp_path)
    assert found.state == "missing" and found.advice.startswith("Free some space")
