"""Loaded once by the fork server, so that every worker starts with Brian2 warm."""

import gc

import brian2
import numpy as np
import xarray  # noqa: F401
import zarr  # noqa: F401

import workbench.brian.preferences  # noqa: F401


def warm_up() -> None:
    """Run a small plastic network once: SymPy and Jinja then have their caches filled."""
    clock = brian2.Clock(0.1 * brian2.ms, name="warm_clock")
    group = brian2.NeuronGroup(
        2,
        """dv/dt = (g - v) / tau : 1 (unless refractory)
        dg/dt = -2 * g / tau : 1
        tau : second (shared)""",
        threshold="v > 1",
        reset="v = 0",
        refractory=2 * brian2.ms,
        method="exact",
        clock=clock,
        name="warm_group",
        namespace={},
    )
    group.tau = 10 * brian2.ms
    group.v = "rand()"
    synapses = brian2.Synapses(
        group,
        group,
        """w : 1
        dapre/dt = -apre / (10*ms) : 1 (event-driven)""",
        on_pre="g_post += w; apre += 1; w = clip(w, 0, 1)",
        on_post="w = clip(w + apre, 0, 1)",
        clock=clock,
        name="warm_synapses",
        namespace={"ms": brian2.ms},
    )
    synapses.connect("i != j", p=1)
    monitor = brian2.SpikeMonitor(group, name="warm_monitor")
    net = brian2.Network(group, synapses, monitor, name="warm_network")
    net.run(0.2 * brian2.ms, namespace={})


state = np.random.get_state()  # noqa: NPY002
warm_up()
np.random.set_state(state)  # noqa: NPY002

# Brian2 collects garbage before every run. What is here already stays for good, so that no worker
# looks through it again, nor gets copies of its memory by doing so.
gc.collect()
gc.freeze()
