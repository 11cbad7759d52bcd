"""Template neuron: a passive dendrite in compartments, with a current into one end.

Equations   c_m dv/dt = g_L (E_L - v) + axial currents + current into the first compartment
Source      Rall (1959) Exp. Neurol. 1:491-527, the sealed cable.
            Write here which work your model is from.
Departures  none (write here what differs from the source, and why)
Numerics    exponential Euler and an implicit solution along the cable, dt 0.1 ms, 100 compartments
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Fact, Model
from workbench.model.parameter import Parameter
from workbench.model.units import brian_unit

if TYPE_CHECKING:
    import brian2

PAPER = "Rall 1959"

# A live parameter is a shared variable of the same name: a slider can then reach it.
_MEMBRANE = """
Im = g_L*(E_L - v) : amp/meter**2
g_L : siemens/meter**2 (shared)
E_L : volt (shared)
I_in : amp (shared)
I_here = I_in*int(i == 0) : amp (point current)
"""


def _attenuation(model: Model) -> float:
    """Depolarisation of the far end over that of the near one, after 0.3 s."""
    run = model.run(300.0, seed=1, engine="numpy", record={"dendrite.v": [0, 99]})
    near, far = run.recordings["dendrite.v"].values[-1]
    return float((far + 70.0) / (near + 70.0))


class TemplateNeuron(Model):
    """A cylinder, sealed at both ends: the potential decays along it."""

    slug = "template-neuron"
    title = "Template neuron"
    purpose = "A passive dendrite: what arrives at the far end of a current into the near one."
    source = "Rall (1959) Exp. Neurol. 1:491-527"
    window_ms = 500.0
    traces: ClassVar[dict[str, str]] = {"dendrite.v": "mV"}
    watched: ClassVar[dict[str, tuple[int, ...]]] = {"dendrite.v": (0, 50, 99)}

    length = Parameter(
        1000.0, unit="um", bounds=(1, 10_000), softbounds=(100, 2000), live=False, symbol="L",
        source="chosen", group="Shape", doc="length of the dendrite",
    )  # fmt: skip
    diameter = Parameter(
        2.0, unit="um", bounds=(0.05, 100), softbounds=(0.5, 5), live=False, symbol="d",
        source="chosen", group="Shape", doc="diameter of the dendrite",
    )  # fmt: skip
    R_i = Parameter(
        150.0, unit="ohm*cm", bounds=(1, 10_000), softbounds=(50, 300), live=False, symbol="R_i",
        source=PAPER, group="Membrane", doc="resistivity of the inside",
    )  # fmt: skip
    c_m = Parameter(
        1.0, unit="uF/cm**2", bounds=(0.01, 100), softbounds=(0.5, 2), live=False, symbol="c_m",
        source=PAPER, group="Membrane", doc="capacitance of the membrane",
    )  # fmt: skip
    g_L = Parameter(
        0.1, unit="mS/cm**2", bounds=(1e-4, 100), softbounds=(0.02, 0.5), symbol="g_L",
        source=PAPER, group="Membrane", doc="leak conductance of the membrane",
    )  # fmt: skip
    E_L = Parameter(
        -70.0, unit="mV", bounds=(-200, 100), softbounds=(-80, -60), symbol="E_L", source="chosen",
        group="Membrane", doc="resting potential",
    )  # fmt: skip
    I_in = Parameter(
        50.0, unit="pA", bounds=(-10_000, 10_000), softbounds=(0, 200), symbol="I", source="chosen",
        group="Input", doc="current into the first compartment",
    )  # fmt: skip

    facts: ClassVar[tuple[Fact, ...]] = (
        Fact(
            name="attenuation along the dendrite",
            # lambda = sqrt(d/(4 R_i g_L)) = sqrt(2e-4 cm/(4 150 ohm cm 1e-4 S/cm2)) = 577 um
            value=1 / math.cosh(0.1 / math.sqrt(2e-4 / (4 * 150 * 1e-4))),
            tol=0.005,
            why_tol="100 compartments: the ends are half a compartment, 5 um of 577 um, apart",
            source="closed form: 1/cosh(L/lambda), lambda = sqrt(d/(4 R_i g_L))",
            measure=_attenuation,
        ),
    )

    def build(self) -> brian2.Network:
        import brian2 as b2

        # Names are given, so that a rebuild finds what was compiled before.
        clock = b2.Clock(self.dt_ms * brian_unit("ms"), name="template_neuron_clock")
        shape = b2.Cylinder(n=100, length=self.brian("length"), diameter=self.brian("diameter"))
        dendrite = b2.SpatialNeuron(
            morphology=shape, model=_MEMBRANE, Cm=self.brian("c_m"), Ri=self.brian("R_i"),
            method="exponential_euler", clock=clock, namespace={}, name="dendrite",
        )  # fmt: skip
        for name in ("g_L", "E_L", "I_in"):
            setattr(dendrite, name, self.brian(name))
        dendrite.v = self.brian("E_L")
        return b2.Network(dendrite, name="template_neuron")
