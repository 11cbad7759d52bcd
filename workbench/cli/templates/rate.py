"""Template neuron: an excitatory and an inhibitory population, described by their rates.

Equations   tau_E dr_E/dt = -r_E + [I_E + w_EE r_E - w_EI r_I]+ ;  the same for I, with w_IE, w_II
Source      Wilson & Cowan (1972) Biophys. J. 12:1-24, with rectification for the sigmoid.
            Write here which work your model is from.
Departures  none (write here what differs from the source, and why)
Numerics    forward Euler, dt 0.1 ms; the steady state does not depend on the step
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Fact, Model
from workbench.model.parameter import Parameter
from workbench.model.units import brian_unit

if TYPE_CHECKING:
    import brian2

PAPER = "Wilson & Cowan 1972"

# A live parameter is a shared variable of the same name: a slider can then reach it.
_UNIT = """
dr/dt = (clip(I_{x} + from_E - from_I, 0*Hz, 10000*Hz) - r)/tau_{x} : Hz
I_{x} : Hz (shared)
tau_{x} : second (shared)
from_E : Hz
from_I : Hz
"""
_PROJECTION = """
w_{to}{of} : 1 (shared)
from_{of}_post = w_{to}{of}*r_pre : Hz (summed)
"""


def _steady_rate(model: Model) -> float:
    """Rate of the excitatory population after 0.4 s, which is 20 time constants."""
    return float(model.run(400.0, seed=1, engine="numpy").states["excitatory.r"][-1, 0])


def _weight(default: float, symbol: str, doc: str) -> Parameter:
    return Parameter(
        default, bounds=(0, 20), softbounds=(0, 2 * default), symbol=symbol, source="chosen",
        group="Weights", doc=doc,
    )  # fmt: skip


class TemplateNeuron(Model):
    """Two populations with linear, rectified responses: inhibition holds the excitation."""

    slug = "template-neuron"
    title = "Template neuron"
    purpose = "Excitation and inhibition as two rates: the simplest circuit that settles."
    source = "Wilson & Cowan (1972) Biophys. J. 12:1-24"
    window_ms = 500.0
    populations: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    traces: ClassVar[dict[str, str]] = {"excitatory.r": "Hz", "inhibitory.r": "Hz"}
    labels: ClassVar[dict[str, str]] = {"excitatory.r": "rate r", "inhibitory.r": "rate r"}
    weight_unit: ClassVar[dict[str, str]] = {"": "1"}

    I_E = Parameter(
        20.0, unit="Hz", bounds=(0, 1000), softbounds=(0, 60), symbol="I_E", source="chosen",
        group="Input", doc="input to the excitatory population",
    )  # fmt: skip
    I_I = Parameter(
        5.0, unit="Hz", bounds=(0, 1000), softbounds=(0, 60), symbol="I_I", source="chosen",
        group="Input", doc="input to the inhibitory population",
    )  # fmt: skip
    tau_E = Parameter(
        20.0, unit="ms", bounds=(1, 1000), softbounds=(5, 50), symbol="τ_E", source=PAPER,
        group="Populations", doc="time constant of the excitatory population",
    )  # fmt: skip
    tau_I = Parameter(
        10.0, unit="ms", bounds=(1, 1000), softbounds=(5, 50), symbol="τ_I", source=PAPER,
        group="Populations", doc="time constant of the inhibitory population",
    )  # fmt: skip
    w_EE = _weight(0.5, "w_EE", "from the excitatory population to itself")
    w_EI = _weight(1.0, "w_EI", "from the inhibitory to the excitatory population")
    w_IE = _weight(1.0, "w_IE", "from the excitatory to the inhibitory population")
    w_II = _weight(0.5, "w_II", "from the inhibitory population to itself")

    facts: ClassVar[tuple[Fact, ...]] = (
        Fact(
            name="steady excitatory rate",
            # r_E = I_E + 0.5 r_E - r_I and r_I = I_I + r_E - 0.5 r_I, both above 0.
            value=(20.0 * 1.5 - 5.0) / (0.5 * 1.5 + 1.0),
            tol=1e-4,
            why_tol="what is left of the transient after 0.4 s",
            source="closed form: ((1 + w_II) I_E - w_EI I_I)/((1 - w_EE)(1 + w_II) + w_EI w_IE)",
            measure=_steady_rate,
            unit="Hz",
        ),
    )

    def build(self) -> brian2.Network:
        import brian2 as b2

        # Names are given, so that a rebuild finds what was compiled before.
        clock = b2.Clock(self.dt_ms * brian_unit("ms"), name="template_neuron_clock")
        groups, projections = {}, []
        for x, name in (("E", "excitatory"), ("I", "inhibitory")):
            group = b2.NeuronGroup(
                1, _UNIT.format(x=x), method="euler", clock=clock, namespace={}, name=name
            )
            for parameter in (f"I_{x}", f"tau_{x}"):
                setattr(group, parameter, self.brian(parameter))
            groups[x] = group
        for to, of in ("EE", "EI", "IE", "II"):
            synapses = b2.Synapses(
                groups[of], groups[to], _PROJECTION.format(to=to, of=of), clock=clock,
                namespace={}, name=f"{groups[of].name}_to_{groups[to].name}",
            )  # fmt: skip
            synapses.connect()
            setattr(synapses, f"w_{to}{of}", self.brian(f"w_{to}{of}"))
            projections.append(synapses)
        return b2.Network(*groups.values(), *projections, name="template_neuron")
