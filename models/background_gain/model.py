"""Gain of a spiking neuron set by balanced background: three families of f-I curves, live.

Equations   C_m dv/dt = g_L (E_L - v) + B_e (E_e - v) + B_i (E_i - v) + I ; v > V_t -> v = V_r,
            clamped for t_ref. B_e and B_i are shot noise: Poisson spikes of rate X b r_e and
            X r_i add u_e and u_i, which decay with tau_be and tau_bi.
Source      Chance, Abbott & Reyes (2002) Neuron 35:773-782, doi:10.1016/S0896-6273(02)00820-6
Departures  The paper drives real neurons by dynamic clamp; its abstract and introduction were at
            hand, its methods were not. Here is an integrate-and-fire neuron. With the rates and
            sizes that are recalled of the paper it has too little noise and its curve mostly
            shifts; spikes six times larger at a sixth of the rate, so with the same means, give
            clean division. The noise is added without its mean, which the equations hold.
Numerics    method exponential Euler, dt 0.1 ms; halving dt changes the factors by less than 0.02
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from workbench.model.model import Experiment, Fact
from workbench.model.parameter import Parameter
from workbench.model.units import brian_unit

from .._shared.balanced_background import EQUATIONS, SHARED, TUNED, Background, inputs
from .._shared.fi_curves import FAMILIES
from .experiments import EXPERIMENTS
from .facts import FACTS
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

CHOSEN = "chosen: a plain integrate-and-fire neuron"
_NEURON = f"""
dv/dt = (g_L*(E_L - v) + B_e*(E_e - v) + B_i*(E_i - v) + I)/C_m : volt (unless refractory)
{EQUATIONS}
X = X_{{family}} : 1
X_{{family}} : 1 (shared)
I : amp
C_m : farad (shared)
g_L : siemens (shared)
E_L : volt (shared)
E_e : volt (shared)
E_i : volt (shared)
V_t : volt (shared)
V_r : volt (shared)
t_ref : second (shared)
"""
_NEURON_SHARED = (*SHARED, "C_m", "g_L", "E_L", "E_e", "E_i", "V_t", "V_r", "t_ref")


def _level(default: float, which: str) -> Parameter:
    return Parameter(
        default, bounds=(0, 20), softbounds=(0, 4), symbol=f"X_{which}", source=TUNED,
        group="Level", doc=f"background of the {which} family, in units of the reference",
    )  # fmt: skip


class BackgroundGain(Background):
    """Three times the same neurons under the same currents, at three levels of background."""

    slug = "background-gain"
    title = "Background gain"
    topic = "Gain control"
    purpose = (
        "Hundreds of neurons, each driven by its own steady current, draw their firing-rate "
        "curves while you watch: more balanced background makes the curve less steep, as if "
        "the neuron's gain were turned down."
    )
    source = "Chance, Abbott & Reyes (2002) Neuron 35:773-782, doi:10.1016/S0896-6273(02)00820-6"
    window_ms = 500.0
    populations = FAMILIES
    traces: ClassVar[dict[str, str]] = {
        f"{family}.{name}": unit
        for name, unit in (("v", "mV"), ("B_e", "nS"), ("B_i", "nS"))
        for family in FAMILIES
    }
    labels: ClassVar[dict[str, str]] = {
        f"{family}.{name}": what
        for name, what in (
            ("v", "potential v"),
            ("B_e", "excitatory background conductance"),
            ("B_i", "inhibitory background conductance"),
        )
        for family in FAMILIES
    }
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    X_low = _level(1.0, "low")
    X_medium = _level(2.0, "medium")
    X_high = _level(3.0, "high")

    n_currents = Parameter(
        13, bounds=(2, 1000), softbounds=(5, 60), live=False, integer=True, symbol="n_I",
        source="chosen", group="Currents", doc="different currents, evenly spaced",
    )  # fmt: skip
    n_copies = Parameter(
        20, bounds=(1, 1000), softbounds=(1, 40), live=False, integer=True, symbol="n",
        source="chosen", group="Currents",
        doc="neurons under each current in each family; they differ in their background spikes",
    )  # fmt: skip
    I_min = Parameter(
        0.0, unit="nA", bounds=(-10, 10), softbounds=(-0.5, 0.5), live=False, symbol="I_min",
        source="chosen", group="Currents", doc="smallest current",
    )  # fmt: skip
    I_max = Parameter(
        0.6, unit="nA", bounds=(-10, 10), softbounds=(0.1, 1.5), live=False, symbol="I_max",
        source="chosen", group="Currents", doc="largest current",
    )  # fmt: skip

    C_m = Parameter(
        200.0, unit="pF", bounds=(0.1, 1e5), softbounds=(50, 500), symbol="C_m", source=CHOSEN,
        group="Neuron", doc="membrane capacitance; 200 pF and 10 nS make 20 ms",
    )  # fmt: skip
    g_L = Parameter(
        10.0, unit="nS", bounds=(0, 1e4), softbounds=(1, 40), symbol="g_L", source=CHOSEN,
        group="Neuron", doc="leak conductance",
    )  # fmt: skip
    E_L = Parameter(
        -70.0, unit="mV", bounds=(-200, 100), softbounds=(-85, -55), symbol="E_L", source=CHOSEN,
        group="Neuron", doc="resting potential",
    )  # fmt: skip
    E_e = Parameter(
        0.0, unit="mV", bounds=(-200, 200), softbounds=(-20, 20), symbol="E_e", source=TUNED,
        group="Neuron", doc="reversal potential of excitation",
    )  # fmt: skip
    E_i = Parameter(
        -80.0, unit="mV", bounds=(-200, 100), softbounds=(-90, -60), symbol="E_i", source=TUNED,
        group="Neuron", doc="reversal potential of inhibition",
    )  # fmt: skip
    V_t = Parameter(
        -50.0, unit="mV", bounds=(-200, 100), softbounds=(-56, -40), symbol="V_t", source=CHOSEN,
        group="Neuron", doc="threshold",
    )  # fmt: skip
    V_r = Parameter(
        -60.0, unit="mV", bounds=(-200, 100), softbounds=(-75, -57), symbol="V_r", source=CHOSEN,
        group="Neuron", doc="potential after a spike",
    )  # fmt: skip
    t_ref = Parameter(
        2.0, unit="ms", bounds=(0, 1000), softbounds=(0, 10), symbol="t_ref", source=CHOSEN,
        group="Neuron", doc="time for which v is clamped after a spike",
    )  # fmt: skip

    def currents_nA(self) -> np.ndarray:
        """(n_currents,) the currents, nA, in the order of the neurons of each family."""
        return np.linspace(self.I_min, self.I_max, int(self.n_currents))

    def build(self) -> brian2.Network:
        import brian2 as b2

        clock = b2.Clock(self.dt_ms * brian_unit("ms"), name="background_gain_clock")
        parts = [part for family in FAMILIES for part in self._family(family, clock)]
        return b2.Network(*parts, name="background_gain")

    def _family(self, family: str, clock: Any) -> list[Any]:
        """The neurons at one level of background, and their inputs."""
        import brian2 as b2

        currents = np.repeat(self.currents_nA(), int(self.n_copies))
        neurons = b2.NeuronGroup(
            len(currents), _NEURON.format(family=family), threshold="v > V_t", reset="v = V_r",
            refractory="t_ref", method="exponential_euler", clock=clock, namespace={}, name=family,
        )  # fmt: skip
        for variable in (*_NEURON_SHARED, f"X_{family}"):
            setattr(neurons, variable, self.brian(variable))
        neurons.I = currents * brian_unit("nA")
        neurons.v = "E_L + rand()*(V_t - E_L)"
        neurons.B_e = "lam_e*u_e*tau_be"
        neurons.B_i = "lam_i*u_i*tau_bi"
        return [neurons, *inputs(neurons)]
