"""What the tests of scripts share: spikes of a script that Brian2 runs alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

PROGRAM = Path(__file__).with_name("plain_script.py")
Spikes = dict[str, tuple[np.ndarray, np.ndarray]]


@pytest.fixture(scope="session")
def plain_spikes(tmp_path_factory) -> Callable[..., Spikes]:
    """(script, args, seed, most_ms) -> group, by Brian2's name -> (t_ms, i)."""
    folder = tmp_path_factory.mktemp("plain")

    def spikes(script, args=(), seed=None, most_ms=None) -> Spikes:
        out = folder / f"{Path(script).stem}.npz"
        given = ["" if v is None else str(v) for v in (seed, most_ms)]
        done = subprocess.run(
            [sys.executable, str(PROGRAM), str(out), *given, str(script), *args],
            capture_output=True, text=True, cwd=Path(script).parent,
            env={**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": str(Path(script).parent)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found = np.load(out)
        return {name: (found[name][0], found[name][1].astype(int)) for name in found}

    return spikes


@pytest.fixture(scope="session")
def trains() -> Callable[..., list[list[tuple[float, int]]]]:
    """Spikes of populations, each (t_ms, i), in an order that needs no names.

    Brian2's names and those of the workbench are not the same; within a step there is no order.
    """

    def sort(populations):
        return sorted(
            sorted(zip(np.round(t_ms, 6).tolist(), np.asarray(i).tolist(), strict=True))
            for t_ms, i in populations
        )

    return sort
