"""``workbench run --keep``, ``workbench runs`` and ``workbench replay``, in this process."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pytest
from made_up import made_up
from typer.testing import CliRunner

import workbench as wb
from workbench.cli import app
from workbench.replay import first_difference, report


def call(*args: str, code: int = 0, typed: str | None = None) -> str:
    """Output of a command that must end with ``code``; errors come after what was printed."""
    done = CliRunner().invoke(app, list(args), input=typed, catch_exceptions=False)
    text = done.stdout + done.stderr
    assert done.exit_code == code, text
    return text


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A folder with two made-up runs."""
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    first = {"provenance": {"date": "2026-03-01T10:00:00+00:00", "brian2": "2.9.0"}}
    made_up({"a": 3, "b": 2}, **first).keep("first", tags=["paper"])
    second = {"provenance": {"date": "2026-03-02T10:00:00+00:00"}, "model": "other"}
    made_up({"a": 3, "b": 2}, **second).keep("second")
    return tmp_path / "runs"


@pytest.mark.parametrize("command", [["replay"], ["runs"], ["runs", "list"], ["runs", "rm"]])
def test_help(command):
    assert "Usage: workbench" in call(*command, "-h").replace("root", "workbench")


# -- list, show, tag, rm, index ---------------------------------------------------------------


def test_list_filters_by_model_and_tag(kept):
    text = call("runs", "list")
    assert re.search(r"^second +other +2026-03-02 10:00 +200 ms +\d+ +finished", text, re.M)
    assert re.search(r"^first +made-up .*finished +paper", text, re.M)
    assert text.index("second") < text.index("first")
    assert "second" not in call("runs", "list", "--model", "made-up")
    assert "second" not in call("runs", "list", "--tag", "paper")
    assert "No saved run is like that" in call("runs", "list", "--tag", "none")
    found = json.loads(call("runs", "list", "--json", "--model", "other"))
    assert [(e["id"], e["seed"], e["tags"]) for e in found] == [("second", 7, [])]
    assert found[0]["parameters"] == {"tau_m": 3.0, "w_max": 6.0}


def test_an_empty_list_says_how_to_keep_one(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "none"))
    assert "`workbench run MODEL --keep` makes one." in call("runs", "list")
    assert json.loads(call("runs", "list", "--json")) == []


def test_show_says_everything(kept):
    text = call("runs", "show", "fir")
    for what, value in (("model", "made-up"), ("versions", "brian2 2.9.0"), ("tags", "paper")):
        assert re.search(rf"^{what} +{value}", text, re.M)
    assert re.search(r"^w_max +6$", text, re.M)
    assert f"4 interventions, one a line, in {kept / 'first.zarr' / 'run.json'}" in text
    assert json.loads(call("runs", "show", "first", "--json"))["commit"] == ""
    assert "Did you mean 'first'?" in call("runs", "show", "frist", code=2)


def test_tag_adds_removes_and_notes(kept):
    assert "first: paper, good" in call("runs", "tag", "first", "good", "--note", "see fig. 2")
    assert "see fig. 2" in call("runs", "show", "first")
    assert "first: good" in call("runs", "tag", "first", "--remove", "paper")
    assert "There is nothing to change" in call("runs", "tag", "first", code=2)
    assert "cannot be a tag" in call("runs", "tag", "first", "a,b", code=2)


def test_rm_asks_first(kept):
    assert "Left first where it is" in call("runs", "rm", "first", typed="n\n")
    assert (kept / "first.zarr").exists()
    assert "Deleted first" in call("runs", "rm", "first", typed="y\n")
    assert not (kept / "first.zarr").exists()
    assert "Unknown saved run: 'gone'" in call("runs", "rm", "second", "gone", "-y", code=2)
    assert (kept / "second.zarr").exists()  # none is deleted unless all are known
    call("runs", "rm", "second", "-y")
    assert wb.runs() == []


def test_index_names_what_is_damaged(kept):
    (kept / "second.zarr" / "run.json").write_text("{")
    text = call("runs", "index")
    assert f"2 runs in {kept}" in text
    assert re.search(r"second: .*second\.zarr is not a run: its run\.json cannot be read", text)


# -- run --keep and replay ---------------------------------------------------------------------


def test_keep_refuses_before_it_simulates(kept, tmp_path):
    run = ["run", "hippocampal-cam", "--duration", "5"]
    message = call(*run, "--keep", "-o", str(tmp_path / "x.zarr"), code=2)
    assert "--out and --keep are two places: give one of them." in message
    assert "There is a saved run 'first' already" in call(*run, "--name", "first", code=2)
    assert "cannot name a run" in call(*run, "--name", "a/b", code=2)


def test_a_saved_run_is_replayed_spike_for_spike(kept, models_folder):
    from workbench.cli.new import from_template, template

    text = from_template("own-neuron", template().read_text("utf-8"))
    (models_folder / "own_neuron.py").write_text(text)
    text = call(
        "run", "own-neuron", "--duration", "150", "--engine", "numpy", "--seed", "3", "--name",
        "mine", "--set", "I_e=3",
    )  # fmt: skip
    assert "Kept as mine" in text
    run = wb.Catalogue().entry("mine").open()
    message = call("replay", "mine")
    n = len(run.steps)
    assert n > 8
    assert message == f"identical: all {n:,} spikes in 150 ms, engine numpy, seed 3.\n"

    # One spike less, and one in another place: the replay has what the recording lost.
    steps, units = run.steps[:-1].copy(), run.units[:-1].copy()
    t_ms = float(run.times(run.steps[4:5])[0])
    steps[4] += 100
    order = np.argsort(steps, kind="stable")
    forged = dataclasses.replace(
        run, steps=steps[order], units=units[order], provenance={"brian2": "1.0"}
    )
    forged.keep("forged")
    message = call("replay", str(wb.Catalogue().entry("forged").path), code=1)
    assert f"different: {n - 1:,} spikes recorded, {n:,} replayed in 150 ms" in message
    assert f"3 differ, the first at t = {t_ms:g} ms, neuron " in message
    assert "only in the replay." in message
    assert "brian2: 1.0 then, " in message


def test_replay_says_what_it_cannot_find(kept, tmp_path):
    assert "Unknown saved run: 'firsr'. Did you mean 'first'?" in call("replay", "firsr", code=2)
    assert "does not exist" in call("replay", str(tmp_path / "no.zarr"), code=2)
    assert "Unknown model: 'made-up'" in call("replay", "first", code=2)


def test_the_first_difference_is_the_earliest_spike_of_only_one_run():
    first = made_up({"a": 3, "b": 2})
    assert first_difference(first, first) is None
    swapped = dataclasses.replace(first, steps=first.steps[::-1], units=first.units[::-1])
    assert first_difference(first, swapped) is None
    less = dataclasses.replace(first, steps=first.steps[:-1], units=first.units[:-1])
    last = (int(first.steps[-1]), int(first.units[-1]))
    assert first_difference(first, less) == (*last, True)
    assert first_difference(less, first) == (*last, False)
    t_ms = first.times(first.steps[-1:])[0]
    assert f"1 differ, the first at t = {t_ms:g} ms" in report(first, less)
    assert report(first, less).endswith("missing in the replay.")


def test_a_replay_that_differs_says_whether_other_code_was_compiled():
    first = made_up({"a": 3})
    less = dataclasses.replace(first, steps=first.steps[:-1], units=first.units[:-1])
    older, newer = ({**r.provenance, "compiled_code": c} for r, c in ((first, "a1"), (less, "b2")))
    first = dataclasses.replace(first, provenance=older)
    said = "The workbench has changed what it compiles since"
    assert said in report(first, dataclasses.replace(less, provenance=newer))
    assert said not in report(first, dataclasses.replace(less, provenance=older))
    assert said not in report(first, dataclasses.replace(first, provenance=newer))
