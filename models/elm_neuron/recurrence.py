"""The recurrence of the ELM neuron in plain NumPy, for many trials at once.

It is written from the equations alone and shares no code with the Brian2 network, so that each
checks the other. Within a step: traces and memories decay, the events of the step arrive, the MLP
reads both, the memories take its proposal, and the readout sees the memories of the same step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.errors import ParameterError
from workbench.model.experiment import Progress, no_progress

from .data.trials import Trial
from .weights import TANH_GAIN, TANH_SLOPE, Weights

TOGETHER = 48  # trials computed at once: the drive of each takes 2 MB a second of 45 branches


@dataclass(frozen=True)
class Output:
    """p_spike, v_soma_mV : (trials, T); memory and branches : (trials, T, n) where kept."""

    p_spike: np.ndarray
    v_soma_mV: np.ndarray
    memory: np.ndarray | None = None
    branches: np.ndarray | None = None


def activate(z: np.ndarray, kind: str) -> np.ndarray:
    """The activation of the MLP's hidden units."""
    if kind == "silu":
        return z / (1.0 + np.exp(-z))
    r = np.maximum(z, 0.0)
    return r * r if kind == "relu2" else r


def branch_drive(weights: Weights, channel: Any, t_ms: Any, n_ms: int) -> np.ndarray:
    """(n_ms, K) what arrives at each trace in each step; two events of one channel count twice."""
    traces = weights.traces()
    channel, t_ms = np.asarray(channel, np.int64), np.asarray(t_ms, np.int64)
    if len(channel) and not 0 <= channel.min() <= channel.max() < weights.n_input:
        raise ParameterError(
            f"The input has the channels {channel.min()} to {channel.max()}; this neuron has the "
            f"channels 0 to {weights.n_input - 1}."
        )
    keep = t_ms < n_ms
    channel, t_ms = channel[keep], t_ms[keep]
    # Synapses in order of their channel: each channel has a stretch of them.
    order = np.argsort(traces.channel, kind="stable")
    first = np.searchsorted(traces.channel[order], np.arange(weights.n_input + 1))
    count = np.diff(first)[channel]
    start = np.repeat(first[channel] - np.cumsum(count) + count, count)
    mine = order[start + np.arange(count.sum())]
    size = n_ms * len(traces.tau_ms)
    place = np.repeat(t_ms, count) * len(traces.tau_ms) + traces.trace[mine]
    signed = traces.weight[mine] * weights.input_sign[np.repeat(channel, count)]
    return np.bincount(place, signed, size).reshape(n_ms, -1)


def simulate(weights: Weights, channel: Any, t_ms: Any, n_ms: int, **keep: bool) -> Output:
    """One neuron from the zero state; the arrays of its `Output` without the axis of trials."""
    out = run(weights, branch_drive(weights, channel, t_ms, n_ms)[None], **keep)
    memory, branches = (None if a is None else a[0] for a in (out.memory, out.branches))
    return Output(out.p_spike[0], out.v_soma_mV[0], memory, branches)


def simulate_trials(
    weights: Weights,
    trials: Sequence[Trial],
    progress: Progress = no_progress,
) -> list[Output]:
    """The answer to each trial, from the zero state at its beginning."""
    found: list[Output] = []
    by_length = sorted(range(len(trials)), key=lambda k: trials[k].n_ms)
    for begin in range(0, len(trials), TOGETHER):
        mine = [trials[k] for k in by_length[begin : begin + TOGETHER]]
        longest = mine[-1].n_ms
        drive = np.stack([branch_drive(weights, t.channel, t.t_ms, longest) for t in mine])
        out = run(weights, drive)
        found += [
            Output(out.p_spike[k, : t.n_ms], out.v_soma_mV[k, : t.n_ms]) for k, t in enumerate(mine)
        ]
        progress(len(found) / len(trials), f"{len(found)} of {len(trials)} trials")
    place = np.argsort(by_length)
    return [found[k] for k in place]


def run(
    weights: Weights, drive: np.ndarray, keep_memory: bool = False, keep_branches: bool = False
) -> Output:
    """Run the recurrence on (trials, T, K) of drive."""
    w, (n, steps, _) = weights, drive.shape
    traces = w.traces()
    kappa_b, kappa_m, gain = np.exp(-1.0 / traces.tau_ms), w.kappa_m(), w.gain() * w.memory_alive
    (first, c_first), *more = w.hidden
    # Each trace enters with its branch's column, which is the same as summing them first.
    into = first[:, traces.branch] * w.branch_alive[traces.branch]
    recall = np.ascontiguousarray(first[:, w.n_branch :].T)
    to_memory, c_memory = np.ascontiguousarray(w.memory[0].T), w.memory[1]
    b = np.zeros((n, len(traces.tau_ms)))
    m = np.zeros((n, w.n_memory))
    y = np.empty((n, steps, 2))
    kept_m = np.empty((n, steps, w.n_memory)) if keep_memory else None
    kept_b = np.empty((n, steps, w.n_branch)) if keep_branches else None
    with np.errstate(over="ignore"):  # exp(-z) of a very negative z: the quotient is still right
        for t in range(steps):
            b = kappa_b * b + drive[:, t]
            m = kappa_m * m
            h = activate(b @ into.T + m @ recall + c_first, w.activation)
            for matrix, c in more:
                h = activate(h @ matrix.T + c, w.activation)
            m += gain * (TANH_GAIN * np.tanh(TANH_SLOPE * (h @ to_memory + c_memory)))
            y[:, t] = m @ w.out[0].T + w.out[1]
            if kept_m is not None:
                kept_m[:, t] = m
            if kept_b is not None:
                kept_b[:, t] = _per_branch(b, traces.branch, w.n_branch)
        p_spike = 1.0 / (1.0 + np.exp(-y[..., 0]))
    return Output(p_spike, w.v_scale_mV * y[..., 1] + w.v_bias_mV, kept_m, kept_b)


def _per_branch(b: np.ndarray, branch: np.ndarray, n_branch: int) -> np.ndarray:
    total = np.zeros((len(b), n_branch))
    np.add.at(total.T, branch, b.T)
    return total
