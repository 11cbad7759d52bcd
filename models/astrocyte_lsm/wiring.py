"""Where the neurons of the liquid are, and which synapses there are: NumPy, no Brian2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

EXCITATORY_SHARE = 0.8


@dataclass(frozen=True)
class Wiring:
    """One network.

    n_exc                   : the first so many neurons of the liquid are excitatory
    position                : (N, 3) int, each neuron's place on the grid, in grid units
    liquid_pre, liquid_post : (S,) int, synapses within the liquid, by source, then target
    input_pre, input_post   : (K,) int, synapses from the input, by source, then target
    input_sign              : (K,) +1 or -1
    liquid_seen, input_seen : neurons whose spikes the astrocyte counts, in order
    """

    n_exc: int
    position: np.ndarray
    liquid_pre: np.ndarray
    liquid_post: np.ndarray
    input_pre: np.ndarray
    input_post: np.ndarray
    input_sign: np.ndarray
    liquid_seen: np.ndarray
    input_seen: np.ndarray


def wiring(values: Mapping[str, float]) -> Wiring:
    """Draw the network that the parameters ask for; ``network`` is the seed of the draw.

    Each pair of liquid neurons is joined with probability C exp(-(D/lambda)^2), where D is their
    distance and C depends on the types of both; exactly the share ``p_input`` of all pairs of an
    input and a liquid neuron is joined.
    """
    n, n_inputs = int(values["n_neurons"]), int(values["n_inputs"])
    rng = np.random.default_rng([int(values["network"]), n, n_inputs])
    n_exc = round(EXCITATORY_SHARE * n)
    position = rng.permutation(grid(n))
    inhibits = np.arange(n) >= n_exc
    C = np.array(
        [[values["C_exc_exc"], values["C_exc_inh"]], [values["C_inh_exc"], values["C_inh_inh"]]]
    )
    pre, post = [], []
    for target in range(n):  # row by row: all distances at once would fill the memory
        distance2 = ((position - position[target]) ** 2).sum(axis=1)
        p = C[inhibits.astype(int), int(inhibits[target])]
        p = p * np.exp(-distance2 / values["lambda_c"] ** 2)
        p[target] = 0.0
        sources = np.flatnonzero(rng.random(n) < p)
        pre.append(sources)
        post.append(np.full(len(sources), target))
    joined = round(values["p_input"] * n * n_inputs)
    pairs = np.sort(rng.choice(n * n_inputs, joined, replace=False))
    sign = rng.choice((-1.0, 1.0), joined)
    # What a spike does to its synapses is fast where they stand one after the other.
    liquid_pre, liquid_post = np.concatenate(pre), np.concatenate(post)
    liquid = np.lexsort((liquid_post, liquid_pre))
    by_source = np.lexsort((pairs // n_inputs, pairs % n_inputs))
    pairs = pairs[by_source]
    # A stream of its own: the same network, whatever the density.
    seen = np.random.default_rng([int(values["network"]), 1])
    share = values["density"]
    return Wiring(
        n_exc=n_exc,
        position=position,
        liquid_pre=liquid_pre[liquid],
        liquid_post=liquid_post[liquid],
        input_pre=pairs % n_inputs,
        input_post=pairs // n_inputs,
        input_sign=sign[by_source],
        liquid_seen=np.sort(seen.permutation(n)[: int(np.ceil(share * n))]),
        input_seen=np.sort(seen.permutation(n_inputs)[: int(np.ceil(share * n_inputs))]),
    )


def grid(n: int) -> np.ndarray:
    """(n, 3) int: the first ``n`` sites of the smallest cube that holds them, layer by layer."""
    side = round(n ** (1 / 3))
    side += side**3 < n
    z, y, x = np.unravel_index(np.arange(n), (side, side, side))
    return np.stack([x, y, z], axis=1)
