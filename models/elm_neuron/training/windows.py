"""Windows of trials as arrays: what one training step sees.

Which windows a step sees follows from the seed and the number of the step alone, so training
goes on after an interruption as if there had been none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from workbench.errors import ParameterError

from ..data.trials import Trial
from .recipe import Recipe

# Published scaling of the voltage; clipped, since the height of a spike is another output's task.
V_BIAS_mV, V_SCALE_mV, V_CLIP_mV = -67.7, 10.0, -55.0


class Batch(NamedTuple):
    """One step's windows; T steps of 1 ms, B windows.

    x    : (T, B, n_input) uint8, events in each ms
    y    : (T, B, 2) float32, spike (0 or 1) and scaled, clipped voltage
    mask : (T, B) float32, 1 where the output is evaluated
    keep : (B,) float32, 1 where the state of the step before goes on, 0 where it starts from zero
    """

    x: np.ndarray
    y: np.ndarray
    mask: np.ndarray
    keep: np.ndarray


@dataclass(frozen=True)
class Prepared:
    """A trial with its events in order of time, and what the outputs should be."""

    at: np.ndarray  # (T + 1,) first event of every ms
    channel: np.ndarray
    t_ms: np.ndarray
    y: np.ndarray
    single: bool  # no channel has two events in the same ms


def targets(trial: Trial) -> np.ndarray:
    """(T, 2) float32: spike (0 or 1), and (min(V, -55 mV) + 67.7 mV) / 10 mV."""
    v = (np.minimum(trial.v_soma_mV, V_CLIP_mV) - V_BIAS_mV) / V_SCALE_mV
    return np.stack([trial.spikes(), v], axis=1).astype(np.float32)


def fill(x: np.ndarray, b: int, trial: Prepared, start: int, length: int, kept: Any = None) -> None:
    """Count the events of ``length`` ms from ``start`` on in ``x[:length, b]``.

    x    : (T, B, n_input) uint8, zero there, contiguous
    kept : says of each of n events whether it counts; None: all do
    """
    _, B, n_input = x.shape
    first, last = trial.at[start], trial.at[start + length]
    place = ((trial.t_ms[first:last] - start) * B + b) * n_input + trial.channel[first:last]
    if kept is not None:
        place = place[kept(len(place))]
    if trial.single:
        x.reshape(-1)[place] = 1  # ten times as fast as counting
    else:
        np.add.at(x.reshape(-1), place, 1)


def prepare(trial: Trial, n_input: int) -> Prepared:
    """A trial in the order of its events; raises ParameterError for a channel out of range."""
    if len(trial.channel) and trial.channel.max() >= n_input:
        raise ParameterError(
            f"Trial {trial.name} has an event in channel {trial.channel.max()}, but the neuron "
            f"has {n_input} inputs: it is for data of another cell."
        )
    order = np.argsort(trial.t_ms, kind="stable")
    t_ms = trial.t_ms[order]
    at = np.searchsorted(t_ms, np.arange(trial.n_ms + 1))
    channel = trial.channel[order]
    single = len(np.unique(t_ms.astype(np.int64) * n_input + channel)) == len(channel)
    return Prepared(at, channel, t_ms, targets(trial), single)


class Windows:
    """Draws the windows of every training step.

    trials  : at least one, each longer than a window and what is skipped
    n_input : input channels of the neuron
    """

    def __init__(self, trials: Sequence[Trial], n_input: int, recipe: Recipe, seed: int):
        self.recipe, self.n_input, self.seed = recipe, n_input, seed
        if not trials:
            raise ParameterError("There is no trial to train on.")
        self._trials = [prepare(t, n_input) for t in trials]
        self._length = min(len(t.y) for t in self._trials)
        if self._length < recipe.skip_ms + recipe.window_ms:
            raise ParameterError(
                f"The shortest trial lasts {self._length} ms; training skips {recipe.skip_ms} ms "
                f"and takes windows of {recipe.window_ms} ms: give longer trials."
            )

    def batch(self, step: int) -> Batch:
        """The windows of one step."""
        r = self.recipe
        T, B = r.window_ms, r.batch
        x = np.zeros((T, B, self.n_input), np.uint8)
        y = np.empty((T, B, 2), np.float32)
        mask = np.ones((T, B), np.float32)
        keep = np.zeros(B, np.float32)
        for b, (trial, start, goes_on) in enumerate(self._chosen(step)):
            fill(x, b, trial, start, T, self._kept(step, b))
            y[:, b] = trial.y[start : start + T]
            keep[b] = goes_on
            mask[: 0 if goes_on else r.burn_in_ms, b] = 0
            mask[: max(0, r.skip_ms - start), b] = 0
        return Batch(x, y, mask, keep)

    def _kept(self, step: int, b: int) -> Any:
        """Says of each of n events whether it counts; None where all do."""
        share = 1 - self.recipe.dropout
        if share == 1:
            return None
        rng = np.random.default_rng([self.seed, 5, step, b])
        return lambda n: rng.random(n, np.float32) < share

    def _chosen(self, step: int) -> list[tuple[Prepared, int, bool]]:
        """Trial, first ms, and whether the state goes on, for each window of a step."""
        r = self.recipe
        if r.carry:
            return [self._following(step, b) for b in range(r.batch)]
        earliest = max(0, r.skip_ms - r.burn_in_ms)
        rng = np.random.default_rng([self.seed, 1, step])
        found = []
        for b in range(r.batch):
            trial = self._in_turn(step * r.batch + b, 0)
            found.append(
                (trial, int(rng.integers(earliest, len(trial.y) - r.window_ms + 1)), False)
            )
        return found

    def _following(self, step: int, stream: int) -> tuple[Prepared, int, bool]:
        """Stream ``stream`` goes through one trial after another; all are at different places."""
        T = self.recipe.window_ms
        parts = self._length // T
        turn, part = divmod(step + stream * parts // self.recipe.batch, parts)
        trial = self._in_turn(turn * self.recipe.batch + stream, 1)
        shift = np.random.default_rng([self.seed, 2, turn, stream]).integers(
            len(trial.y) - parts * T + 1
        )
        # The first step of all finds no state to go on from.
        return trial, int(shift) + part * T, part > 0 and step > 0

    def _in_turn(self, k: int, what: int) -> Prepared:
        """The k-th trial: all in random order, then all again in another."""
        lap, place = divmod(k, len(self._trials))
        if getattr(self, "_lap", None) != (lap, what):
            self._lap = (lap, what)
            self._order = np.random.default_rng([self.seed, 3, lap]).permutation(len(self._trials))
        return self._trials[self._order[place]]
