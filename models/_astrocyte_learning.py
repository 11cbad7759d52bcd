"""What more training images would bring: accuracy against their number, carried on by a power law.

Published accuracies are from 50,000 training images. The errors of a readout of fixed features
fall with the number n of training images about as a n^-b (Hestness et al. 2017, arXiv:1712.00409),
so what a smaller sample can give follows from subsets of that very sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from models._astrocyte_readout import read

SHARES = (8, 4, 2)  # the readout is fitted to an eighth, a quarter and half of the images too
SOURCE_TRAIN = 50_000
RESAMPLED = 400
FEWEST = 20  # training images a size


def sizes(n: int) -> list[int]:
    """Numbers of training images to fit the readout to, up to all ``n``."""
    return [n // share for share in SHARES if n // share >= FEWEST] + [n]


def learning(counts: list[np.ndarray], labels: list[np.ndarray], whole: np.ndarray) -> np.ndarray:
    """(sizes, n_test) bool: what is read rightly after the first n training images.

    counts, labels : of training, validation and test
    whole          : (n_test,) bool, after all of them
    """
    found = []
    for n in sizes(len(labels[0]))[:-1]:
        one = read(counts[0][:n], labels[0][:n], counts[1], labels[1], counts[2], labels[2])
        found.append(one.right)
    return np.array([*found, whole])


def carried_on(right: np.ndarray, n: Any, to: int = SOURCE_TRAIN) -> tuple[float, float]:
    """(accuracy in % at ``to`` training images, half width of its 95 % interval).

    right : (sizes, n_test) bool;  ``n`` : the sizes, at least two

    The interval is that of the test images, drawn again with replacement; that a power law holds
    so far is assumed.
    """
    wrong = ~np.asarray(right, bool)
    x = np.log(np.asarray(n, float))
    rng = np.random.default_rng(0)

    def at(errors: np.ndarray) -> float:
        # Half an image: no logarithm of nothing.
        y = np.log(np.maximum(errors, 0.5 / wrong.shape[1]))
        b, a = np.polyfit(x, y, 1)
        return 100 * (1 - float(np.exp(a + b * np.log(to))))

    drawn = [
        at(wrong[:, rng.integers(wrong.shape[1], size=wrong.shape[1])].mean(axis=1))
        for _ in range(RESAMPLED)
    ]
    return at(wrong.mean(axis=1)), 1.96 * float(np.std(drawn))
