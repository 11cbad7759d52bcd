"""From the parameters of an ELM neuron to the weights of its layer, and back."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from workbench.errors import BuildError

from .checkpoints import by_number as known
from .weights import ACTIVATIONS, VARIANTS, Weights, untrained

STRUCTURE = (
    "n_memory", "n_exc", "n_inh", "n_branch", "per_branch", "layers", "activation", "variant"
)  # fmt: skip
CHOICE = ("weights", "n_neurons", "weight_seed")
USUAL = 20  # memory units
NEURONIO = {
    "n_memory": USUAL, "n_exc": 639, "n_inh": 639, "n_branch": 45, "per_branch": 100, "layers": 1,
    "activation": "relu", "variant": "v1", "lambda_m": 5.0, "tau_m_min": 1.0, "tau_m_max": 150.0,
    "tau_s": 5.0,
}  # fmt: skip


def defaults() -> dict[str, Any]:
    """The sizes of a neuron that nobody chose: those of the one that is shipped, or NeuronIO's."""
    found = known.shipped().values()
    if not found:
        return NEURONIO
    return described(min(found, key=lambda w: (abs(w.n_memory - USUAL), w.n_memory)))


def described(weights: Weights) -> dict[str, Any]:
    """The parameters that say what these weights are."""
    n_inh = int((weights.input_sign < 0).sum())
    return {
        "n_memory": weights.n_memory,
        "n_exc": weights.n_input - n_inh,
        "n_inh": n_inh,
        "n_branch": weights.n_branch,
        "per_branch": max(1, len(weights.synapse_weight) // weights.n_branch),
        "layers": len(weights.hidden),
        "activation": weights.activation,
        "variant": weights.variant,
        "lambda_m": weights.lambda_m,
        "tau_m_min": float(weights.tau_m_ms.min()),
        "tau_m_max": float(weights.tau_m_ms.max()),
        "tau_s": float(weights.traces().tau_ms[0]),
    }


@lru_cache(maxsize=4)  # some of them are large
def layer_of(key: tuple[Any, ...]) -> tuple[Weights, ...]:
    """The weights of each neuron, for the values of ``STRUCTURE`` and ``CHOICE``.

    raises : BuildError when sizes and checkpoint do not fit, ParameterError for one not here
    """
    *structure, number, n_neurons, seed = key
    sizes = dict(zip(STRUCTURE, structure, strict=True))
    sizes["activation"] = ACTIVATIONS[sizes["activation"]]
    sizes["variant"] = VARIANTS[sizes["variant"]]
    if number >= known.FIRST:
        weights = known.find(number)
        theirs = described(weights)
        for name, value in sizes.items():
            if theirs[name] != value:
                raise BuildError(
                    f"{name} = {value} does not fit the checkpoint, which has {theirs[name]}: set "
                    "weights = 0 for a random neuron of these sizes."
                )
        return (weights,) * n_neurons
    if number == known.SHIPPED:
        trained = known.shipped().get(sizes["n_memory"])
        if trained is not None and all(described(trained)[k] == v for k, v in sizes.items()):
            return (trained,) * n_neurons
    elif number != known.UNTRAINED:
        raise BuildError(f"weights = {number} is no checkpoint: 0 or 1, or one that was opened.")
    return tuple(untrained(np.random.default_rng([seed, k]), **sizes) for k in range(n_neurons))
