"""Small square pictures side by side, as one grid: weights of many neurons at a glance."""

from __future__ import annotations

import numpy as np

GAP = 1  # pixels between two squares


def columns_of(n: int) -> int:
    """How many squares stand side by side."""
    return int(np.ceil(np.sqrt(n)))


def tiled(w_input: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squares side by side, the first at the top left.

    w_input : (N, pixels)
    returns : (rows, columns) weight of each point, and the neuron that it belongs to, -1 for gaps
    """
    n, pixels = w_input.shape
    side, across = int(np.sqrt(pixels)), columns_of(n)
    down, step = -(-n // across), side + GAP
    weight = np.zeros((down * step - GAP, across * step - GAP))
    owner = np.full(weight.shape, -1)
    for k in range(n):
        y, x = (k // across) * step, (k % across) * step
        weight[y : y + side, x : x + side] = w_input[k].reshape(side, side)
        owner[y : y + side, x : x + side] = k
    return weight, owner
