"""The run that changes numbers and signs of models, and what the facts make of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.model.registry import model_class
from workbench.model.time_step import NAME as STEP

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
TEXT = '''"""Title - with a sign: dv/dt = -v/tau."""

SLOPE, AT = 2 / 3, -50
PAPER = "Abbott & Reyes (2002) Neuron 35:773-782"
GAIN = 1.5
_NEURON = """
dv/dt = (E - v)/tau : volt (unless refractory)
rate = 2*x*int(y > 0.5) : Hz  # 3 - a comment
"""


def build(w):
    """Doc: a - b."""
    make(on_pre=f"{w}_post += {w}", doc="from - to (1 of 2)", name="a-b")
'''


@pytest.fixture
def mutations(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import mutations

    return mutations


@pytest.fixture
def found_by(mutations):
    import mutations_found

    return mutations_found


def run(*arguments: str) -> str:
    command = [sys.executable, str(FOLDER / "mutations.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_sign_and_number_of_the_code_is_changed_and_nothing_else(found_by):
    found = list(found_by.code_changes("m", "m.py", TEXT))
    changed = {m.apply(TEXT) for m in found}
    wanted = [
        ("(E - v)", "(E + v)"), ("= 2*x", "= 2.2*x"), ("_post +=", "_post -="),
    ]  # fmt: skip
    assert changed == {TEXT.replace(old, new) for old, new in wanted}


def test_named_constants_are_changed_but_not_the_order_of_events(found_by):
    found = {m.label for m in found_by.named_constants("m", "m.py", TEXT)}
    assert found == {"SLOPE = 2 / 3 → 0.733333333333", "GAIN = 1.5 → 1.65"}


def test_a_default_becomes_its_neighbours_within_its_limits(found_by):
    cuba, ring = model_class("cuba"), model_class("astrocyte-lsm")
    assert found_by.others(cuba.parameters()["tau_i"]) == [11.0, 9.0]
    assert found_by.others(ring.parameters()["rate_decay"]) == [0.9]  # at most 1
    assert found_by.others(ring.parameters()["hold"]) == [1]
    whitening = model_class("adaptive-whitening").parameters()
    assert found_by.others(whitening["synapses"]) == [1]
    assert found_by.others(whitening["n_inter"]) == [4, 2]


def test_each_parameter_of_each_model_is_changed(mutations):
    for slug in mutations.CODE:
        changed = {m.label.split()[0] for m in mutations.mutations_of(slug) if m.kind == "default"}
        assert changed == set(model_class(slug).parameters()) - {STEP}, slug


def test_the_models_are_all_there(mutations):
    assert set(mutations.CODE) == set(model_class_slugs())


def model_class_slugs():
    from workbench.model.registry import models

    return models()


def test_what_survives_is_told_with_its_reason(mutations, monkeypatch):
    monkeypatch.setattr(mutations, "REASONS", (("m", "^seed", "any is as good"),))
    change = [mutations.Mutation("m", "default", x, "m.py", 0, 0, "") for x in ("a", "seed 1")]
    outcomes = [
        mutations.Outcome(change[0], "caught", "a fact"),
        mutations.Outcome(change[1], "survived"),
    ]
    report = mutations.Report("m", outcomes, {"a fact": 1.5})
    text = mutations.table([report])
    assert "| m | 2 | 1 | 50.0 % | 100.0 % | 1.5 |" in text
    assert "| m | default | `seed 1` | m.py | any is as good |" in text


@pytest.mark.slow
def test_a_known_survivor_is_caught():
    text = run("adaptive-whitening", "--kinds", "known")
    assert "caught    adaptive-whitening known: decay of the plastic rule doubled" in text
    assert "| all | 1 | 1 | 100.0 %" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    "slug", ["cuba", "elm-neuron", "ssn-line", "v1-adaptation", "astrocyte-lsm", "background-gain"]
)
def test_the_other_known_survivors_are_caught(slug):
    text = run(slug, "--kinds", "known")
    assert "survived" not in text
    assert "no answer" not in text
    assert "| all |" in text
