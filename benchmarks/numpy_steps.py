"""What the workbench adds to a step on NumPy: CUBA simulated by it and by Brian2 alone, in turn.

Both networks are in one process, each with a monitor of all spikes, and take stretches of 100 ms
in turn, so that both have the same load of the machine. The workbench samples the states once a
tick and the extremes of every step, and takes spikes and samples away every 30 ms, as for a page;
without commands, frames and the store. CPU time of the thread, not wall time.

Prints the medians of CPU time a step and of Brian2's over ours, with the quartiles of the latter.
Usage: python benchmarks/numpy_steps.py [--pairs 40]
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import brian2 as b2
import numpy as np

from workbench import load
from workbench.engine.runtime import Runtime, brian_settings_kept
from workbench.engine.streams import between_ticks, streams_of

STRETCH_MS, STEP_MS = 100, 0.1
FRAME_TICKS = 30
WARM_UP = 3  # stretches


def simulated() -> Runtime:
    """The network as the workbench runs it, with what it records by itself."""
    runtime = Runtime(load("cuba"), 1, "numpy")
    info = runtime.build()
    streams, _ = streams_of(runtime.targets, info, between_ticks(info, info.watched))
    runtime.record(streams)
    sample = runtime.sampler(info.watched)

    def at_tick(tick: int) -> None:
        sample()
        if tick % FRAME_TICKS == 0:
            runtime.drain_spikes()
            runtime.streams.take()

    runtime.on_tick = at_tick
    return runtime


def alone() -> Any:
    """The same network with a monitor, without the workbench."""
    b2.seed(1)
    net = load("cuba").build()
    (cells,) = (o for o in net.sorted_objects if isinstance(o, b2.NeuronGroup))
    net.add(b2.SpikeMonitor(cells, name="spikes"))
    return net


def cpu_us(net: Any, namespace: dict[str, Any]) -> float:
    """CPU time of a step of the next stretch."""
    began = time.thread_time()
    net.run(STRETCH_MS * b2.ms, namespace=namespace)
    return 1e6 * (time.thread_time() - began) / (STRETCH_MS / STEP_MS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=40)
    options = parser.parse_args()
    with brian_settings_kept(), np.errstate(all="ignore"):
        ours, bare = simulated(), alone()
        namespace = ours.model.run_namespace()
        pairs = []
        for k in range(WARM_UP + options.pairs):
            nets = (bare, ours.net) if k % 2 else (ours.net, bare)
            took = {id(net): cpu_us(net, namespace) for net in nets}
            pairs.append((took[id(bare)], took[id(ours.net)]))
    pairs = pairs[WARM_UP:]
    ratios = [a / b for a, b in pairs]
    low, middle, high = statistics.quantiles(ratios, n=4)
    brian2_us, ours_us = (statistics.median(p[k] for p in pairs) for k in (0, 1))
    print(
        f"CPU time a step: Brian2 {brian2_us:.0f} us, with the workbench {ours_us:.0f} us; "
        f"ratio {middle:.3f} [{low:.3f}-{high:.3f}], n = {len(pairs)}"
    )


if __name__ == "__main__":
    main()
