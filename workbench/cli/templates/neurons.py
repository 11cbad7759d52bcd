"""Template neuron: leaky integrate-and-fire neurons, each driven by a constant current.

Equations   tau_m dv/dt = (E_L - v) + R_m I_e ;  v > V_t -> v = V_r, clamped for t_ref
Source      Lapicque (1907) J. Physiol. Pathol. Gén. 9:620-635; as in Gerstner et al. (2014)
            Neuronal Dynamics, section 1.3. Write here which work your model is from.
Departures  none (write here what differs from the source, and why)
Numerics    method exact, dt 0.1 ms; the interval between spikes is right within one step
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Fact, Model
from workbench.model.parameter import Parameter
from workbench.model.units import brian_unit

if TYPE_CHECKING:
    import brian2

BOOK = "Gerstner et al. 2014, Neuronal Dynamics, section 1.3"

# A live parameter is a shared variable of the same name: a slider can then reach it.
_NEURON = """
dv/dt = (E_L - v + R_m*I_e)/tau_m : volt (unless refractory)
tau_m : second (shared)
R_m : ohm (shared)
I_e : amp (shared)
E_L : volt (shared)
V_t : volt (shared)
V_r : volt (shared)
t_ref : second (shared)
"""


def _interval_ms(model: Model) -> float:
    """Mean interval between the spikes of neuron 0, measured over half a second."""
    t_ms, i = model.run(500.0, seed=1, engine="numpy").spikes("neurons")
    mine = t_ms[i == 0]
    return float((mine[-1] - mine[0]) / (len(mine) - 1))


class TemplateNeuron(Model):
    """Ten neurons that fire regularly, at a rate that a closed form gives."""

    slug = "template-neuron"
    title = "Template neuron"
    purpose = "Ten leaky neurons under a constant current: the simplest thing that spikes."
    source = "Lapicque (1907) J. Physiol. Pathol. Gén. 9:620-635"
    window_ms = 500.0
    traces: ClassVar[dict[str, str]] = {"neurons.v": "mV"}
    labels: ClassVar[dict[str, str]] = {"neurons.v": "potential v"}

    n_neurons = Parameter(
        10, bounds=(1, 100_000), softbounds=(1, 1000), live=False, integer=True, symbol="N",
        source="chosen", group="Network", doc="neurons; they differ in where they start",
    )  # fmt: skip
    tau_m = Parameter(
        10.0, unit="ms", bounds=(0.1, None), softbounds=(2, 50), symbol="τ_m", source=BOOK,
        group="Neuron", doc="membrane time constant",
    )  # fmt: skip
    R_m = Parameter(
        10.0, unit="Mohm", bounds=(0, None), softbounds=(1, 50), symbol="R_m", source=BOOK,
        group="Neuron", doc="membrane resistance",
    )  # fmt: skip
    I_e = Parameter(
        2.0, unit="nA", bounds=(-100, 100), softbounds=(-1, 5), symbol="I_e", source="chosen",
        group="Input", doc="constant current into every neuron",
    )  # fmt: skip
    E_L = Parameter(
        -65.0, unit="mV", bounds=(-200, 100), softbounds=(-80, -55), symbol="E_L", source=BOOK,
        group="Neuron", doc="resting potential",
    )  # fmt: skip
    V_t = Parameter(
        -50.0, unit="mV", bounds=(-200, 100), softbounds=(-60, -40), symbol="V_t", source=BOOK,
        group="Neuron", doc="threshold",
    )  # fmt: skip
    V_r = Parameter(
        -65.0, unit="mV", bounds=(-200, 100), softbounds=(-80, -61), symbol="V_r", source=BOOK,
        group="Neuron", doc="potential after a spike",
    )  # fmt: skip
    t_ref = Parameter(
        2.0, unit="ms", bounds=(0, None), softbounds=(0, 20), symbol="t_ref", source=BOOK,
        group="Neuron", doc="time for which v is clamped after a spike",
    )  # fmt: skip

    facts: ClassVar[tuple[Fact, ...]] = (
        Fact(
            name="interval between spikes",
            # From V_r = -65 to V_t = -50 mV towards E_L + R_m I_e = -45 mV, after t_ref.
            value=2.0 + 10.0 * math.log(20 / 5),
            tol=0.1,
            why_tol="one step: the threshold is only looked at between steps of 0.1 ms",
            source="closed form: t_ref + tau_m ln((E_L + R_m I_e - V_r)/(E_L + R_m I_e - V_t))",
            measure=_interval_ms,
            unit="ms",
        ),
    )

    def build(self) -> brian2.Network:
        import brian2 as b2

        # Names are given, so that a rebuild finds what was compiled before.
        clock = b2.Clock(self.dt_ms * brian_unit("ms"), name="template_neuron_clock")
        neurons = b2.NeuronGroup(
            self.n_neurons, _NEURON, threshold="v > V_t", reset="v = V_r", refractory="t_ref",
            method="exact", clock=clock, namespace={}, name="neurons",
        )  # fmt: skip
        for name in ("tau_m", "R_m", "I_e", "E_L", "V_t", "V_r", "t_ref"):
            setattr(neurons, name, self.brian(name))
        neurons.v = "V_r + rand()*(V_t - V_r)"
        return b2.Network(neurons, name="template_neuron")
