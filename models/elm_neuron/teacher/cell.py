"""A schematic pyramidal cell with active dendrites and NMDA, as a Brian2 `SpatialNeuron`.

It stands in for the detailed cell where there is no data to download: the same kinds of channels
and synapses on 48 dendritic compartments instead of 639 segments.

Channels    Na, K_v, K_m, Ca (high-voltage activated): Mainen & Sejnowski (1996) Nature 382:363-366
            and their published mechanisms, at 37 C (Q10 2.3); their densities, but for Ca
Synapses    AMPA 0.3/3 ms, NMDA 2/70 ms with Mg block 1/(1 + exp(-0.08 v)/3.57), GABA_A 0.2/8 ms,
            double exponentials of peak 1: those of the NeuronIO cell (Beniaguev et al. 2021)
Departures  a reconstruction: the tree is schematic, no calcium-dependent potassium, synaptic
            conductances are larger since fewer compartments take the place of many
Numerics    exponential Euler, dt 0.05 ms
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import brian2

DT_ms = 0.05
SPIKE_mV = -25.0  # a spike is a local maximum above this (as for NeuronIO)
N_DENDRITES = 48  # compartments with synapses; channel k and k + 48 excite and inhibit the k-th

_CHANNELS = """
Im = gL*(EL - v) + gNa*m**3*h*(ENa - v) + (gKv*n + gKm*s)*(EK - v) + gCa*q**2*r*(ECa - v)
     : amp/meter**2
u = v/mV : 1
dm/dt = tadj*(0.182*9/exprel(-(u + 30)/9)*(1 - m) - 0.124*9/exprel((u + 30)/9)*m)/ms : 1
dh/dt = tadj*(0.024*5/exprel(-(u + 45)/5) + 0.0091*5/exprel((u + 70)/5))
        *(1/(1 + exp((u + 60)/6.2)) - h)/ms : 1
dn/dt = tadj*(0.02*9/exprel(-(u - 25)/9)*(1 - n) - 0.002*9/exprel((u - 25)/9)*n)/ms : 1
ds/dt = tadj*0.001*9*((1 - s)/exprel(-(u + 30)/9) - s/exprel((u + 30)/9))/ms : 1
dq/dt = tadj*(0.055*3.8/exprel((-27 - u)/3.8)*(1 - q) - 0.94*exp((-75 - u)/17)*q)/ms : 1
dr/dt = tadj*(4.57e-4*exp((-13 - u)/50)*(1 - r) - 0.0065/(exp((-15 - u)/28) + 1)*r)/ms : 1
gL : siemens/meter**2 (constant)
gNa : siemens/meter**2 (constant)
gKv : siemens/meter**2 (constant)
gKm : siemens/meter**2 (constant)
gCa : siemens/meter**2 (constant)
"""

# Kinetics are linear, so one pair of states a compartment serves all of its synapses.
_SYNAPSES = """
I_syn = (g_AMPA*n_AMPA*(ampa_b - ampa_a)
         + g_NMDA*n_NMDA*(nmda_b - nmda_a)/(1 + exp(-0.08*u)/3.57))*(0*mV - v)
        + g_GABA*n_GABA*(gaba_b - gaba_a)*(E_GABA - v) : amp (point current)
dampa_a/dt = -ampa_a/(0.3*ms) : 1
dampa_b/dt = -ampa_b/(3*ms) : 1
dnmda_a/dt = -nmda_a/(2*ms) : 1
dnmda_b/dt = -nmda_b/(70*ms) : 1
dgaba_a/dt = -gaba_a/(0.2*ms) : 1
dgaba_b/dt = -gaba_b/(8*ms) : 1
channel : integer (constant)
"""

# Events of this ms; compartments without synapses have channel -1.
_ARRIVE = """
arrived_e = int(channel >= 0)*excite(t, clip(channel, 0, 10000))
arrived_i = int(channel >= 0)*inhibit(t, clip(channel, 0, 10000))
ampa_a += arrived_e
ampa_b += arrived_e
nmda_a += arrived_e
nmda_b += arrived_e
gaba_a += arrived_i
gaba_b += arrived_i
"""


@dataclass(frozen=True)
class TeacherCell:
    """What may be varied about the cell.

    nmda      : conductance of an NMDA synapse as a share of the usual; 0 = none
    ampa      : likewise, so that the output rate can be kept when NMDA is taken away
    active    : False leaves only leak and synapses in the dendrites
    """

    nmda: float = 1.0
    ampa: float = 1.0
    active: bool = True


G_AMPA_nS, G_NMDA_nS, G_GABA_nS = 0.45, 0.45, 2.5


def peak(rise_ms: float, decay_ms: float) -> float:
    """What a difference of two exponentials is multiplied with to have a peak of 1."""
    t = rise_ms * decay_ms / (decay_ms - rise_ms) * math.log(decay_ms / rise_ms)
    return 1 / (math.exp(-t / decay_ms) - math.exp(-t / rise_ms))


def morphology() -> brian2.Morphology:
    """Soma, axon, trunk with six obliques, a tuft of six branches, six basal dendrites."""
    import brian2 as b2

    um = b2.um

    def stem(length: float, thick: float, thin: float, n: int) -> Any:
        import numpy as np

        return b2.Section(
            n=n, length=np.full(n, length / n) * um, diameter=np.linspace(thick, thin, n + 1) * um
        )

    cell = b2.Soma(diameter=20 * um)
    cell.axon = b2.Cylinder(n=2, length=30 * um, diameter=1.2 * um)
    at, thick = cell, 3.5
    for part in range(3):
        trunk = stem(180, thick, thick - 0.6, 2)
        setattr(at, f"trunk{part}", trunk)
        at, thick = trunk, thick - 0.6
        for k in range(2):
            setattr(at, f"oblique{k}", stem(180, 1.4, 0.8, 2))
    for k in range(2):
        tuft = stem(120, 1.6, 1.2, 2)
        setattr(at, f"tuft{k}", tuft)
        for j in range(2):
            setattr(tuft, f"twig{j}", stem(180, 1.2, 0.7, 2))
    for k in range(6):
        setattr(cell, f"basal{k}", stem(180, 1.8, 0.8, 3))
    return cell


def build(
    cell: TeacherCell, excite: Any, inhibit: Any, dt_ms: float = DT_ms
) -> tuple[brian2.Network, Any]:
    """The cell in a network; returns it with the monitor of the soma's voltage at every step.

    excite, inhibit : (ms, N_DENDRITES) events of each ms, as two-dimensional `TimedArray` of 1 ms
    """
    import brian2 as b2
    import numpy as np

    siemens_m2, nS, mV = b2.siemens / b2.meter**2, b2.nS, b2.mV
    tree = morphology()
    namespace = {
        "EL": -70 * mV, "ENa": 60 * mV, "EK": -90 * mV, "ECa": 140 * mV, "E_GABA": -80 * mV,
        "tadj": 2.3 ** ((37 - 23) / 10), "excite": excite, "inhibit": inhibit,
        "g_AMPA": cell.ampa * G_AMPA_nS * nS, "g_NMDA": cell.nmda * G_NMDA_nS * nS,
        "g_GABA": G_GABA_nS * nS,
        "n_AMPA": peak(0.3, 3), "n_NMDA": peak(2, 70), "n_GABA": peak(0.2, 8),
    }  # fmt: skip
    clock = b2.Clock(dt_ms * b2.ms, name="teacher_clock")
    neuron = b2.SpatialNeuron(
        morphology=tree, model=_CHANNELS + _SYNAPSES, Cm=1 * b2.uF / b2.cm**2,
        Ri=150 * b2.ohm * b2.cm, method="exponential_euler", clock=clock,
        namespace=namespace, name="teacher",
    )  # fmt: skip
    tadj = namespace["tadj"]
    dense = tadj * siemens_m2  # the published densities, 1 pS/um2 = 1 S/m2, are at 23 C
    passive = 1.0 if cell.active else 0.0
    neuron.gL = 1 / 15000 * b2.siemens / b2.cm**2
    neuron.gNa, neuron.gKm, neuron.gCa = (x * passive * dense for x in (20, 0.1, 0.3))
    neuron.gKv = 0 * dense
    soma, axon = slice(0, 1), neuron.axon
    neuron.gNa[soma], neuron.gKv[soma], neuron.gKm[soma] = 20 * dense, 200 * dense, 0.1 * dense
    neuron.gCa[soma] = 0.3 * dense
    axon.gNa, axon.gKv = 30000 * dense, 2000 * dense
    axon.gKm, axon.gCa = 0 * dense, 0 * dense
    neuron.v = "EL"
    for name, steady in _STEADY.items():
        setattr(neuron, name, steady)
    channel = np.full(len(neuron), -1)
    first = int(np.asarray(axon.indices[:]).max()) + 1
    channel[first:] = np.arange(len(neuron) - first)
    neuron.channel = channel
    each_ms = b2.Clock(1 * b2.ms, name="teacher_input_clock")
    neuron.run_regularly(_ARRIVE, clock=each_ms, when="start", name="teacher_arrive")
    soma_v = b2.StateMonitor(neuron, "v", record=[0], clock=clock, when="end", name="teacher_v")
    return b2.Network(neuron, soma_v, name="teacher_network"), soma_v


# Gates in the steady state of the resting potential.
_STEADY = {
    "m": "0.182/exprel(-(v/mV + 30)/9)"
    "/(0.182/exprel(-(v/mV + 30)/9) + 0.124/exprel((v/mV + 30)/9))",
    "h": "1/(1 + exp((v/mV + 60)/6.2))",
    "n": "0.02/exprel(-(v/mV - 25)/9)/(0.02/exprel(-(v/mV - 25)/9) + 0.002/exprel((v/mV - 25)/9))",
    "s": "1/(1 + exp(-(v/mV + 30)/9))",
    "q": "0.055*3.8/exprel((-27 - v/mV)/3.8)/(0.055*3.8/exprel((-27 - v/mV)/3.8)"
    " + 0.94*exp((-75 - v/mV)/17))",
    "r": "4.57e-4*exp((-13 - v/mV)/50)/(4.57e-4*exp((-13 - v/mV)/50)"
    " + 0.0065/(exp((-15 - v/mV)/28) + 1))",
}
