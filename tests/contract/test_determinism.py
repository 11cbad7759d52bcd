"""One seed, engine and version have the same spikes, states and weights in every process.

Also while other programs take the processors, with one and with two threads of linear algebra, and
whatever was simulated before in the process.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.model import registry

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
BURN = "import numpy as np; a = np.random.rand(600, 600)\nwhile True: a @ a"


def simulated(engine: str, slugs: list[str], threads: int) -> dict[str, dict[str, str | int]]:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("digests.py")), engine, *slugs],
        env={**os.environ, **dict.fromkeys(THREADS, str(threads))},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {k: v for line in done.stdout.splitlines() for k, v in json.loads(line).items()}


@contextlib.contextmanager
def load(programs: int):
    """So many other programs that never wait."""
    started = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(programs)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


# What is compiled for the first run is there for the second, and for going on from NumPy.
@pytest.mark.parametrize("engine", ["numpy", "compiled", "handed over"])
def test_every_model_gives_the_same_in_every_process(engine):
    slugs = sorted(registry.models())
    calm = simulated(engine, slugs, threads=1)
    assert set(calm) == set(slugs)
    with load(os.cpu_count() or 2):
        busy = simulated(engine, slugs[::-1], threads=2)
    differ = {
        slug: sorted(what for what in calm[slug] if calm[slug][what] != busy[slug].get(what))
        for slug in slugs
        if calm[slug] != busy[slug]
    }
    assert differ == {}
    assert sum(bool(found["number of spikes"]) for found in calm.values()) > len(slugs) / 2
