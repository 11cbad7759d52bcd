"""Sparse projections: when a binned matrix of weights would look full, and what tells more.

Where a cell of a picture covers hundreds of pairs of neurons, nearly every cell has a synapse, and
the mean weights of the cells look like a full matrix. The share of the pairs that are connected,
and how often each weight occurs, say what the projection is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FULL = 0.5  # with synapses of so many of its pairs, a projection is no more called sparse
BARS = 40
_SAME = 1e-9  # relative difference below which weights are equal


@dataclass(frozen=True)
class Spread:
    """A sparse projection at one moment.

    density : (post bins, pre bins) synapses of each bin for every pair of neurons in it
    edges, counts : (n + 1,) in the unit of the weight, and (n,): how often each weight occurs
    """

    density: np.ndarray
    edges: np.ndarray
    counts: np.ndarray


def is_sparse(n_synapses: int, shape: tuple[int, int], bins: tuple[int, int]) -> bool:
    """Whether cells cover several pairs, few of which are connected.

    shape : (post, pre) neurons;  bins: (rows, columns) of the picture
    """
    pairs = shape[0] * shape[1]
    return bins != shape and n_synapses < FULL * pairs


def histogram(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How often each weight occurs: edges (n + 1,) and counts (n,); one bar where all are equal."""
    known = weights[np.isfinite(weights)]
    if not known.size:
        return np.array([0.0, 1.0]), np.zeros(1, int)
    low, high = float(known.min()), float(known.max())
    if high - low <= _SAME * max(abs(low), abs(high)):
        half = 0.05 * abs(low) or 0.05
        return np.array([low - half, low + half]), np.array([known.size])
    counts, edges = np.histogram(known, BARS, (low, high))
    return edges, counts
