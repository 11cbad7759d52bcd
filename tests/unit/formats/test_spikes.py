"""Spike trains read from files: the same again, beside a run, and as an input of one."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from made_up import made_up

import workbench as wb
from tests.unit.toys import Toy
from workbench.errors import ParameterError, StoreError, UnknownName, WorkbenchError


@pytest.fixture
def run():
    return made_up({"a": 5, "b": 3})


@pytest.mark.parametrize("ending", ["nwb", "mat", "csv"])
def test_what_was_written_is_read_again(run, tmp_path, ending):
    path = tmp_path / f"run.{ending}"
    if ending == "csv":
        run.to_csv(tmp_path / "tables")
        path = tmp_path / "tables" / "spikes.csv"
    else:
        (run.to_nwb if ending == "nwb" else run.to_neo)(path)
    found = wb.read_spikes(path)
    assert found.populations == {"a": 5, "b": 3} and found.start_ms == 0
    assert found.stop_ms == 200 or ending == "csv"
    again = found.as_run()
    assert again.info.spiking and len(again.steps) == len(run.steps)
    for name in ("a", "b"):
        for one in (found, again):
            t_ms, i = one.spikes(name)
            expected = sorted(zip(*run.spikes(name), strict=True))
            assert sorted(zip(t_ms.tolist(), i.tolist(), strict=True)) == expected


def test_tables_with_other_columns(tmp_path):
    path = tmp_path / "cells.tsv"
    path.write_text("cell\ttime\tarea\nx7\t0.5\tV1\nx3\t0.25\tV1\nx7\t0.125\tV1\ny1\t1.5\tV2\n")
    found = wb.read_spikes(path, unit="s", population="area")
    assert found.populations == {"V1": 2, "V2": 1}
    assert [t.tolist() for t in found.trains["V1"]] == [[250.0], [125.0, 500.0]]  # x3, x7
    assert wb.read_spikes(path, unit="s").populations == {"cells": 3}
    part = found.part(200, 1000)
    assert part.spikes("V1")[0].tolist() == [50.0, 300.0] and part.duration_ms == 800
    with pytest.raises(
        ParameterError, match=r"^From 0 to 5000 ms is not possible: the recording go"
    ):
        found.part(0, 5000)
    with pytest.raises(ParameterError, match=r"'time' of cells\.tsv is not known: say unit = 'ms'"):
        wb.read_spikes(path)
    with pytest.raises(ParameterError, match=r"has no 'when' for time: it has cell, time, area\.$"):
        wb.read_spikes(path, time="when")
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ParameterError, match=r"usual name for the spike times: name it by time, o"):
        wb.read_spikes(path)
    path.write_text("neuron,t_ms\n1,soon\n")
    with pytest.raises(StoreError, match=r"cells\.tsv cannot be read \(ValueError: could not conv"):
        wb.read_spikes(path)


def test_whole_numbers_are_the_neurons_numbers(tmp_path):
    path = tmp_path / "spikes.csv"
    path.write_text("neuron,t_ms\n3,1\n0,2\n")
    found = wb.read_spikes(path)
    assert [len(t) for t in found.trains["spikes"]] == [1, 0, 0, 1]


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(StoreError, match=r"^There is no file .*none\.nwb: give an NWB, CSV or Neo"):
        wb.read_spikes(tmp_path / "none.nwb")
    for ending in ("nwb", "plx", "unheardof"):
        path = tmp_path / f"broken.{ending}"
        path.write_bytes(b"nothing of the kind" * 99)
        with pytest.raises(StoreError, match=rf"broken\.{ending} cannot be read \("):
            wb.read_spikes(path)


def test_a_pickle_is_not_opened(tmp_path):
    path, witness = tmp_path / "block.pkl", tmp_path / "ran"
    path.write_bytes(pickle.dumps(Runs(str(witness))))
    with pytest.raises(ParameterError, match=r"^block\.pkl is a pickle, which can hold a program"):
        wb.read_spikes(path)
    assert not witness.exists()
    pickle.loads(path.read_bytes())
    assert witness.exists()  # it would have run


class Runs:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (Path(self.path),))


def test_beside_a_run(run, tmp_path):
    path = tmp_path / "recorded.csv"
    path.write_text("population,neuron,t_ms\nb,0,10.02\nb,1,199\nc,0,5\nc,0,500\n")
    found = wb.read_spikes(path)
    both = run.beside(found, at_ms=2)
    assert both.populations == {"a": 5, "b": 3, "b_recorded": 2, "c": 1}
    t_ms, i = both.spikes("b_recorded")
    assert t_ms.tolist() == [12.0] and i.tolist() == [0]  # rounded to steps; 201 ms is too late
    assert both.spikes("c")[0].tolist() == [7.0]
    for name in ("a", "b"):
        assert np.array_equal(both.spikes(name), run.spikes(name))
    assert run.populations == {"a": 5, "b": 3}
    assert (np.diff(both.steps) >= 0).all()
    for view in ("raster", "rates"):
        wb.figure(both, view, path=tmp_path / f"{view}.svg")
    assert "b recorded" in (tmp_path / "raster.svg").read_text()


def test_replayed_as_an_input(tmp_path):
    path = tmp_path / "recorded.csv"
    path.write_text("neuron,t_ms\n0,3.4\n0,3.6\n2,8\n1,40\n")
    found = wb.read_spikes(path)
    t_ms, i = found.as_input(Toy, until_ms=20)
    assert t_ms.tolist() == [3, 8] and i.tolist() == [0, 2]
    run = Toy().run(20, engine="numpy", input_spikes={"source": (t_ms, i)})
    assert [a.tolist() for a in run.spikes("source")] == [[3.0, 8.0], [0, 2]]
    path.write_text("population,neuron,t_ms\na,0,1\nb,0,2\n")
    several = wb.read_spikes(path)
    with pytest.raises(
        ParameterError, match=r"recorded\.csv has several populations: say which, a"
    ):
        several.as_input(Toy)
    with pytest.raises(UnknownName, match="c"):
        several.as_input(Toy, "c")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            ",".join(f"column {k}" for k in range(1200)) + "\n",
            "a.csv has no column with a usual name for the spike times: name it by time, one of "
            "column 0, column 1, column 2, column 3, column 4, column 5, and 1,194 more.",
        ),
        ("x" * 9000 + ",y\n1,2\n", f"name it by time, one of {'x' * 19}…, y."),
        (  # finding out how such a line is divided took a minute
            ",".join(["1"] * 200_000) + "\n",
            "a.csv cannot be read: a line of it has 400,000 characters, and at most 20,000 are",
        ),
        ("t_ms,unit\n" + "z" * 9000 + ",1\n", "could not convert string to float"),
        (
            "t_ms,unit,population\n" + "".join(f"{k},0,p{k}\n" for k in range(1001)),
            "a.csv has 1,001 populations: at most 1,000 are read. Is it another column that names "
            "them?",
        ),
    ],
)
def test_what_is_wrong_with_a_large_table_is_said_in_a_short_sentence(tmp_path, content, said):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(WorkbenchError) as refused:
        wb.read_spikes(path)
    assert said in str(refused.value)
    assert len(str(refused.value).replace(f"{tmp_path}/", "")) <= 300
