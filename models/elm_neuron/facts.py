"""What is expected of the ELM neuron, measured without any download."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from workbench.model.model import Fact, Model

from .._shared.built import apart, built
from .recurrence import simulate
from .weights import Weights, untrained

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


def _published(model: Any) -> float:
    """Largest difference of voltage (mV) and p_spike of the shipped neuron from the equations.

    The equations are written out here with the publication's numbers; only the matrices and the
    routing are read from the model's weights. Infinite when the default is another neuron.
    """
    n_ms, n_exc, n_memory = 60, 48, 10
    w = model.first_weights()
    shape = (w.n_input, w.n_memory, w.n_branch, len(w.synapse_weight), w.activation, w.variant)
    if shape != (96, 10, 12, 12 * 28, "relu2", "v2") or len(w.hidden) != 1:
        return math.inf
    if (w.synapse_weight == 0.5).all():  # untrained
        return math.inf
    channel, t_ms = random_input(w.n_input, n_ms)
    run = model.run(float(n_ms), inputs=(channel, t_ms), engine="numpy")
    x = np.zeros((n_ms, w.n_input))
    np.add.at(x, (t_ms, channel), np.where(channel < n_exc, 1.0, -1.0))
    used = w.synapse_mask
    tau_m_ms = 150.0 ** np.linspace(0, 1, n_memory)
    s, m, theirs, p_spike = np.zeros(used.sum()), np.zeros(n_memory), [], []
    (W_in, c_in), (W_out, c_out), (W_y, c_y) = w.hidden[0], w.memory, w.out
    for step in range(n_ms):
        s = math.exp(-1 / 5.0) * s + w.synapse_weight[used] * x[step, w.input_to_synapse[used]]
        b = np.bincount(w.synapse_branch[used], s, w.n_branch)
        m = np.exp(-1 / tau_m_ms) * m
        z = W_out @ np.maximum(W_in @ np.concatenate([b, m]) + c_in, 0) ** 2 + c_out
        m = m + (1 - np.exp(-5.0 / tau_m_ms)) * 1.7159 * np.tanh(2 * z / 3)
        y = W_y @ m + c_y
        theirs.append([10.0 * y[1] - 67.7])
        p_spike.append([1 / (1 + np.exp(-y[0]))])
    return max(apart(run.state("v_soma_mV"), theirs), apart(run.state("p_spike"), p_spike))


def _untrained_readout(model: Model) -> float:
    """Largest difference of the constants of an untrained neuron's readout from the published."""
    w = neuronio(7)
    return apart([w.v_bias_mV, w.v_scale_mV, w.out[1][0]], [-67.7, 10.0, -5.0])


def _constant(c_spike: float) -> Weights:
    """A neuron without synapses or memory, whose spike logit is a constant."""
    bare = neuronio(1, n_exc=1, n_inh=1, n_branch=1, per_branch=2)
    return bare.changed(out=(np.zeros((2, 1)), np.array([c_spike, 0.0])))


def _drawn_spikes(model: Any) -> float:
    """Share of the ms in which 200 neurons of p_spike = 0.5 spike."""
    kind, n, n_ms = type(model), 200, 20
    drawn = kind.from_weights(_constant(0.0), n_neurons=n)
    run = drawn.run(float(n_ms), engine="numpy", seed=1)
    return len(run.spikes("neurons")[0]) / (n * n_ms)


def _spikes_above_theta(model: Any) -> float:
    """Share of the ms with a spike where p_spike is 0.73 and 0.27, and theta 0.6."""
    kind, found = type(model), 0
    for c in (1.0, -1.0):
        run = kind.from_weights(_constant(c), theta=0.6).run(20.0, engine="numpy")
        found += len(run.spikes("neurons")[0])
    return found / 20


def _rates_Hz(model: Any) -> float:
    """Largest difference of the rates of both kinds of channel from their course, 0 to 62 ms."""
    found = []
    with built(model) as network:
        for name, mean in (("excitatory", 12.0), ("inhibitory", 10.0)):
            ours = network.record(name, "rate_now", steps=62)[0][:, 0]
            t_s = 1e-3 * np.arange(62)
            found.append(apart(ours, mean * (1 + 0.3 * np.sin(2 * np.pi * 2.0 * t_s))))
    return max(found)


def _events(model: Any) -> float:
    """Events of both kinds of channel in 500 ms over the expected number."""
    run = model.run(500.0, engine="numpy", seed=1)
    count = sum(len(run.spikes(name)[0]) for name in ("excitatory", "inhibitory"))
    t_s = 1e-3 * np.arange(500)
    swing = (1 + 0.3 * np.sin(2 * np.pi * 2.0 * t_s)).sum() * 1e-3
    return count / (48 * 12.0 * swing + 48 * 10.0 * swing)


FACTS = (
    Fact(
        "voltage and p_spike of the shipped neuron less the published equations",
        0.0,
        1e-9,
        "rounding: sums in another order",
        "another computation: tau_s 5 ms, tau_m 1 to 150 ms, lambda 5, v2 with relu squared, "
        "1.7159 tanh(2 z/3), V = 10 y_1 - 67.7 mV, p_spike = sigmoid(y_0)",
        _published,
        unit="mV",
    ),
    Fact(
        "constants of an untrained readout less those published",
        0.0,
        0.0,
        "declared numbers",
        "V = 10 y_1 - 67.7 mV; a spike logit of -5 at the start, as in the program of 2026",
        _untrained_readout,
    ),
    Fact(
        "share of ms with a spike where p_spike is 0.5",
        0.5,
        0.04,
        "five standard errors of 4,000 draws",
        "closed form: spikes are drawn with p_spike",
        _drawn_spikes,
    ),
    Fact(
        "share of ms with a spike where p_spike is 0.73 and 0.27, theta 0.6",
        1.0,
        0.0,
        "without chance: one neuron always, the other never",
        "declaration: a spike where p_spike is larger than theta",
        _spikes_above_theta,
    ),
    Fact(
        "rates of the channels less their course",
        0.0,
        1e-9,
        "rounding",
        "closed form: r (1 + 0.3 sin(2 pi 2 Hz t)) with r = 12 and 10 Hz",
        _rates_Hz,
        unit="Hz",
    ),
    Fact(
        "events of the channels in 500 ms over the expected number",
        1.0,
        0.2,
        "four and a half standard errors of 528 events",
        "closed form: N r T",
        _events,
    ),
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
        value=LAMBDA * 1.7159 * math.tanh(2 / 3) * (1 - math.exp(-CONSTANT_MS / TAU_MS)),
        tol=1e-9,
        why_tol="rounding: v1 is the exact solution of tau dm/dt = -m + lambda Delta over a step",
        source="closed form: lambda Delta (1 - exp(-t/tau_m)), Delta = 1.7159 tanh(2/3)",
        measure=_charged,
    ),
)
