"""Circuits of scripts, and the command that draws and describes them."""

from __future__ import annotations

import json
import os
import pickle
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from typer.testing import CliRunner

from workbench.circuits.elements import Circuit
from workbench.circuits.script import circuit_of_script, read
from workbench.cli import app
from workbench.errors import BuildError, UnknownName, WorkbenchError
from workbench.scripts import child

SCRIPTS = {
    # The run is magic, in a function, on a device on which synapses exist only after a build; the
    # namespace is the function's.
    "magic.py": """
from brian2 import *
set_device("cpp_standalone", directory=None)
def simulate():
    tau, reversal = 10*ms, -80*mV
    P = NeuronGroup(50, "dv/dt = (-65*mV - v + g*(reversal - v))/tau : volt\\ndg/dt = -g/tau : 1",
                    threshold="v > -50*mV", reset="v = -65*mV", name="P", method="euler")
    P.v = -60*mV
    S = Synapses(P[:40], P, on_pre="g_post += 0.1", name="S")
    S.connect(p=0.5)
    try:
        run(1*second)
    except Exception:
        pass
    raise SystemExit("it has run")
simulate()
""",
    "wrong.py": """
from brian2 import *
P = NeuronGroup(5, "v : 1")
P.v = undefined_name
run(1*ms)
""",
    "unrun.py": """
import brian2 as b2
P = b2.NeuronGroup(7, "dv/dt = -v/(10*b2_ms) : 1".replace("b2_ms", "ms"), name="P")
""",
    "nothing.py": "print('hello')\n",
    "leaves.py": "import sys\nsys.exit(3)\n",
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Script -> its circuit, or the error that came instead; each in a process, both at once."""
    folder = tmp_path_factory.mktemp("scripts")

    def read(name: str) -> Circuit | WorkbenchError:
        path = folder / name
        path.write_text(SCRIPTS[name])
        try:
            return circuit_of_script(path, timeout_s=250)
        except WorkbenchError as error:
            return error

    names = ("magic.py", "wrong.py")
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(read, names), strict=True))


@pytest.fixture
def left_by(tmp_path):
    """What the child process would answer to a script that never comes to a run."""
    argv, path = list(sys.argv), list(sys.path)

    def answer(name: str) -> tuple[bytes, bytes]:
        (tmp_path / name).write_text(SCRIPTS[name])
        child.main(read, tmp_path / "answer", tmp_path / name)
        # Packages that are imported first by a script, such as setuptools, add folders at the end.
        assert (sys.argv, sys.path[: len(path)]) == (argv, path)
        assert str(tmp_path) not in sys.path
        kind, _, content = (tmp_path / "answer").read_bytes().partition(b"\n")
        return kind, content

    return answer


def test_the_network_is_read_at_its_first_run(answers):
    c = answers["magic.py"]
    assert [(n.name, n.size) for n in c.nodes] == [("P[:40]", 40), ("P[40:]", 10)]
    # Conductance-based, and the reversal potential is known only to the function.
    assert {e.sign for e in c.edges} == {"inhibitory"}
    assert c.title == "magic"
    assert 400 < sum(e.n_synapses for e in c.edges) < 1600
    assert "| S1 |" in c.tables()


def test_an_error_names_the_line_of_the_script(answers):
    error = answers["wrong.py"]
    assert isinstance(error, BuildError)
    assert str(error) == "wrong.py, line 4: NameError: name 'undefined_name' is not defined"
    assert "undefined_name" in error.details


def test_a_network_that_is_never_run_is_read_as_the_script_leaves_it(left_by):
    kind, content = left_by("unrun.py")
    assert kind == b"answer"
    assert [(n.name, n.size) for n in pickle.loads(content).nodes] == [("P", 7)]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing.py", "it ends without a network: it must make one and call run(...) or "
         "Network.run(...)."),
        ("leaves.py", "it exits before it runs a network."),
    ],
)  # fmt: skip
def test_a_script_without_a_network_says_what_it_lacks(left_by, name, message):
    kind, content = left_by(name)
    assert (kind, json.loads(content)["message"]) == (b"failure", message)


def test_a_script_that_takes_too_long_is_ended_with_its_children(tmp_path):
    script = tmp_path / "slow.py"
    script.write_text("import time\ntime.sleep(600)\n")
    began = time.monotonic()
    with pytest.raises(BuildError, match=r"slow\.py did not come to its first run within 0\.3 s"):
        circuit_of_script(script, timeout_s=0.3)
    assert time.monotonic() - began < 120


def test_a_script_that_is_not_there():
    with pytest.raises(UnknownName, match=r"There is no script no/such\.py"):
        circuit_of_script("no/such.py")


# -- the command -----------------------------------------------------------------------------------


def call(*args: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["circuit", *args], catch_exceptions=False)
    assert done.exit_code == code, done.stdout + done.stderr
    return done.stdout + done.stderr


SMALL = ("cuba", "--set", "n_neurons=100")


def test_without_a_file_it_is_reported_in_words():
    text = call(*SMALL)
    assert "excitatory: 80" in text
    assert "excitatory → inhibitory" in text


@pytest.mark.parametrize(
    ("name", "begins"),
    [("c.svg", b"<?xml"), ("c.pdf", b"%PDF"), ("t.md", b"## "), ("t.tex", b"\\documentclass")],
)
def test_the_ending_says_what_is_written(tmp_path, name, begins):
    call(*SMALL, "-o", str(tmp_path / name))
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_the_notation_and_the_width_are_taken(tmp_path):
    call(*SMALL, "--notation", "cpt", "--width-mm", "60", "-o", str(tmp_path / "c.svg"))
    text = (tmp_path / "c.svg").read_text("utf-8")
    assert 'width="60mm"' in text
    assert 'id="edge-' in text


def test_tables_are_printed_without_a_file():
    assert call(*SMALL, "--tables", "latex").lstrip().startswith("% Needs the packages")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("cuba", "--notation", "senc", "-o", "a.svg"), "Unknown notation: 'senc'"),
        (("cuba", "-o", "a.doc"), "'a.doc' has no ending that can be written: use .svg, .pdf"),
        (("cuba", "--tables", "latex", "-o", "a.svg"), "its name must end in .tex"),
        (("cuba", "--tables", "word"), "Allowed: markdown, html or latex"),
        (("cuba", "--notation", "senk"), "name the file with -o"),
        (("cubaa",), "Did you mean 'cuba'?"),
        (("no/such.py",), "There is no script no/such.py"),
        (("a.py", "--set", "x=1"), "a script says its own values"),
        ((*SMALL, "-o", "/no/such/folder/a.svg"), "the folder /no/such/folder does not exist"),
    ],
)
def test_errors_say_what_is_allowed(args, message):
    assert message in " ".join(call(*args, code=2).split())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_what_a_script_leaves_running_is_not_waited_for_and_ends(tmp_path):
    script, said = tmp_path / "leaves.py", tmp_path / "pid"
    script.write_text(
        "import os, time\n"
        "from pathlib import Path\n"
        "from brian2 import *\n"
        "if not (child := os.fork()):\n"
        "    time.sleep(600)\n"
        f"Path({str(said)!r}).write_text(str(child))\n"
        "G = NeuronGroup(3, 'dv/dt = -v/(10*ms) : 1')\n"
        "run(1*ms)\n"
    )
    assert [node.size for node in circuit_of_script(script, timeout_s=100).nodes] == [3]
    pid, until = int(said.read_text()), time.monotonic() + 60
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until, "it runs on"
        time.sleep(0.05)
