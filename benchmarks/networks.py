"""The networks that several benchmarks simulate: CUBA, COBA, COBAHH and CUBA with plastic synapses.

A name is the kind and the number of neurons, such as ``cuba-4000``; a neuron has 80 synapses at
every size. ``cuba-delay`` has transmission delays of 1.5 ms. ``stdp`` is CUBA whose excitatory
synapses learn by pairs of spikes, in proportion to what is left to gain or to lose. It starts where
gain and loss are equal for spikes that are independent of each other, so that the mean weight stays
near that of CUBA. All are scripts of plain Brian2, on whatever device is set.

Sources: Vogels & Abbott (2005) J Neurosci 25:10786-10795 and Brette et al. (2007) J Comput Neurosci
23:349-398 (the first three); for the rule van Rossum, Bi & Turrigiano (2000) J Neurosci
20:8812-8821 and Morrison, Diesmann & Gerstner (2008) Biol Cybern 98:459-478.

Usage: python benchmarks/networks.py NETWORK SECONDS
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

DT_MS = 0.1
SYNAPSES = 80
NETWORKS = ("cuba-4000", "cuba-40000", "cuba-delay-4000", "coba-4000", "cobahh-4000", "stdp-4000")


@dataclass(frozen=True)
class Cells:
    """Equations of Brian2 for a cell, and what a spike adds to ge or takes to gi, in ``unit``."""

    equations: str
    threshold: str
    reset: str | None
    refractory_ms: float
    method: str
    excitation: float
    inhibition: float
    unit: str  # of weights, as a factor; "" where they are pure numbers
    first: str | None = None  # factor of the first conductances; None: there are none


CELLS = {
    "cuba": Cells(
        """dv/dt = (ge + gi - (v + 49*mV)) / (20*ms) : volt (unless refractory)
            dge/dt = -ge / (5*ms) : volt
            dgi/dt = -gi / (10*ms) : volt""",
        "v > -50*mV", "v = -60*mV", 5.0, "exact", 1.62, -9.0, "*mV",
    ),
    "coba": Cells(
        """dv/dt = (ge*(0*mV - v) + gi*(-80*mV - v) - (v + 60*mV)) / (20*ms)
                : volt (unless refractory)
            dge/dt = -ge / (5*ms) : 1
            dgi/dt = -gi / (10*ms) : 1""",
        "v > -50*mV", "v = -60*mV", 5.0, "exponential_euler", 0.6, 6.7, "", first="",
    ),
    "cobahh": Cells(
        """dv/dt = (10*nS*(-60*mV - v) + ge*(0*mV - v) + gi*(-80*mV - v)
                - 20*usiemens*m**3*h*(v - 50*mV) - 6*usiemens*n**4*(v + 90*mV)) / (200*pF) : volt
            dm/dt = 0.32/mV*(13*mV - v - 63*mV)/(exp((13*mV - v - 63*mV)/(4*mV)) - 1)/ms*(1 - m)
                - 0.28/mV*(v + 63*mV - 40*mV)/(exp((v + 63*mV - 40*mV)/(5*mV)) - 1)/ms*m : 1
            dh/dt = 0.128*exp((17*mV - v - 63*mV)/(18*mV))/ms*(1 - h)
                - 4/(1 + exp((40*mV - v - 63*mV)/(5*mV)))/ms*h : 1
            dn/dt = 0.032/mV*(15*mV - v - 63*mV)/(exp((15*mV - v - 63*mV)/(5*mV)) - 1)/ms*(1 - n)
                - 0.5*exp((10*mV - v - 63*mV)/(40*mV))/ms*n : 1
            dge/dt = -ge/(5*ms) : siemens
            dgi/dt = -gi/(10*ms) : siemens""",
        "v > -20*mV", None, 3.0, "exponential_euler", 6.0, 67.0, "*nS", first="*10*nS",
    ),
}  # fmt: skip
# The first conductances of COBA and COBAHH, in units of the leak: mean and standard deviation.
# Without them a network stays silent, or is for long.
FIRST_EXCITATION, FIRST_INHIBITION = (4.0, 1.5), (20.0, 12.0)


@dataclass(frozen=True)
class Plasticity:
    """At a spike of the source ``w -= rate*w*y``, of the target ``w += rate*(largest - w)*x``."""

    rate: float = 0.01
    tau_ms: float = 20.0  # of both traces, to which each spike adds one
    largest: float = 2 * CELLS["cuba"].excitation  # in the unit of the weights


@dataclass(frozen=True)
class Network:
    """What a name such as ``cuba-delay-4000`` stands for."""

    kind: str  # a key of CELLS
    n: int
    delay_ms: float = 0.0
    plasticity: Plasticity | None = None

    @property
    def cells(self) -> Cells:
        return CELLS[self.kind]

    @property
    def n_exc(self) -> int:
        return round(0.8 * self.n)

    @property
    def p(self) -> float:
        return min(1.0, SYNAPSES / self.n)


def network(name: str) -> Network:
    """The network of a name. Raises ValueError, with the kinds, for a name that is none."""
    kind, _, size = name.rpartition("-")
    more: dict[str, Any] = {}
    if kind == "stdp":
        kind, more = "cuba", {"plasticity": Plasticity()}
    elif kind == "cuba-delay":
        kind, more = "cuba", {"delay_ms": 1.5}
    if kind not in CELLS or not size.isdecimal():
        kinds = ", ".join((*CELLS, "cuba-delay", "stdp"))
        raise ValueError(f"{name!r} is no network: give a kind ({kinds}) and a size, as cuba-4000")
    return Network(kind, int(size), **more)


def describe(name: str) -> Any:
    """The network as a brian2.Network, on the device that is set; its spikes are in ``spikes``."""
    import brian2 as b2

    net = network(name)
    ms, cell = b2.ms, net.cells
    how: dict[str, Any] = {"reset": cell.reset} if cell.reset else {}
    b2.seed(1)
    cells = b2.NeuronGroup(
        net.n, cell.equations, dt=DT_MS * ms, name="cells", namespace={}, threshold=cell.threshold,
        refractory=cell.refractory_ms * ms, method=cell.method, **how,
    )  # fmt: skip
    cells.v = "-60*mV + rand()*10*mV"
    if cell.first is not None:
        (mean_e, sd_e), (mean_i, sd_i) = FIRST_EXCITATION, FIRST_INHIBITION
        cells.ge = f"(randn()*{sd_e} + {mean_e}){cell.first}"
        cells.gi = f"(randn()*{sd_i} + {mean_i}){cell.first}"
    objects = [cells, b2.SpikeMonitor(cells, name="spikes")]
    for pathway, which, effect in (
        ("exc", "<", f"ge += {cell.excitation}{cell.unit}"),
        ("inh", ">=", f"gi += {cell.inhibition}{cell.unit}"),
    ):
        learns = net.plasticity if pathway == "exc" else None
        synapses = b2.Synapses(
            cells, cells, dt=DT_MS * ms, name=pathway, namespace={},
            **(plastic(learns, cell) if learns else {"on_pre": effect}),
            **({"delay": net.delay_ms * ms} if net.delay_ms else {}),
        )  # fmt: skip
        synapses.connect(f"i {which} {net.n_exc}", p=net.p)
        if learns:
            synapses.w = f"{cell.excitation}{cell.unit}"
        objects.append(synapses)
    return b2.Network(*objects)


def plastic(rule: Plasticity, cell: Cells) -> dict[str, str]:
    """Arguments of brian2.Synapses for synapses that learn."""
    return {
        "model": f"""w : volt
            dx/dt = -x / ({rule.tau_ms}*ms) : 1 (event-driven)
            dy/dt = -y / ({rule.tau_ms}*ms) : 1 (event-driven)""",
        "on_pre": f"""w -= {rule.rate}*w*y
            ge += w
            x += 1""",
        "on_post": f"""w += {rule.rate}*({rule.largest}{cell.unit} - w)*x
            y += 1""",
    }


if __name__ == "__main__":
    from brian2 import second

    described = describe(sys.argv[1])
    described.run(float(sys.argv[2]) * second, namespace={})
