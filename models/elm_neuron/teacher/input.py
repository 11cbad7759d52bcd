"""Random synaptic input to the teacher cell, with the statistics of NeuronIO.

Per tree (basal, apical) the number of excitatory events in 100 ms is drawn anew every 25 to
450 ms, the inhibitory one lies around it; both are smoothed in time over 25 to 600 ms, spread
over the compartments with noise of half the rate, and every event is drawn per ms. After
Beniaguev et al. (2021) and their published generator; own program, with the counts per
compartment kept where the tree is smaller.
"""

from __future__ import annotations

import numpy as np

HOLD_ms = (25, 450)
SMOOTH_ms = (25, 600)
SPATIAL_NOISE = 0.5
EXCITE_100ms = (0.0, 60.0)  # events in 100 ms on one tree of 24 compartments
INHIBIT_ABOVE = (-35.0, 25.0)  # by how much the inhibitory count differs


def _rate(rng: np.random.Generator, n_ms: int, draw: tuple[float, float]) -> np.ndarray:
    """(n_ms,) piecewise constant values, uniform within ``draw``."""
    rate = np.empty(n_ms)
    at = 0
    while at < n_ms:
        end = at + int(rng.integers(*HOLD_ms))
        rate[at:end] = rng.uniform(*draw)
        at = end
    return rate


def _smooth(rate: np.ndarray, width_ms: float) -> np.ndarray:
    """A Gaussian average in time whose weights add up to 1 at the ends too."""
    half = int(2 * width_ms)
    kernel = np.exp(-0.5 * (np.arange(-half, half + 1) / width_ms) ** 2)
    padded = np.pad(rate, half, mode="reflect" if half < len(rate) else "edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def draw(seed: int, n_ms: int, trees: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Events of one trial: two bool arrays (n_ms, compartments), excitatory and inhibitory.

    seed  : the same gives the same
    trees : compartments of each tree, which share their rate
    """
    rng = np.random.default_rng([seed, 7])
    parts: list[list[np.ndarray]] = [[], []]
    width = rng.uniform(SMOOTH_ms[0], SMOOTH_ms[1]) / 4
    loud = rng.uniform(0.5, 1.5)
    for n in trees:
        excite = _rate(rng, n_ms, EXCITE_100ms) * loud
        inhibit = np.clip(excite + _rate(rng, n_ms, INHIBIT_ABOVE) * loud, 0, None)
        for kind, rate in enumerate((excite, inhibit)):
            share = rng.uniform(1 - SPATIAL_NOISE, 1 + SPATIAL_NOISE, n)
            share /= share.sum()
            chance = _smooth(rate, width)[:, None] / 100 * share
            parts[kind].append(rng.random((n_ms, n)) < chance)
    excitatory, inhibitory = (np.concatenate(p, axis=1) for p in parts)
    return excitatory, inhibitory
