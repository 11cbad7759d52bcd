"""What a view remembers: growing up to a cap, then forgetting the oldest."""

from __future__ import annotations

import numpy as np


class Buffer:
    """Rows in the order in which they came, in one contiguous piece of memory.

    Twice the wanted room is allocated, so rows are moved only once every ``cap`` rows: the cost
    of a row does not depend on how many there are. Rows have numbers that never change:
    ``first`` is the oldest one kept, ``end`` one more than the newest.
    """

    def __init__(self, columns: dict[str, tuple[type, tuple[int, ...]]], cap: int):
        self.cap = cap
        self._specs = columns
        self.clear()

    def clear(self) -> None:
        room = min(4096, 2 * self.cap)
        self._data: dict[str, np.ndarray] = {
            k: np.empty((room, *s), d) for k, (d, s) in self._specs.items()
        }
        self._lo = self._hi = 0
        self.first = 0

    @property
    def end(self) -> int:
        return self.first + self._hi - self._lo

    def __len__(self) -> int:
        return self._hi - self._lo

    def append(self, **rows: np.ndarray) -> None:
        """Add rows; every column gets the same number of them."""
        n = len(next(iter(rows.values())))
        if n > self.cap:  # more than can be kept: only the newest count
            self.first = self.end + n - self.cap
            self._lo = self._hi = 0
            rows, n = {k: v[-self.cap :] for k, v in rows.items()}, self.cap
        self._make_room(n)
        for k, v in rows.items():
            self._data[k][self._hi : self._hi + n] = v
        self._hi += n
        extra = len(self) - self.cap
        if extra > 0:
            self._lo += extra
            self.first += extra

    def _make_room(self, n: int) -> None:
        room = len(next(iter(self._data.values())))
        if self._hi + n <= room:
            return
        keep = len(self)
        wanted = min(2 * self.cap, max(room, 2 * (keep + n)))
        wanted = max(wanted, keep + n)
        for k, old in self._data.items():
            new = old if wanted == room else np.empty((wanted, *old.shape[1:]), old.dtype)
            new[:keep] = old[self._lo : self._hi]  # NumPy minds the overlap
            self._data[k] = new
        self._lo, self._hi = 0, keep

    def __getitem__(self, column: str) -> np.ndarray:
        return self._data[column][self._lo : self._hi]

    def rows(self, column: str, start: int, stop: int) -> np.ndarray:
        """Rows with the numbers ``start`` to ``stop``, as far as they are still kept."""
        a, b = max(start - self.first, 0), max(stop - self.first, 0)
        return self[column][a:b]

    def between(self, column: str, low: float, high: float) -> tuple[int, int]:
        """Numbers of the first row with ``column >= low`` and of the first with ``> high``."""
        a = np.searchsorted(self[column], low, side="left")
        b = np.searchsorted(self[column], high, side="right")
        return self.first + int(a), self.first + int(b)


class SpikeLog(Buffer):
    """Spikes sorted by time step: ``step`` int64, ``unit`` int32."""

    def __init__(self, cap: int = 1_500_000):
        super().__init__({"step": (np.int64, ()), "unit": (np.int32, ())}, cap)

    def add(self, steps: np.ndarray, units: np.ndarray) -> None:
        """Add the spikes of a frame; within a frame they may come in any order."""
        if not len(steps):
            return
        if len(steps) > 1 and np.any(steps[1:] < steps[:-1]):
            order = np.argsort(steps, kind="stable")
            steps, units = steps[order], units[order]
        if len(self) and steps[0] < self["step"][-1]:
            steps = np.maximum(steps, self["step"][-1])  # a frame never reaches back
        self.append(step=steps, unit=units)


class SampleLog(Buffer):
    """Samples of the state of some neurons: ``t`` ms, ``value`` (n,)."""

    def __init__(self, width: int, cap: int = 100_000):
        super().__init__({"t": (np.float64, ()), "value": (np.float32, (width,))}, cap)
        self.width = width


def decimate(
    t: np.ndarray, y: np.ndarray, first: int, points: int
) -> tuple[np.ndarray, np.ndarray]:
    """At most about ``points`` points that look the same: minimum and maximum of each bucket.

    t, y   : (n,) and (n, k); returns the same with fewer rows
    first  : number of the first row; buckets start at multiples of their size, so a line does
             not shimmer while its window moves
    """
    n = len(t)
    if n <= points:
        return t, y
    size = -(-2 * n // points)
    starts = np.arange(-(first % size), n, size)
    starts[0] = 0
    low, high = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    middle = np.minimum(starts + size // 2, n - 1)
    middle[0] = min(middle[0], max(starts[1] - 1, 0)) if len(starts) > 1 else middle[0]
    out_t = np.stack([t[starts], t[middle]], axis=1).ravel()
    out_y = np.stack([low, high], axis=1).reshape(-1, y.shape[1])
    return out_t, out_y
