"""Spike matching: local changes of weights make one network fire as another one does.

Equations   v <- v + dt/tau (-v + sum_j w_j s_j + R I);  a spike when v > V_t, then v = 0;
            s_j = 1 in the step after a spike of j, else 0; I = I_mean + I_sd x frozen white noise.
            A pass is so many steps from v = 0, always with the same noise. Spikes of learner and
            reference, neuron by neuron, are pairs if they are at most D steps apart. After a pass,
            for each spike of a neuron without a pair: w -> w - q (extra, the learner's) or w + q
            (missed, the reference's) for all synapses onto it whose source fired in the z steps
            before; and w -> w + h (spikes of the reference - spikes of the learner) for all. Signs
            do not change: w of an inhibitory neuron stays at most 0. D falls by 1 every so many
            passes. Control: as many changes of q up and down, at synapses drawn at random.
Source      Bordelon et al. (2020) PLoS ONE, doi:10.1371/journal.pone.0229083, arXiv:1810.03199, and
            the authors' program (blakebordelon/Spiking-Neural-Network-Optimization), from a
            description; nothing of it is copied.
Departures  200 neurons in place of 400, w_max doubled, so that their sum is the same; passes of
            1,000 steps in place of 5,000, and twice as many. q is the mean of the source's random
            step, 0 to 9 times 0.8 uV (here doubled with w_max). Pairs are found while the spikes
            come, in place of dynamic programming afterwards; both leave nearly the same spikes
            unpaired (see the facts). A spike that still waits when a pass ends counts for nothing.
            The source leaves out spikes of the first z steps. The control's changes are normal
            numbers with the mean and variance of as many at random, in place of each by itself.
Numerics    method euler; the step of 3 ms is part of the model. The control alone draws random
            numbers while it runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter

from .experiments import EXPERIMENTS
from .facts import FACTS
from .network import network
from .operations import SetWeights
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

__all__ = ["SetWeights", "SpikeMatching"]

PROGRAM = "authors' program"


def _count(
    default: int, doc: str, soft: tuple[int, int], source: str, most: int, symbol: str = ""
) -> Parameter:
    return Parameter(
        default, bounds=(1, most), softbounds=soft, integer=True, symbol=symbol, source=source,
        group="Learning", doc=doc,
    )  # fmt: skip


class SpikeMatching(Model):
    """A learner comes to fire like a reference with the same input; a control does not."""

    slug = "spike-matching"
    title = "Spike matching"
    topic = "Learning"
    purpose = (
        "Two networks with unlike weights get the same noisy input. After each pass the learner "
        "weakens synapses that led to spikes too many and strengthens those onto neurons that "
        "missed one, until it fires like the reference; its weights stay quite different ones."
    )
    source = "Bordelon et al. (2020) PLoS ONE, doi:10.1371/journal.pone.0229083"
    tick_ms = 15.0
    dt_ms = 3.0
    dt_fixed = "synapses act for one step, and pairs and causes are counted in steps."
    pace = 9000.0
    window_ms = 3000.0
    populations: ClassVar[tuple[str, ...]] = ("reference", "learner", "control", "passes")
    traces: ClassVar[dict[str, str]] = {
        "learner.v": "mV", "reference.v": "mV", "control.v": "mV", "passes.missed": "1",
        "passes.extra": "1", "passes.D": "1",
    }  # fmt: skip
    labels: ClassVar[dict[str, str]] = {
        "learner.v": "potential v",
        "reference.v": "potential v",
        "control.v": "potential v",
        "passes.missed": "missed spikes of the pass",
        "passes.extra": "extra spikes of the pass",
        "passes.D": "tolerance D (steps)",
    }
    weight_unit: ClassVar[dict[str, str]] = {"": "mV"}
    operations: ClassVar[tuple[type[Operation], ...]] = (SetWeights,)
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    n_neurons = Parameter(
        200, bounds=(2, 2000), softbounds=(50, 400), live=False, integer=True, symbol="N",
        source=f"chosen; {PROGRAM}: 400", group="Networks", doc="neurons of each network",
    )  # fmt: skip
    inhibitory = Parameter(
        0.2, bounds=(0, 1), softbounds=(0, 0.5), live=False, source=PROGRAM, group="Networks",
        doc="share of inhibitory neurons, the same ones in all networks",
    )  # fmt: skip
    w_max = Parameter(
        3.0, unit="mV", bounds=(0, 1000), softbounds=(0.5, 6), live=False,
        symbol="w_max", source=f"{PROGRAM}: 1.5 with 400 neurons", group="Networks",
        doc="weights are drawn between 0 and this",
    )  # fmt: skip
    start_weights = Parameter(
        0, choices=("naive", "reference"), live=False, source=PROGRAM, group="Networks",
        doc="weights that learner and control begin with: a draw of their own, or the reference's",
    )  # fmt: skip
    wiring_seed = Parameter(
        2, bounds=(0, 2**31), softbounds=(0, 100), live=False, integer=True, source="chosen",
        group="Networks", doc="which weights, and which noise",
    )  # fmt: skip

    tau = Parameter(
        100 / 3, unit="ms", bounds=(3, 1e6), softbounds=(15, 100), symbol="τ",
        source=f"{PROGRAM}: 30 Hz", group="Neuron", doc="membrane time constant",
    )  # fmt: skip
    R = Parameter(
        100.0, unit="Mohm", bounds=(0, 1e6), softbounds=(50, 150), symbol="R",
        source=PROGRAM, group="Neuron", doc="membrane resistance",
    )  # fmt: skip
    V_t = Parameter(
        30.0, unit="mV", bounds=(0.1, 1e6), softbounds=(25, 40), symbol="V_t",
        source=PROGRAM, group="Neuron", doc="threshold, above rest and reset",
    )  # fmt: skip
    I_mean = Parameter(
        0.25, unit="nA", bounds=(-100, 100), softbounds=(0, 0.4), symbol="I_mean",
        source=PROGRAM, group="Input", doc="mean of the current, the same for all neurons",
    )  # fmt: skip
    I_sd = Parameter(
        0.1, unit="nA", bounds=(0, 100), softbounds=(0, 0.3), symbol="I_sd",
        source=PROGRAM, group="Input",
        doc="standard deviation of the current from step to step, another for each neuron",
    )  # fmt: skip
    pass_steps = Parameter(
        1000, bounds=(10, 100_000), softbounds=(200, 5000), live=False, integer=True, symbol="T",
        source=f"chosen; {PROGRAM}: 5,000", group="Input",
        doc="steps of a pass, after which input and membranes begin anew",
    )  # fmt: skip

    learn = Parameter(
        1, choices=("off", "on"), source=PROGRAM, group="Learning",
        doc="whether weights change after a pass",
    )  # fmt: skip
    q = Parameter(
        7.2, unit="uV", bounds=(0, 1e6), softbounds=(0, 30),
        symbol="q", source=f"{PROGRAM}: 3.6 on average, with 400 neurons", group="Learning",
        doc="change of a weight for a spike without a pair",
    )  # fmt: skip
    z = _count(
        15, "steps before a spike without a pair in which a source must have fired", (5, 25),
        PROGRAM, 25, "z",
    )  # fmt: skip
    d_first = _count(14, "largest distance of a pair in the first passes", (1, 25), PROGRAM, 25,
                     "D_1")  # fmt: skip
    d_last = _count(5, "largest distance of a pair in the end", (1, 25), PROGRAM, 25, "D_2")
    d_every = _count(
        30, "passes after which that distance falls by 1", (1, 60),
        f"chosen; {PROGRAM}: 15, of 150 longer ones", 100_000, "n_D",
    )  # fmt: skip
    h = Parameter(
        0.0002, unit="uV", bounds=(0, 1000), softbounds=(0, 0.002), symbol="h",
        source=f"{PROGRAM}: 0.00005; w_max and the number of neurons are other ones here",
        group="Learning",
        doc="change of all weights for each spike that the reference has more, or less",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        return network(self)
