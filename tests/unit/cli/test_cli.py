"""The command line, in this process through Typer's runner and once as a real command."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from made_up import made_up
from typer.testing import CliRunner

import workbench as wb
from workbench.cli import app
from workbench.errors import StoreError, listed

COMMANDS = ["list", "describe", "run", "sweep", "figure", "reproduce", "serve", "new", "check"]


def call(*args: str, code: int = 0) -> str:
    """Output of a command that must end with ``code``; errors come after what was printed."""
    done = CliRunner().invoke(app, list(args), catch_exceptions=False)
    text = done.stdout + done.stderr
    assert done.exit_code == code, text
    return text


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text)


# -- help and errors ---------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("command", [[], *([c] for c in COMMANDS)])
def test_help_everywhere(command, flag):
    text = call(*command, flag)
    assert "Usage: " in text
    if not command:
        assert all(c in text for c in COMMANDS)


def test_an_error_is_one_sentence_and_exit_code_2():
    done = CliRunner().invoke(app, ["run", "cubaa"])
    assert done.exit_code == 2
    assert done.stdout == ""
    known = listed(sorted(wb.models()))
    assert done.stderr == f"Unknown model: 'cubaa'. Did you mean 'cuba'? Allowed: {known}.\n"


@pytest.mark.parametrize("where", ["first", "last"])
def test_debug_adds_the_traceback(where):
    args = ["run", "cubaa"]
    text = call(*(["--debug", *args] if where == "first" else [*args, "--debug"]), code=2)
    assert "Traceback" in text
    assert text.rstrip().endswith(".")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["run", "cuba", "--set", "tau_m"], "write name=value, such as n_neurons=1."),
        (["run", "cuba", "--set", "tau_m=-1"], "must be at least 0.5 ms."),
        (["run", "cuba", "--set", "tau_m=3 mV"], "has the wrong unit: it is measured in ms"),
        (["run", "cuba", "--set", "tau_n=3"], "Did you mean 'tau_m'?"),
        (["run", "cuba", "--duration", "0"], "it must be above 0."),
        (
            ["run", "cuba", "--set", "w_e=1,62mV"],
            "CUBA.w_e = '1,62mV' cannot be read: it has a decimal comma; did you mean '1.62 mV'?\n",
        ),
        (["run", "cuba", "--set", "w_e=9**9**9"], "nothing is calculated here"),
        (["run", "cuba", "--set", "w_e=−2"], "did you mean '-2'?"),
        (
            ["run", "cuba", "--duration", "1,5"],
            "it has a decimal comma; did you mean '1.5'?",
        ),
        (["run", "cuba", "--duration", "5 mV"], "--duration = '5 mV' has the wrong unit"),
        (["run", "cuba", "--seed", "1.5"], "--seed must be a whole number; got '1.5'."),
        (["run", "cuba", "--seed", "1_000"], "did you mean '1000'?"),
        (["sweep", "cuba", "--vary", "w_e=1,62mV"], "write it at each or at none"),
        (["sweep", "cuba", "--vary", "w_e=1:9**9**9:3"], "nothing is calculated here"),
        (["sweep", "cuba", "--vary", "w_e=1:2:3", "-o", "s.csv"], "a sweep is stored as Zarr"),
        (["sweep", "cuba", "--vary", "w_e=1:2:3", "--repeats", "two"], "write a whole number"),
        (["sweep", "cuba", "--vary", "w_e=1:2:3", "--workers", "nan"], "--workers must be finite"),
        (
            ["serve", "--port", "70000"],
            "a whole number from 0 to 65535.",
        ),
        (
            ["circuit", "cuba", "--width-mm", "8,5 cm"],
            "did you mean '8.5 cm'",
        ),
        (["circuit", "cuba", "--width-mm", "wide"], "write a number in mm"),
        (["train", "elm-neuron", "--minutes", "1/2"], "nothing is calculated here"),
        (
            ["run", "hippocampal-cam", "--do", "learn cue=1 content=1 at=0,5"],
            "at = '0,5' cannot be read: it has a decimal comma; did you mean '0.5'?",
        ),
        (["run", "cuba", "--engine", "nunpy"], "Did you mean 'numpy'?"),
        (["run", "cuba", "--do", "learn at=0"], "Unknown operation of cuba: 'learn'."),
        (
            ["run", "hippocampal-cam", "--do", "learn cue=9 content=1 at=0"],
            "cue = 9 is not allowed: the memory has the cues 0 to 4.",
        ),
        (
            ["run", "hippocampal-cam", "--do", "learn cue=1 content=1 at=0.5"],
            "times are whole multiples of the tick, 1 ms",
        ),
        (["figure", "cubaa", "raster", "-o", "f.pdf"], "Did you mean 'cuba'?"),
        (["figure", "no/such.zarr", "raster", "-o", "f.pdf"], "There is no run at no/such.zarr"),
        (["figure", "cuba", "rastr", "-o", "f.pdf"], "Did you mean 'raster'?"),
        (["figure", "cuba", "raster", "-o", "f.doc"], "'f.doc' cannot be written: end it in .svg"),
        (["reproduce", "cuba", "fact"], "Did you mean 'facts'?"),
        (["reproduce", "cuba", "--option", "a=1"], "--option belongs to one experiment"),
        (["serve", "--show-only", "cubaa"], "Did you mean 'cuba'?"),
        (["describe", "cubaa"], "Did you mean 'cuba'?"),
        (["check", "cubaa"], "Did you mean 'cuba'?"),
    ],
)
def test_what_is_refused(args, message):
    assert message in call(*args, code=2)


# -- list and describe -------------------------------------------------------------------


def test_list_shows_every_model():
    text = call("list")
    for slug, cls in wb.models().items():
        assert re.search(rf"^{slug} +{re.escape(cls.title)}", text, re.MULTILINE)


def test_list_shows_a_broken_file_as_one_failed_row(models_folder):
    (models_folder / "hurt_me.py").write_text("raise ValueError('bad [red]luck[/red]')")
    text = call("list")
    assert re.search(r"^hurt-me +failed +hurt_me\.py: ValueError: bad \[red\]luck", text, re.M)
    assert "cuba" in text
    assert "hippocampal-cam" in text


@pytest.mark.parametrize("slug", ["cuba", "hippocampal-cam"])
def test_describe_names_every_parameter_with_unit_and_source(slug):
    text = words(call("describe", slug))
    cls = wb.models()[slug]
    assert cls.source in text
    for name, q in cls.parameters().items():
        assert f"{name} {q.default:.6g} {q.unit} " in text
    for fact in cls.facts:
        assert fact.name in text


def test_describe_shows_how_to_type_an_operation():
    assert "learn cue=INT content=INT,INT,... at=MS" in call("describe", "hippocampal-cam")


# -- run and figure ----------------------------------------------------------------------


def test_run_prints_a_summary_and_keeps_the_run(tmp_path):
    out = tmp_path / "memory.zarr"
    text = call(
        "run", "hippocampal-cam", "--duration", "40", "--seed", "5", "--engine", "numpy",
        "--set", "tau_m_slow=0.0031 s", "--do", "learn cue=0 content=0,1,8,9 at=0",
        "--do", "recall-by-cue cue=0 at=20", "-o", str(out),
    )  # fmt: skip
    run = wb.open_run(out)
    assert run.duration_ms == 40
    assert run.seed == 5
    assert run.parameters["tau_m_slow"] == pytest.approx(3.1)
    assert [(e["name"], e["t_ms"]) for e in run.interventions] == [
        ("Learn", 0.0),
        ("RecallByCue", 20.0),
    ]
    for population, neurons in run.populations.items():
        spikes = len(run.spikes(population)[0])
        assert f"{population} {neurons} {spikes} {run.rate(population):.4g}" in words(text)
    assert "finished at t = 40 ms · engine numpy · seed 5 · " in text
    assert f"Wrote {out}" in words(text)
    direct = wb.load("hippocampal-cam", tau_m_slow=3.1)
    from models.hippocampal_cam import Learn, RecallByCue

    done = [Learn(0.0, 0, (0, 1, 8, 9)), RecallByCue(20.0, 0)]
    again = direct.run(40, seed=5, engine="numpy", operations=done)
    assert again.steps.tolist() == run.steps[:].tolist()
    assert again.units.tolist() == run.units[:].tolist()


def test_run_refuses_to_replace_what_is_there(tmp_path):
    out = tmp_path / "there.zarr"
    out.mkdir()
    args = ["run", "hippocampal-cam", "--duration", "5", "-o", str(out)]
    assert "exists already: choose another place, or give --overwrite." in call(*args, code=2)
    (out / "mine.txt").write_text("precious")
    assert "is not a run, so it is not replaced" in call(*args, "--overwrite", code=2)
    assert (out / "mine.txt").read_text() == "precious"


def test_run_overwrites_a_run_when_told(tmp_path):
    out = tmp_path / "again.zarr"
    for duration in ("5", "8"):
        call("run", "hippocampal-cam", "--duration", duration, "-o", str(out), "--overwrite")
    assert wb.open_run(out).duration_ms == 8


@pytest.mark.parametrize(
    "refused",
    [("--duration", "-5"), ("--engine", "none"), ("--record", "nothing"), ("--seed", "-1")],
)
def test_a_run_that_is_refused_replaces_none(tmp_path, refused):
    out = tmp_path / "precious.zarr"
    made_up({"a": 3}).save(out)
    call("run", "hippocampal-cam", "-o", str(out), "--overwrite", *refused, code=2)
    assert wb.open_run(out).model == "made-up"
    assert list(tmp_path.iterdir()) == [out]


def test_a_run_that_is_being_recorded_is_not_replaced(tmp_path):
    out = tmp_path / "live.zarr"
    with wb.load("hippocampal-cam").start(store=out, paused=True) as session:
        session.wait(60, until="ready")
        text = call("run", "hippocampal-cam", "-o", str(out), "--overwrite", code=2)
        with pytest.raises(StoreError, match="is being recorded"):
            made_up({"a": 3}).save(out, overwrite=True)
        assert session.stop().outcome == "stopped"
    assert f"{out} is being recorded: choose another place" in text
    call("run", "hippocampal-cam", "--duration", "5", "-o", str(out), "--overwrite")
    assert wb.open_run(out).duration_ms == 5


def test_a_model_that_fails_says_why_and_keeps_what_was_recorded(models_folder, tmp_path):
    _write_model(models_folder, "burns_out", "neurons.run_regularly(", _EXPLODE)
    out = tmp_path / "kept.zarr"
    text = call(
        "run", "burns-out", "--duration", "100", "--engine", "numpy", "-o", str(out), code=2
    )
    assert "neurons.v is not a finite number any more" in words(text)
    assert f"What was recorded is kept in {out}" in words(text)
    run = wb.open_run(out)
    assert run.outcome == "failed"
    assert 30 <= run.duration_ms <= 100


def test_a_model_that_cannot_be_built_says_why(models_folder):
    _write_model(models_folder, "no_network", "raise RuntimeError", "raise RuntimeError('no luck')")
    text = call("run", "no-network", "--duration", "5", code=2)
    assert text.rstrip().endswith("could not be built. RuntimeError: no luck")


def test_a_name_that_is_not_found_is_reported_by_the_run_and_by_the_checks(models_folder):
    _write_model(models_folder, "script_style", ")/tau_m", ")/own_tau")
    message = (
        "Script style could not be built. 'neurons' uses the name 'own_tau', which neither its "
        "equations nor its namespace say: pass namespace={'own_tau': ...} to neurons, for "
        "variables of the script around it are not seen."
    )
    text = call("run", "script-style", "--duration", "5", "--engine", "numpy", code=2)
    assert message in words(text)
    assert f"It could not be checked. {message}" in words(call("check", "script-style", code=1))


def test_a_parameter_with_a_name_that_every_model_has_is_refused_by_the_check(models_folder):
    (models_folder / "taken.py").write_text(
        "from workbench import Model, Parameter\n"
        "class Taken(Model):\n    slug = 'taken'\n    run = Parameter(1.0)\n"
    )
    text = words(call("check", "taken", code=2))
    assert "taken.py cannot be read" in text
    assert "Taken.run cannot be a parameter: every model has something else of the name" in text


def test_figure_of_a_saved_run_and_of_a_model(tmp_path):
    run, pdf = tmp_path / "r.zarr", tmp_path / "f.pdf"
    call("run", "hippocampal-cam", "--duration", "20", "-o", str(run))
    call("figure", str(run), "raster", "-o", str(pdf), "--width-mm", "60")
    from pypdf import PdfReader

    page = PdfReader(pdf).pages[0]
    assert float(page.mediabox.width) * 25.4 / 72 == pytest.approx(60, abs=0.1)
    svg = tmp_path / "m.svg"
    call("figure", "hippocampal-cam", "raster", "-o", str(svg), "--duration", "20")
    assert svg.read_text().lstrip().startswith("<?xml")


def test_figure_of_a_kept_run_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    made_up({"a": 3}).keep("mine")
    call("figure", "mine", "raster", "-o", str(tmp_path / "f.svg"))
    assert (tmp_path / "f.svg").is_file()
    text = words(call("figure", "mien", "raster", "-o", str(tmp_path / "g.svg"), code=2))
    assert "mien" in text


# -- reproduce ---------------------------------------------------------------------------


def test_reproduce_measures_the_facts(models_folder):
    _write_model(models_folder, "own_facts")
    text = words(call("reproduce", "own-facts", "facts"))
    assert "published ours difference allowed verdict" in text
    assert re.search(r"interval between spikes ms 15\.86 15\.\d+ [+-][\d.e-]+ 0\.1 agrees", text)


def test_reproduce_ends_with_1_where_ours_differs(models_folder):
    _write_model(models_folder, "off_facts", "value=", "value=100 + ")
    assert "differs" in call("reproduce", "off-facts", code=1)


def test_reproduce_runs_an_experiment_and_keeps_its_data(models_folder, tmp_path):
    path = _write_model(models_folder, "with_experiment")
    path.write_text(path.read_text("utf-8") + _EXPERIMENT, encoding="utf-8")
    kept = tmp_path / "kept"
    args = ["reproduce", "with-experiment", "rate", "--option", "currents=2,3", "-o", str(kept)]
    text = words(call(*args))
    assert "spikes per second at 3 nA Hz 112 111 -1 3 agrees" in text
    import xarray

    data = xarray.open_zarr(kept / "with-experiment-rate.zarr")
    assert data["current"].values.tolist() == [2.0, 3.0]
    assert data["said"].values.tolist() == ["2 nA", "3 nA"]
    assert data["unit"].item() == "Hz"
    assert (kept / "with-experiment-rate.pdf").read_bytes().startswith(b"%PDF")
    assert "Unknown option of rate: 'curents'. Did you mean 'currents'?" in call(
        "reproduce", "with-experiment", "rate", "--option", "curents=1", code=2
    )


def test_reproduce_takes_an_experiments_options_as_its_own(models_folder):
    path = _write_model(models_folder, "with_experiment")
    path.write_text(path.read_text("utf-8") + _EXPERIMENT, encoding="utf-8")
    rate = ("reproduce", "with-experiment", "rate")
    assert "at 3 nA" in words(call(*rate, "--currents", "2,3"))
    assert "Did you mean 'currents'?" in call(*rate, "--curents=1", code=2)
    assert "--currents has no value: write --name VALUE." in call(*rate, "--currents", code=2)
    assert "'oddly' cannot be read: write --name value." in call(*rate, "oddly", code=2)
    assert "--option belongs to one experiment" in call(*rate[:2], "facts", "--a", "1", code=2)


# -- new and check -----------------------------------------------------------------------


def test_new_writes_a_model_that_is_there_at_once(models_folder):
    text = call("new", "My_First-model")
    path = models_folder / "my_first_model.py"
    assert f"Wrote {path}" in words(text)
    assert wb.models()["my-first-model"].title == "My first model"
    assert "exists already: choose another name." in call("new", "my-first-model", code=2)
    call("run", "my-first-model", "--duration", "20", "--engine", "numpy")


def test_new_writes_into_the_folder_named(tmp_path):
    folder = tmp_path / "deep" / "down"
    text = call("new", "elsewhere", "--folder", str(folder))
    assert (folder / "elsewhere.py").exists()
    assert f"export WORKBENCH_MODELS={folder}" in words(text)


def test_new_writes_into_models_of_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call("new", "here")
    assert (tmp_path / "models" / "here.py").exists()


@pytest.mark.parametrize("name", ["2fast", "a b", "class", "../up", "é"])
def test_new_refuses_names_that_cannot_be(name, models_folder):
    assert "cannot name a model" in call("new", name, code=2)
    assert list(models_folder.iterdir()) == []


def test_new_refuses_a_name_that_is_taken(models_folder):
    assert "There is a model 'cuba' already" in call("new", "cuba", code=2)


def test_check_prints_every_check_with_its_result(models_folder):
    from workbench.checks import CHECKS

    _write_model(models_folder, "lawful")
    text = call("check", "lawful")
    assert [line.split("  ")[-1].strip() for line in text.splitlines() if "passed" in line] == [
        check.title for check in CHECKS
    ]


def test_check_ends_with_1_where_a_check_fails(models_folder, monkeypatch):
    from workbench.checks import CHECKS, declared

    few = [check for check in CHECKS if check.holds.__module__ == declared.__name__]
    monkeypatch.setattr("workbench.cli.check.CHECKS", few)
    _write_model(models_folder, "lawless", "why_tol=", 'why_tol="" and ')
    text = call("check", "lawless", code=1)
    assert "failed  has at least one fact" in text
    assert "1 check failed." in text


# -- serve, and the real thing -----------------------------------------------------------


def test_serve_hands_over_to_the_apps(monkeypatch):
    import types

    asked = {}
    apps = types.ModuleType("panels.serving")
    apps.serve = lambda **options: asked.update(options)
    monkeypatch.setitem(sys.modules, "panels.serving", apps)
    call("serve", "--port", "5123", "--no-browser")
    to_others = asked.pop("to_others")
    assert asked == {"port": 5123, "open_browser": False, "show_only": None, "lessons": []}
    assert to_others["address"] == ""
    call("serve", "--address", "0.0.0.0", "--open-to-all", "--limit", "4", "--idle", "20")
    assert asked.pop("open_browser") is False
    given = asked["to_others"]
    assert (given["address"], given["limit"], given["idle_min"]) == ("0.0.0.0", 4, 20.0)
    call("serve", "cuba")
    assert asked["show_only"] == "cuba"
    assert "MODEL is cuba and --show-only is ssn" in call(
        "serve", "cuba", "--show-only", "ssn", code=2
    )


LESSON = """
title = "By the cue"
[[steps]]
text = "Asked by a cue."
do = [{ operation = "Learn", at_ms = 10, cue = 0, content = [0, 1] }]
[steps.predict]
ask = "How many bits answer?"
value = 2
tolerance = 0
measure = "answers"
over_ms = 30
do = [{ operation = "RecallByCue", cue = 0 }]
"""


def test_serve_offers_a_lesson_and_opens_it(monkeypatch, tmp_path):
    asked = {}
    monkeypatch.setattr(
        "workbench.cli.serve.serve_apps",
        lambda _port, _browser, show_only, _others, _workers, lessons: asked.update(
            show_only=show_only, lessons=lessons
        ),
    )
    path = tmp_path / "by-cue.toml"
    path.write_text(LESSON)
    call("serve", "hippocampal-cam", "--lesson", str(path))
    assert asked == {
        "show_only": "hippocampal-cam?lesson=by-cue", "lessons": [("hippocampal-cam", str(path))],
    }  # fmt: skip
    assert "--lesson needs the model" in call("serve", "--lesson", str(path), code=2)
    assert "--lesson needs the model" in call("check", "--lesson", str(path), code=2)
    said = call("serve", "cuba", "--lesson", str(path), code=2)
    assert "by-cue.toml, step 1: Unknown operation of cuba: 'Learn'" in words(said)


def test_check_runs_a_lesson(tmp_path):
    path = tmp_path / "by-cue.toml"
    path.write_text(LESSON)
    assert "as it says" in call("check", "hippocampal-cam", "--lesson", str(path))
    path.write_text(LESSON.replace("value = 2", "value = 1"))
    text = call("check", "hippocampal-cam", "--lesson", str(path), code=1)
    assert "not so" in text and "1 of the lesson's answers and targets is not so." in words(text)


def test_as_a_command():
    done = subprocess.run([_command(), "list"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "hippocampal-cam" in done.stdout
    version = subprocess.run([_command(), "--version"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"circuit-workbench \d+\.\d+\.\d+\n", version.stdout)


@pytest.mark.usefixtures("programs_hear_ctrl_c")
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a POSIX signal")
def test_ctrl_c_keeps_what_was_recorded(tmp_path):
    out = tmp_path / "cut.zarr"
    command = [_command(), "run", "cuba", "--set", "n_neurons=100", "--engine", "numpy"]
    process = subprocess.Popen(
        [*command, "--duration", "1e7", "-o", str(out)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not _recorded_ms(out):
        assert time.monotonic() < deadline, "nothing was recorded"
        assert process.poll() is None, process.communicate()
        time.sleep(0.2)
    # To the whole group, as a terminal does.
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    assert "stopped at t = " in stdout
    run = wb.open_run(out)
    assert run.outcome == "stopped"
    assert 0 < run.duration_ms < 1e7


def _recorded_ms(path: Path) -> float:
    """How far the run has been recorded; 0 while there is none."""
    try:
        return wb.open_run(path).duration_ms
    except wb.WorkbenchError:
        return 0.0


def _command() -> str:
    return str(Path(sys.executable).parent / "workbench")


def _write_model(folder: Path, stem: str, old: str = "", new: str = "") -> Path:
    """Write the template as a model; with ``old`` replaced, or ``new`` added to its build."""
    from workbench.cli.new import from_template, template

    text = from_template(stem.replace("_", "-"), template().read_text("utf-8"))
    if old in text:
        text = text.replace(old, new) if old else text
    else:
        end = "        return b2.Network("
        assert end in text
        text = text.replace(end, f"        {new}\n{end}")
    path = folder / f"{stem}.py"
    path.write_text(text, encoding="utf-8")
    return path


_EXPLODE = (
    'neurons.run_regularly("v = -exp(t/(0.03*second)*1000)*volt", dt=30*b2.ms, name="explode")'
)

_EXPERIMENT = """

from typing import Annotated

from workbench.model.experiment import Comparison, Experiment, Option


def _rates(
    model, progress,
    currents: Annotated[tuple, Option("currents in nA")] = (2.0,),
    spare: Annotated[int, Option("not used")] = 1,
):
    import numpy as np
    import xarray

    found = []
    for k, current in enumerate(currents):
        progress(k / len(currents), f"{current} nA")
        run = type(model)(I_e=current).run(200.0, engine="numpy")
        found.append(round(run.rate("neurons")))
    said = [f"{current:g} nA" for current in currents]
    data = {"rate": ("current", found), "said": ("current", said)}
    return xarray.Dataset(data, {"current": list(currents), "unit": "Hz"})


def _published(data):
    last = data.isel(current=-1)
    ours = float(last["rate"])
    return [Comparison(f"spikes per second at {float(last.current):g} nA", 112, ours, 3, "Hz")]


def _drawn(data):
    import holoviews as hv

    return hv.Curve((data["current"].values, data["rate"].values), "I (nA)", "rate (Hz)")


WithExperiment.experiments = (
    Experiment("rate", "Rate against current", "closed form", _rates, _published, _drawn),
)
"""


def test_what_is_too_long_for_the_name_of_a_file_is_refused():
    result = CliRunner().invoke(app, ["open", "x" * 5000])
    assert result.exit_code == 2
    assert result.output.strip() == "What was given is too long for the name of a file."
