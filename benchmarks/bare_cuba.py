"""The CUBA network as a plain Brian2 script, without the workbench: what the live run is held to.

Prints one line of JSON: simulated seconds per wall second, the mean rate in Hz, and for how long
code was generated and compiled before. "standalone" is Brian2's C++ standalone mode, blind, on
one thread; its speed is that of the second run of its binary, the time loop alone.
Usage: python benchmarks/bare_cuba.py [numpy|cython|standalone] [seconds] [neurons]
"""

import json
import sys
import tempfile
import time

import brian2 as b2

target = sys.argv[1] if len(sys.argv) > 1 else "numpy"
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 3.0
n = int(sys.argv[3]) if len(sys.argv) > 3 else 4000
standalone = target == "standalone"
if standalone:
    folder = tempfile.TemporaryDirectory()
    b2.set_device("cpp_standalone", build_on_run=False)
else:
    b2.prefs.codegen.target = target
b2.seed(1)
n_exc = round(0.8 * n)
p = min(1.0, 80 / n)  # 80 synapses a neuron at any size, as with 4,000 neurons and p = 0.02

neurons = b2.NeuronGroup(
    n,
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
exc.connect(f"i < {n_exc}", p=p)
inh = b2.Synapses(neurons, neurons, on_pre="gi -= 9*mV", name="inh")
inh.connect(f"i >= {n_exc}", p=p)
spikes = b2.SpikeMonitor(neurons, name="spikes")
net = b2.Network(neurons, exc, inh, spikes)

began = time.perf_counter()
if standalone:
    net.run(seconds * b2.second)
    b2.device.build(directory=folder.name, run=False)
    ready = time.perf_counter() - began
    b2.device.run(with_output=False)
    took, before = float(b2.device._last_run_time), 0
else:
    net.run(10 * b2.ms)  # code generation and the first transient are not what is measured
    ready = time.perf_counter() - began
    before, began = spikes.num_spikes, time.perf_counter()
    net.run(seconds * b2.second)
    took = time.perf_counter() - began
rate = (spikes.num_spikes - before) / n / seconds
print(
    json.dumps(
        {"target": target, "speed": seconds / took, "rate_hz": rate, "prepared_s": round(ready, 2)}
    )
)
