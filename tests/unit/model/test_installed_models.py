"""Models that an installed package brings, by the entry points ``workbench.models``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

import workbench as wb
from workbench.cli import app
from workbench.model import registry
from workbench.model.files import files_of
from workbench.model.folders import GROUP
from workbench.model.transfer import pack_model, unpack_model


def install(place: Path, package: Path) -> None:
    """What ``pip install`` leaves behind of a package: its modules, and its entry points."""
    project = tomllib.loads((package / "pyproject.toml").read_text("utf-8"))["project"]
    name, points = project["name"], project["entry-points"][GROUP]
    for module in points.values():
        (package / module).rename(place / module)
    about = place / f"{name.replace('-', '_')}-{project['version']}.dist-info"
    about.mkdir()
    lines = [f"{key} = {value}" for key, value in points.items()]
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {project['version']}\n"
    )
    (about / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines, ""]))


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder of installed packages: one of a model, as ``workbench new --package`` writes it."""
    place = tmp_path / "site-packages"
    place.mkdir()
    done = CliRunner().invoke(app, ["new", "lab-model", "--package", "--folder", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "lab-model" / "tests" / "test_lab_model.py").exists()
    again = CliRunner().invoke(app, ["new", "lab-model", "--package", "--folder", str(tmp_path)])
    assert again.exit_code == 2
    assert "exists already" in again.output
    install(place, tmp_path / "lab-model")
    monkeypatch.syspath_prepend(str(place))
    yield place
    for name in [m for m in sys.modules if m.partition(".")[0] in ("lab_model", "hurt_model")]:
        del sys.modules[name]


def test_it_is_a_model_like_any_other(site):
    model = wb.load("lab-model", tau_m=12)
    assert type(model).__module__ == "lab_model"
    packed = pack_model(model)
    assert packed["module"] == "lab_model"
    assert unpack_model(packed).values() == model.values()
    assert list(files_of(type(model))) == ["lab_model/__init__.py"]
    assert len(model.run(200, engine="numpy").steps) > 0


def test_what_cannot_be_imported_hides_no_other(site):
    about = site / "hurt-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: hurt\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        f"[{GROUP}]\nhurt = hurt_model\nempty = json\nmine = lab_model\n"
    )
    from workbench.model import folders

    folders._installed.cache_clear()
    found = {e.path.name: e for e in registry.entries() if e.model is None}
    assert found["hurt"].error.startswith("ModuleNotFoundError")
    assert found["empty"].error == "json holds no model"
    assert "already taken" in found["mine"].error or "already taken" in found["lab-model"].error
    assert "lab-model" in wb.models()


@pytest.mark.slow
def test_the_shell_lists_and_runs_it(site):
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "workbench"]

    def told(*more):
        done = subprocess.run(
            [*command, *more], env=environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "lab-model" in [row["slug"] for row in json.loads(told("list", "--json"))]
    assert "finished at t = 20 ms" in told("run", "lab-model", "--duration", "20")
