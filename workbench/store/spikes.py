"""The spikes of a stored run that has many: read when they are asked for, and only those.

They are stored in order of time, so that the order is the index: a stretch of time is found by
halving, with one chunk read for each step of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import StoreError
from ..run import Run
from .metadata import count
from .reader import check_array, read_array, spike_arrays

LAZY_FROM = 2**22  # spikes; fewer are read when the run is opened
PIECE_CHUNKS = 16  # that are copied at a time


class StoredSpikes:
    """(S,) steps and units on disk.

    units  : how many there are; a spike of another one is a damaged run
    raises : StoreError where an array or a part of one is missing
    """

    def __init__(self, run: Path, meta: dict[str, Any], units: int):
        self.run, self.units = run, units
        self.names = spike_arrays(meta)
        self.count = count(meta["n_spikes"])
        self.rows = min(check_array(run, name, self.count) for name in self.names)
        self._begins: dict[int, int] = {}  # chunk -> its first step
        self._latest: tuple[tuple[int, int], tuple[np.ndarray, np.ndarray]] | None = None

    def between(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Spikes of the time steps from ``first`` to ``last``, both included."""
        return self._rows(self._row_of(first), self._row_of(last + 1))

    def pieces(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """All of them, some chunks at a time."""
        size = PIECE_CHUNKS * self.rows
        for start in range(0, self.count, size):
            yield self._read(start, min(start + size, self.count))

    def spread(self, stretches: int, most: int) -> tuple[np.ndarray, np.ndarray]:
        """Up to ``most`` of them, from so many stretches that lie evenly in the record."""
        starts = [k * self.count // stretches for k in range(stretches)]
        parts = [
            self._read(s, min(s + most // stretches, self.count)) for s in dict.fromkeys(starts)
        ]
        steps, units = (np.concatenate(c) for c in zip(*parts, strict=True))
        return steps, units

    def whole(self) -> tuple[np.ndarray, np.ndarray]:
        """All of them."""
        return self._rows(0, self.count)

    def _rows(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        if self._latest is None or self._latest[0] != (start, stop):
            self._latest = (start, stop), self._read(start, stop)
        return self._latest[1]

    def _read(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        steps, units = (read_array(self.run, n, stop, start) for n in self.names)
        check_spikes(self.run, steps, units, self.units)
        return steps, units

    def _row_of(self, step: int) -> int:
        """The first row whose step is not before ``step``."""
        low, high = 0, -(-self.count // self.rows)  # chunks
        while low < high:
            middle = (low + high) // 2
            if self._begin(middle) < step:
                low = middle + 1
            else:
                high = middle
        if not low:
            return 0
        start = (low - 1) * self.rows
        stop = min(start + self.rows, self.count)
        within = read_array(self.run, self.names[0], stop, start)
        return start + int(np.searchsorted(within, step))

    def _begin(self, chunk: int) -> int:
        if chunk not in self._begins:
            row = chunk * self.rows
            self._begins[chunk] = int(read_array(self.run, self.names[0], row + 1, row)[0])
        return self._begins[chunk]


class LargeRun(Run):
    """A stored run whose spikes are read when they are asked for."""

    _stored: StoredSpikes | None  # None: a copy with other spikes, which are in memory
    _steps: np.ndarray
    _units: np.ndarray

    @property
    def steps(self) -> np.ndarray:
        return self._steps if self._stored is None else self._stored.whole()[0]

    @steps.setter
    def steps(self, value: Any) -> None:
        self._stored = value if isinstance(value, StoredSpikes) else None
        self._steps = value

    @property
    def units(self) -> np.ndarray:
        return self._units if self._stored is None else self._stored.whole()[1]

    @units.setter
    def units(self, value: np.ndarray) -> None:
        self._units = value

    def pieces(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        return super().pieces() if self._stored is None else self._stored.pieces()

    def load(self) -> Run:
        if self._stored is not None:
            self.steps, self.units = self._stored.whole()
        return super().load()

    def between(self, low_ms: float, high_ms: float) -> tuple[np.ndarray, np.ndarray]:
        if self._stored is None:
            return super().between(low_ms, high_ms)
        return self._stored.between(*self._steps_of(low_ms, high_ms))


def check_spikes(run: Path, steps: np.ndarray, units: np.ndarray, n_units: int) -> None:
    """Raise StoreError for spikes that cannot be."""
    if len(units) and not (units.min() >= 0 and units.max() < n_units):
        raise StoreError(f"{run} is damaged: it has spikes of neurons that do not exist.")
    if len(steps) and steps.min() < 0:
        raise StoreError(f"{run} is damaged: it has spikes before t = 0.")
