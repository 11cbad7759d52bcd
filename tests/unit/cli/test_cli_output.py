"""What every command has in common: JSON, errors, exit codes, and what the shell completes."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import workbench as wb
from workbench.bundled_packages import stories
from workbench.cli import app, complete
from workbench.cli.app import EXIT_CODES, FAULT, REFUSED, main
from workbench.cli.demo import dotted
from workbench.cli.output import print_json


def call(*args: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    done = CliRunner().invoke(app, list(args), catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


# -- JSON ------------------------------------------------------------------------------------


@pytest.fixture
def nothing_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))


@pytest.mark.parametrize(
    "command", ["list", "plots", "runs list", "cache list", "doctor", "describe cuba"]
)
def test_every_listing_prints_json_and_nothing_else(command, nothing_kept):
    code, out, err = call(*command.split(), "--json")
    assert (code, err) == (0, "")
    assert isinstance(json.loads(out), list if command != "describe cuba" else dict)


def test_the_list_has_every_model():
    found = {each["slug"]: each for each in json.loads(call("list", "--json")[1])}
    assert {slug: cls.title for slug, cls in wb.models().items()} == {
        slug: each["title"] for slug, each in found.items()
    }


def test_a_description_has_the_numbers_of_the_declaration():
    found = json.loads(call("describe", "cuba", "--json")[1])
    cls = wb.models()["cuba"]
    (w_e,) = (p for p in found["parameters"] if p["name"] == "w_e")
    assert w_e["default"] == cls.parameters()["w_e"].default
    assert w_e["bounds"] == [0, None] and w_e["slider"] == [0, 4] and w_e["live"] is True
    assert [f["name"] for f in found["facts"]] == [f.name for f in cls.facts]
    assert found["training"] is None
    training = json.loads(call("describe", "elm-neuron", "--json")[1])["training"]
    assert training["options"][0]["name"].startswith("--")


def test_checks_and_comparisons_as_json(monkeypatch):
    from workbench.checks import CHECKS, declared

    few = [check for check in CHECKS if check.holds.__module__ == declared.__name__]
    monkeypatch.setattr("workbench.cli.check.CHECKS", few)
    code, out, _ = call("check", "cuba", "--json")
    assert code == 0
    assert [(e["model"], e["check"]) for e in json.loads(out)] == [("cuba", c.title) for c in few]
    assert all(each["passed"] for each in json.loads(out))
    far = [wb.Comparison("rate", 5.0, 7.0, 1.0, "Hz"), wb.Comparison("count", 5.0, 5.5, 1.0)]
    monkeypatch.setattr("workbench.cli.reproduce._facts", lambda cls: far)
    code, out, _ = call("reproduce", "cuba", "facts", "--json")
    (facts,) = json.loads(out)
    assert code == 1
    assert [(c["what"], c["agrees"]) for c in facts["compared"]] == [
        ("rate", False), ("count", True),
    ]  # fmt: skip


def test_numbers_that_are_not_finite_are_null(capsys):
    print_json({"a": [math.nan, 1.5], "b": (np.float64(math.inf), True)})
    assert json.loads(capsys.readouterr().out) == {"a": [None, 1.5], "b": [None, True]}


# -- errors and exit codes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ("run", "Missing argument 'MODEL'. `workbench run --help` says what can be given."),
        ("runz", "No such command 'runz'. Did you mean 'run"),
        ("runs lst", "No such command 'lst'. Did you mean 'list'?"),
        ("list --tagg", "No such option: --tagg. `workbench list --help` says what can be given."),
        ("--zz", "No such option: --zz. `workbench --help` says what can be given."),
        ("describe cubaa", "Unknown model: 'cubaa'. Did you mean 'cuba'?"),
    ],
)
def test_every_error_is_one_line_on_stderr(args, message):
    code, out, err = call(*args.split())
    assert (code, out) == (REFUSED, "")
    assert err.replace("root", "workbench").startswith(message)
    assert err.count("\n") == 1


def test_the_help_names_the_exit_codes():
    out = re.sub(r"\s+", " ", call("--help")[1])
    for code, means in EXIT_CODES.items():
        assert f"{code} {means}" in out


def test_a_fault_of_ours_has_a_code_of_its_own(monkeypatch, capsys):
    def broken() -> None:
        raise RuntimeError("no luck")

    monkeypatch.setattr("workbench.cli.list_models.listed_models", broken)
    monkeypatch.setattr(sys, "argv", ["workbench", "list"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == FAULT
    err = capsys.readouterr().err
    assert "RuntimeError: no luck" in err and "please report it" in err


# -- completion --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("workbench des", ["describe"]),
        ("workbench runs l", ["list"]),
        ("workbench run cub", ["cuba"]),
        ("workbench run cuba --set w_", ["w_e=", "w_i="]),
        ("workbench reproduce hippocampal-cam int", ["interference"]),
        ("workbench figure cuba rast", ["raster"]),
        ("workbench sweep cuba --measure cv", ["cv_isi"]),
        ("workbench circuit cuba --notation nc", ["ncd"]),
        ("workbench run cuba --duration x --engine num", ["numpy"]),
    ],
)
def test_tab_offers_what_can_be_typed(typed, offered, monkeypatch):
    words = typed.split()
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    monkeypatch.setenv("_WORKBENCH_COMPLETE", "complete_bash")
    done = CliRunner().invoke(app, [], prog_name="workbench")
    assert done.stdout.split() == offered


def test_saved_runs_are_offered(monkeypatch, nothing_kept):
    from made_up import made_up

    made_up({"a": 3}).keep("first")
    assert complete.runs("f") == [("first", "made-up")]
    assert complete.runs("x") == []
    assert ("first", "made-up") in complete.runs_and_models("fi")


def test_the_scripts_for_the_shells_are_printed():
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "--show-completion", "zsh"],
        capture_output=True, text=True, check=True,
        env=os.environ | {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
    )  # fmt: skip
    assert "_WORKBENCH_COMPLETE=complete_zsh" in done.stdout


# -- notebooks ---------------------------------------------------------------------------------


def test_a_story_becomes_a_notebook_without_outputs(tmp_path):
    import nbformat

    code, out, _ = call("notebooks", "hippocampal_cam", "--folder", str(tmp_path / "new"))
    path = tmp_path / "new" / "hippocampal_cam.ipynb"
    assert (code, out) == (0, f"Wrote {path}\n")
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    assert (
        dict(book.metadata["kernelspec"])["name"] == "python3" and "jupytext" not in book.metadata
    )
    assert book.cells[0].source.startswith("# A memory made of spikes")
    assert book.cells[-1].source == "wb.explore(memory)"
    assert not any(cell.get("outputs") for cell in book.cells)
    refused = call("notebooks", "hippocampal_cam", "--folder", str(tmp_path / "new"))
    assert refused[0] == REFUSED and "exists already" in refused[2]
    assert "Did you mean 'hippocampal_cam'?" in call("notebooks", "hippocampal_can")[2]


def test_every_story_ends_with_a_live_app():
    found = stories()
    assert "hippocampal_cam" in found and "elm_neuron_figures" not in found
    for name, path in found.items():
        assert "wb.explore(" in path.read_text("utf-8").split("# %%")[-1], name


# -- demo --------------------------------------------------------------------------------------


def test_a_dot_for_each_point():
    assert dotted(np.array([0, 1, 2, 5]), np.array([0, 3, 4, 0]), 2, 2) == ["⢁⠀", "⠀⠁"]


@pytest.mark.slow
def test_the_demo_moves_a_parameter_and_repeats_the_run():
    code, out, err = call("demo", "--duration", "100", "--engine", "numpy")
    assert (code, err) == (0, "")
    assert "At 50 ms, w_e (step of g_e" in out
    rates = re.search(r"excitatory +3200 +(\S+) +(\S+)", out)
    assert rates is not None and float(rates[2]) > float(rates[1])
    assert re.search(r"Repeated: identical: all [\d,]+ spikes in 100 ms", out)


@pytest.mark.slow
def test_a_model_without_spikes_is_no_demo():
    code, _, err = call("demo", "ssn-pair")
    assert code == REFUSED and "ssn-pair has no spikes: choose another model." in err


def command(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "workbench", *arguments],
        stderr=subprocess.PIPE, text=True, timeout=120, **options,
    )  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["list", "--json"]])
def test_what_cannot_be_printed_is_one_sentence(arguments):
    with Path("/dev/full").open("w") as full:
        done = command(*arguments, stdout=full)
    assert done.returncode == 2
    assert done.stderr == ("What was to be printed cannot be written: no space left on device.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use stays there")
def test_a_folder_that_is_gone_is_one_sentence(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    code = f"import os; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r}); from workbench.cli "
    code += "import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "list"], capture_output=True, text=True, timeout=120,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("The folder that this command was started in is gone")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_symbol_that_cannot_be_printed_does_no_harm(encoding):
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = command(
        "describe", "cuba", "--json", stdout=subprocess.PIPE, env=environment, encoding=encoding,
        errors="replace",  # where it says "ascii", Click writes UTF-8
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["name"] == "cuba"
