"""The fast standalone device against Brian2's own, blind, in pairs.

CUBA, COBA and COBAHH as plain Brian2 scripts (networks.py), and models of the workbench. For each:
CPU seconds of the time loop per simulated second with Brian2's device (its own flags), the ratio
pair by pair, and whether the spikes are bytewise equal to those of Brian2's device with our usual
flags and its own.

Usage: python benchmarks/device.py [--networks cuba-4000 ...] [--pairs 5]
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from networks import describe

SECONDS = {"cuba-4000": 10.0, "cuba-40000": 1.0, "coba-4000": 5.0, "cobahh-4000": 0.5}
MODELS = {"v1-spiking": 0.5, "hippocampal-cam": 0.5, "astrocyte-lsm": 1.0}
SECONDS |= MODELS
KINDS = ("brian2", "brian2, our flags", "ours")


def simulate(kind: str) -> None:
    """Describe and run a network on the device that is set."""
    import brian2 as b2

    if kind in MODELS:
        model(kind)
        return
    describe(kind).run(SECONDS[kind] * b2.second, namespace={})


def model(kind: str) -> None:
    """Build and run a model of the workbench on the device that is set; its spikes are recorded."""
    import brian2 as b2
    import numpy as np

    from workbench import load

    b2.seed(1)
    np.random.seed(1)  # noqa: NPY002  models may draw with NumPy while they build
    net = load(kind).build()
    groups = [g for g in net.sorted_objects if isinstance(g, b2.SpikeSource)]
    if not net.t_:  # what has run in ``build`` takes no further objects
        net.add(
            b2.SpikeMonitor(g, name=f"spikes_{g.name}")
            for g in groups if "_spikespace" in g.variables
        )  # fmt: skip
    net.run(SECONDS[kind] * b2.second, namespace={})


def build(kind: str, device: str, folder: Path) -> None:
    import brian2 as b2

    from workbench.brian.fast.device import FLAGS, register
    from workbench.engine.compiled.makefile import make

    if device != "brian2":
        b2.prefs.codegen.cpp.extra_compile_args_gcc = list(FLAGS)
    b2.set_device(register() if device == "ours" else "cpp_standalone", build_on_run=False)
    simulate(kind)
    if device == "ours":  # only now is it known what the code calls
        b2.prefs.codegen.cpp.extra_compile_args_gcc = list(b2.device.flags())
    b2.device.build(directory=str(folder), compile=False, run=False, with_output=False)
    began = time.process_time() + _children()
    if device == "ours":
        make(folder, kind)
    else:
        subprocess.run(["make", "-j2"], cwd=folder, check=True, capture_output=True)
    took = time.process_time() + _children() - began
    print(f"{kind:12s} {device:18s} compiled in {took:.1f} CPU s", flush=True)


def _children() -> float:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def loop_s(folder: Path) -> float:
    """CPU seconds of the time loop of one run."""
    subprocess.run(["./main"], cwd=folder, check=True, capture_output=True)
    return float((folder / "results" / "last_run_info.txt").read_text().split()[0])


def spikes(folder: Path) -> list[bytes]:
    """What the monitors of spikes hold, or for want of them all arrays after the run."""
    results = folder / "results"
    found = sorted(results.glob("_dynamic_array_spikes_*")) or sorted(results.glob("_*"))
    return [p.read_bytes() for p in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", nargs="+", choices=list(SECONDS), default=list(SECONDS))
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    fresh = multiprocessing.get_context("spawn")
    for kind in options.networks:
        with tempfile.TemporaryDirectory() as place:
            folders = {device: Path(place, str(k)) for k, device in enumerate(KINDS)}
            for device, folder in folders.items():
                child = fresh.Process(target=build, args=(kind, device, folder))
                child.start()
                child.join()
            own, same_flags, ours = folders.values()
            loop_s(same_flags)
            pairs = [(loop_s(own), loop_s(ours)) for _ in range(options.pairs)]
            ratios = [a / b for a, b in pairs]
            per_s = [statistics.median(p[k] for p in pairs) / SECONDS[kind] for k in (0, 1)]
            found = spikes(ours)
            print(
                f"{kind:12s} Brian2 {per_s[0]:.4f} CPU s/s, ours {per_s[1]:.4f}: "
                f"{statistics.median(ratios):.2f} x [{min(ratios):.2f}-{max(ratios):.2f}], "
                f"n = {len(pairs)}; {sum(map(len, found))} bytes of spikes "
                f"{'equal' if found == spikes(same_flags) else 'DIFFERENT'} with the same flags, "
                f"{'equal' if found == spikes(own) else 'different'} with Brian2's",
                flush=True,
            )


if __name__ == "__main__":
    main()
