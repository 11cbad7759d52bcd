"""Spiking ring of V1: orientation tuning, inhibition-stabilised, its gain set by background.

Equations   C_m dv/dt = g_L (E_L - v) + (gain (g_ff + g_e) + B_e)(E_e - v) + (g_i + B_i)(E_i - v)
            v > V_t -> v = V_r, clamped for t_ref ; a spike adds w_e_e or w_i_e to g_e, w_e_i or
            w_i_i to g_i of its targets (w_onto_from); they decay with tau_e, tau_i. B_e, B_i: that
            of `background-gain`, at level X. Neurons prefer orientations all around a ring; input
            g_ff and the chance of a synapse fall off with the distance of preferences.
            Slow gain, excitatory neurons only, rho = (low-passed rate)/gain, s = rho^2/r_0^2:
            tau_g dgain/dt = [(1 - gain)(s + gamma) - alpha gain s + alpha]/(gamma + 1 + alpha)
Source      Neurons and conductances after D. J. Obeid & K. D. Miller, their program of a spiking
            supralinear network (SSN_2d_V1); widths of the ring after Rubin, Van Hooser & Miller
            (2015) Neuron 85:402-417; background after Chance, Abbott & Reyes (2002) Neuron
            35:773-782. The slow gain is the local rule of a *reconstruction* of Duong et al.
            (2023) arXiv:2305.19869, whose text was not at hand: it does not reproduce that paper.
Departures  This network has no published oracle: nobody has published these numbers. The weights
            are chosen, so that the network is stabilised by inhibition; what is checked is the
            sign of effects that any such network must show. One place in the visual field; the
            surround is a drive of the inhibitory neurons. No delays but one step.
Numerics    method exponential Euler; rates change by less than they vary between seeds when the
            step is halved. The network is chaotic: single spikes depend on step and engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Experiment, Fact
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter

from .._shared.balanced_background import Background
from .experiments import EXPERIMENTS
from .facts import FACTS
from .network import PROJECTIONS, network
from .operations import ResetGains, Show
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

PROGRAM = "Obeid & Miller, program SSN_2d_V1"
RING = "Rubin, Van Hooser & Miller 2015, as re-implemented by others"
RECONSTRUCTION = "a reconstruction of Duong et al. 2023; value chosen"
CHOSEN = "chosen, so that inhibition stabilises the network"
FREE = "chosen"


def _weight(default: float, symbol: str, doc: str) -> Parameter:
    return Parameter(
        default, unit="nS", bounds=(0, 100), softbounds=(0, 6), symbol=symbol, source=CHOSEN,
        group="Synapses", doc=doc,
    )  # fmt: skip


def _contrast(default: float, symbol: str, doc: str) -> Parameter:
    return Parameter(
        default, unit="%", bounds=(0, 100), softbounds=(0, 100), symbol=symbol, source=FREE,
        group="Stimulus", doc=doc,
    )  # fmt: skip


class V1Spiking(Background):
    """Two thousand neurons around a ring of orientations; one stimulus, many ways to gain."""

    slug = "v1-spiking"
    title = "Spiking V1 ring"
    topic = "Gain control"
    purpose = (
        "Two thousand neurons of visual cortex, each with an orientation it likes: show them a "
        "grating, add a second one or a surround, and see how inhibition and background keep "
        "their response in bounds."
    )
    source = (
        "after Obeid & Miller's spiking network, Rubin, Van Hooser & Miller (2015) Neuron "
        "85:402-417 and Chance, Abbott & Reyes (2002) Neuron 35:773-782; no published oracle"
    )
    window_ms = 500.0
    populations = ("excitatory", "inhibitory", "stimulus")
    traces: ClassVar[dict[str, str]] = {
        "excitatory.v": "mV",
        "inhibitory.v": "mV",
        "excitatory.g_e": "nS",
        "excitatory.g_i": "nS",
        "stimulus.shown": "1",
    }
    labels: ClassVar[dict[str, str]] = {
        "excitatory.v": "potential v",
        "inhibitory.v": "potential v",
        "excitatory.g_e": "excitatory conductance",
        "excitatory.g_i": "inhibitory conductance",
        "stimulus.shown": "orientation shown (deg)",
    }
    weight_unit: ClassVar[dict[str, str]] = {"": "nS"}
    operations: ClassVar[tuple[type[Operation], ...]] = (Show, ResetGains)
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    contrast = _contrast(50.0, "c", "contrast of the grating")
    orientation = Parameter(
        90.0, unit="deg", bounds=(0, 180), softbounds=(0, 180), symbol="θ", source=FREE,
        group="Stimulus", doc="orientation of the grating",
    )  # fmt: skip
    mask = _contrast(0.0, "c_m", "contrast of a second grating on top of the first")
    mask_angle = Parameter(
        90.0, unit="deg", bounds=(0, 180), softbounds=(0, 180), symbol="Δθ",
        source="chosen: orthogonal", group="Stimulus",
        doc="orientation of the mask relative to the grating",
    )  # fmt: skip
    surround = _contrast(0.0, "c_s", "contrast of a surround of the grating's orientation")
    g_extra = Parameter(
        0.0, unit="nS", bounds=(0, 100), softbounds=(0, 3), symbol="g_+", source=FREE,
        group="Stimulus", doc="extra excitatory conductance of all inhibitory neurons",
    )  # fmt: skip

    X = Parameter(
        1.0, bounds=(0, 20), softbounds=(0, 4), symbol="X", source="chosen: the reference level",
        group="Background", doc="level of the balanced background of all neurons",
    )  # fmt: skip
    adapt = Parameter(
        0, bounds=(0, 1), softbounds=(0, 1), integer=True, symbol="on", source=FREE, group="Gain",
        doc="1: the slow gains follow their rule (a reconstruction); 0: they stay as they are",
    )  # fmt: skip
    frame = Parameter(
        0.0, unit="ms", bounds=(0, 1e5), softbounds=(0, 500), symbol="T_f", source=FREE,
        group="Gain", doc="how long each grating of a random sequence is shown; 0: one steady one",
    )  # fmt: skip
    bias = Parameter(
        0.0, bounds=(0, 1), softbounds=(0, 1), symbol="b", source="0 is the uniform ensemble",
        group="Gain", doc="share of the frames of a sequence that show the adapter",
    )  # fmt: skip
    adapter = Parameter(
        90.0, unit="deg", bounds=(0, 180), softbounds=(0, 180), symbol="θ_a", source=FREE,
        group="Gain", doc="orientation that a biased sequence prefers",
    )  # fmt: skip
    alpha = Parameter(
        1.0, bounds=(0, 1000), softbounds=(0, 8), symbol="α", source=RECONSTRUCTION, group="Gain",
        doc="price of activity in the slow gain",
    )  # fmt: skip
    gamma = Parameter(
        1.0, bounds=(0, 1000), softbounds=(0, 8), symbol="γ", source=RECONSTRUCTION, group="Gain",
        doc="pull of the slow gain to its start, in units of r_0²",
    )  # fmt: skip
    r_0 = Parameter(
        9.3, unit="Hz", bounds=(0.01, 1e4), softbounds=(1, 50), symbol="r_0",
        source="measured here under the uniform ensemble", group="Gain",
        doc="root mean square of a neuron's rate at which its gain stays 1",
    )  # fmt: skip
    tau_r = Parameter(
        100.0, unit="ms", bounds=(5, 1e5), softbounds=(20, 500), symbol="τ_r",
        source=RECONSTRUCTION, group="Gain", doc="time over which the rate is averaged",
    )  # fmt: skip
    tau_g = Parameter(
        3000.0, unit="ms", bounds=(10, 1e7), softbounds=(200, 10_000), symbol="τ_g",
        source=RECONSTRUCTION, group="Gain", doc="time constant of the slow gain",
    )  # fmt: skip

    w_e_e = _weight(1.0, "w_EE", "excitatory synapse onto an excitatory neuron")
    w_i_e = _weight(1.0, "w_IE", "excitatory synapse onto an inhibitory neuron")
    w_e_i = _weight(2.8, "w_EI", "inhibitory synapse onto an excitatory neuron")
    w_i_i = _weight(2.2, "w_II", "inhibitory synapse onto an inhibitory neuron")
    tau_e = Parameter(
        3.0, unit="ms", bounds=(0.2, 1000), softbounds=(1, 20), symbol="τ_e", source=PROGRAM,
        group="Synapses", doc="decay of excitation",
    )  # fmt: skip
    tau_i = Parameter(
        3.0, unit="ms", bounds=(0.2, 1000), softbounds=(1, 20), symbol="τ_i", source=PROGRAM,
        group="Synapses", doc="decay of inhibition",
    )  # fmt: skip

    g_max = Parameter(
        4.0, unit="nS", bounds=(0, 1000), softbounds=(0, 10), symbol="g_max",
        source=f"chosen; {PROGRAM}: 200 afferents of 0.1 nS at 50 Hz for 3 ms, 3 nS", group="Input",
        doc="largest input conductance of a grating, at the neuron that prefers it",
    )  # fmt: skip
    c_50 = Parameter(
        11.0, unit="%", bounds=(0.1, 100), softbounds=(1, 50), symbol="c_50", source=PROGRAM,
        group="Input", doc="contrast of half of the largest input",
    )  # fmt: skip
    n_c = Parameter(
        3.5, bounds=(0.5, 10), softbounds=(1, 5), symbol="n", source=PROGRAM, group="Input",
        doc="exponent of the contrast",
    )  # fmt: skip
    sigma_ff = Parameter(
        30.0, unit="deg", bounds=(1, 1000), softbounds=(5, 60), symbol="σ_FF", source=RING,
        group="Input", doc="width of the input's tuning",
    )  # fmt: skip
    k_s = Parameter(
        0.5, bounds=(0, 100), softbounds=(0, 2), symbol="k_s", source=FREE, group="Input",
        doc="drive of the inhibitory neurons by the surround, relative to that of the centre",
    )  # fmt: skip

    n_neurons = Parameter(
        2000, bounds=(50, 100_000), softbounds=(500, 8000), live=False, integer=True, symbol="N",
        source=FREE, group="Network", doc="neurons, four in five of them excitatory",
    )  # fmt: skip
    p_e = Parameter(
        0.1, bounds=(0, 0.3), softbounds=(0, 0.3), live=False, symbol="p_E", source=FREE,
        group="Network", doc="mean probability of an excitatory synapse between two neurons",
    )  # fmt: skip
    p_i = Parameter(
        0.2, bounds=(0, 0.3), softbounds=(0, 0.3), live=False, symbol="p_I", source=FREE,
        group="Network", doc="mean probability of an inhibitory synapse between two neurons",
    )  # fmt: skip
    sigma = Parameter(
        32.0, unit="deg", bounds=(5, 1000), softbounds=(10, 90), live=False, symbol="σ_ori",
        source=RING, group="Network", doc="width over which synapses fall off with preference",
    )  # fmt: skip

    C_m = Parameter(
        150.0, unit="pF", bounds=(0.1, 1e5), softbounds=(50, 500), symbol="C_m", source=PROGRAM,
        group="Neuron", doc="membrane capacitance; 150 pF and 10 nS make 15 ms",
    )  # fmt: skip
    g_L = Parameter(
        10.0, unit="nS", bounds=(0, 1e4), softbounds=(1, 40), symbol="g_L", source=PROGRAM,
        group="Neuron", doc="leak conductance",
    )  # fmt: skip
    E_L = Parameter(
        -70.0, unit="mV", bounds=(-200, 100), softbounds=(-85, -55), symbol="E_L", source=PROGRAM,
        group="Neuron", doc="resting potential",
    )  # fmt: skip
    E_e = Parameter(
        0.0, unit="mV", bounds=(-200, 200), softbounds=(-20, 20), symbol="E_e", source=PROGRAM,
        group="Neuron", doc="reversal potential of excitation",
    )  # fmt: skip
    E_i = Parameter(
        -80.0, unit="mV", bounds=(-200, 100), softbounds=(-90, -60), symbol="E_i", source=PROGRAM,
        group="Neuron", doc="reversal potential of inhibition",
    )  # fmt: skip
    V_t = Parameter(
        -50.0, unit="mV", bounds=(-200, 100), softbounds=(-54, -40), symbol="V_t", source=PROGRAM,
        group="Neuron", doc="threshold",
    )  # fmt: skip
    V_r = Parameter(
        -56.0, unit="mV", bounds=(-200, 100), softbounds=(-75, -55), symbol="V_r", source=PROGRAM,
        group="Neuron", doc="potential after a spike",
    )  # fmt: skip
    t_ref = Parameter(
        3.0, unit="ms", bounds=(0, 1000), softbounds=(0, 10), symbol="t_ref", source=PROGRAM,
        group="Neuron", doc="time for which v is clamped after a spike",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        return network(self)

    def weight_limits(self, projection: str) -> tuple[float, float] | None:
        weight = PROJECTIONS[projection][2] if projection in PROJECTIONS else None
        return (0.0, 2 * getattr(self, weight)) if weight else None
