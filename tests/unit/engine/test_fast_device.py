"""The fast standalone device gives what Brian2's own gives, byte for byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.engine.compiled.cache import compiler
from workbench.model import registry

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs a C++ compiler")
PAIR = Path(__file__).parent / "standalone_pair.py"
NETWORKS = 42  # the last two are not made at random
QUICK = (0, 40)


def different(kind: str, which: int | str) -> list[str]:
    done = subprocess.run(
        [sys.executable, str(PAIR), kind, str(which)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("number", QUICK)
def test_every_result_is_bytewise_equal(number):
    assert different("framed", number) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", range(NETWORKS))
def test_every_result_is_bytewise_that_of_untouched_brian2(number):
    assert different("pure", number) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(registry.models()))
def test_every_result_of_the_models_is_bytewise_that_of_untouched_brian2(name):
    assert different("pure", name) == []


@pytest.mark.slow
def test_the_command_line_says_whose_code_each_part_is():
    """In a process of its own: the standalone device is the process's."""
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "run", "cuba", "--explain-engine"],
        capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    for part in ("stateupdater", "spike_thresholder"):
        assert " ours " in rows[f"neurons_{part}_codeobject"] + " "
    assert "-O3" in rows["compiler"] and "-ffast-math" not in rows["compiler"]
    assert "there is no faster template" in rows["neurons_spike_resetter_codeobject"]


FLAGS_OF = """
import sys
from workbench import load
from workbench.engine.compiled.simulation import Compiled
simulation = Compiled(load(sys.argv[1]), seed=0)
simulation.generate()
print("-ffast-math" in simulation.device.flags())
simulation.close()
"""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "calls_exp"), [("cuba", False), ("v1-spiking", True)])
def test_code_that_calls_exp_for_each_neuron_gets_brian2_s_flags(name, calls_exp):
    done = subprocess.run(
        [sys.executable, "-c", FLAGS_OF, name], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == str(calls_exp)
