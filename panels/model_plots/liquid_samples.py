"""What the live page knows of each sample: its spikes, its branching, and what a readout says."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from panels.widgets.budget import Budget
from workbench.measures import branching_factor

MARGIN, WINDOW = 25, 4  # of the branching factor, ms
KEPT = 500  # samples that the readout learns from
FIRST_FIT = 20  # samples before it says anything
FIT_EVERY_S = 1.0
LATEST = 50  # guesses counted
SHARE, BURST_S = 0.2, 1.0  # of the time of a page, for branching factors
RIDGE = 0.3  # of the mean squared length of a state


@dataclass(frozen=True)
class Sample:
    """One picture that was shown.

    end_ms : when it ended;  picture, label : which it was, and of which digit
    guess  : what the readout said before it was told; None while it had learnt too little
    factor : branching factor; nan when there were too few spikes, None when samples came too fast
    """

    end_ms: float
    picture: int
    label: int
    guess: int | None
    factor: float | None


class Samples:
    """Cuts frames into samples and judges each.

    wires     : synapses of the liquid;  n : its neurons;  offset : number of its first unit
    sample_ms : length of a sample;  labels : digit of each picture, None until they are loaded
    """

    def __init__(self, wires: Any, n: int, offset: int, sample_ms: int):
        self.wires, self.n, self.offset, self.steps = wires, n, offset, int(sample_ms)
        self.labels: np.ndarray | None = None
        self.done: deque[Sample] = deque(maxlen=400)
        self._spikes: list[tuple[np.ndarray, np.ndarray]] = []
        self._picture = 0
        self._at = 0
        self._whole = True  # no spikes of the present sample are missing
        self._budget = Budget(SHARE, BURST_S)
        self._readout = Readout()

    def take(self, frames: list[Any]) -> list[Sample]:
        """Take in frames; returns the samples that ended with them."""
        ended: list[Sample] = []
        for frame in frames:
            mine = (frame.units >= self.offset) & (frame.units < self.offset + self.n)
            step, unit = frame.steps[mine], frame.units[mine] - self.offset
            sample = step // self.steps
            order = np.argsort(sample, kind="stable")
            step, unit, sample = step[order], unit[order], sample[order]
            pictures = frame.states.get("input.picture")
            # A frame may span several samples.
            while True:
                border = (self._at + 1) * self.steps
                first, last = np.searchsorted(sample, [self._at, self._at + 1])
                self._spikes.append((step[first:last], unit[first:last]))
                self._whole &= not frame.lacks(border - self.steps, border)
                if pictures is not None and len(pictures):
                    # At the first ms of a sample the old picture is still noted.
                    within = (frame.state_t > self._at * self.steps) & (frame.state_t < border)
                    if within.any():
                        self._picture = int(pictures[within][-1, 0])
                if frame.t_ms < border:
                    break
                ended.append(self._end(border))
        self.done.extend(ended)
        return ended

    def _end(self, border: int) -> Sample:
        step = np.concatenate([s for s, _ in self._spikes]) - self._at * self.steps
        unit = np.concatenate([u for _, u in self._spikes])
        whole, self._spikes, self._whole = self._whole, [], True
        self._at += 1
        factor = self._factor(step, unit) if whole else None
        label, guess = -1, None
        if self.labels is not None:
            label = int(self.labels[self._picture])
            if whole:
                counts = np.bincount(unit, minlength=self.n)
                guess = self._readout.guess_then_learn(counts, label)
        return Sample(border, self._picture, label, guess, factor)

    def _factor(self, step: np.ndarray, unit: np.ndarray) -> float | None:
        """Branching factor of a sample; None where there is no time for each."""
        if not self._budget.is_left:
            return None
        margin = MARGIN if self.steps >= 4 * MARGIN else max(0, (self.steps - 3 * WINDOW) // 4)
        with self._budget.spent():
            return branching_factor(
                step, unit, self.wires.liquid_pre, self.wires.liquid_post, self.n, self.steps,
                margin=margin,
            )  # fmt: skip

    def right(self) -> tuple[int, int]:
        """(right, counted) of the latest guesses."""
        message = [s for s in self.done if s.guess is not None][-LATEST:]
        return sum(s.guess == s.label for s in message), len(message)


class Fit(NamedTuple):
    """A linear readout of states: their mean, weights (states, digits), and the digits."""

    mean: np.ndarray
    W: np.ndarray
    digits: np.ndarray

    def guess(self, state: np.ndarray) -> int:
        """The digit that a state is most like."""
        return int(self.digits[np.argmax((state - self.mean) @ self.W)])


def fitted(X: np.ndarray, y: np.ndarray) -> Fit | None:
    """Ridge regression of states (n, N) onto one digit each; None where all are one digit.

    In the space of samples, which are fewer. Four lines of NumPy: importing scikit-learn would hold
    up the page for seconds.
    """
    digits, mean = np.unique(y), X.mean(axis=0)
    if len(digits) < 2:
        return None
    X = X - mean
    inner = X @ X.T
    inner[np.diag_indices_from(inner)] += RIDGE * np.trace(inner) / len(inner)
    return Fit(mean, X.T @ np.linalg.solve(inner, 2.0 * (y[:, None] == digits) - 1.0), digits)


class Readout:
    """A linear readout that learns as it watches: it guesses each digit before it is told.

    It is fitted in a thread, at most once a second, to the latest samples.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[np.ndarray, int]] = deque(maxlen=KEPT)
        self._model: Fit | None = None
        self._fitted_at = 0.0
        self._busy = threading.Lock()

    def guess_then_learn(self, counts: np.ndarray, label: int) -> int | None:
        state = counts / max(1, counts.sum())
        guess = None
        if self._model is not None:
            guess = self._model.guess(state)
        self._seen.append((state, label))
        late = time.monotonic() - self._fitted_at > FIT_EVERY_S
        if len(self._seen) >= FIRST_FIT and late and self._busy.acquire(blocking=False):
            self._fitted_at = time.monotonic()
            threading.Thread(target=self._fit, args=(list(self._seen),), daemon=True).start()
        return guess

    def _fit(self, seen: list[tuple[np.ndarray, int]]) -> None:
        try:
            found = fitted(np.stack([s for s, _ in seen]), np.array([label for _, label in seen]))
            self._model = found or self._model
        finally:
            self._busy.release()
