"""Ranks of state matrices: separation and generalisation of inputs by a network."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..errors import ParameterError


def rank(states: np.ndarray) -> int:
    """Rank of a matrix of states, (samples, neurons).

    Singular values above max(shape) * eps times the largest are counted, as in NumPy.
    source : Legenstein & Maass 2007, Neural Networks 20:323
    """
    return int(np.linalg.matrix_rank(np.asarray(states, dtype=float)))


def kernel_quality(
    states: np.ndarray, labels: np.ndarray, *, per_class: int = 100, draws: int = 20, seed: int = 0
) -> tuple[float, float]:
    """Linear separation property: mean rank over random balanced selections of samples.

    states  : (samples, neurons), such as spike counts, for different inputs
    labels  : (samples,) class of each
    returns : (mean, standard deviation over draws)
    raises  : ParameterError if a class has fewer than ``per_class`` samples
    source  : Legenstein & Maass 2007; selection as in Ivanov & Michmizos 2021
    """
    found = [rank(states[chosen]) for chosen in _balanced(labels, per_class, draws, seed)]
    return float(np.mean(found)), float(np.std(found))


def generalisation_rank(
    states: np.ndarray, labels: np.ndarray, *, per_class: int = 100, draws: int = 20, seed: int = 0
) -> tuple[float, float]:
    """Generalisation rank: rank of the states for noisy versions of the inputs; lower is better.

    A network that generalises maps noisy versions of one input to similar states; the rank of
    these states estimates its VC dimension. Kernel quality minus this rank estimates the
    computational performance. Arguments and result as for `kernel_quality`.
    """
    return kernel_quality(states, labels, per_class=per_class, draws=draws, seed=seed)


def _balanced(labels: np.ndarray, per_class: int, draws: int, seed: int) -> Iterator[np.ndarray]:
    labels = np.asarray(labels)
    members = [np.flatnonzero(labels == c) for c in np.unique(labels)]
    fewest = min((len(m) for m in members), default=0)
    if fewest < per_class or per_class < 1:
        raise ParameterError(
            f"per_class = {per_class} is not possible: the smallest class has {fewest} samples."
        )
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        yield np.concatenate([rng.permutation(m)[:per_class] for m in members])
