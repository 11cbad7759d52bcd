"""Spike trains from files on the command line: measured, shown beside a run, replayed."""

from __future__ import annotations

import json

import pytest
from made_up import made_up
from typer.testing import CliRunner

import workbench as wb
from workbench.cli import app


def call(*args: str, code: int = 0) -> str:
    """Output of a command that must end with ``code``; errors come last."""
    done = CliRunner().invoke(app, list(args), catch_exceptions=False)
    text = done.stdout + done.stderr
    assert done.exit_code == code, text
    return text


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A made-up run of the name "first", and its spikes as a table, first.csv."""
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    run = made_up({"a": 4, "b": 2}, duration_ms=500.0)
    run.keep("first")
    run.to_frames()["spikes"].to_csv(tmp_path / "first.csv", index=False)
    return tmp_path


def test_a_run_and_its_table_measure_alike(kept):
    text = call("measure", "first", "--bin", "10 ms")
    assert text.split("\n")[0].split()[:3] == ["population", "neurons", "spikes"]
    of_run, of_file = (
        json.loads(call("measure", what, "--stop", "400", "--json"))
        for what in ("first", str(kept / "first.csv"))
    )
    assert of_run.keys() == {"a", "b"} and of_run["a"]["spikes"] > 20
    for name in ("a", "b"):
        assert of_run[name] == pytest.approx(of_file[name], rel=1e-6)
    text = call("measure", str(kept / "first.csv"), "--neuron", "cell", code=2)
    assert "first.csv has no 'cell' for neuron: it has population, neuron, t_ms." in text


def test_a_recording_beside_a_run(kept):
    path = kept / "both.csv"
    where = str(kept / "runs" / "first.zarr")
    call("figure", where, "raster", "-o", str(path), "--beside", str(kept / "first.csv"))
    names = {line.split(",")[1] for line in path.read_text().splitlines() if line[0].isdigit()}
    assert names == {"a", "b", "a_recorded", "b_recorded"}


def test_a_recording_as_the_input_of_a_run(kept):
    path = kept / "cues.csv"
    path.write_text("population,neuron,t_ms\nx,1,4\nx,1,9\ny,3,2\n")
    args = ["run", "hippocampal-cam", "--duration", "12", "--engine", "numpy", "--name", "cued"]
    call(*args, "--input", f"in_cue={path}:x", "--input", f"in_content={path}:y")
    run = wb.open_run(kept / "runs" / "cued.zarr")
    assert [a.tolist() for a in run.spikes("in_cue")] == [[4.0, 9.0], [1, 1]]
    assert [a.tolist() for a in run.spikes("in_content")] == [[2.0], [3]]
    args[-1] = "other"
    assert "has several populations" in call(*args, "--input", f"in_cue={path}", code=2)
