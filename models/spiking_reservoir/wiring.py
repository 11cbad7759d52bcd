"""Who is connected with whom in the spiking reservoir, and who hears the input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

EXCITATORY_SHARE = 0.8


@dataclass(frozen=True)
class Wiring:
    """Excitatory neurons come first; no neuron has a synapse onto itself.

    exc, inh : (k, 2) pairs (from, to); ``from`` counts within the population
    w_in     : (N,) input weights in units of sigma_in, 0 for neurons without input
    """

    n: int
    n_exc: int
    exc: np.ndarray
    inh: np.ndarray
    w_in: np.ndarray


def wiring(model: Any) -> Wiring:
    """Draw the network of a model: every neuron has ``k_exc`` and ``k_inh`` inputs."""
    rng = np.random.default_rng([int(model.wiring_seed), 3])
    n, n_exc = model.n_units, round(EXCITATORY_SHARE * model.n_units)

    def inputs(count: int, first: int, last: int) -> np.ndarray:
        chosen = []
        for neuron in range(n):
            inside = first <= neuron < last
            senders = rng.choice(last - first - inside, count, replace=False)
            chosen.append(senders + (senders >= neuron - first) if inside else senders)
        return np.stack([np.concatenate(chosen), np.repeat(np.arange(n), count)], axis=1)

    exc, inh = inputs(model.k_exc, 0, n_exc), inputs(model.k_inh, n_exc, n)
    heard = rng.permutation(n) < round(model.input_share * n)
    return Wiring(n, n_exc, exc, inh, np.where(heard, rng.uniform(-0.5, 0.5, n), 0.0))
