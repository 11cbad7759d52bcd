"""What a step costs, and memory, as a network grows; how soon a large stored run opens.

CUBA with 80 synapses a neuron at every size, on the compiled engine. "Live" is a session whose
frames are taken as they come; "blind" is one of which nobody takes any. Both record every spike.
Seconds are processor time of worker and binary, so that other work on the machine counts less. One
binary serves all sizes, so the first one alone is compiled.

The stored run is made up: spikes of 4,000 neurons at random times, written in pieces.

Usage: python benchmarks/growth.py [--sizes 1000 4000 ...] [--spikes 1e8] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from workbench import load, open_run
from workbench.engine.session import Session
from workbench.figures import figure
from workbench.network import NetworkInfo, Population
from workbench.store import RunWriter

SIZES = (1_000, 4_000, 10_000, 40_000, 100_000, 200_000)
STEP_MS = 0.1
WARM_UP_MS = 100.0
PIECE = 2**20
NEURONS, RATE_HZ = 4_000, 25.0


def spent(process: psutil.Process) -> tuple[float, float]:
    """Processor seconds and MB of a worker and its binary."""
    family = [process, *process.children(recursive=True)]
    seconds = sum(sum(p.cpu_times()[:2]) for p in family)
    return seconds, sum(p.memory_info().rss for p in family) / 2**20


def live(neurons: int, steps: int, read: bool) -> tuple[float, float, float]:
    """Microseconds of a step, MB, and the mean rate in Hz; ``read``: frames are taken."""
    model = load("cuba", n_neurons=neurons, p_connect=min(1.0, 80 / neurons))
    until_ms = WARM_UP_MS + steps * STEP_MS
    with Session(model, engine="compiled", duration_ms=until_ms, paused=True).start() as session:
        session.wait(600, until="ready")
        worker = psutil.Process(session.pid)
        session.step(round(WARM_UP_MS / model.tick_ms))
        session.wait(600, until="paused")
        before, _ = spent(worker)
        session.resume()
        after, memory = before, 0.0
        while not session.wait(0.03):
            if read:
                session.frames()
            try:
                after, memory = spent(worker)
            except psutil.Error:  # it has just ended
                break
        done = session.stop()
    reached = max(done.duration_ms - WARM_UP_MS, model.tick_ms)
    rate = len(done.steps) / neurons / done.duration_ms * 1e3
    return (after - before) / (reached / STEP_MS) * 1e6, memory, rate


def stored(folder: Path, spikes: int) -> None:
    """Write, open and draw a run of so many spikes; print what it takes."""
    duration_ms = spikes / NEURONS / RATE_HZ * 1e3
    info = NetworkInfo(
        dt_ms=STEP_MS, tick_ms=1.0, populations=(Population("cells", NEURONS, 0, "neurons"),),
        projections=(), traces={}, watched={},
    )  # fmt: skip
    path = folder / "large.zarr"
    writer = RunWriter(
        path, model="made-up", parameters={}, info=info, seed=1, engine="numpy", provenance={},
        files={},
    )  # fmt: skip
    rng = np.random.default_rng(1)
    last, pieces = duration_ms / STEP_MS, -(-spikes // PIECE)
    began = time.perf_counter()
    for k in range(pieces):
        n = min(PIECE, spikes - k * PIECE)
        steps = np.sort(rng.integers(int(last * k / pieces), int(last * (k + 1) / pieces), n))
        writer.append(steps, rng.integers(0, NEURONS, n), np.empty(0), {}, {})
        writer.progress(steps[-1] * STEP_MS, [])
    writer.finish(
        duration_ms=duration_ms, outcome="finished", message="", weights={}, interventions=[]
    )
    size = sum(f.stat().st_size for f in path.rglob("*") if f.is_file()) / 1e6
    print(f"{spikes:,} spikes, {size:.0f} MB, written in {time.perf_counter() - began:.0f} s")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    run = open_run(path)
    print(f"opened in {time.perf_counter() - began:.2f} s (wanted: 1)")
    figure(run, "raster", path=folder / "first.png", t_ms=(0.0, 10.0))  # loads the drawing library
    for width_ms in (100.0, 1000.0):
        middle = duration_ms / 2
        began = time.perf_counter()
        run.spikes("cells", (middle, middle + width_ms))
        read_s = time.perf_counter() - began
        figure(run, "raster", path=folder / "raster.png", t_ms=(middle, middle + width_ms))
        took = time.perf_counter() - began
        print(f"raster of {width_ms:g} ms: read in {read_s:.2f} s, drawn in {took:.2f} s")
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - most
    print(f"memory beyond that of writing: {more:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--spikes", type=float, default=1e8, help="of the stored run; 0: none")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    print(f"{'neurons':>9s} {'µs a step: blind':>17s} {'live':>9s} {'MB: blind':>10s} {'live':>7s}"
          f" {'Hz':>6s}")  # fmt: skip
    for neurons in options.sizes:
        steps = max(500, min(20_000, 40_000_000 // neurons))
        blind, watched = (live(neurons, steps, read) for read in (False, True))
        print(f"{neurons:9,d} {blind[0]:17.1f} {watched[0]:9.1f} {blind[1]:10.0f} "
              f"{watched[1]:7.0f} {watched[2]:6.2f}")  # fmt: skip
    if options.spikes:
        with tempfile.TemporaryDirectory(dir=options.folder) as place:
            stored(Path(place), int(options.spikes))


if __name__ == "__main__":
    main()
