"""``workbench export``, in this process."""

from __future__ import annotations

import ast
import dataclasses
import io
import zipfile

import pytest
from made_up import made_up
from typer.testing import CliRunner

import workbench as wb
from workbench import export
from workbench.cli import app


def call(*args: str, code: int = 0) -> str:
    """Output of ``workbench export``, which must end with ``code``; errors come last."""
    done = CliRunner().invoke(app, ["export", *args], catch_exceptions=False)
    text = " ".join((done.stdout + done.stderr).split())
    assert done.exit_code == code, text
    return text


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A made-up run of the name "first"; the folder to write to."""
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    made_up({"a": 3, "b": 2}).keep("first")
    return tmp_path


def test_a_script_and_a_notebook(kept, monkeypatch):
    model = wb.load("ssn-pair")
    model.run(5, engine="numpy").keep("pair")
    built = export.describe(model, 1)  # once for all
    monkeypatch.setattr(export, "describe", lambda model, seed, own: built)
    places = [kept / "pair.py", kept / "pair_too.ipynb"]
    text = call("pair", "--script", str(places[0]), "--notebook", str(places[1]))
    assert [text.count(f"Wrote {p} and {p.stem}.npz") for p in places] == [1, 1]
    assert "b2.Network" in ast.unparse(ast.parse(places[0].read_text()))
    assert places[1].is_file()
    assert "another sample" not in text + places[0].read_text()
    made = wb.open_run(kept / "runs" / "pair.zarr")
    dataclasses.replace(made, engine="compiled").keep("compiled-pair")
    text = call("compiled-pair", "--script", str(kept / "other.py"))
    for said in (text, " ".join((kept / "other.py").read_text().split())):
        assert "The run was simulated on the engine compiled" in said
        assert "the script has another sample of them and other spikes" in said
    text = call("pair", "--script", str(places[0]), code=2)
    assert f"{places[0]} exists already: give another name, or overwrite it." in text


def test_all_other_formats(kept):
    from workbench.export.kinds import KINDS

    args = []
    for kind in KINDS:
        if not kind.builds:
            args += [f"--{kind.id}", str(kept / f"made-{kind.id}{kind.suffix}")]
    text = call("first", *args)
    assert text.count("Wrote ") == 6
    assert "weights_first_second.parquet" in text and "made-nwb.nwb" in text
    assert (kept / "made-methods.md").read_text().startswith("## Made up")
    name, content = KINDS[4].packed(wb.open_run(kept / "runs" / "first.zarr"), "first")
    assert name == "first.zip"
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert "first/spikes.csv" in names and len(names) == 5


def test_parameters_are_read_by_run(kept):
    wb.load("ssn-pair", tau_noise="7 ms").run(5, engine="numpy").keep("pair")
    path = kept / "pair.json"
    call("pair", "--parameters", str(path))
    args = ["run", "ssn-pair", "--duration", "5", "--parameters", str(path), "--set", "h=3"]
    done = CliRunner().invoke(app, [*args, "--name", "again"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    again = wb.open_run(kept / "runs" / "again.zarr").parameters
    assert (again["tau_noise"], again["h"]) == (7.0, 3.0)


def test_what_is_refused(kept, monkeypatch):
    monkeypatch.setattr(export, "describe", None)  # nothing is built
    text = call("first", code=2)
    assert "There is nothing to write: name a file with --script, --nwb, --csv or another" in text
    text = call("first", "--script", str(kept / "run.txt"), code=2)
    assert text.endswith("run.txt is not allowed: the name of a script ends in .py.")
    assert "none-such" in call("none-such", "--script", str(kept / "run.py"), code=2)
