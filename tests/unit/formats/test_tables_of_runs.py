"""Runs as tables in CSV and Parquet, their parameters as JSON, their methods as text."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from made_up import made_up

import workbench as wb
from workbench.errors import ParameterError
from workbench.formats.methods import save_methods
from workbench.formats.parameters import read_parameters, save_parameters


@pytest.fixture
def run():
    return made_up({"a": 5, "b": 3})


def test_a_line_break_in_what_a_run_says_is_no_row(run, tmp_path):
    run.model, run.engine = "two\nrows,of,it", "num\u2028py"
    run.to_csv(tmp_path / "csv")
    lines = (tmp_path / "csv" / "spikes.csv").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if not line.startswith("#")]
    assert rows[0] == "population,neuron,t_ms" and len(rows) == 1 + len(run.steps)


def test_csv_and_parquet_hold_the_same(run, tmp_path):
    frames = run.to_frames()
    assert list(frames) == ["spikes", "a.v", "b.g", "weights first_second", "interventions"]
    spikes = frames["spikes"]
    assert spikes.t_ms.is_monotonic_increasing
    t_ms, i = run.spikes("b")
    mine = spikes[spikes.population == "b"]
    assert mine.t_ms.tolist() == t_ms.tolist() and mine.neuron.tolist() == i.tolist()
    assert frames["a.v"].attrs["unit"] == "mV" and frames["a.v"].attrs["seed"] == 7
    assert list(frames["a.v"]) == ["t_ms", "0", "1", "2"]
    run.to_csv(tmp_path / "csv")
    run.to_parquet(tmp_path / "parquet")
    for name, frame in frames.items():
        file = name.replace(" ", "_")
        text = pd.read_csv(tmp_path / "csv" / f"{file}.csv", comment="#")
        packed = pd.read_parquet(tmp_path / "parquet" / f"{file}.parquet")
        assert packed.attrs == frame.attrs
        for column in frame:
            if frame[column].dtype.kind in "if":
                assert np.array_equal(packed[column], frame[column])
                assert np.array_equal(text[column], frame[column])
            else:
                assert packed[column].tolist() == text[column].tolist() == frame[column].tolist()
    assert (tmp_path / "csv" / "spikes.csv").read_text().startswith("# model: made-up\n")
    with pytest.raises(ParameterError, match=r"csv exists already"):
        run.to_csv(tmp_path / "csv")
    run.to_csv(tmp_path / "csv", overwrite=True)
    with pytest.raises(ParameterError, match=r"the folder .*none does not exist"):
        run.to_csv(tmp_path / "none" / "csv")


def test_parameters_begin_the_same_run(run, tmp_path):
    run.model, run.parameters = "cuba", wb.load("cuba", tau_m="15 ms", n_neurons=200).values()
    path = save_parameters(run, tmp_path / "cuba.json")
    found = json.loads(path.read_text())
    assert (found["model"], found["seed"], found["units"]["tau_m"]) == ("cuba", 7, "ms")
    assert wb.load("cuba", **read_parameters(path)).values() == run.parameters
    path.write_text('{"parameters": [1]}')
    with pytest.raises(ParameterError, match=r"cuba\.json is no file of parameters \(.*: `workb"):
        read_parameters(path)


def test_methods_say_what_was_done(run, tmp_path):
    run.model, run.parameters = "cuba", wb.load("cuba", tau_m="15 ms").values()
    text = str(run.methods())
    first = text.split("\n\n")[1]
    assert first.startswith(
        "We simulated Made up: the populations a (5) and b (3), joined by 1 projection of "
    )
    assert (
        "200 ms were simulated, in steps of 0.1 ms, by the circuit workbench 0.1.0 with " in first
    )
    assert "on the engine numpy, with the random seed 7." in first
    assert "but for tau\\_m = 15 ms instead of 20 ms." in first
    assert "at 10 ms: Learn; at 60 ms: RecallByCue;" in first
    assert "Recorded were the spikes of all neurons, a.v of 3 neurons every 1 ms and b.g" in first
    assert "### A Model summary" in text
    for ending, start in ((".md", "## "), (".html", "<!doctype html>"), (".tex", "\\documentcl")):
        path = save_methods(run, tmp_path / f"methods{ending}")
        written = path.read_text()
        assert written.startswith(start) and "random seed 7" in written
    with pytest.raises(ParameterError, match=r"ends in \.md or \.html or \.tex\.$"):
        save_methods(run, tmp_path / "methods.txt")
