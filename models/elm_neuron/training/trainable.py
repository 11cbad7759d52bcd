"""What of an ELM neuron is trained, and what stays as it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.errors import ParameterError

from ..weights import Weights

# Names as in the published checkpoints.
TRAINED = (
    "synapse_weight", "W_hidden", "c_hidden", "W_memory", "c_memory", "W_out", "c_out",
)  # fmt: skip
TAU_LOW, TAU_HIGH = 0.1, math.sqrt(10)  # how far trained time constants may leave their range


@dataclass(frozen=True)
class Shape:
    """What a compiled program depends on: sizes and constants, no arrays.

    kappa_s : decay of the synaptic trace in one step of 1 ms
    low_ms, high_ms : limits of the time constants of the memory, where they are trained
    """

    n_input: int
    n_branch: int
    n_memory: int
    kappa_s: float
    lambda_m: float
    variant: str
    act: str
    low_ms: float
    high_ms: float


def shape_of(w: Weights) -> Shape:
    """The shape of a neuron; raises ParameterError for one that cannot be trained here."""
    tau_s = np.unique(w.tau_s_ms)
    if tau_s.size != 1:
        raise ParameterError("Training needs one tau_s for all synapses; this neuron has several.")
    if len(w.hidden) != 1:
        raise ParameterError(f"Training needs one hidden layer; this neuron has {len(w.hidden)}.")
    if not (w.memory_alive.all() and w.branch_alive.all()):
        raise ParameterError("Training needs a whole neuron: no unit may be ablated.")
    return Shape(
        n_input=w.n_input,
        n_branch=w.n_branch,
        n_memory=w.n_memory,
        kappa_s=math.exp(-1 / tau_s[0]),
        lambda_m=w.lambda_m,
        variant=w.variant,
        act=w.activation,
        low_ms=TAU_LOW * float(w.tau_m_ms.min()),
        high_ms=TAU_HIGH * float(w.tau_m_ms.max()),
    )


def trained_part(w: Weights, learn_tau: bool = False, dtype: Any = np.float32) -> dict[str, Any]:
    """What the optimiser sees, by name; time constants as their logarithm, if at all."""
    found = {"synapse_weight": w.synapse_weight}
    layers = {"hidden": w.hidden[0], "memory": w.memory, "out": w.out}
    for name, (matrix, c) in layers.items():
        found |= {f"W_{name}": matrix, f"c_{name}": c}
    if learn_tau:
        found["log_tau_m"] = np.log(w.tau_m_ms)
    return {name: np.array(value, dtype) for name, value in found.items()}


def fixed_part(w: Weights, dtype: Any = np.float32) -> dict[str, np.ndarray]:
    """What the forward pass needs beside that."""
    return {
        "input_sign": np.asarray(w.input_sign, dtype),
        "input_to_synapse": np.asarray(w.input_to_synapse, np.int32),
        "synapse_branch": np.asarray(w.synapse_branch, np.int32),
        "synapse_mask": np.asarray(w.synapse_mask, dtype),
        "tau_m_ms": np.asarray(w.tau_m_ms, dtype),
    }


def with_trained(w: Weights, trained: dict[str, Any]) -> Weights:
    """The neuron with what was trained put in; silenced synapses have weight 0."""
    t = {name: np.asarray(value, float) for name, value in trained.items()}
    parts: dict[str, Any] = {
        "synapse_weight": np.maximum(t["synapse_weight"], 0.0),
        "hidden": ((t["W_hidden"], t["c_hidden"]),),
        "memory": (t["W_memory"], t["c_memory"]),
        "out": (t["W_out"], t["c_out"]),
    }
    if "log_tau_m" in t:
        shape = shape_of(w)
        parts["tau_m_ms"] = np.clip(np.exp(t["log_tau_m"]), shape.low_ms, shape.high_ms)
    return w.changed(**parts)
