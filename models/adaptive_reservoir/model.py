"""Adaptive reservoir: inhibition that adapts until every neuron has its target rate.

Equations   V(t+1) = A_E r(t) - g A_I r(t) + W_in u(t);  r = 1/(1 + exp(-c (V - theta)))
            every inhibitory weight onto neuron i: w <- max(0, w + delta (r_i - rho_i))
            one step: row i of A_I times [(A_E rho)_i - theta - logit(rho_i)/c] / (g (A_I rho)_i)
            u uniform on [-1, 1], a new number every step
Source      Srinivasan, Plenz & Girvan (2025), reservoirs whose inhibition adapts to target rates:
            abstract and summary; equations and parameters after a third party's program that cites
            the paper's equations 1, 7, 8 and table I. A *reconstruction*: the paper's text was not
            at hand.
Departures  The design in one step is derived here, for that program's differs in sign and lacks
            1/c. Each neuron has 50 inputs in all, 40 of them excitatory, where that program has 50
            of each. The mean weight is chosen. g, a factor of all inhibition, is the source's
            global tuning.
Numerics    a map in discrete time: a step is a sample of the input, written as 1 ms
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter

from .experiments import EXPERIMENTS
from .facts import FACTS
from .network import network
from .operations import Design
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

__all__ = ["AdaptiveReservoir", "Design"]

PROGRAM = "a third party's program after Srinivasan et al. 2025, table I"


class AdaptiveReservoir(Model):
    """A random network that remembers its input, while inhibition holds every neuron's rate."""

    slug = "adaptive-reservoir"
    title = "Adaptive reservoir"
    topic = "Memory"
    purpose = (
        "A random network remembers its recent input best when inhibition balances excitation. A "
        "local rule finds that balance: each neuron's inhibition grows while its rate is above a "
        "target. Pull the target below 0.218 and the memory collapses into stripes. A "
        "reconstruction."
    )
    source = "reconstruction after Srinivasan, Plenz & Girvan (2025)"
    tick_ms = 1.0
    dt_ms = 1.0
    dt_fixed = "a step is a sample of the input of a map in discrete time."
    pace = 300.0
    window_ms = 100.0
    populations: ClassVar[tuple[str, ...]] = ("signal", "excitatory", "inhibitory")
    traces: ClassVar[dict[str, str]] = {
        "excitatory.r": "1", "inhibitory.r": "1", "signal.u": "1",
    }  # fmt: skip
    maps: ClassVar[dict[str, str]] = {
        "excitatory.r": "1", "inhibitory.r": "1", "excitatory.from_exc": "1",
        "excitatory.from_inh": "1", "signal.u": "1",
    }  # fmt: skip
    labels: ClassVar[dict[str, str]] = {
        "excitatory.r": "rate r (share of the largest)",
        "inhibitory.r": "rate r (share of the largest)",
        "signal.u": "input u (−1 to 1)",
        "excitatory.from_exc": "excitation (dimensionless)",
        "excitatory.from_inh": "inhibition (dimensionless)",
    }
    weight_unit: ClassVar[dict[str, str]] = {"": "1"}
    operations: ClassVar[tuple[type[Operation], ...]] = (Design,)
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    rho = Parameter(
        0.5, bounds=(0.01, 0.99), softbounds=(0.1, 0.9), symbol="ρ", source=PROGRAM,
        group="Adaptation", doc="target rate, the mean of all neurons' targets",
    )  # fmt: skip
    spread = Parameter(
        0.0, bounds=(0, 1), softbounds=(0, 1), symbol="h", source=PROGRAM, group="Adaptation",
        doc="how far the targets differ: 0 one for all, 1 a Beta(2, 2) distribution about ρ",
    )  # fmt: skip
    delta = Parameter(
        1e-3, bounds=(0, 1), softbounds=(0, 0.01), symbol="δ", source=f"{PROGRAM}: 1e-2, then 1e-3",
        group="Adaptation", doc="step of the inhibitory weights; 0 leaves them as they are",
    )  # fmt: skip
    inhibition = Parameter(
        1.0, bounds=(0, 10), softbounds=(0.5, 1.5), symbol="g",
        source="global tuning of the source", group="Adaptation", doc="factor of all inhibition",
    )  # fmt: skip
    begin = Parameter(
        0, choices=("designed", "balanced"), live=False, source="chosen", group="Adaptation",
        doc="inhibition at the start: designed for the target in one step, or equal to excitation "
        "on average",
    )  # fmt: skip
    sigma_in = Parameter(
        0.1, bounds=(0, 10), softbounds=(0, 1), symbol="σ_in",
        source=f"chosen; {PROGRAM}: 0.5", group="Input",
        doc="strength of the input: weights are uniform on ±σ_in/2",
    )  # fmt: skip
    input_share = Parameter(
        0.3, bounds=(0, 1), softbounds=(0.1, 1), live=False, source=PROGRAM, group="Input",
        doc="share of the neurons that hear the input",
    )  # fmt: skip
    c = Parameter(
        10.0, bounds=(0.1, 100), softbounds=(2, 20), symbol="c", source=PROGRAM, group="Neuron",
        doc="steepness of a neuron's response",
    )  # fmt: skip
    theta = Parameter(
        0.0, bounds=(-10, 10), softbounds=(-0.2, 0.2), symbol="θ", source=PROGRAM, group="Neuron",
        doc="input at which a neuron has the rate 1/2",
    )  # fmt: skip
    w_mean = Parameter(
        0.02, bounds=(1e-6, 10), softbounds=(0.005, 0.04), live=False, symbol="μ", source="chosen",
        group="Network", doc="mean excitatory weight; inhibitory ones are four times as strong",
    )  # fmt: skip
    n_units = Parameter(
        500, bounds=(20, 5000), softbounds=(300, 800), live=False, integer=True, symbol="N",
        source=PROGRAM, group="Network", doc="neurons, four of five excitatory",
    )  # fmt: skip
    degree = Parameter(
        50, bounds=(5, 1000), softbounds=(20, 100), live=False, integer=True, symbol="k",
        source=PROGRAM, group="Network", doc="inputs of a neuron, four of five excitatory",
    )  # fmt: skip
    wiring_seed = Parameter(
        0, bounds=(0, 2**31), softbounds=(0, 100), live=False, integer=True, source="chosen",
        group="Network", doc="which connections, weights and targets are drawn",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        return network(self)
