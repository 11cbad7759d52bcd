"""Facts are measured again at half of the step."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

import workbench as wb
from workbench.checks.convergence import convergence
from workbench.cli.app import app
from workbench.errors import ParameterError

FACT = wb.Fact("", 0.0, 0.0, "closed form", "closed form", lambda model: 0.0)


def decay(model) -> float:
    """What Euler's method leaves of 1 after 10 ms, without a simulation: (1 - dt/tau)^n."""
    return float((1 - model.dt_ms / model.tau) ** round(10 / model.dt_ms))


class Euler(wb.Model):
    """A leak in steps."""

    slug = "euler"
    tick_ms = 10.0
    dt_ms = 1.0
    tau = wb.Parameter(10.0, unit="ms", bounds=(1, 100), softbounds=(5, 50), doc="leak")
    facts: ClassVar[tuple] = (
        replace(FACT, name="near", value=np.exp(-1), tol=0.02, measure=decay),
        replace(FACT, name="far", value=np.exp(-1), tol=0.001, measure=decay),
        replace(FACT, name="step", measure=lambda m: m.dt_ms, of_step="it is the step"),
        replace(FACT, name="slow", measure=lambda m: 1.0, slow=True),
        replace(FACT, name="nan", measure=lambda m: float("nan"), tol=1.0),
    )


class Discrete(Euler):
    """A leak in steps of 1 ms only."""

    slug = "discrete"
    dt_fixed = "it counts ms."


def test_each_fact_is_measured_at_the_step_and_at_half_of_it():
    seen = []
    found = {m.fact.name: m for m in convergence(Euler(), progress=seen.append)}
    assert list(found) == seen == ["near", "far", "slow", "nan"]  # not the one of the step
    one, half = 0.9**10, 0.95**20
    assert found["near"].at_step == pytest.approx(one)
    assert found["near"].at_half == pytest.approx(half)
    assert found["near"].by == pytest.approx(half - one)
    assert {k: m.converged for k, m in found.items()} == {
        "near": True, "far": False, "slow": True, "nan": False,
    }  # fmt: skip


def test_it_starts_from_the_step_and_the_values_of_the_model():
    (only,) = convergence(Euler(dt_ms=0.1, tau=20), names=("far",))
    assert only.at_step == pytest.approx((1 - 0.1 / 20) ** 100)
    assert only.at_half == pytest.approx((1 - 0.05 / 20) ** 200)
    assert only.converged
    assert [m.fact.name for m in convergence(Euler(), slow=False)] == ["near", "far", "nan"]


def test_a_model_whose_step_is_part_of_it_has_no_other():
    with pytest.raises(ParameterError) as caught:
        convergence(Discrete())
    assert str(caught.value) == "discrete has no other step than 1 ms: it counts ms."


def test_the_command_says_which_facts_move(monkeypatch, capsys):
    from workbench.model import registry

    monkeypatch.setattr(registry, "models", lambda: {"discrete": Discrete, "euler": Euler})
    monkeypatch.setattr(registry, "model_class", lambda slug: registry.models()[slug])
    with pytest.raises(SystemExit) as ended:
        app(["check", "--convergence", "--fast"])
    assert ended.value.code == 1
    message = capsys.readouterr()
    rows = {line.split()[1]: line for line in message.out.splitlines() if line.startswith("euler")}
    assert "stays" in rows["near"] and "moves" in rows["far"]
    assert "0.3487" in rows["far"] and "0.3585" in rows["far"]
    assert "slow" not in rows and "step" not in rows
    assert "discrete: its step is part of it: it counts ms." in message.err
    assert "2 facts move with the step." in message.err


@pytest.mark.slow
@pytest.mark.parametrize("slug", [k for k, m in wb.models().items() if not m.dt_fixed])
def test_no_quick_fact_of_a_model_moves_with_its_step(slug):
    moved = [m.fact.name for m in convergence(wb.load(slug), slow=False) if not m.converged]
    assert moved == []
