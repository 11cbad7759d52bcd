"""The tasks: scikit-learn's digits, with the pixels of each task in an order of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from workbench.data import Pictures, load

if TYPE_CHECKING:
    from workbench.model.model import Model

PIXELS, CLASSES = 64, 10
BRIGHTEST = 16.0


@dataclass(frozen=True)
class Tasks:
    """Pictures of all tasks, in the order in which they are shown.

    train  : (tasks, P, 64) float, 0 to 1, and their labels (tasks, P)
    test   : (tasks, Q, 64), and their labels (Q,)
    orders : (tasks, 64) which pixel each input sees; that of the first task is the plain one
    """

    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray
    orders: np.ndarray


def tasks_of(model: Model) -> Tasks:
    """The tasks of a model."""
    values = model.values()
    return tasks(int(values["n_tasks"]), int(values["order_seed"]))


@lru_cache(maxsize=16)
def tasks(n: int, seed: int) -> Tasks:
    """``n`` tasks; ``seed`` decides the orders of the pixels and of the pictures."""
    split = load("digits")
    assert isinstance(split.train, Pictures) and isinstance(split.test, Pictures)
    rng = np.random.default_rng([seed, 1])
    orders = np.array([np.arange(PIXELS), *(rng.permutation(PIXELS) for _ in range(n - 1))])
    shown = np.array([rng.permutation(len(split.train.labels)) for _ in range(n)])
    train, test = (
        part.images.reshape(-1, PIXELS) / BRIGHTEST for part in (split.train, split.test)
    )
    return Tasks(
        np.array([train[which][:, order] for which, order in zip(shown, orders, strict=True)]),
        np.asarray(split.train.labels, int)[shown],
        np.array([test[:, order] for order in orders]),
        np.asarray(split.test.labels, int),
        orders,
    )


def rows_of(n_first: int, n_more: int, n_tasks: int) -> np.ndarray:
    """(M,) the task that each subspace unit learns in."""
    return np.repeat(np.arange(n_tasks), [n_first] + [n_more] * (n_tasks - 1))


def accuracies(w: np.ndarray, given: Tasks) -> np.ndarray:
    """(tasks,) share of the test pictures of each task that weights (10, 64) read rightly, in %."""
    read = np.argmax(given.test @ w.T, axis=2)
    found: np.ndarray = 100 * (read == given.test_labels).mean(axis=1)
    return found


def captured(H: np.ndarray, x: np.ndarray) -> float:
    """Share of the squared length of pictures (P, n) that lies in the span of the rows of H."""
    basis = np.linalg.svd(H, full_matrices=False)[2] if len(H) else np.zeros((0, x.shape[1]))
    return float(((x @ basis.T) ** 2).sum() / (x**2).sum())


def captured_of(H: np.ndarray, gram: np.ndarray) -> float:
    """As `captured`, from the Gram matrix x'x of the pictures, which many H may be asked of."""
    if not len(H):
        return 0.0
    basis = np.linalg.qr(H.T)[0]
    return float(np.sum(basis * (gram @ basis)) / np.trace(gram))


def most_captured(m: int, x: np.ndarray) -> float:
    """The largest share that ``m`` directions can have: the first principal components, no mean."""
    values = np.linalg.svd(x, compute_uv=False) ** 2
    return float(values[:m].sum() / values.sum())
