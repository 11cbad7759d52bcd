"""The readout: which digit, from the spike counts of the liquid. scikit-learn does the work."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0)  # of the weights' regularisation, the best is taken
MOST_ITERATIONS = 300


@dataclass(frozen=True)
class Reading:
    """accuracy : on the test part;  valid : on the validation part;  C : the strength taken
    right   : (n_test,) bool
    """

    accuracy: float
    valid: float
    C: float
    right: np.ndarray


def features(counts: np.ndarray) -> np.ndarray:
    """(n, N) float32: each neuron's share of its sample's spikes."""
    counts = np.asarray(counts, dtype=np.float32)
    whole = counts.sum(axis=1, keepdims=True)
    return counts / np.where(whole > 0, whole, 1)


def read(
    train: np.ndarray, train_labels: np.ndarray, valid: np.ndarray, valid_labels: np.ndarray,
    test: np.ndarray, test_labels: np.ndarray,
) -> Reading:  # fmt: skip
    """Fit a softmax readout to spike counts; what does best on the validation part is tested.

    The source trains the same linear softmax layer by gradient descent and takes the epoch that
    does best in validation; here it is fitted to the end, at several strengths of regularisation,
    and the strength is chosen that way.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scale = StandardScaler().fit(features(train))
    X, V, T = (scale.transform(features(c)) for c in (train, valid, test))
    best: tuple[float, float, LogisticRegression] | None = None
    with warnings.catch_warnings():
        # A fit that is stopped is one more way of regularising; validation judges it.
        warnings.simplefilter("ignore", ConvergenceWarning)
        for C in STRENGTHS:
            # C counts for the sum over samples: the same strength for any number of them.
            model = LogisticRegression(
                C=C * 1000 / len(X), max_iter=MOST_ITERATIONS, tol=1e-3
            ).fit(X, train_labels)  # fmt: skip
            score = float((model.predict(V) == valid_labels).mean())
            if best is None or score > best[0]:
                best = (score, C, model)
    assert best is not None
    right = best[2].predict(T) == test_labels
    return Reading(float(right.mean()), best[0], best[1], right)
