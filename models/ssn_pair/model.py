"""Two-population supralinear circuit: one excitatory and one inhibitory unit, and noise.

Equations   tau_a dV_a/dt = -V_a + V_rest + h + eta_a + W_aE r_E - W_aI r_I,  a = E, I
            r_a = k [V_a - V_rest]_+^n
            eta: Ornstein-Uhlenbeck noise of standard deviation sigma_a, time constant tau_noise
Source      the program Jan10e/SSN (ssn_voltage_ode), after Hennequin, Ahmadian, Rubin, Lengyel &
            Miller (2018) Neuron 98:846 and Ahmadian, Rubin & Miller (2013) Neural Comput. 25:1994
Departures  noise enters as an input that relaxes with tau; its time constant is chosen, for the
            source gives its standard deviations only.
Numerics    method euler, dt 0.1 ms against 1/4.6 of tau_E; steady states do not depend on dt
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from workbench.brian import dense
from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter
from workbench.model.units import brian_unit

from .experiments import EXPERIMENTS
from .facts import FACTS
from .operations import InputSweep
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

__all__ = ["InputSweep", "SSNPair"]

JAN = "the program Jan10e/SSN, ssn_voltage_ode"

_UNIT = """
dV/dt = (V_rest - V + h + eta + {from_e}*r_e*Hz - {from_i}*r_i*Hz)/{tau} : volt
deta/dt = -eta/tau_noise + {sigma}*sqrt(2/tau_noise)*xi : volt
r : Hz
r_e : 1
r_i : 1
h : volt (shared)
k : Hz (shared)
n_power : 1 (shared)
V_rest : volt (shared)
tau_noise : second (shared)
{tau} : second (shared)
{from_e} : volt*second (shared)
{from_i} : volt*second (shared)
{sigma} : volt (shared)
"""


def _weight(default: float, symbol: str, doc: str) -> Parameter:
    return Parameter(
        default, unit="mV/Hz", bounds=(0, 100), softbounds=(0, 3), symbol=symbol, source=JAN,
        group="Recurrence", doc=f"potential for each Hz, {doc}",
    )  # fmt: skip


class SSNPair(Model):
    """One excitatory and one inhibitory unit: where recurrence takes over, noise is quenched."""

    slug = "ssn-pair"
    title = "SSN: two populations"
    topic = "Gain control"
    purpose = (
        "The smallest supralinear circuit. Just where recurrent inhibition begins to hold the "
        "excitation, responses are slow and noise is largest; stronger input makes both fast and "
        "quiet."
    )
    source = "Hennequin et al. (2018) Neuron 98:846; Ahmadian et al. (2013) Neural Comput. 25:1994"
    tick_ms = 1.0
    dt_ms = 0.1
    pace = 1000.0
    window_ms = 2000.0
    populations: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    traces: ClassVar[dict[str, str]] = {
        "excitatory.V": "mV", "inhibitory.V": "mV", "excitatory.r": "Hz", "inhibitory.r": "Hz",
    }  # fmt: skip
    labels: ClassVar[dict[str, str]] = {
        "excitatory.V": "potential V", "inhibitory.V": "potential V",
        "excitatory.r": "rate r", "inhibitory.r": "rate r",
    }  # fmt: skip
    weight_unit: ClassVar[dict[str, str]] = {"": "1"}
    operations: ClassVar[tuple[type[Operation], ...]] = (InputSweep,)
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS
    tour = TOUR

    h = Parameter(
        2.0, unit="mV", bounds=(0, 1000), softbounds=(0, 20), symbol="h", source=JAN,
        group="Input", doc="input to both units; plays the part of contrast",
    )  # fmt: skip
    sigma_E = Parameter(
        0.2, unit="mV", bounds=(0, 100), softbounds=(0, 1), symbol="σ_E", source=JAN,
        group="Input", doc="standard deviation of the noise on the excitatory unit's input",
    )  # fmt: skip
    sigma_I = Parameter(
        0.1, unit="mV", bounds=(0, 100), softbounds=(0, 1), symbol="σ_I", source=JAN,
        group="Input", doc="standard deviation of the noise on the inhibitory unit's input",
    )  # fmt: skip
    tau_noise = Parameter(
        50.0, unit="ms", bounds=(1, 10_000), softbounds=(5, 200), symbol="τ_η", source="chosen",
        group="Input", doc="time constant of the noise",
    )  # fmt: skip
    W_EE = _weight(1.25, "W_EE", "from the excitatory unit to itself")
    W_EI = _weight(0.65, "W_EI", "from the inhibitory to the excitatory unit")
    W_IE = _weight(1.2, "W_IE", "from the excitatory to the inhibitory unit")
    W_II = _weight(0.5, "W_II", "from the inhibitory unit to itself")
    k = Parameter(
        0.3, unit="Hz", bounds=(0, 100), softbounds=(0.05, 1), symbol="k", source=JAN,
        group="Unit", doc="rate at 1 mV above rest",
    )  # fmt: skip
    n_power = Parameter(
        2.0, bounds=(0.5, 5), softbounds=(1, 3), symbol="n", source=JAN, group="Unit",
        doc="power of the depolarisation that a unit responds with",
    )  # fmt: skip
    V_rest = Parameter(
        -70.0, unit="mV", bounds=(-200, 100), softbounds=(-80, -60), symbol="V_rest", source=JAN,
        group="Unit", doc="resting potential",
    )  # fmt: skip
    tau_E = Parameter(
        20.0, unit="ms", bounds=(1, 1000), softbounds=(5, 50), symbol="τ_E", source=JAN,
        group="Unit", doc="time constant of the excitatory unit",
    )  # fmt: skip
    tau_I = Parameter(
        10.0, unit="ms", bounds=(1, 1000), softbounds=(5, 50), symbol="τ_I", source=JAN,
        group="Unit", doc="time constant of the inhibitory unit",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        import brian2 as b2

        clock = b2.Clock(self.dt_ms * brian_unit("ms"), name="ssn_pair_clock")
        groups = {}
        for name, tau, from_e, from_i, sigma in (
            ("excitatory", "tau_E", "W_EE", "W_EI", "sigma_E"),
            ("inhibitory", "tau_I", "W_IE", "W_II", "sigma_I"),
        ):
            group = b2.NeuronGroup(
                1, _UNIT.format(tau=tau, from_e=from_e, from_i=from_i, sigma=sigma),
                method="euler", clock=clock, namespace={}, name=name,
            )  # fmt: skip
            for parameter in (
                "h",
                "k",
                "n_power",
                "V_rest",
                "tau_noise",
                tau,
                from_e,
                from_i,
                sigma,
            ):
                setattr(group, parameter, self.brian(parameter))
            group.V = self.brian("V_rest")
            group.run_regularly(
                "r = k*clip((V - V_rest)/mV, 0, 1e6)**n_power", clock=clock, when="start",
                order=-1, name=f"{name}_rate",
            )  # fmt: skip
            groups[name[0]] = group
        projections = []
        for post, pre in ("ee", "ei", "ie", "ii"):
            source, target = groups[pre], groups[post]
            name = f"{source.name}_to_{target.name}"
            projections.append(
                dense.project(source, target, np.ones((1, 1)), of="r", into=f"r_{pre}", name=name)
            )
        return b2.Network(*groups.values(), *projections, name="ssn_pair")
