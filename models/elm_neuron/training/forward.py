"""An ELM neuron in JAX: forward, loss, one training step.

Everything that does not depend on the memory is computed for all time steps at once: inputs to
branches (one matrix product), the synaptic trace (a product with a triangular matrix) and what
branches bring to the hidden units (another product). Left in the loop is `recurrence`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ..weights import Weights
from .recipe import Recipe
from .recurrence import jax_module, recurrence, traces
from .trainable import Shape, trained_part

V_SHARE = 0.5  # of the voltage in the loss; the rest is the spike's (published)


class State(NamedTuple):
    """b: (B, n_branch) branch traces; m: (B, d) memory, both after the last step."""

    b: Any
    m: Any


def zero_state(n_branch: int, n_memory: int, batch: int, dtype: Any = np.float32) -> State:
    """The state at the start of a trial."""
    return State(*(np.zeros((batch, n), dtype) for n in (n_branch, n_memory)))


@cache
def _decay(shape: Shape) -> Callable[..., Any]:
    """``(trained, tau_m_ms) -> kappa, gain`` in JAX, for fixed and for trained time constants."""
    jnp = jax_module("jax.numpy")

    def decay(trained: dict[str, Any], tau_m_ms: Any) -> tuple[Any, Any]:
        if "log_tau_m" in trained:
            low, high = np.log(shape.low_ms), np.log(shape.high_ms)
            tau = jnp.exp(jnp.clip(trained["log_tau_m"], low, high))
        else:
            tau = jnp.asarray(tau_m_ms)
        kappa = jnp.exp(-1 / tau)
        if shape.variant == "v1":
            return kappa, -shape.lambda_m * jnp.expm1(-1 / tau)
        return kappa, -jnp.expm1(-shape.lambda_m / tau)

    return decay


@cache
def forward(shape: Shape) -> Callable[..., Any]:
    """``forward(trained, fixed, x, state) -> y, state``, differentiable and to be compiled.

    trained, fixed : see `trained_part` and `fixed_part`
    x       : (T, B, n_input) events in each ms, of any type
    returns : (T, B, 2) outputs, the first a log-odds, and the state after the last step
    """
    jax = jax_module()
    jnp = jax.numpy
    memory = recurrence(shape.act)

    def run(
        trained: dict[str, Any], fixed: dict[str, Any], x: Any, state: State, louder: float = 1.0
    ) -> Any:
        source = fixed["input_to_synapse"]
        weight = jax.nn.relu(trained["synapse_weight"]) * fixed["synapse_mask"]
        weight = louder * weight * fixed["input_sign"][source]
        to_branch = jnp.zeros((shape.n_input, shape.n_branch), weight.dtype)
        to_branch = to_branch.at[source, fixed["synapse_branch"]].add(weight)
        drive = x.astype(weight.dtype) @ to_branch
        b = traces(drive, shape.kappa_s, state.b)
        W_b = trained["W_hidden"][:, : shape.n_branch]
        W_m = trained["W_hidden"][:, shape.n_branch :]
        u = b @ W_b.T + trained["c_hidden"]
        kappa, gain = _decay(shape)(trained, fixed["tau_m_ms"])
        kappa, gain = kappa.astype(u.dtype), gain.astype(u.dtype)
        m = memory(u, state.m, W_m, trained["W_memory"], trained["c_memory"], kappa, gain)
        y = m @ trained["W_out"].T + trained["c_out"]
        return y, State(b[-1], m[-1])

    def exact(*given: Any) -> Any:
        with jax.default_matmul_precision("highest"):  # a GPU would round to ten bits otherwise
            return run(*given)

    return exact


def losses(y: Any, target: Any, mask: Any) -> tuple[Any, Any]:
    """Mean cross-entropy of the spike and mean squared error of the voltage, where evaluated.

    y, target : (T, B, 2); mask: (T, B)
    """
    jnp = jax_module("jax.numpy")
    z, s = y[..., 0], target[..., 0]
    entropy = jnp.maximum(z, 0) - z * s + jnp.log1p(jnp.exp(-jnp.abs(z)))
    error = jnp.square(y[..., 1] - target[..., 1])
    n = jnp.maximum(mask.sum(), 1)
    return (entropy * mask).sum() / n, (error * mask).sum() / n


@cache
def optimiser(clip: float) -> Any:
    """Adam without its learning rate, after clipping."""
    optax = jax_module("optax")
    parts = [optax.clip_by_global_norm(clip)] if clip else []
    return optax.chain(*parts, optax.scale_by_adam())


@cache
def training_step(shape: Shape, recipe: Recipe) -> Callable[..., Any]:
    """``step(fit, fixed, batch, rate) -> fit, loss``; ``fit`` is a dict of all that changes.

    fit : "trained", "adam", "average" (of the weights) and "state" (after the last window)
    """
    jax = jax_module()
    model, adam = forward(shape), optimiser(recipe.clip)
    average, louder = recipe.average, 1 / (1 - recipe.dropout)

    def loss(trained: Any, fixed: Any, batch: Any, state: State) -> Any:
        start = State(*(batch.keep[:, None] * s for s in state))
        y, after = model(trained, fixed, batch.x, start, louder)
        entropy, error = losses(y, batch.y, batch.mask)
        return (1 - V_SHARE) * entropy + V_SHARE * error, after

    def step(fit: dict[str, Any], fixed: Any, batch: Any, rate: Any) -> Any:
        trained = fit["trained"]
        (value, state), slope = jax.value_and_grad(loss, has_aux=True)(
            trained, fixed, batch, fit["state"]
        )
        change, adam_state = adam.update(slope, fit["adam"], trained)
        change = {
            name: c + recipe.decay * trained[name] * (c.ndim > 1 or name == "synapse_weight")
            for name, c in change.items()
        }
        trained = jax.tree.map(lambda p, c: p - rate * c, trained, change)
        mean = jax.tree.map(lambda a, p: average * a + (1 - average) * p, fit["average"], trained)
        return {"trained": trained, "adam": adam_state, "average": mean, "state": state}, value

    return jax.jit(step, donate_argnums=0)


def fresh_fit(weights: Weights, batch: int, clip: float, learn_tau: bool) -> dict[str, Any]:
    """All that changes in training, before the first step."""
    trained = trained_part(weights, learn_tau)
    return {
        "trained": trained,
        "adam": optimiser(clip).init(trained),
        "average": {name: value.copy() for name, value in trained.items()},
        "state": zero_state(weights.n_branch, weights.n_memory, batch),
    }
