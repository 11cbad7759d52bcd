"""Adaptive whitening: interneurons that change only their gains decorrelate a population.

Equations   tau dy/dt = x - alpha y - W (g o z),  z = W^T y            (o: elementwise)
            at the end of each sample: g <- g + eta_g (z^2 - |w|^2)
            variant with plastic synapses: W <- W + eta_w (y (g o z)^T - W diag g), both directions
            input: x = C^1/2 s with a fresh normal s for each sample, held for a while
            steady state: y = (alpha I + W diag(g) W^T)^-1 x
Source      Duong et al. (2023) Adaptive whitening in neural populations with gain-modulating
            interneurons, ICML, arXiv 2301.11955; the variant: Duong et al. (2023) Adaptive
            whitening with fast gain modulation and slow synaptic plasticity, NeurIPS, arXiv
            2308.13633. A *reconstruction* from the authors' programs (MIT), written anew from a
            description of them: of the papers only abstracts and introductions were at hand. (The
            recurrent population of arXiv 2305.19869 is `v1-adaptation`; that one is a
            reconstruction without a program to go by.)
Departures  The authors iterate y to its steady state; here it relaxes with tau while a sample
            lasts. Gains are updated once a sample, at its end: continuous updates would mix in the
            transients and bias them. The two directions of W learn one after the gains, within
            the same sample.
Numerics    method euler, dt 0.5 ms; the steady state does not depend on dt. A sample of 20 ms
            leaves exp(-hold lambda/tau) of the transient, lambda the smallest eigenvalue of M.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter

from .experiments import EXPERIMENTS
from .facts import FACTS
from .frames import CONTEXTS, FRAMES, optimal_gains
from .network import network
from .operations import CycleContexts, SetGains, SwitchContext
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

__all__ = ["AdaptiveWhitening", "CycleContexts", "SetGains", "SwitchContext", "optimal_gains"]

ICML = "arXiv 2301.11955, authors' program"
NEURIPS = "arXiv 2308.13633, authors' program"


class AdaptiveWhitening(Model):
    """Primary neurons whitened by interneurons with fixed synapses and adaptive gains."""

    slug = "adaptive-whitening"
    title = "Adaptive whitening"
    topic = "Gain control"
    purpose = (
        "A population whose input is correlated becomes uncorrelated within seconds, though not "
        "one synapse changes: each interneuron only tunes its own gain until what it sees has "
        "variance one. A reconstruction from the authors' programs."
    )
    source = (
        "reconstruction from the programs of Duong et al. (2023) ICML, arXiv 2301.11955; (2023) "
        "NeurIPS, arXiv 2308.13633"
    )
    tick_ms = 10.0
    dt_ms = 0.5
    pace = 10_000.0
    window_ms = 20_000.0
    populations: ClassVar[tuple[str, ...]] = ("signal", "primary", "interneurons")
    traces: ClassVar[dict[str, str]] = {
        "interneurons.g": "1", "primary.y": "1", "primary.x": "1", "interneurons.z": "1",
    }  # fmt: skip
    maps: ClassVar[dict[str, str]] = dict(traces)
    labels: ClassVar[dict[str, str]] = {
        "interneurons.g": "gain g",
        "primary.y": "response y",
        "primary.x": "input x",
        "interneurons.z": "interneuron input z",
    }
    weight_unit: ClassVar[dict[str, str]] = {"": "1"}
    operations: ClassVar[tuple[type[Operation], ...]] = (SwitchContext, CycleContexts, SetGains)
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    n_primary = Parameter(
        2, bounds=(1, 200), softbounds=(2, 12), live=False, integer=True, symbol="N", source=ICML,
        group="Network", doc="primary neurons, which is the dimension of the input",
    )  # fmt: skip
    n_inter = Parameter(
        3, bounds=(1, 2000), softbounds=(1, 30), live=False, integer=True, symbol="K", source=ICML,
        group="Network",
        doc="interneurons; N(N+1)/2 can whiten any input, fewer only equalise their own variances",
    )  # fmt: skip
    frame = Parameter(
        0, choices=FRAMES, live=False, source=ICML, group="Network",
        doc="what the interneurons look at: single neurons and sums of neighbours (with N = 2 and "
        "K = 3 the published frame), directions far from one another, eigenvectors, or chance",
    )  # fmt: skip
    contexts = Parameter(
        0, choices=CONTEXTS, live=False, source=f"{ICML}; random ones: {NEURIPS}", group="Input",
        doc="covariances of the input; the first two exist for N = 2, others are drawn",
    )  # fmt: skip
    n_contexts = Parameter(
        2, bounds=(1, 1000), softbounds=(1, 64), live=False, integer=True, source=ICML,
        group="Input", doc="how many covariances there are to switch between",
    )  # fmt: skip
    axes = Parameter(
        0, choices=("shared", "own"), live=False, source=NEURIPS, group="Input",
        doc="whether random contexts share their eigenvectors, as plastic synapses need",
    )  # fmt: skip
    wiring_seed = Parameter(
        0, bounds=(0, 2**31), softbounds=(0, 100), live=False, integer=True, source="chosen",
        group="Network", doc="which random frame and random contexts are drawn",
    )  # fmt: skip
    stimuli = Parameter(
        0, choices=("gaussian", "exact"), source="chosen", group="Input",
        doc="samples from a normal distribution, or a cycle of 2 N samples whose covariance is "
        "exactly that of the context: the same gains without chance",
    )  # fmt: skip
    hold = Parameter(
        20, unit="ms", bounds=(1, 10_000), softbounds=(5, 100), live=False, integer=True,
        source="chosen", group="Input", doc="how long a sample lasts",
    )  # fmt: skip
    eta_g = Parameter(
        2e-3, bounds=(0, 1), softbounds=(0, 0.02), symbol="η_g", source=f"{ICML}, figure 2",
        group="Adaptation", doc="step of the gains at the end of a sample",
    )  # fmt: skip
    synapses = Parameter(
        0, choices=("fixed", "plastic"), live=False, source=f"{ICML}; plastic: {NEURIPS}",
        group="Adaptation", doc="whether the synapses learn too, slowly",
    )  # fmt: skip
    eta_w = Parameter(
        1e-4, bounds=(0, 1), softbounds=(0, 0.002), symbol="η_w", source=f"{NEURIPS}: 1e-5 to 1e-4",
        group="Adaptation", doc="step of plastic synapses at the end of a sample",
    )  # fmt: skip
    clamp = Parameter(
        0, choices=("free", "not negative"), source=ICML, group="Adaptation",
        doc="whether gains may be negative; if not, directions of variance below 1 stay",
    )  # fmt: skip
    g_start = Parameter(
        0.0, bounds=(-0.3, 100), softbounds=(0, 3), live=False, symbol="g_0", source="chosen",
        group="Adaptation", doc="gains at the start",
    )  # fmt: skip
    alpha = Parameter(
        1.0, bounds=(0.01, 100), softbounds=(0.5, 2), symbol="α", source=ICML, group="Neuron",
        doc="leak of the primary neurons; 1 lets them pass on what has variance 1",
    )  # fmt: skip
    tau = Parameter(
        5.0, unit="ms", bounds=(0.5, 1000), softbounds=(2, 20), symbol="τ", source="chosen",
        group="Neuron", doc="time constant of the primary neurons",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        return network(self)
