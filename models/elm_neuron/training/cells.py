"""Recurrent cells for tasks on long sequences, as JAX functions: ELM neuron, LSTM, leaky RNN.

A cell is a pair: ``start(rng)`` gives its weights, ``run(weights, x)`` the readout of its state
after the last step. All read (T, B, inputs) real numbers, and all have as many weights as fit
below the same count.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .recurrence import jax_module, recurrence, traces

TAU_S, LAMBDA = 5.0, 5.0  # steps; as in the published neuron


@dataclass(frozen=True)
class SequenceCell:
    """start(rng) -> weights;  run(weights, x) -> (B, outputs);  size: units of its state."""

    name: str
    size: int
    start: Callable[[np.random.Generator], dict[str, np.ndarray]]
    run: Callable[[dict[str, Any], Any], Any]

    def n_parameters(self) -> int:
        return sum(w.size for w in self.start(np.random.default_rng(0)).values())


def _linear(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    edge = 1 / math.sqrt(columns)
    return rng.uniform(-edge, edge, (rows, columns)).astype(np.float32)


def elm(n_in: int, n_out: int, d: int, longest: float) -> SequenceCell:
    """An ELM neuron (update v2) with a branch for each input, time constants 1 to ``longest``."""
    jnp = jax_module("jax.numpy")
    memory = recurrence("relu")
    tau = np.geomspace(1, longest, d)
    kappa = np.exp(-1 / tau).astype(np.float32)
    gain = (-np.expm1(-LAMBDA / tau)).astype(np.float32)
    kappa_s = math.exp(-1 / TAU_S)

    def start(rng: np.random.Generator) -> dict[str, np.ndarray]:
        return {
            "w_s": np.full(n_in, 0.5, np.float32),
            "W_b": _linear(rng, 2 * d, n_in),
            "W_m": _linear(rng, 2 * d, d),
            "c_in": np.zeros(2 * d, np.float32),
            "W_o": _linear(rng, d, 2 * d),
            "c_o": np.zeros(d, np.float32),
            "W_y": _linear(rng, n_out, d),
            "c_y": np.zeros(n_out, np.float32),
        }

    def run(w: dict[str, Any], x: Any) -> Any:
        B = x.shape[1]
        b = traces(x * w["w_s"], kappa_s, jnp.zeros((B, n_in), x.dtype))
        u = b @ w["W_b"].T + w["c_in"]
        m = memory(u, jnp.zeros((B, d), x.dtype), w["W_m"], w["W_o"], w["c_o"], kappa, gain)
        return m[-1] @ w["W_y"].T + w["c_y"]

    return SequenceCell("ELM", d, start, run)


def lstm(n_in: int, n_out: int, d: int, longest: float) -> SequenceCell:
    """Long short-term memory (Hochreiter & Schmidhuber 1997), forget gates open at the start."""
    jax = jax_module()
    jnp, lax = jax.numpy, jax.lax

    def start(rng: np.random.Generator) -> dict[str, np.ndarray]:
        c = np.zeros(4 * d, np.float32)
        c[d : 2 * d] = 1.0  # as Jozefowicz et al. 2015 advise
        return {
            "W_x": _linear(rng, 4 * d, n_in),
            "W_h": _linear(rng, 4 * d, d),
            "c": c,
            "W_y": _linear(rng, n_out, d),
            "c_y": np.zeros(n_out, np.float32),
        }

    def run(w: dict[str, Any], x: Any) -> Any:
        driven = x @ w["W_x"].T + w["c"]

        def step(state: Any, drive: Any) -> Any:
            h, c = state
            i, f, g, o = jnp.split(drive + h @ w["W_h"].T, 4, axis=-1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

        zero = jnp.zeros((x.shape[1], d), x.dtype)
        (h, _), _ = lax.scan(step, (zero, zero), driven, unroll=5)
        return h @ w["W_y"].T + w["c_y"]

    return SequenceCell("LSTM", d, start, run)


def leaky(n_in: int, n_out: int, d: int, longest: float) -> SequenceCell:
    """A plain leaky network with the time constants of the ELM neuron's memory, kept fixed."""
    jax = jax_module()
    jnp, lax = jax.numpy, jax.lax
    kappa = np.exp(-1 / np.geomspace(1, longest, d)).astype(np.float32)

    def start(rng: np.random.Generator) -> dict[str, np.ndarray]:
        return {
            "W_x": _linear(rng, d, n_in),
            "W_h": _linear(rng, d, d),
            "c": np.zeros(d, np.float32),
            "W_y": _linear(rng, n_out, d),
            "c_y": np.zeros(n_out, np.float32),
        }

    def run(w: dict[str, Any], x: Any) -> Any:
        driven = x @ w["W_x"].T + w["c"]

        def step(h: Any, drive: Any) -> Any:
            return kappa * h + (1 - kappa) * jnp.tanh(drive + h @ w["W_h"].T), None

        h, _ = lax.scan(step, jnp.zeros((x.shape[1], d), x.dtype), driven, unroll=5)
        return h @ w["W_y"].T + w["c_y"]

    return SequenceCell("leaky RNN", d, start, run)


def of_size(make: Callable[..., SequenceCell], n_in: int, n_out: int, longest: float, limit: int):
    """The largest cell of a kind with at most ``limit`` weights."""
    d = 1
    while make(n_in, n_out, d + 1, longest).n_parameters() <= limit:
        d += 1
    return make(n_in, n_out, d, longest)
