"""A made-up run, second by second, for tests that write and read stored runs."""

from __future__ import annotations

import numpy as np

from workbench.network import NetworkInfo, Population, Projection

INFO = NetworkInfo(
    dt_ms=0.1,
    tick_ms=1.0,
    populations=(
        Population("exc", 80, 0, "neurons", "excitatory", {"v": "mV"}),
        Population("inh", 20, 80, "neurons", "inhibitory"),
    ),
    projections=(Projection("exc_inh", "exc", "inh", 3, "w", "nA", delay_ms=(1.0, 2.0)),),
    traces={"exc.v": "mV"},
    watched={"exc.v": (0, 5)},
)
META = {
    "model": "toy",
    "parameters": {"tau": 10.0},
    "info": INFO,
    "seed": 3,
    "engine": "numpy",
    "provenance": {"a": "b"},
}
WEIGHTS = {
    "exc_inh": {
        "i": np.array([0, 1, 2]),
        "j": np.array([0, 0, 1]),
        "t_ms": np.array([0.0, 5.0]),
        "w": np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]),
    }
}


def batch(k: int, n: int = 1000) -> tuple:
    """The ``k``-th second of a made-up run: steps, units, times and values of a state."""
    rng = np.random.default_rng(k)
    steps = np.sort(rng.integers(0, 10_000, n)) + 10_000 * k
    units = rng.integers(0, 100, n).astype(np.int32)
    state_t = 1000.0 * k + np.arange(20) * 50.0
    return steps, units, state_t, {"exc.v": rng.random((20, 2))}
