"""Spiking reservoir: integrate-and-fire neurons whose inhibition adapts to a target rate.

Equations   tau_m dv/dt = E_0 + sigma_in w_in u + h - v + sigma sqrt(2 tau_m) xi
            v > V_t -> v = V_r for t_ref;  tau_s dh/dt = -h
            a spike adds w_e (excitatory) or -g w (inhibitory) to its targets' h, a delay later
            inhibitory weights: at a presynaptic spike w += eta (x_post - 2 rho tau_x), at a
            postsynaptic one w += eta x_pre, never below 0; tau_x dx/dt = -x, x += 1 at a spike
            u uniform on [-1, 1], a new number every sample
Source      rule: Vogels, Sprekeler, Zenke, Clopath & Gerstner (2011) Science 334:1569, recalled;
            idea of the network: Srinivasan, Plenz & Girvan (2025), as `adaptive-reservoir`
Departures  A *reconstruction*, and the twin of `adaptive-reservoir`: no publication has this
            network. Neurons, noise, delay, weights and numbers of connections are chosen so that
            the twin does in time what that map does in steps.
Numerics    Euler, dt 0.1 ms; as a threshold is only looked at once a step, neurons fire as if it
            were 0.58 sigma sqrt(2 dt/tau_m) higher (Broadie, Glasserman & Kou 1997), and v is
            clamped for t_ref - dt
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Experiment, Fact, Model
from workbench.model.parameter import Parameter

from .experiments import EXPERIMENTS
from .facts import FACTS
from .network import network
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

VOGELS = "Vogels et al. 2011"
TWIN = "chosen, so that the twin flips at the map's share of its free rate"


class SpikingReservoir(Model):
    """A random network of spiking neurons, while inhibition holds every neuron's rate."""

    slug = "spiking-reservoir"
    title = "Spiking reservoir"
    topic = "Dynamics"
    purpose = (
        "A thousand neurons fire at the rate that you ask for, since each inhibitory synapse grows "
        "while its target fires too often. Ask for less than 18 Hz and inhibition becomes so "
        "strong that, a delay later, it silences itself: the raster turns into stripes. A "
        "reconstruction."
    )
    source = "reconstruction after Vogels et al. (2011) and Srinivasan, Plenz & Girvan (2025)"
    tick_ms = 1.0
    dt_ms = 0.1
    window_ms = 500.0
    populations: ClassVar[tuple[str, ...]] = ("signal", "excitatory", "inhibitory")
    traces: ClassVar[dict[str, str]] = {
        "excitatory.v": "mV", "inhibitory.v": "mV", "excitatory.x": "1", "signal.u": "1",
    }  # fmt: skip
    labels: ClassVar[dict[str, str]] = {
        "excitatory.v": "potential v",
        "inhibitory.v": "potential v",
        "excitatory.x": "trace of spikes x",
        "signal.u": "input u (−1 to 1)",
    }
    weight_unit: ClassVar[dict[str, str]] = {"": "mV"}
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    rho = Parameter(
        30.0, unit="Hz", bounds=(0.5, 150), softbounds=(6, 40), symbol="ρ", source=TWIN,
        group="Adaptation", doc="target rate of every neuron",
    )  # fmt: skip
    eta = Parameter(
        0.02, unit="mV", bounds=(0, 10), softbounds=(0, 0.1), symbol="η", source="chosen",
        group="Adaptation", doc="step of the inhibitory weights; 0 leaves them as they are",
    )  # fmt: skip
    tau_x = Parameter(
        20.0, unit="ms", bounds=(1, 1000), softbounds=(5, 60), symbol="τ_x", source=VOGELS,
        group="Adaptation", doc="window of the rule: decay of the trace of a neuron's spikes",
    )  # fmt: skip
    inhibition = Parameter(
        1.0, bounds=(0, 10), softbounds=(0.5, 1.5), symbol="g", source="as in adaptive-reservoir",
        group="Adaptation", doc="factor of all inhibition",
    )  # fmt: skip
    begin = Parameter(
        0, choices=("designed", "balanced"), live=False, source="chosen", group="Adaptation",
        doc="inhibition at the start: where the rule comes to rest in theory, or equal to "
        "excitation on average",
    )  # fmt: skip
    sigma_in = Parameter(
        4.0, unit="mV", bounds=(0, 100), softbounds=(0, 12), symbol="σ_in", source="chosen",
        group="Input", doc="strength of the input: weights are uniform on ±σ_in/2",
    )  # fmt: skip
    input_share = Parameter(
        0.3, bounds=(0, 1), softbounds=(0.1, 1), live=False, source="as in adaptive-reservoir",
        group="Input", doc="share of the neurons that hear the input",
    )  # fmt: skip
    sample = Parameter(
        20.0, unit="ms", bounds=(1, 1000), softbounds=(5, 50), live=False, source="chosen",
        group="Input", doc="time for which one number of the input lasts",
    )  # fmt: skip
    E_0 = Parameter(
        -44.0, unit="mV", bounds=(-200, 200), softbounds=(-60, -40), symbol="E_0", source=TWIN,
        group="Neuron", doc="mean input from elsewhere; above threshold, so that neurons fire "
        "without one another",
    )  # fmt: skip
    sigma = Parameter(
        3.0, unit="mV", bounds=(0, 50), softbounds=(1, 8), symbol="σ", source="chosen",
        group="Neuron", doc="noise: standard deviation of the potential without a threshold",
    )  # fmt: skip
    tau_m = Parameter(
        20.0, unit="ms", bounds=(0.5, 1000), softbounds=(5, 50), symbol="τ_m", source=VOGELS,
        group="Neuron", doc="membrane time constant",
    )  # fmt: skip
    t_ref = Parameter(
        5.0, unit="ms", bounds=(0, 100), softbounds=(0, 10), symbol="t_ref", source=VOGELS,
        group="Neuron", doc="time for which v is clamped after a spike",
    )  # fmt: skip
    V_t = Parameter(
        -50.0, unit="mV", bounds=(-200, 100), softbounds=(-56, -46), symbol="V_t", source=VOGELS,
        group="Neuron", doc="threshold",
    )  # fmt: skip
    V_r = Parameter(
        -60.0, unit="mV", bounds=(-200, 100), softbounds=(-75, -52), symbol="V_r", source=VOGELS,
        group="Neuron", doc="potential after a spike",
    )  # fmt: skip
    w_e = Parameter(
        0.7, unit="mV", bounds=(0, 100), softbounds=(0, 2), symbol="w_e", source="chosen",
        group="Synapses", doc="step of h at the target of an excitatory spike",
    )  # fmt: skip
    tau_s = Parameter(
        5.0, unit="ms", bounds=(0.2, 200), softbounds=(1, 20), symbol="τ_s", source="chosen",
        group="Synapses", doc="decay of synaptic input",
    )  # fmt: skip
    delay = Parameter(
        10.0, unit="ms", bounds=(0.1, 200), softbounds=(1, 20), live=False, symbol="d",
        source="chosen: long, so that stripes can be told apart", group="Synapses",
        doc="time from a spike to its effect; the map's step",
    )  # fmt: skip
    n_units = Parameter(
        1000, bounds=(20, 20_000), softbounds=(800, 2000), live=False, integer=True, symbol="N",
        source="chosen", group="Network", doc="neurons, four of five excitatory",
    )  # fmt: skip
    k_exc = Parameter(
        80, bounds=(0, 5000), softbounds=(20, 200), live=False, integer=True, symbol="k_E",
        source="chosen", group="Network", doc="excitatory inputs of a neuron",
    )  # fmt: skip
    k_inh = Parameter(
        100, bounds=(0, 5000), softbounds=(20, 150), live=False, integer=True, symbol="k_I",
        source="chosen: many, so that no single one matters", group="Network",
        doc="inhibitory inputs of a neuron",
    )  # fmt: skip
    wiring_seed = Parameter(
        0, bounds=(0, 2**31), softbounds=(0, 100), live=False, integer=True, source="chosen",
        group="Network", doc="which connections and input weights are drawn",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        return network(self)
