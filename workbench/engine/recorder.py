"""Keeps what a simulation produced: in memory, or spilled to a store about once a second."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from ..errors import StoreError
from ..interventions import Intervention

FLUSH_EVERY_S = 1.0
RETRY_EVERY_S = 5.0
MAX_PENDING_BYTES = 2**30  # what may wait in memory while the store cannot be written


class Recorder:
    """Collects spikes and states. With a ``writer`` they go to disk, and memory stays flat.

    Nothing is lost when the store fails: the data wait in memory, ``error`` says what happened,
    and the next flush tries again.
    """

    def __init__(self, writer: Any = None):
        self.writer = writer
        self.error: StoreError | None = None
        self.n_spikes = 0
        self._spikes: list[tuple[np.ndarray, np.ndarray]] = []
        self._state_t: list[float] = []
        self._states: list[dict[str, np.ndarray]] = []
        self._blocks: list[tuple[np.ndarray, dict[str, np.ndarray]]] = []
        self.written = 0  # bytes, before compression
        self._bytes = 0
        self._next = time.perf_counter() + FLUSH_EVERY_S

    def add_spikes(self, steps: np.ndarray, units: np.ndarray) -> None:
        if len(steps):
            self._spikes.append((steps, units))
            self.n_spikes += len(steps)
            self._bytes += steps.nbytes + units.nbytes

    def add_states(self, t_ms: float, states: dict[str, np.ndarray]) -> None:
        self._state_t.append(t_ms)
        self._states.append(states)
        self._bytes += 8 * (1 + sum(v.size for v in states.values()))

    def add_block(self, t_ms: np.ndarray, states: dict[str, np.ndarray]) -> None:
        """Samples of many times at once: (T,) and name -> (T, n)."""
        if len(t_ms):
            self._blocks.append((t_ms, states))
            self._bytes += t_ms.nbytes + sum(v.nbytes for v in states.values())

    @property
    def due(self) -> bool:
        return self.writer is not None and time.perf_counter() >= self._next

    def pending(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        """Everything not yet written: steps, units, state times, states."""
        steps = [s for s, _ in self._spikes] or [np.empty(0, np.int64)]
        units = [u for _, u in self._spikes] or [np.empty(0, np.int32)]
        blocks = list(self._blocks)
        if self._states:
            single = {n: np.stack([s[n] for s in self._states]) for n in self._states[0]}
            blocks.append((np.array(self._state_t), single))
        state_t = np.concatenate([t for t, _ in blocks] or [np.empty(0)])
        names = blocks[0][1] if blocks else {}
        states = {n: np.concatenate([s[n] for _, s in blocks]) for n in names}
        return np.concatenate(steps), np.concatenate(units), state_t, states

    def flush(self, t_ms: float, interventions: list[Intervention]) -> bool:
        """Write what is pending; False, with ``error`` set, when the store cannot take it.

        raises : StoreError when more than ``MAX_PENDING_BYTES`` wait for a store that fails
        """
        if self.writer is None:
            return True
        try:
            self.writer.append(*self.pending())
            self.writer.progress(t_ms, interventions)
        except StoreError as error:
            self.error = error
            self._next = time.perf_counter() + RETRY_EVERY_S
            if self._bytes > MAX_PENDING_BYTES:
                raise StoreError(
                    f"{error} {self._bytes / 2**20:.0f} MB wait in memory, which is the most that "
                    "is kept: the simulation was stopped."
                ) from error
            return False
        self.error = None
        self.written += self._bytes
        self._spikes, self._state_t, self._states, self._blocks, self._bytes = [], [], [], [], 0
        self._next = time.perf_counter() + FLUSH_EVERY_S
        return True
