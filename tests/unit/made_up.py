"""Runs that no simulation made, for tests of plots and files: quick, and of any shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.circuits.elements import Circuit, Edge, Node
from workbench.interventions import Intervention
from workbench.network import NetworkInfo, Population, Projection
from workbench.run import Run

MEMORY = {
    "in_cue": 5, "in_content": 10, "cue_cue": 5, "content_cue": 10, "content_cond": 10,
    "content_cond_int": 1, "content_content": 10, "cue_content": 5, "merge_cue": 5,
    "merge_content": 10, "out_cue": 5, "out_content": 10,
}  # fmt: skip


def made_up(
    sizes: dict[str, int],
    duration_ms: float = 200.0,
    rate_hz: float = 40.0,
    states: bool = True,
    synapses: float = 0.8,
    **changes: Any,
) -> Run:
    """Random spikes of populations, the first two joined by synapses, the first one sampled."""
    rng = np.random.default_rng(1)
    populations, offset = [], 0
    for name, size in sizes.items():
        populations.append(Population(name, size, offset, "neurons", "excitatory", {"v": "mV"}))
        offset += size
    n = rng.poisson(offset * rate_hz * duration_ms / 1e3)
    steps = np.sort(rng.integers(0, round(duration_ms / 0.1), n))
    source, target = list(sizes)[:2] if len(sizes) > 1 else [next(iter(sizes))] * 2
    there = rng.random((sizes[source], sizes[target])) < synapses
    i, j = np.nonzero(there)
    watched = {f"{source}.v": tuple(range(min(3, sizes[source]))), f"{target}.g": (0, 1)}
    state_t = np.arange(0, duration_ms, 1.0)
    values = {
        k: -60 + np.cumsum(rng.normal(size=(len(state_t), len(w))), axis=0)
        for k, w in watched.items()
    }
    info = NetworkInfo(
        dt_ms=0.1,
        tick_ms=1.0,
        populations=tuple(populations),
        projections=(
            Projection(
                "first_second", source, target, len(i), "w", "nA", True, "excitatory", (1.0, 1.0)
            ),
        ),
        traces={f"{source}.v": "mV", f"{target}.g": "uS"},
        watched=watched,
        circuit=Circuit(
            tuple(Node(k, k.replace("_", " "), v) for k, v in sizes.items()),
            (Edge("first_second", source, target, "excitatory", True, len(i)),),
            "Made up",
        ),
    )
    run = Run(
        model="made-up",
        parameters={"tau_m": 3.0, "w_max": 6.0},
        info=info,
        duration_ms=duration_ms,
        seed=7,
        engine="numpy",
        steps=steps,
        units=rng.integers(0, offset, n).astype(np.int32),
        state_t=state_t if states else np.empty(0),
        states=values if states else {},
        weights={
            "first_second": {
                "i": i,
                "j": j,
                "t_ms": np.array([0.0, duration_ms]),
                "w": np.stack([np.zeros(len(i)), rng.random(len(i)) * 6]),
            }
        },
        interventions=[
            Intervention(t, float(t), kind, name, text=name)
            for t, kind, name in ((10, "operation", "Learn"), (60, "operation", "RecallByCue"),
                                  (120, "operation", "RecallByContent"), (150, "set", "tau_m"))
        ],
        provenance={"brian2": "2.9.0", "workbench": "0.1.0"},
    )  # fmt: skip
    for name, value in changes.items():
        setattr(run, name, value)
    return run


def memory(**changes: Any) -> Run:
    """Twelve populations of one to ten neurons, as in an associative memory."""
    return made_up(MEMORY, rate_hz=20.0, **changes)


def balanced(**changes: Any) -> Run:
    """4,000 neurons in two populations."""
    return made_up({"excitatory": 3200, "inhibitory": 800}, rate_hz=15.0, synapses=0.02, **changes)


def silent(**changes: Any) -> Run:
    """A run in which nothing happened and nothing was recorded."""
    run = made_up({"a": 3, "b": 2}, rate_hz=0.0, states=False)
    run.weights, run.interventions = {}, []
    for name, value in changes.items():
        setattr(run, name, value)
    return run
