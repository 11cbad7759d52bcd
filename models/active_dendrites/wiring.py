"""What is stored: the patterns, and onto which of their cells each segment has synapses."""

from __future__ import annotations

from typing import Any

import numpy as np


def patterns(model: Any) -> np.ndarray:
    """The stored patterns, (n_patterns, n_active): the cells of each, drawn at random."""
    rng = np.random.default_rng([int(model.wiring_seed), 0])
    n, a = model.n_inputs, model.n_active
    return np.array([rng.choice(n, a, replace=False) for _ in range(model.n_patterns)])


def stored_by(model: Any, segment: int) -> np.ndarray:
    """The patterns that a segment stores, (n_stored,): the next ones in turn."""
    return (segment * model.n_stored + np.arange(model.n_stored)) % model.n_patterns


def knowing(model: Any, pattern: int) -> np.ndarray:
    """The segments that store a pattern."""
    segments = range(model.n_cells * model.n_segments)
    return np.array([k for k in segments if pattern in stored_by(model, k)], dtype=int)


def synapses(model: Any) -> tuple[np.ndarray, np.ndarray]:
    """(cell, segment) of every synapse: s cells of each stored pattern, none of them twice."""
    rng = np.random.default_rng([int(model.wiring_seed), 1])
    known, s = patterns(model), model.n_synapses
    pre, post = [], []
    for k in range(model.n_cells * model.n_segments):
        cells = np.unique(
            np.concatenate([rng.choice(known[p], s, replace=False) for p in stored_by(model, k)])
        )
        pre.append(cells)
        post.append(np.full(len(cells), k))
    return np.concatenate(pre), np.concatenate(post)
