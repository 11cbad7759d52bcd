"""An ELM neuron run over whole trials in JAX, its state carried on, and evaluated against the cell."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from ..data.trials import Trial
from ..recurrence import Output
from ..scores import Scored
from ..weights import Weights
from .forward import V_SHARE, forward, zero_state
from .recurrence import jax_module
from .trainable import Shape, fixed_part, shape_of, trained_part
from .windows import fill, prepare, targets

CHUNK_ms = 500
AT_ONCE = 16  # trials; a chunk of 16 takes 10 MB
KEPT = ("auc", "tp_at_1", "average_precision", "rmse_mV", "explained")


@cache
def _compiled(shape: Shape) -> Any:
    return jax_module().jit(forward(shape))


def raw_outputs(
    weights: Weights, trials: Sequence[Trial], *, double: bool = False
) -> list[np.ndarray]:
    """Outputs on each trial, from zero state at its start: (T, 2), log-odds and scaled voltage.

    double : compute in float64, as the Brian2 form does. Training computes in float32, which
             differs by some 3e-6, 3e-5 mV
    """
    with jax_module().enable_x64(double):
        return _raw_outputs(weights, trials, np.float64 if double else np.float32)


def _raw_outputs(weights: Weights, trials: Sequence[Trial], dtype: Any) -> list[np.ndarray]:
    trained, fixed = trained_part(weights, dtype=dtype), fixed_part(weights, dtype)
    run = _compiled(shape_of(weights))
    found: list[np.ndarray] = []
    for first in range(0, len(trials), AT_ONCE):
        some = trials[first : first + AT_ONCE]
        ready = [prepare(t, weights.n_input) for t in some]
        state = zero_state(weights.n_branch, weights.n_memory, AT_ONCE, dtype)
        longest = max(t.n_ms for t in some)
        y = np.empty((longest, len(some), 2), dtype)
        for start in range(0, longest, CHUNK_ms):
            x = np.zeros((CHUNK_ms, AT_ONCE, weights.n_input), np.uint8)
            for b, trial in enumerate(ready):
                left = min(CHUNK_ms, len(trial.y) - start)
                if left > 0:
                    fill(x, b, trial, start, left)
            part, state = run(trained, fixed, x, state)
            y[start : start + CHUNK_ms] = np.asarray(part)[: longest - start, : len(some)]
        found += [y[: t.n_ms, b].astype(float) for b, t in enumerate(some)]
    return found


def loss_of(found: Sequence[np.ndarray], trials: Sequence[Trial], skip_ms: int) -> float:
    """The training loss of outputs on whole trials, the first ``skip_ms`` of each left out."""
    entropy, error = [], []
    for y, trial in zip(found, trials, strict=True):
        z, s = y[skip_ms:, 0], targets(trial)[skip_ms:, 0]
        entropy.append(np.logaddexp(0, z) - z * s)
        error.append((y[skip_ms:, 1] - targets(trial)[skip_ms:, 1]) ** 2)
    spike, voltage = np.concatenate(entropy).mean(), np.concatenate(error).mean()
    return float((1 - V_SHARE) * spike + V_SHARE * voltage)


def predicted(weights: Weights, found: Sequence[np.ndarray]) -> list[Output]:
    """Raw outputs as spike probability and voltage in mV."""
    return [
        Output(
            p_spike=1 / (1 + np.exp(-y[:, 0])),
            v_soma_mV=weights.v_scale_mV * y[:, 1] + weights.v_bias_mV,
        )
        for y in found
    ]


def evaluate(weights: Weights, trials: Sequence[Trial], skip_ms: int = 500) -> dict[str, float]:
    """Scores on whole trials: the loss, and those of `scores.py`, not rescaled."""
    found = raw_outputs(weights, trials)
    scores = Scored(predicted(weights, found), trials, skip_ms).scores()
    return {"loss": loss_of(found, trials, skip_ms), **{k: scores[k] for k in KEPT}}
