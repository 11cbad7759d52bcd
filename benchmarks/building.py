"""Processor time to build a network in a new worker, with an empty cache and with what it holds.

Each figure is that of a process of its own, which first loads Brian2 as the fork server does.

Usage: python benchmarks/building.py [MODEL ...] [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile

BUILD = """
import sys, time
import workbench.brian.preload
from workbench import load
from workbench.engine.runtime import Runtime, brian_settings_kept
model = load(sys.argv[1])
with brian_settings_kept():
    began = time.process_time()
    runtime = Runtime(model, 1, "numpy")
    runtime.build()
    print(time.process_time() - began)
"""


def build(model: str, cache: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", BUILD, model], capture_output=True, text=True, check=True,
        env={**os.environ, "WORKBENCH_CACHE": cache},
    )  # fmt: skip
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("models", nargs="*", default=["cuba", "hippocampal-cam", "v1-spiking"])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    for model in given.models:
        empty, filled = [], []
        for _ in range(given.rounds):
            with tempfile.TemporaryDirectory() as cache:
                empty.append(build(model, cache))
                filled.append(build(model, cache))
        ratios = sorted(a / b for a, b in zip(empty, filled, strict=True))
        print(
            f"{model}: {statistics.median(empty):.2f} s with an empty cache, "
            f"{statistics.median(filled):.2f} s with what it holds; "
            f"{ratios[0]:.1f} to {ratios[-1]:.1f} times (n = {given.rounds})"
        )


if __name__ == "__main__":
    main()
