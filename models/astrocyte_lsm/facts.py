"""What is known about the liquid, each with the way to measure it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from workbench.model.model import Fact

from .wiring import wiring

if TYPE_CHECKING:
    from workbench.model.model import Model


def _in_degree(model: Model) -> float:
    """Mean number of synapses from the liquid onto a neuron of it, over ten networks."""
    found = [len(wiring({**model.values(), "network": k}).liquid_pre) for k in range(10)]
    return float(np.mean(found)) / model.values()["n_neurons"]


def _expected_in_degree() -> float:
    """The same in closed form: the sum of all connection probabilities."""
    # The square of a distance is a sum over axes, so the sum over pairs is a product over axes.
    row = sum(math.exp(-((a - b) ** 2) / 9.0) for a in range(10) for b in range(10))
    reach = (row**3 - 1000) / 1000  # no synapse onto itself
    # Types are spread at random, so a pair is of each kind as often as its shares say.
    C = 0.8 * 0.8 * 0.2 + 0.8 * 0.2 * 0.1 + 0.2 * 0.8 * 0.3 + 0.2 * 0.2 * 0.05
    return C * reach


def _lone(model: Model, **changed: float) -> Model:
    """Eight neurons without synapses among them, each joined to the one input, which is silent."""
    still = {
        "n_neurons": 8, "n_inputs": 1, "p_input": 1, "rule": 0, "input_events": 0,
        "C_exc_exc": 0, "C_exc_inh": 0, "C_inh_exc": 0, "C_inh_inh": 0, "sample_ms": 1000,
    }  # fmt: skip
    return type(model)(**{**model.values(), **still, **changed})


def _depolarisation(model: Model) -> float:
    """Largest |v| after one input spike, with hardly any leak."""
    run = _lone(model, tau_v=10_000).run(
        60, input_spikes={"input": ([5.0], [0])}, engine="numpy",
        record={"excitatory.v": "all"},
    )  # fmt: skip
    return float(np.abs(run.state("excitatory.v")).max())


def _shortest_interval_ms(model: Model) -> float:
    """Interval between the spikes of an input that gets an event every ms."""
    every = np.arange(100.0)
    run = _lone(model).run(
        100, input_spikes={"input": (every, np.zeros(100, dtype=int))}, engine="numpy"
    )
    return float(np.diff(run.spikes("input")[0]).mean())


def _astrocyte_rest(model: Model) -> float:
    """A when the input alone fires, at its shortest interval: b_astro - w_astro/3 on average."""
    every = np.arange(1000.0)
    run = _lone(model, w_0=0).run(
        1000, input_spikes={"input": (every, np.zeros(1000, dtype=int))}, engine="numpy"
    )
    return float(run.state("astrocyte.A")[-300:, 0].mean())


FACTS = (
    Fact(
        name="synapses from the liquid per neuron",
        value=_expected_in_degree(),
        tol=0.35,
        why_tol="three standard deviations of a mean over ten networks: which neurons, 1 in 5, are "
        "inhibitory and sit at the border varies, 0.36 between single networks",
        source="closed form of the connection rule; 16.7 was sampled from the authors' rule",
        measure=_in_degree,
    ),
    Fact(
        name="depolarisation by one spike",
        value=3.0 / (1 - math.exp(-1)),
        tol=0.005,
        why_tol="the leak: 0.0001 a ms for some ms of current, 0.001 of 4.75",
        source="closed form: w (1 + 1/e + 1/e² + ...), a quarter of the threshold",
        measure=_depolarisation,
    ),
    Fact(
        name="shortest interval between spikes",
        value=3.0,
        tol=0.0,
        why_tol="whole steps: exact or wrong",
        source="authors' program: a spike at t, refractory for 2 ms, the next at t + 3",
        measure=_shortest_interval_ms,
        unit="ms",
    ),
    Fact(
        name="fixed point of the astrocyte",
        value=0.15 - 0.015 / 3,
        tol=2e-5,
        why_tol="exp(-7) of the way is left after 700 ms, 5e-6, and the ripple of single spikes "
        "averages out over whole periods",
        source="closed form: b_astro + w_astro (liquid - input spikes a ms)",
        measure=_astrocyte_rest,
    ),
)
