"""What it costs to compile each model, from an empty cache.

Processor time of the compiler, of make and of the linker: what one processor with nothing else to
do takes. Each compilation is in a process and a cache of its own. Beside Brian2's own standalone
device: ``benchmarks/device.py``, which prints both.

Usage: python benchmarks/compiling.py [MODEL ...] [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile

WANTED_S = {"cuba": 3.0}
WANTED_OF_ANY_S = 5.0


def one(model: str) -> float:
    """Seconds of processor time of the programs that compile the model, once."""
    from workbench import load
    from workbench.engine.compiled.simulation import Compiled

    Compiled(load(model), seed=1).prepare()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def apart(model: str) -> float:
    """The same, in a process of its own with a cache of its own."""
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [sys.executable, __file__, "--one", model],
            env={**os.environ, "WORKBENCH_CACHE": cache},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    return float(done.stdout.splitlines()[-1])


def main() -> None:
    from workbench.model import registry

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("models", nargs="*", help="models; all that can be compiled")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", metavar="MODEL", help="compile it once, and print the seconds")
    options = parser.parse_args()
    if options.one:
        print(one(options.one))
        return
    for model in options.models or registry.models():
        seconds = [apart(model) for _ in range(options.rounds)]
        print(
            f"{model:22s} {statistics.median(seconds):.1f} s "
            f"[{min(seconds):.1f}-{max(seconds):.1f}], wanted: "
            f"{WANTED_S.get(model, WANTED_OF_ANY_S):g}",
            flush=True,
        )


if __name__ == "__main__":
    main()
