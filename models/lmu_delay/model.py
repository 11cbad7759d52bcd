"""The Legendre delay line in spiking neurons: a population that knows the last second of its input.

Equations   theta dm/dt = A m + B u ;  A_ij = (2i + 1)(-1 if i < j else (-1)^(i - j + 1)),
            B_i = (2i + 1)(-1)^i ;  u(t - r) is about sum_i P_i(2r/theta - 1) m_i, 0 <= r <= theta.
            Each m_i is what an ensemble of neurons represents, x_i: they fire at
            max(0, gain e x_i + bias); decoded spikes pass a lowpass synapse of time constant tau,
            weighted with A' = tau A/theta + I, and the input with B' = tau B/theta.
Source      Voelker, Kajić & Eliasmith (2019) Legendre memory units, NeurIPS 32; the spiking network
            and its parameters as in the authors' notebook (keras-lmu, branch paper, 16ff3d4).
            Written anew from a description.
Departures  A' and B' are those of steps of dt, not of continuous time, to third order in dt/theta.
            The input repeats after 50 s. Decoders are fitted to even points of the range, and not
            to those that the memory visits.
Numerics    a step of the memory is exact but for (dt/theta)^4 where nothing spikes; phases of
            regular neurons grow evenly within a step
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter

from .experiments import EXPERIMENTS
from .facts import FACTS
from .network import WINDOW, network
from .operations import Silence
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

NOTEBOOK = "authors' notebook, keras-lmu branch paper"
_LAST = WINDOW - 1


class LMUDelay(Model):
    """Six ensembles hold Legendre coefficients of the last second, and so the second itself."""

    slug = "lmu-delay"
    title = "Legendre delay line"
    topic = "Memory"
    purpose = (
        "Six hundred spiking neurons that remember the last second of what they hear: their "
        "activity holds the coefficients of a few polynomials, from which any moment of it is read."
    )
    source = "Voelker, Kajić & Eliasmith (2019) Legendre memory units, NeurIPS 32"
    tick_ms = 2.0
    dt_ms = 1.0
    pace = 500.0
    window_ms = 2000.0
    watch = 6
    populations: ClassVar[tuple[str, ...]] = ("ensembles", "memory", "window")
    traces: ClassVar[dict[str, str]] = {
        "memory.x": "1",
        "window.y": "1",
        "window.past": "1",
    }
    watched: ClassVar[dict[str, tuple[int, ...]]] = {
        "window.y": (0, _LAST // 2, _LAST),
        "window.past": (0, _LAST // 2, _LAST),
    }
    labels: ClassVar[dict[str, str]] = {
        "memory.x": "memory m (dimensionless)",
        "window.y": "past input, as decoded",
        "window.past": "past input, as it was",
    }
    weight_unit: ClassVar[dict[str, str]] = {"": "1"}
    operations: ClassVar[tuple[type[Operation], ...]] = (Silence,)
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    order = Parameter(
        6, bounds=(1, 12), softbounds=(1, 12), live=False, integer=True, symbol="q",
        source=NOTEBOOK, group="Memory", doc="Legendre coefficients, an ensemble each",
    )  # fmt: skip
    theta = Parameter(
        1000.0, unit="ms", bounds=(20, 1e5), softbounds=(200, 3000), symbol="θ", source=NOTEBOOK,
        group="Memory", doc="how far back the memory reaches",
    )  # fmt: skip
    tau = Parameter(
        100.0, unit="ms", bounds=(2, 1e4), softbounds=(10, 200), symbol="τ", source=NOTEBOOK,
        group="Memory", doc="time constant of the lowpass synapses",
    )  # fmt: skip
    n_neurons = Parameter(
        100, bounds=(2, 20_000), softbounds=(10, 400), live=False, integer=True, symbol="N",
        source=NOTEBOOK, group="Neurons", doc="neurons of each ensemble",
    )  # fmt: skip
    neurons = Parameter(
        0, choices=("regular", "Poisson", "none"), source=NOTEBOOK,
        group="Neurons",
        doc="regular: spikes as even as the rate allows; Poisson: at random; none: the memory "
        "reads itself, without neurons",
    )  # fmt: skip
    rate_low = Parameter(
        100.0, unit="Hz", bounds=(1, 1000), softbounds=(20, 300), live=False, symbol="r_low",
        source=NOTEBOOK, group="Neurons", doc="least of the largest rates, at the end of the range",
    )  # fmt: skip
    rate_high = Parameter(
        120.0, unit="Hz", bounds=(1, 1000), softbounds=(20, 300), live=False, symbol="r_high",
        source=NOTEBOOK, group="Neurons", doc="greatest of the largest rates",
    )  # fmt: skip
    intercept_low = Parameter(
        -1.0, bounds=(-1, 0.95), softbounds=(-1, 0.9), live=False, symbol="c_low",
        source=NOTEBOOK, group="Neurons", doc="where the first neurons begin to fire",
    )  # fmt: skip
    intercept_high = Parameter(
        0.5, bounds=(-1, 0.95), softbounds=(-1, 0.9), live=False, symbol="c_high",
        source=NOTEBOOK, group="Neurons", doc="where the last neurons begin to fire",
    )  # fmt: skip
    neuron_seed = Parameter(
        1, bounds=(0, 2**31), softbounds=(0, 20), live=False, integer=True, symbol="seed_n",
        source="chosen", group="Neurons", doc="seed of tuning curves and first phases",
    )  # fmt: skip
    signal = Parameter(
        0, choices=("noise", "sine"), source=NOTEBOOK, group="Input",
        doc="noise without anything above the cutoff, or a sine",
    )  # fmt: skip
    amplitude = Parameter(
        0.3, bounds=(0, 10), softbounds=(0, 1), symbol="σ", source=NOTEBOOK, group="Input",
        doc="root mean square of the input; the ensembles' range is -1 to 1",
    )  # fmt: skip
    cutoff = Parameter(
        1.0, unit="Hz", bounds=(0.02, 50), softbounds=(0.2, 4), live=False, symbol="f_max",
        source=NOTEBOOK, group="Input", doc="highest frequency of the noise",
    )  # fmt: skip
    frequency = Parameter(
        1.0, unit="Hz", bounds=(0, 50), softbounds=(0.1, 4), symbol="f", source="chosen",
        group="Input", doc="frequency of the sine",
    )  # fmt: skip
    input_seed = Parameter(
        1, bounds=(0, 2**31), softbounds=(0, 20), live=False, integer=True, symbol="seed_u",
        source="chosen", group="Input", doc="seed of the noise",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        return network(self)
