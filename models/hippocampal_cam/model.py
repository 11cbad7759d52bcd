"""Hippocampal content-addressable memory: a spiking model of CA3 that recalls in both directions.

Equations   dv/dt = (V_rest - v)/tau_m + I_syn/C_m ;  v >= V_t -> v = V_r, clamped for t_ref ;
            a spike adds a w to I_syn of its targets, a = (tau_syn/dt)(1 - exp(-dt/tau_syn)) ;
            after each tick I_syn decays by exp(-dt/tau_syn).
            Plastic synapses pair all spikes: each side leaves a trace that decays with tau_plus
            (before) or tau_minus (after); a post-spike adds A_plus times the first to w, a
            pre-spike takes A_minus times the second, and w is kept within [0, w_max] each time.
Source      Casanueva-Morato et al. (2024) Neural Networks 178:106474,
            doi:10.1016/j.neunet.2024.106474, with the network and its parameters as in the
            authors' programs (sPyMem, CA3_content_addressable). Written anew from a description.
Departures  Weights are updated when spikes meet, not with the deferred updates of the hardware.
            A is 6 nA: the hardware's nominal scaling would be 36 nA, which does not reproduce the
            published rasters (any value from 5.5 to 6.4 nA does).
Numerics    dt is 1 ms and part of the model: currents are constant within a tick, and a smaller
            step moves the firing thresholds. The published functional raster is met spike for
            spike. No random numbers are drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.model.measure import RunMeasure
from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter

from .experiments import EXPERIMENTS
from .facts import FACTS
from .network import PLASTIC_PROJECTIONS, POPULATIONS, network
from .operations import Freeze, Learn, RecallByContent, RecallByCue
from .scoring import MEASURES
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

__all__ = ["HippocampalCAM", "Learn", "RecallByContent", "RecallByCue"]

CONFIG = "authors' program, network_config.json"
WIRING = "authors' program, CA3_content_addressable.py"
STDP = "authors' program, network_config.json (SpikePairRule, AdditiveWeightDependence)"


def _weight(default: float, symbol: str, doc: str) -> Parameter:
    return Parameter(
        default, unit="nA", bounds=(0, 1000), softbounds=(0, 12), symbol=symbol, source=WIRING,
        group="Synapses", doc=doc,
    )  # fmt: skip


class HippocampalCAM(Model):
    """Stores pairs of cue and content; recalls the content by its cue, the cues by any content."""

    slug = "hippocampal-cam"
    title = "Hippocampal CAM"
    topic = "Memory"
    purpose = (
        "A spiking memory after CA3 of the hippocampus: it learns a content under a cue in three "
        "milliseconds, recalls the content by its cue and the cues by any part of a content, and "
        "forgets by being taught anew."
    )
    source = (
        "Casanueva-Morato et al. (2024) Neural Networks 178:106474, "
        "doi:10.1016/j.neunet.2024.106474"
    )
    tick_ms = 1.0
    dt_ms = 1.0
    dt_fixed = (
        "the published network runs in steps of 1 ms, in which currents are constant; "
        "a shorter one moves its thresholds."
    )
    pace = 20.0
    window_ms = 150.0
    watch = 5
    populations = tuple(POPULATIONS)
    traces: ClassVar[dict[str, str]] = {
        "content_cue.v": "mV",
        "cue_content.v": "mV",
        "content_cond.v": "mV",
        "out_cue.v": "mV",
        "out_content.v": "mV",
    }
    labels: ClassVar[dict[str, str]] = {
        **{name: label for name, (_size, _kind, label) in POPULATIONS.items()},
        "content_cue.v": "potential v",
        "cue_content.v": "potential v",
        "content_cond.v": "potential v",
        "out_cue.v": "potential v",
        "out_content.v": "potential v",
    }
    weight_unit: ClassVar[dict[str, str]] = {"": "nA"}
    operations: ClassVar[tuple[type[Operation], ...]] = (
        Learn,
        RecallByCue,
        RecallByContent,
        Freeze,
    )
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS
    tour = TOUR
    measures: ClassVar[tuple[RunMeasure, ...]] = MEASURES

    n_cues = Parameter(
        5, bounds=(1, 1000), softbounds=(2, 32), live=False, integer=True, symbol="C",
        source="functional experiment, C = 5", group="Network",
        doc="cues, which is the number of memories that fit",
    )  # fmt: skip
    n_content = Parameter(
        10, bounds=(1, 1000), softbounds=(2, 64), live=False, integer=True, symbol="M",
        source="functional experiment, M = 10", group="Network", doc="bits of a content",
    )  # fmt: skip

    tau_m_slow = Parameter(
        3.0, unit="ms", bounds=(0.05, 1000), softbounds=(1, 10), symbol="τ_m", source=CONFIG,
        group="Neuron", doc="membrane time constant of the slow neurons",
    )  # fmt: skip
    tau_m_fast = Parameter(
        0.5, unit="ms", bounds=(0.05, 1000), softbounds=(0.2, 5), symbol="τ_m,fast", source=CONFIG,
        group="Neuron",
        doc="membrane time constant of the gate, its interneuron and cue (by content)",
    )  # fmt: skip
    C_m_slow = Parameter(
        0.27, unit="nF", bounds=(0.001, 100), softbounds=(0.1, 0.6), symbol="C_m", source=CONFIG,
        group="Neuron", doc="membrane capacitance of the slow neurons",
    )  # fmt: skip
    C_m_fast = Parameter(
        0.14, unit="nF", bounds=(0.001, 100), softbounds=(0.05, 0.4), symbol="C_m,fast",
        source=CONFIG, group="Neuron", doc="membrane capacitance of the fast neurons",
    )  # fmt: skip
    tau_syn = Parameter(
        0.3, unit="ms", bounds=(0.01, 1000), softbounds=(0.1, 2), symbol="τ_syn", source=CONFIG,
        group="Neuron", doc="decay of the synaptic currents, excitatory and inhibitory",
    )  # fmt: skip
    t_ref = Parameter(
        1.0, unit="ms", bounds=(0, 1000), softbounds=(0, 5), symbol="τ_refrac", source=CONFIG,
        group="Neuron", doc="time after a spike for which v is clamped, whole ticks",
    )  # fmt: skip
    V_rest = Parameter(
        -60.0, unit="mV", bounds=(-200, 100), softbounds=(-65, -55), symbol="v_rest",
        source=CONFIG, group="Neuron", doc="resting potential",
    )  # fmt: skip
    V_r = Parameter(
        -60.0, unit="mV", bounds=(-200, 100), softbounds=(-65, -58), symbol="v_reset",
        source=CONFIG, group="Neuron", doc="potential after a spike",
    )  # fmt: skip
    V_t = Parameter(
        -57.0, unit="mV", bounds=(-200, 100), softbounds=(-59.5, -52), symbol="v_thresh",
        source=CONFIG, group="Neuron", doc="threshold of all neurons but the output",
    )  # fmt: skip
    V_t_out = Parameter(
        -57.5, unit="mV", bounds=(-200, 100), softbounds=(-59.5, -52), symbol="v_thresh,out",
        source="authors' program, test_CA3_content_addressable.py", group="Neuron",
        doc="threshold of the output neurons",
    )  # fmt: skip

    w_input = _weight(6.0, "w_in", "input onto cue (by cue) and content (by cue)")
    w_relay = _weight(6.0, "w", "from neuron to neuron along both paths, and to the output")
    w_cond = _weight(9.0, "w_cond", "content (by cue) onto its gate neuron")
    w_veto = _weight(6.0, "w_veto", "inhibition of every gate neuron by a cue")
    w_int = _weight(6.0, "w_int", "content (by cue) onto the interneuron of the gate")
    w_int_cond = _weight(2.0, "w_int,cond", "interneuron onto every gate neuron")
    w_inhibit = _weight(
        6.0, "w_inh/M", "inhibition among cues, for each content bit: the synapse has M times this"
    )

    A_plus = Parameter(
        6.0, unit="nA", bounds=(0, 1000), softbounds=(0, 12), symbol="A+",
        source=f"{STDP}; scale from the published rasters", group="Plasticity",
        doc="growth of a weight when the post-spike follows at once",
    )  # fmt: skip
    A_minus = Parameter(
        6.0, unit="nA", bounds=(0, 1000), softbounds=(0, 12), symbol="A-",
        source=f"{STDP}; scale from the published rasters", group="Plasticity",
        doc="loss of a weight when the pre-spike follows at once",
    )  # fmt: skip
    tau_plus = Parameter(
        3.0, unit="ms", bounds=(0.05, 1000), softbounds=(0.5, 20), symbol="τ+", source=STDP,
        group="Plasticity", doc="how long a pre-spike is remembered for growth",
    )  # fmt: skip
    tau_minus = Parameter(
        3.0, unit="ms", bounds=(0.05, 1000), softbounds=(0.5, 20), symbol="τ-", source=STDP,
        group="Plasticity", doc="how long a post-spike is remembered for loss",
    )  # fmt: skip
    w_max = Parameter(
        6.0, unit="nA", bounds=(0, 1000), softbounds=(0, 12), symbol="w_max", source=STDP,
        group="Plasticity", doc="largest plastic weight",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        return network(self)

    def weight_limits(self, projection: str) -> tuple[float, float] | None:
        return (0.0, self.w_max) if projection in PLASTIC_PROJECTIONS else None
