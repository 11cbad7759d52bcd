"""What it costs to compile a model: in a few files, and as Brian2's makefile does it.

Measures the processor time of the compiler and of make, which other programs on the machine disturb
less than wall time.

Usage: python benchmarks/compiling.py [--model cuba] [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile

WAYS = ("few", "plain")


def one(model: str, way: str) -> float:
    """Seconds of processor time of the programs that compile the model, once."""
    from workbench import load
    from workbench.engine.compiled import makefile
    from workbench.engine.compiled.simulation import Compiled

    if way == "plain":
        makefile.recipe = lambda _sources: None
    Compiled(load(model), seed=1).prepare()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="cuba")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=WAYS, help="compile once, and print the seconds")
    options = parser.parse_args()
    if options.one:
        print(one(options.model, options.one))
        return
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(options.rounds):
        for way in WAYS:
            done = subprocess.run(
                [sys.executable, __file__, "--model", options.model, "--one", way],
                env={**os.environ, "WORKBENCH_CACHE": tempfile.mkdtemp()},
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            found[way].append(float(done.stdout.splitlines()[-1]))
            print(f"{way:8s} {found[way][-1]:.1f} s", flush=True)
    for way, seconds in found.items():
        print(f"{way}: median {statistics.median(seconds):.1f} s of processor time")


if __name__ == "__main__":
    main()
