"""The pictures that the live model is shown: handwritten digits that need no download."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from workbench.data import Pictures, load

PICTURES = 500  # one after the other, then from the first again
SIDE = 28


def digits(n: int = PICTURES) -> tuple[np.ndarray, np.ndarray]:
    """The first ``n`` of scikit-learn's digits as (n, 28, 28) pictures, and their labels.

    Each of the 8 x 8 pixels becomes 3 x 3, with a margin of 2, as MNIST's digits of 20 x 20 pixels
    lie in 28 x 28.
    """
    images, labels = _all_digits()
    return images[:n], labels[:n]


@lru_cache(maxsize=1)
def _all_digits() -> tuple[np.ndarray, np.ndarray]:
    split = load("digits")
    parts = [p for p in (split.train, split.test) if isinstance(p, Pictures)]
    grown = np.kron(np.concatenate([p.images for p in parts]), np.ones((3, 3)))
    labels = np.concatenate([p.labels for p in parts])
    return np.pad(grown, ((0, 0), (2, 2), (2, 2))), labels


def shares(n_inputs: int, n: int = PICTURES) -> tuple[np.ndarray, np.ndarray]:
    """(n, n_inputs) share that each input has in its picture, adding up to 1; and the labels.

    Another number of inputs than 784 sees the same pictures in another resolution, row by row.
    """
    images, labels = digits(n)
    side = int(np.ceil(np.sqrt(n_inputs)))
    at = (np.arange(side) + 0.5) * SIDE / side
    # Where inputs are few, some pictures would fall between them: each sees the pixels around it.
    edges = np.round(np.stack([at - SIDE / side / 2, at + SIDE / side / 2])).astype(int)
    total = np.zeros((len(images), SIDE + 1, SIDE + 1))
    total[:, 1:, 1:] = images.cumsum(axis=1).cumsum(axis=2)
    low, high = edges[0], np.maximum(edges[1], edges[0] + 1)
    high = np.minimum(high, SIDE)
    low = np.minimum(low, high - 1)
    boxes = (
        total[:, high[:, None], high] - total[:, low[:, None], high]
        - total[:, high[:, None], low] + total[:, low[:, None], low]
    )  # fmt: skip
    boxes = boxes / ((high - low)[:, None] * (high - low))
    seen = boxes.reshape(len(images), -1)[:, :n_inputs]
    whole = seen.sum(axis=1, keepdims=True)
    return np.where(whole > 0, seen / np.where(whole > 0, whole, 1), 1 / n_inputs), labels
