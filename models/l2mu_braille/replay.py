"""The published recurrence in plain NumPy, many letters at a time: what the network is held to.

One step: u from the input and the last spikes of h and of the memory; the memory from its last
spikes and the new ones of u; h from the input, its own last spikes and the new ones of the memory;
the output from the new ones of h. Each is a leaky unit whose reset comes a step late:
V <- beta V + I - Theta [V > Theta], and a spike where V > Theta.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .weights import Weights

POPULATIONS = ("u", "memory", "hidden", "output")


@dataclass(frozen=True)
class State:
    """Potentials V and spikes (0 or 1) of each population after a step, each (n, units)."""

    V: dict[str, np.ndarray]
    spikes: dict[str, np.ndarray]


def constants_of(values: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Population -> (beta, Theta) as a model's parameters have them."""
    return {p: (float(values[f"beta_{p}"]), float(values[f"Theta_{p}"])) for p in POPULATIONS}


def steps(
    events: np.ndarray, w: Weights, constants: dict[str, tuple[float, float]]
) -> Iterator[State]:
    """Feel some letters, (n, T, 12), at once; yields the state after each step, from silence."""
    n = len(events)
    U, order, H = w.sizes
    sizes = {"u": U, "memory": U * order, "hidden": H, "output": len(w.b_out)}
    V = {p: np.zeros((n, size)) for p, size in sizes.items()}
    s = {p: np.zeros((n, size)) for p, size in sizes.items()}

    def update(p: str, current: np.ndarray) -> None:
        beta, theta = constants[p]
        V[p] = np.clip(beta, 0, 1) * V[p] + current - theta * (V[p] > theta)
        s[p] = (V[p] > theta).astype(float)

    for t in range(events.shape[1]):
        x = events[:, t].astype(float)
        update("u", x @ w.e_x.T + s["hidden"] @ w.e_h.T + s["memory"] @ w.e_m.T)
        kept = s["memory"].reshape(n, U, order) @ w.A.T + s["u"][:, :, None] * w.B
        update("memory", kept.reshape(n, U * order))
        update("hidden", x @ w.W_x.T + s["hidden"] @ w.W_h.T + s["memory"] @ w.W_m.T)
        update("output", s["hidden"] @ w.W_out.T + w.b_out)
        yield State(dict(V), dict(s))


def votes(events: np.ndarray, w: Weights, constants: dict[str, tuple[float, float]]) -> np.ndarray:
    """(n, 7) output spikes of each letter; the one with most is the guess, the first of equals."""
    return sum((state.spikes["output"] for state in steps(events, w, constants)), np.zeros(()))
