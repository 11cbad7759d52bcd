"""One binary serves all sizes of a model, and gives what a binary for one size alone gives."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.engine.compiled.cache import compiler
from workbench.model import registry

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(compiler() is None, reason="needs a C++ compiler"),
]
PAIR = Path(__file__).parent / "size_pair.py"
# What is no part of the code: numbers of neurons, probabilities, and what follows from them.
SIZES = {
    "astrocyte-lsm": {"n_neurons": 200},
    "adaptive-whitening": {"n_primary": 3, "n_inter": 5},
    "background-gain": {"n_currents": 7, "n_copies": 9},
    "cuba": {"n_neurons": 4001, "p_connect": 0.03},
    "hippocampal-cam": {"n_cues": 7},
    "normalisation": {"n_neurons": 80},
    "v1-adaptation": {"n_neurons": 200},
    "v1-spiking": {"n_neurons": 200},
    "ssn": {"n_sites": 90},
    "ssn-line": {"n_sites": 7},  # a sum that a compiler would unroll
    "active-dendrites": {"n_cells": 12},
    "adaptive-reservoir": {"n_units": 300},
    "l2mu-braille": {"n_hidden": 60},
    "orthogonal-projection": {"n_first": 12},
    "spiking-reservoir": {"n_units": 600},
    "symmetric-stdp": {"n_hidden": 60},
}
FIRST = {"l2mu-braille": {"weights": 0}}  # the trained ones are for one size
# With Brian2's own flags, among them -ffast-math, sums are made in another order where their length
# is known when they are compiled: numbers differ by rounding.
ROUNDED = {"lmu-delay": {"n_neurons": 60}}
ROUNDING = 1e-14  # of the largest; seen: 6e-16 and less
# Numbers that stand in equations, which the compiler computes with.
IN_EQUATIONS = {"hippocampal-cam": {"n_content": 12}, "spike-matching": {"n_neurons": 120}}


def other_size(model: str, values: dict[str, float]) -> dict:
    first = FIRST.get(model, {})
    done = subprocess.run(
        [sys.executable, str(PAIR), model, json.dumps(first), json.dumps({**first, **values})],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", SIZES)
def test_another_size_needs_no_other_binary_and_gives_the_same(name):
    assert other_size(name, SIZES[name]) == {"compiled": False, "unequal": {}}


@pytest.mark.parametrize("name", ROUNDED)
def test_another_size_needs_no_other_binary_and_rounds_otherwise(name):
    found = other_size(name, ROUNDED[name])
    assert not found["compiled"]
    assert not {n: share for n, share in found["unequal"].items() if not share < ROUNDING}


@pytest.mark.parametrize("name", IN_EQUATIONS)
def test_where_the_code_differs_it_is_compiled_and_gives_the_same(name):
    assert other_size(name, IN_EQUATIONS[name]) == {"compiled": True, "unequal": {}}


def test_every_model_with_a_number_of_neurons_is_asked():
    """A new model with one is to be added above, or here with the reason why it is not."""
    sizes = {
        slug
        for slug, cls in registry.models().items()
        if any(q.integer and not q.live and name.startswith("n_")
               for name, q in cls.parameters().items())
    }  # fmt: skip
    structure = {"elm-neuron"}  # its equations are written for the number of its layers
    assert sizes - structure == SIZES.keys() | ROUNDED.keys() | IN_EQUATIONS.keys()
