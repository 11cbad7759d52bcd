"""Checkpoints by number, so that a run of a checkpoint is told by numbers like any other run.

A parameter is a number, and a run is replayed from its parameters. The number of a checkpoint is
the beginning of the hash of what it says. A copy is kept in the user's cache, where every process
finds it again, and where its content can be compared with its number.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np

from workbench.errors import ParameterError, StoreError
from workbench.paths import cache_folder

from ..weights import Weights
from .files import open_weights, save_weights

UNTRAINED, SHIPPED = 0, 1
FIRST, LAST = 2**20, 2**48  # a plain number as a slider gives it is no checkpoint
MOST_HERE = 2**28  # bytes of the checkpoints that a process remembers; others are read again
SHIPPED_FOLDER = Path(__file__).with_name("shipped")
_here: dict[int, Weights] = {}  # of this process


def number_of(weights: Weights) -> int:
    """The number of a checkpoint: the same for the same content, on every machine."""
    digest = hashlib.sha256(f"{weights.activation}|{weights.variant}|{weights.title}".encode())
    numbers = (weights.lambda_m, weights.v_bias_mV, weights.v_scale_mV, float(weights.n_branch))
    for array in (np.array(numbers), *_arrays(weights)):
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes() + b"|")
    return FIRST + int.from_bytes(digest.digest()[:6], "big") % (LAST - FIRST)


def _arrays(weights: Weights) -> list[np.ndarray]:
    return [
        weights.input_sign, weights.synapse_weight, weights.input_to_synapse,
        weights.synapse_mask, weights.synapse_branch, weights.tau_s_ms, weights.tau_m_ms,
        *(a for layer in (*weights.hidden, weights.memory, weights.out) for a in layer),
    ]  # fmt: skip


def _remember(number: int, weights: Weights) -> Weights:
    """Have it here; those that were not asked for lately go when they are too many."""
    _here.pop(number, None)
    _here[number] = weights
    sizes = {k: sum(a.nbytes for a in _arrays(w)) for k, w in _here.items()}
    for k in list(_here)[:-1]:
        if sum(sizes.values()) > MOST_HERE:
            del _here[k], sizes[k]
    return weights


def keep(weights: Weights) -> int:
    """Make a checkpoint known to this process and those to come; returns its number."""
    number = number_of(weights)
    _remember(number, weights)
    path = _place(number)
    if not path.exists():
        save_weights(weights, path)
    return number


def find(number: int) -> Weights:
    """The checkpoint of that number; raises ParameterError when it is not here."""
    weights = _here.get(number)
    if weights is None:
        path = _place(number)
        if not path.exists():
            raise ParameterError(
                f"The checkpoint {number} is not on this machine: open its file once with "
                "ELMNeuron.from_checkpoint(path)."
            )
        weights = open_weights(path)
        if number_of(weights) != number:
            raise StoreError(f"{path} is not what it was: delete it and open the original again.")
        _remember(number, weights)
    return weights


def _place(number: int) -> Path:
    return cache_folder() / "elm" / f"{number}.npz"


@lru_cache(maxsize=1)
def shipped() -> dict[int, Weights]:
    """Memory units -> the trained neuron of that size that comes with the package."""
    found = [open_weights(p) for p in sorted(SHIPPED_FOLDER.glob("m*.npz"))]
    return {w.n_memory: w for w in sorted(found, key=lambda w: w.n_memory)}
