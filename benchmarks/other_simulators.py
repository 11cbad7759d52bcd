"""The networks of `networks.py` in NEST and in ANNarchy, each on one thread with steps of 0.1 ms.

Where they differ from Brian2:

NEST      The least delay is one step, which stands for none. COBA and COBAHH are solved by
          Runge-Kutta steps of adaptive length; a spike of COBAHH is at the peak of the voltage
          instead of at its threshold. First conductances come with one spike to each cell.
ANNarchy  CUBA takes the voltage by exponential Euler steps, where the others are exact. A delay of
          one step is what Brian2 calls none, so each is a step longer here to be the same. A
          plastic synapse transmits its weight before a spike of its source weakens it, not after;
          its traces decay one step less at each of these.

Sources: the documentation of NEST 3.10 (iaf_psc_exp, iaf_cond_exp, hh_cond_exp_traub and
stdp_synapse) and of ANNarchy 5.0 (Neuron, Synapse, Network).
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import networks
from networks import DT_MS, FIRST_EXCITATION, FIRST_INHIBITION, Network
from simulators import timed

Stretch = Callable[[float], dict[str, float]]
LEAK_NS = 10.0  # the unit of conductances in COBA, and the leak of COBAHH


def nest_network(net: Network) -> tuple[Stretch, str]:
    import nest as sim  # type: ignore[import-not-found]

    sim.ResetKernel()
    sim.verbosity = sim.VerbosityLevel.ERROR
    sim.resolution = DT_MS
    sim.local_num_threads = 1
    sim.rng_seed = 1
    membrane = {"t_ref": net.cells.refractory_ms, "tau_syn_ex": 5.0, "tau_syn_in": 10.0}
    spiking = {"V_th": -50.0, "V_reset": -60.0}
    reversal = {"E_ex": 0.0, "E_in": -80.0}
    if net.kind == "cuba":
        # dv/dt = (E_L - v)/tau + I/C: with C = 20 pF and tau = 20 ms, 1 pA of current is 1 mV of g.
        kind, unit, sign = "iaf_psc_exp", 1.0, 1.0
        parameters = {"E_L": -49.0, "tau_m": 20.0, "C_m": 20.0, **spiking}
    elif net.kind == "coba":
        kind, unit, sign = "iaf_cond_exp", LEAK_NS, -1.0
        parameters = {"E_L": -60.0, "C_m": 200.0, "g_L": LEAK_NS, **spiking, **reversal}
    else:
        kind, unit, sign = "hh_cond_exp_traub", 1.0, -1.0
        parameters = {
            "E_L": -60.0, "C_m": 200.0, "g_L": LEAK_NS, "g_Na": 20_000.0, "g_K": 6_000.0,
            "E_Na": 50.0, "E_K": -90.0, "V_T": -63.0, **reversal,
        }  # fmt: skip
    rule = net.plasticity
    if rule:
        parameters["tau_minus"] = rule.tau_ms
    cells = sim.Create(kind, net.n, params={**membrane, **parameters})
    cells.V_m = sim.random.uniform(-60.0, -50.0)
    if net.cells.first is not None:
        first = sim.Create("spike_generator", params={"spike_times": [DT_MS]})
        for (mean, sd), towards in ((FIRST_EXCITATION, 1), (FIRST_INHIBITION, -1)):
            drawn = sim.random.normal(mean=towards * LEAK_NS * mean, std=LEAK_NS * sd)
            sim.Connect(first, cells, "all_to_all", {"weight": drawn, "delay": DT_MS})
    delay = {"delay": net.delay_ms or DT_MS}
    excitatory = {"weight": unit * net.cells.excitation, **delay}
    if rule:
        excitatory |= {
            "synapse_model": "stdp_synapse", "lambda": rule.rate, "alpha": 1.0, "mu_plus": 1.0,
            "mu_minus": 1.0, "tau_plus": rule.tau_ms, "Wmax": unit * rule.largest,
        }  # fmt: skip
    inhibitory = {"weight": sign * unit * net.cells.inhibition, **delay}
    pairs = {"rule": "pairwise_bernoulli", "p": net.p}
    sim.Connect(cells[: net.n_exc], cells, pairs, excitatory)
    sim.Connect(cells[net.n_exc :], cells, pairs, inhibitory)
    recorder = sim.Create("spike_recorder")
    sim.Connect(cells, recorder)
    sim.Simulate(10.0)

    def stretch(seconds: float) -> dict[str, float]:
        recorder.n_events = 0
        took = timed(lambda: sim.Simulate(round(1e3 * seconds)))
        return {"simulated_s": round(1e3 * seconds) / 1e3, **took, "spikes": recorder.n_events}

    return stretch, sim.__version__


RATES = """
    am = 0.32*(13 - v - 63)/(exp((13 - v - 63)/4) - 1)
    bm = 0.28*(v + 63 - 40)/(exp((v + 63 - 40)/5) - 1)
    ah = 0.128*exp((17 - v - 63)/18)
    bh = 4/(1 + exp((40 - v - 63)/5))
    an = 0.032*(15 - v - 63)/(exp((15 - v - 63)/5) - 1)
    bn = 0.5*exp((10 - v - 63)/40)
"""
DECAY = """
    5*dg_exc/dt = -g_exc : exponential
    10*dg_inh/dt = -g_inh : exponential
"""


def annarchy_network(net: Network) -> tuple[Stretch, str]:
    import ANNarchy as ann  # type: ignore[import-not-found]
    import numpy as np

    cells, rng = net.cells, np.random.default_rng(1)
    # g_inh grows by what is positive: it is -gi in CUBA, whose inhibition is a negative current.
    unit, inhibition = 1.0, abs(cells.inhibition)
    integrate_and_fire: dict[str, Any] = {
        "spike": "v > -50", "reset": "v = -60", "refractory": cells.refractory_ms,
    }  # fmt: skip
    if net.kind == "cuba":
        neuron = ann.Neuron(
            equations="20*dv/dt = -49 - v + g_exc - g_inh : exponential" + DECAY,
            **integrate_and_fire,
        )
    elif net.kind == "coba":
        neuron = ann.Neuron(
            equations="20*dv/dt = -60 - v - g_exc*v + g_inh*(-80 - v) : exponential" + DECAY,
            **integrate_and_fire,
        )
    else:
        # ``refractory`` would hold the voltage too, which Brian2's does not in this network.
        unit = LEAK_NS
        neuron = ann.Neuron(
            equations=RATES
            + """
                200*dv/dt = 10*(-60 - v) - g_exc*v + g_inh*(-80 - v) \
                    - 20000*m*m*m*h*(v - 50) - 6000*n*n*n*n*(v + 90) : exponential
                dm/dt = am*(1 - m) - bm*m : exponential
                dh/dt = ah*(1 - h) - bh*h : exponential
                dn/dt = an*(1 - n) - bn*n : exponential
                silent = silent + dt
            """
            + DECAY,
            spike=f"(v > -20) and (silent > {cells.refractory_ms - DT_MS / 2})",
            reset="silent = 0.0",
        )
    sim = ann.Network(dt=DT_MS, seed=1)
    population = sim.create(net.n, neuron=neuron, name="cells")
    population.v = rng.uniform(-60.0, -50.0, net.n)
    if cells.first is not None:
        population.g_exc = unit * rng.normal(*FIRST_EXCITATION, net.n)
        population.g_inh = unit * rng.normal(*FIRST_INHIBITION, net.n)
    for target, pre, weight in (
        ("exc", population[: net.n_exc], cells.excitation),
        ("inh", population[net.n_exc :], inhibition),
    ):
        rule = net.plasticity if target == "exc" else None
        projection = sim.connect(pre, population, target, synapse=plastic(rule) if rule else None)
        projection.fixed_probability(
            net.p, weights=weight, delays=net.delay_ms + DT_MS, allow_self_connections=True
        )
    spikes = sim.monitor(population, "spike")
    place = tempfile.mkdtemp(dir=os.environ["TMPDIR"])
    os.environ["VIRTUAL_ENV"] = sys.prefix  # else CMake takes another Python
    sim.compile(directory=place, silent=True)
    sim.simulate(10.0)

    def stretch(seconds: float) -> dict[str, float]:
        spikes.get("spike")  # forgets those before
        took = timed(lambda: sim.simulate(1e3 * seconds))
        counted = sum(len(times) for times in spikes.get("spike").values())
        return {"simulated_s": seconds, **took, "spikes": counted}

    return stretch, version("annarchy")


def plastic(rule: networks.Plasticity) -> Any:
    """A Synapse of ANNarchy that learns."""
    import ANNarchy as ann

    return ann.Synapse(
        equations=f"""
            {rule.tau_ms}*dx/dt = -x : event-driven
            {rule.tau_ms}*dy/dt = -y : event-driven
        """,
        pre_spike=f"""
            w -= {rule.rate}*w*y
            g_target += w
            x += 1
        """,
        post_spike=f"""
            w += {rule.rate}*({rule.largest} - w)*x
            y += 1
        """,
    )
