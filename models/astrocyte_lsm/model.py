"""Astrocyte-modulated liquid state machine (NALSM): a liquid that tunes itself to criticality.

Equations   v <- v - v dt/tau_v + sum_j w_j exp(-s_j/tau_u) dt/tau_u ; v >= V_t -> v = 0, no second
            spike within t_ref (v goes on integrating) ; s_j is the time since source j fired last.
            Plasticity, for sources that excite and for the input: w grows by A_plus T_pre at a
            spike of the target and falls by A_minus T_post at a spike of the source; for sources
            that inhibit, w falls by A_minus T_pre and grows by A_plus T_post. Traces: T <- (T +
            a_T S) exp(-dt/tau_T). Both changes of a step are summed, then w is kept in its bounds.
            Astrocyte: A <- A + (dt/tau_astro) (w_astro (n_liquid - n_input) + b_astro - A), where
            the n are spikes in the step; A_minus = A.
Source      Ivanov & Michmizos (2021) NeurIPS 34, arXiv:2111.01760. Equations, order of events and
            parameters are those of the authors' program (combra-lab/NALSM), written anew.
Departures  s_j starts at infinity instead of 20 ms, which is less than 1e-6 of the threshold. The
            trace decays by exp(-0.1) a step; the program takes the nearest number of a table,
            4e-5 away. AP-STDP: the rule of the program's published values. Numbers are
            double precision, not single.
Numerics    dt is 1 ms and part of the model, as is the order of events within a step (see
            models/astrocyte_lsm/network.py). The network agrees with a plain NumPy transcription
            spike for spike; the only random numbers are the input's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter

from .experiments import EXPERIMENTS
from .facts import FACTS
from .network import PROJECTIONS, network
from .operations import Show
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

__all__ = ["AstrocyteLSM", "Show"]

PROGRAM = "authors' program"
NETWORK = f"{PROGRAM}, generate_spatial_network.py"
NEURON = f"{PROGRAM}, NALSM_LIF_v1.py"
STDP = f"{PROGRAM}, NALSM_STDP.py and run files"
ASTRO = f"{PROGRAM}, NALSM_ASTRO.py; paper, eq. 7"
AP_STDP = "authors' program, LSM_APSTDP_STDP.py; values of their workbook for MNIST"


def _share(default: float, symbol: str, doc: str) -> Parameter:
    return Parameter(
        default, bounds=(0, 1), softbounds=(0, 1), live=False, symbol=symbol, source=NETWORK,
        group="Network", doc=doc,
    )  # fmt: skip


class AstrocyteLSM(Model):
    """A liquid of spiking neurons whose astrocyte keeps it at the edge of chaos."""

    slug = "astrocyte-lsm"
    title = "Astrocyte-modulated liquid"
    topic = "Dynamics"
    purpose = (
        "A thousand neurons, wired at random in space, echo the picture they are shown; an "
        "astrocyte compares how much goes in with how much goes round, and tunes the synapses "
        "until the liquid is on the edge between dying out and exploding."
    )
    source = "Ivanov & Michmizos (2021) NeurIPS 34, arXiv:2111.01760"
    tick_ms = 1.0
    dt_ms = 1.0
    dt_fixed = (
        "its published equations are those of steps of 1 ms, with one order of events in each."
    )
    pace = 250.0
    window_ms = 1000.0
    populations: ClassVar[tuple[str, ...]] = ("input", "excitatory", "inhibitory", "astrocyte")
    traces: ClassVar[dict[str, str]] = {
        "astrocyte.A": "1",
        "excitatory.v": "1",
        "inhibitory.v": "1",
        "input.picture": "1",
    }
    labels: ClassVar[dict[str, str]] = {
        "astrocyte.A": "learning rate A₋",
        "excitatory.v": "potential v (dimensionless)",
        "inhibitory.v": "potential v (dimensionless)",
        "input.picture": "number of the picture",
    }
    weight_unit: ClassVar[dict[str, str]] = {"": "1"}
    operations: ClassVar[tuple[type[Operation], ...]] = (Show,)
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    n_neurons = Parameter(
        1000, bounds=(8, 30_000), softbounds=(64, 1728), live=False, integer=True, symbol="N",
        source=f"{PROGRAM}; 8,000 is the larger liquid", group="Network",
        doc="neurons of the liquid, on a cubic grid; four in five of them excitatory",
    )  # fmt: skip
    n_inputs = Parameter(
        784, bounds=(1, 30_000), softbounds=(64, 784), live=False, integer=True, symbol="N_in",
        source=f"{PROGRAM}: 28 × 28 pixels; 2,312 for N-MNIST", group="Network",
        doc="input neurons, one a pixel",
    )  # fmt: skip
    network = Parameter(
        0, bounds=(0, 1_000_000), softbounds=(0, 9), live=False, integer=True,
        source="chosen; the paper averages over 10 networks", group="Network",
        doc="number of the network: seed of its wiring, whatever the seed of the run",
    )  # fmt: skip
    lambda_c = Parameter(
        3.0, bounds=(0.01, 1000), softbounds=(1, 6), live=False, symbol="λ", source=NETWORK,
        group="Network", doc="how far connections reach, in distances of the grid",
    )  # fmt: skip
    C_exc_exc = _share(
        0.2, "C_EE", "connection probability at no distance, excitatory to excitatory"
    )
    C_exc_inh = _share(
        0.1, "C_EI", "connection probability at no distance, excitatory to inhibitory"
    )
    C_inh_exc = _share(
        0.3, "C_IE", "connection probability at no distance, inhibitory to excitatory"
    )
    C_inh_inh = _share(
        0.05, "C_II", "connection probability at no distance, inhibitory to inhibitory"
    )
    p_input = _share(0.15, "p_in", "share of all pairs of input and liquid neurons that is joined")
    w_0 = Parameter(
        3.0, bounds=(0, 100), softbounds=(0.2, 3), live=False, symbol="|w|_0", source=STDP,
        group="Network", doc="size of every weight at the start",
    )  # fmt: skip

    tau_v = Parameter(
        64.0, unit="ms", bounds=(1, 10_000), softbounds=(10, 200), symbol="τ_v", source=NEURON,
        group="Neuron", doc="membrane time constant",
    )  # fmt: skip
    tau_u = Parameter(
        1.0, unit="ms", bounds=(0.1, 1000), softbounds=(0.5, 5), symbol="τ_u", source=NEURON,
        group="Neuron", doc="decay of synaptic currents",
    )  # fmt: skip
    V_t = Parameter(
        20.0, bounds=(0.1, 1000), softbounds=(10, 40), symbol="v_th", source=NEURON,
        group="Neuron", doc="threshold; rest and reset are 0",
    )  # fmt: skip
    t_ref = Parameter(
        2.0, unit="ms", bounds=(0, 1000), softbounds=(0, 10), symbol="τ_ref", source=NEURON,
        group="Neuron", doc="time after a spike without another one, whole ms",
    )  # fmt: skip

    sample_ms = Parameter(
        250.0, unit="ms", bounds=(1, 100_000), softbounds=(20, 500), live=False, integer=True,
        source=f"{PROGRAM}: 20 ms to initialise, 250 ms to classify", group="Input",
        doc="how long a picture is shown; then v, currents and astrocyte start anew",
    )  # fmt: skip
    input_events = Parameter(
        19.95, bounds=(0, 1000), softbounds=(0, 60), symbol="Σp",
        source="the paper's encoding gives this for MNIST's training images", group="Input",
        doc="input events expected in 1 ms, over all pixels",
    )  # fmt: skip
    I_in = Parameter(
        100.0, bounds=(0, 10_000), softbounds=(0, 200), symbol="I_in", source=NEURON,
        group="Input", doc="current of an input event into its input neuron",
    )  # fmt: skip
    hold = Parameter(
        0, bounds=(0, 1), softbounds=(0, 1), integer=True, source="chosen", group="Input",
        doc="1 shows the same picture again and again",
    )  # fmt: skip

    rule = Parameter(
        3, bounds=(0, 3), softbounds=(0, 3), integer=True,
        source="paper: LSM, LSM+STDP, LSM+AP-STDP, NALSM", group="Plasticity",
        doc="0 fixed weights, 1 STDP, 2 STDP gated by activity (AP-STDP), 3 astrocyte",
    )  # fmt: skip
    A_plus = Parameter(
        0.15, bounds=(0, 100), softbounds=(0, 0.5), symbol="A+", source=STDP, group="Plasticity",
        doc="how fast what raises activity is learnt; without astrocyte also A-",
    )  # fmt: skip
    a_trace = Parameter(
        0.1, bounds=(0, 100), softbounds=(0, 0.5), symbol="a_T", source=STDP, group="Plasticity",
        doc="what a spike adds to its neuron's trace",
    )  # fmt: skip
    tau_trace = Parameter(
        10.0, unit="ms", bounds=(0.1, 10_000), softbounds=(2, 50), symbol="τ_T", source=STDP,
        group="Plasticity", doc="how long spikes are remembered for plasticity",
    )  # fmt: skip
    w_max = Parameter(
        3.0, bounds=(0, 100), softbounds=(0.5, 6), symbol="w_max", source=STDP,
        group="Plasticity", doc="largest size of a plastic weight",
    )  # fmt: skip
    rate_decay = Parameter(
        1.0, bounds=(0, 1), softbounds=(0.95, 1), symbol="γ",
        source=f"{PROGRAM}: 1 to initialise, 0.99 to classify", group="Plasticity",
        doc="by how much plasticity is worth less with every ms of a sample",
    )  # fmt: skip
    C_theta = Parameter(
        37.0, bounds=(0, 1000), softbounds=(0, 100), symbol="C_θ", source=AP_STDP,
        group="AP-STDP", doc="calcium, about the rate in Hz, at which learning changes its sign",
    )  # fmt: skip
    dC = Parameter(
        22.0, bounds=(0, 1000), softbounds=(0, 50), symbol="ΔC", source=f"{AP_STDP}: 19 to 25",
        group="AP-STDP", doc="how far from there calcium still lets learn",
    )  # fmt: skip
    tau_C = Parameter(
        1000.0, unit="ms", bounds=(1, 1_000_000), softbounds=(100, 3000), symbol="τ_C",
        source=AP_STDP, group="AP-STDP", doc="how long calcium remembers spikes",
    )  # fmt: skip

    w_astro = Parameter(
        0.015, bounds=(0, 100), softbounds=(0, 0.2), symbol="w_astro",
        source=f"{ASTRO}; README: 0.0075 for 8,000 neurons", group="Astrocyte",
        doc="how strongly a spike moves the astrocyte: the liquid's up, the input's down",
    )  # fmt: skip
    tau_astro = Parameter(
        100.0, unit="ms", bounds=(1, 1_000_000), softbounds=(20, 1000), symbol="τ_astro",
        source=ASTRO, group="Astrocyte", doc="time constant of the astrocyte",
    )  # fmt: skip
    b_astro = Parameter(
        0.15, bounds=(-100, 100), softbounds=(0, 0.5), symbol="b_astro", source=ASTRO,
        group="Astrocyte", doc="A- when as much goes round as comes in",
    )  # fmt: skip
    density = Parameter(
        1.0, bounds=(1e-6, 1), softbounds=(0.1, 1), live=False, symbol="ρ",
        source="paper, neuron-astrocyte density", group="Astrocyte",
        doc="share of the neurons, of liquid and input, that the astrocyte hears",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        return network(self)

    def weight_limits(self, projection: str) -> tuple[float, float] | None:
        if projection not in PROJECTIONS:
            return None
        low, high = PROJECTIONS[projection][1:]
        known = {"-w_max": -self.w_max, "0": 0.0, "w_max": self.w_max}
        return known[low], known[high]
