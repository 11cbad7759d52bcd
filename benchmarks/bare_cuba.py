"""The CUBA network as a plain Brian2 script, without the workbench: what the live run is held to.

Prints one line of JSON: simulated seconds per wall second, and the mean rate in Hz.
Usage: python benchmarks/bare_cuba.py [numpy|cython] [seconds]
"""

import json
import sys
import time

import brian2 as b2

target = sys.argv[1] if len(sys.argv) > 1 else "numpy"
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 3.0
b2.prefs.codegen.target = target
b2.seed(1)

neurons = b2.NeuronGroup(
    4000,
    """dv/dt = (ge + gi - (v + 49*mV)) / (20*ms) : volt (unless refractory)
    dge/dt = -ge / (5*ms) : volt
    dgi/dt = -gi / (10*ms) : volt""",
    threshold="v > -50*mV",
    reset="v = -60*mV",
    refractory=5 * b2.ms,
    method="exact",
    dt=0.1 * b2.ms,
    name="neurons",
)
neurons.v = "-60*mV + rand() * 10*mV"
exc = b2.Synapses(neurons, neurons, on_pre="ge += 1.62*mV", name="exc")
exc.connect("i < 3200", p=0.02)
inh = b2.Synapses(neurons, neurons, on_pre="gi -= 9*mV", name="inh")
inh.connect("i >= 3200", p=0.02)
spikes = b2.SpikeMonitor(neurons, name="spikes")
net = b2.Network(neurons, exc, inh, spikes)

net.run(10 * b2.ms)  # code generation and the first transient are not what is measured
before, began = spikes.num_spikes, time.perf_counter()
net.run(seconds * b2.second)
took = time.perf_counter() - began
rate = (spikes.num_spikes - before) / 4000 / seconds
print(json.dumps({"target": target, "speed": seconds / took, "rate_hz": rate}))
