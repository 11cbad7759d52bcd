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
SHIPPED_FOLDER = Path(__file__).with_name("shipped")
_here: dict[int, Weights] = {}  # of this process


def number_of(weights: Weights) -> int:
    """The number of a checkpoint: the same for the same content, on every machine."""
    digest = hashlib.sha256(f"{weights.activation}|{weights.variant}|{weights.title}".encode())
    numbers = (weights.lambda_m, weights.v_bias_mV, weights.v_scale_mV, float(weights.n_branch))
    arrays = [
        np.array(numbers), weights.input_sign, weights.synapse_weight, weights.input_to_synapse,
        weights.synapse_mask, weights.synapse_branch, weights.tau_s_ms, weights.tau_m_ms,
        *(a for layer in (*weights.hidden, weights.memory, weights.out) for a in layer),
    ]  # fmt: skip
    for array in arrays:
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes() + b"|")
    return FIRST + int.from_bytes(digest.digest()[:6], "big") % (LAST - FIRST)


def keep(weights: Weights) -> int:
    """Make a checkpoint known to this process and those to come; returns its number."""
    number = number_of(weights)
    _here[number] = weights
    path = _place(number)
    if not path.exists():
        save_weights(weights, path)
    return number


def find(number: int) -> Weights:
    """The checkpoint of that number; raises ParameterError when it is not here."""
    if number not in _here:
        path = _place(number)
        if not path.exists():
            raise ParameterError(
                f"The checkpoint {number} is not on this machine: open its file once with "
                "ELMNeuron.from_checkpoint(path)."
            )
        weights = open_weights(path)
        if number_of(weights) != number:
            raise StoreError(f"{path} is not what it was: delete it and open the original again.")
        _here[number] = weights
    return _here[number]


def _place(number: int) -> Path:
    return cache_folder() / "elm" / f"{number}.npz"


@lru_cache(maxsize=1)
def shipped() -> dict[int, Weights]:
    """Memory units -> the trained neuron of that size that comes with the package."""
    found = [open_weights(p) for p in sorted(SHIPPED_FOLDER.glob("m*.npz"))]
    return {w.n_memory: w for w in sorted(found, key=lambda w: w.n_memory)}
