"""What is expected of the ELM neuron, measured without any download."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from workbench.model.model import Fact, Model

from .recurrence import simulate
from .weights import TANH_GAIN, TANH_SLOPE, Weights, untrained

PUBLISHED = "released models, evaluation table of the publication's repository"
CONSTANT_MS, TAU_MS, LAMBDA = 40, 25.0, 5.0


def neuronio(n_memory: int, **parts: Any) -> Weights:
    """An untrained neuron of the sizes that were published for NeuronIO."""
    sizes = {"n_exc": 639, "n_inh": 639, "n_branch": 45, "per_branch": 100, **parts}
    return untrained(np.random.default_rng(1), n_memory=n_memory, **sizes)


def _parameters(n_memory: int) -> Any:
    return lambda model: float(neuronio(n_memory).n_parameters)


def random_input(n_input: int, n_ms: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Events at 10 Hz a channel, some of them twice in one ms."""
    rng = np.random.default_rng(seed)
    t_ms, channel = np.nonzero(rng.random((n_ms, n_input)) < 0.01)
    again = rng.random(len(t_ms)) < 0.05
    return np.append(channel, channel[again]), np.append(t_ms, t_ms[again])


def _apart_mV(model: Model) -> float:
    """Largest difference in voltage between Brian2 and the plain recurrence, over both variants."""
    worst = 0.0
    for k, (variant, activation) in enumerate((("v1", "relu"), ("v2", "relu2"), ("v1", "silu"))):
        weights = neuronio(
            7, n_exc=60, n_inh=50, n_branch=9, per_branch=20, layers=1 + k % 2,
            variant=variant, activation=activation,
        )  # fmt: skip
        channel, t_ms = random_input(110, 150)
        run = type(model).from_weights(weights).run(150.0, inputs=(channel, t_ms), engine="numpy")
        plain = simulate(weights, channel, t_ms, 150)
        worst = max(worst, float(np.abs(run.state("v_soma_mV")[:, 0] - plain.v_soma_mV).max()))
    return worst


def _charged(model: Model) -> float:
    """One memory under a constant proposal, after 40 ms in Brian2."""
    weights = neuronio(
        1, n_exc=1, n_inh=0, n_branch=1, per_branch=1, tau_m_ms=(TAU_MS, TAU_MS), lambda_m=LAMBDA
    )
    silent = weights.changed(
        memory=(np.zeros((1, 2)), np.ones(1)), out=(np.array([[0.0], [1.0]]), np.zeros(2)),
        v_scale_mV=1.0, v_bias_mV=0.0,
    )  # fmt: skip
    run = type(model).from_weights(silent).run(float(CONSTANT_MS), inputs=([], []), engine="numpy")
    return float(run.state("v_soma_mV")[-1, 0])


FACTS = (
    Fact(
        name="trainable parameters with 20 memory units",
        value=8002,
        tol=0,
        why_tol="a count",
        source=PUBLISHED,
        measure=_parameters(20),
    ),
    Fact(
        name="trainable parameters with 100 memory units",
        value=54002,
        tol=0,
        why_tol="a count",
        source=PUBLISHED,
        measure=_parameters(100),
    ),
    Fact(
        name="Brian2 against the plain recurrence, largest difference of the voltage",
        value=0.0,
        tol=1e-9,
        why_tol="the same sums in another order: 1e-13 mV are seen, and an input that comes one "
        "step late would be off by mV",
        source="comparison with another program: the recurrence in plain NumPy (v1 and v2; relu, "
        "silu and relu squared; one and two hidden layers), which meets the published outputs",
        measure=_apart_mV,
        unit="mV",
    ),
    Fact(
        name="a memory under a constant proposal, after 40 ms",
        value=LAMBDA * TANH_GAIN * math.tanh(TANH_SLOPE) * (1 - math.exp(-CONSTANT_MS / TAU_MS)),
        tol=1e-9,
        why_tol="rounding: v1 is the exact solution of tau dm/dt = -m + lambda Delta over a step",
        source="closed form: lambda Delta (1 - exp(-t/tau_m)), Delta = 1.7159 tanh(2/3)",
        measure=_charged,
    ),
)
