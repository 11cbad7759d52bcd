"""V1 under a biased ensemble of orientations: a reconstruction of adaptation by gain alone.

Equations   tau dr/dt = -r + f(s) + W y,  y = g o r          (r internal, y the recorded response)
            f_i(s) = exp(kappa (cos 2(s - theta_i) - 1)) + base; W von Mises on the ring, fixed
            L(g) = E[ |f - (I - W) y|^2 + alpha |y|^2 ] + gamma |g - g0|^2
            local rule, at the end of each frame:
            tau_g dg/dt = [(1 - g)(r^2 + gamma) - alpha g r^2 + alpha mu] / (gamma + (1 + alpha) mu)
            full rule: the gradient of L, through an adjoint variable of the same circuit
            mu: mean of r^2 under the uniform ensemble; gamma = gamma_ratio mu
Source      a *reconstruction*, inspired by Duong, Simoncelli, Chklovskii & Lipshutz, Adaptive
            coding efficiency in recurrent cortical circuits via gain control, arXiv 2305.19869.
            The paper's text was not available: only what its abstract says is used. Protocol:
            Benucci, Saleem & Carandini (2013) Nat. Neurosci. 16:724, as in the analysis programs.
Departures  unknown, for the paper's equations were not read: where the gain acts, the decoder, the
            norm of activity, the term in g0 and W are choices made here. Nothing below "reproduces"
            the paper; the numbers checked are those of the equations above.
Numerics    method euler, dt 1 ms against tau = 4 ms: linear, so its steady state is exact; a frame
            of 50 ms leaves 1 % of the transient. Gains move at frame ends only: moving them all
            along would mix in the transients and bias them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter

from .experiments import EXPERIMENTS
from .facts import FACTS
from .network import network
from .operations import ResetGains
from .theory import BIN_DEG
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

__all__ = ["ResetGains", "V1Adaptation"]

OURS = "reconstruction: chosen here"
PROTOCOL = "Benucci et al. 2013, as in the analysis programs of Duong et al."


class V1Adaptation(Model):
    """Neurons that see one orientation too often turn their own gain down; the rest follows."""

    slug = "v1-adaptation"
    title = "V1 adaptation (reconstruction)"
    topic = "Gain control"
    purpose = (
        "One orientation is shown far more often than others. Every neuron changes nothing but its "
        "own gain, and through the recurrent synapses tuning curves shrink, shift away and "
        "decorrelate. A reconstruction: the paper's text was not available."
    )
    source = (
        "reconstruction after Duong et al., arXiv 2305.19869 (text not available); protocol: "
        "Benucci et al. (2013) Nat. Neurosci. 16:724"
    )
    tick_ms = 10.0
    dt_ms = 1.0
    pace = 10_000.0
    window_ms = 20_000.0
    watch = 5
    populations: ClassVar[tuple[str, ...]] = ("stimulus", "v1")
    traces: ClassVar[dict[str, str]] = {"v1.g": "1", "v1.r": "1"}
    maps: ClassVar[dict[str, str]] = {"v1.r": "1", "v1.g": "1", "stimulus.theta": "1"}
    labels: ClassVar[dict[str, str]] = {
        "v1.g": "gain g",
        "v1.r": "response r (dimensionless)",
        "stimulus.theta": "orientation shown θ (deg)",
    }
    weight_unit: ClassVar[dict[str, str]] = {"": "1"}
    operations: ClassVar[tuple[type[Operation], ...]] = (ResetGains,)
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    ensemble = Parameter(
        0, choices=("biased", "uniform"), source=PROTOCOL, group="Stimulus",
        doc="whether one orientation is shown more often than the others",
    )  # fmt: skip
    p_a = Parameter(
        0.35, bounds=(0, 1), softbounds=(0, 0.8), symbol="p_a",
        source=f"{PROTOCOL}: 30 to 50 %", group="Stimulus",
        doc="bias: share of the frames that show the adapter or its neighbours",
    )  # fmt: skip
    adapter = Parameter(
        0.0, unit="deg", bounds=(-180, 180), softbounds=(-90, 90), symbol="θ_a", source=PROTOCOL,
        group="Stimulus", doc="the orientation that is shown most often",
    )  # fmt: skip
    width = Parameter(
        round(BIN_DEG, 3), unit="deg", bounds=(0.1, 59), softbounds=(2, 30), symbol="w_a",
        source=f"{PROTOCOL}: 21 bins", group="Stimulus",
        doc="width of the adapter: of each of its three bins",
    )  # fmt: skip
    contrast = Parameter(
        1.0, bounds=(0, 10), softbounds=(0, 2), symbol="c", source="chosen", group="Stimulus",
        doc="strength of the stimuli; gains adapt to it too",
    )  # fmt: skip
    frame = Parameter(
        50.0, unit="ms", bounds=(1, 10_000), softbounds=(10, 200), live=False, symbol="T",
        source="chosen: the experiment flashed for about 32 ms, which could not be verified",
        group="Stimulus", doc="how long a stimulus lasts",
    )  # fmt: skip
    adapting = Parameter(
        0, choices=("on", "off"), source="chosen", group="Adaptation",
        doc="whether the gains move",
    )  # fmt: skip
    rule = Parameter(
        0, choices=("local", "full"), live=False, source=OURS, group="Adaptation",
        doc="local: each neuron sees only its own activity; full: the gradient of the objective, "
        "which takes an adjoint of the circuit",
    )  # fmt: skip
    alpha = Parameter(
        1.0, bounds=(0, 100), softbounds=(0, 8), symbol="α", source=OURS, group="Adaptation",
        doc="cost of activity against fidelity; the full rule takes its g0 from the start value",
    )  # fmt: skip
    gamma_ratio = Parameter(
        1.0, bounds=(0.01, 100), softbounds=(0.1, 5), symbol="γ/μ", source=OURS,
        group="Adaptation", doc="cost of gains away from their resting value, in units of mu",
    )  # fmt: skip
    tau_g = Parameter(
        6.0, unit="second", bounds=(0.05, 1000), softbounds=(1, 20), symbol="τ_g", source=OURS,
        group="Adaptation", doc="time constant of the gains",
    )  # fmt: skip
    w_exc = Parameter(
        0.8, bounds=(0, 0.99), softbounds=(0, 0.95), live=False, symbol="w_E", source=OURS,
        group="Recurrence",
        doc="recurrent excitation, sum over a row; without it preferences cannot be repelled",
    )  # fmt: skip
    kappa_exc = Parameter(
        4.0, bounds=(0.01, 100), softbounds=(0.1, 10), live=False, symbol="κ_E", source=OURS,
        group="Recurrence", doc="how narrow the excitation is",
    )  # fmt: skip
    w_inh = Parameter(
        0.4, bounds=(0, 10), softbounds=(0, 1), live=False, symbol="w_I", source=OURS,
        group="Recurrence", doc="recurrent inhibition, sum over a row",
    )  # fmt: skip
    kappa_inh = Parameter(
        0.2, bounds=(0.01, 100), softbounds=(0.1, 10), live=False, symbol="κ_I", source=OURS,
        group="Recurrence", doc="how narrow the inhibition is",
    )  # fmt: skip
    kappa = Parameter(
        3.0, bounds=(0.01, 100), softbounds=(0.5, 10), live=False, symbol="κ", source=OURS,
        group="Neuron", doc="how narrow the drive of a neuron is",
    )  # fmt: skip
    base = Parameter(
        0.05, bounds=(0, 10), softbounds=(0, 0.5), live=False, symbol="f_0", source=OURS,
        group="Neuron", doc="drive by any orientation",
    )  # fmt: skip
    tau = Parameter(
        4.0, unit="ms", bounds=(2, 1000), softbounds=(2, 20), symbol="τ", source=OURS,
        group="Neuron", doc="time constant of a neuron; the recurrent circuit is slower",
    )  # fmt: skip
    n_neurons = Parameter(
        85, bounds=(3, 2000), softbounds=(20, 200), live=False, integer=True, symbol="N",
        source=OURS, group="Network", doc="neurons, their preferred orientations evenly spaced",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        return network(self)
