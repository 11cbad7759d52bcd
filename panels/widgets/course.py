"""`Course`: values over a run as a line shows them, evenly, with gaps where some are missing."""

from __future__ import annotations

import numpy as np

MOST = 2000  # points of a line
SPECK = 1e-9  # of x: a point alone is a line of that length, which has round ends


class Course:
    """Rows of values, each at an ``x`` that grows. However many come, a few thousand are kept.

    gap  : rows further apart than this, as they come, are not joined; None: all are
    most : rows that are kept at most; of more, every second one goes, and so on
    """

    def __init__(self, gap: float | None = None, most: int = MOST):
        self.gap = gap
        self._most = most
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._kept: list[np.ndarray] = []
        self._n = self._n_kept = 0  # rows that came, and that are kept
        self._every = 1  # of those that come, so many are one that is kept
        self._latest: np.ndarray | None = None

    def __len__(self) -> int:
        return self._n

    def add(self, x: np.ndarray | float, rows: np.ndarray) -> None:
        """More rows, (T, n), or one, (n,), at ``x``, (T,) or a number."""
        new = np.column_stack([np.atleast_1d(x), np.atleast_2d(rows)]).astype(float)
        if not len(new):
            return
        self._latest = new[-1:]
        self._kept.append(new[-self._n % self._every :: self._every])
        self._n += len(new)
        self._n_kept += len(self._kept[-1])
        while self._n_kept > self._most:
            self._kept = [np.concatenate(self._kept)[::2]]
            self._n_kept = len(self._kept[0])
            self._every *= 2

    def line(self) -> tuple[np.ndarray, np.ndarray]:
        """x (T,) and rows (T, n), the latest one included; rows that are not known are NaN."""
        if self._latest is None:
            return np.empty(0), np.empty((0, 0))
        rows = np.concatenate(self._kept)
        if rows[-1, 0] < self._latest[0, 0]:
            rows = np.concatenate([rows, self._latest])
        if self.gap is not None:
            rows = _broken(rows, self.gap * self._every)
        return rows[:, 0], rows[:, 1:]


def _broken(rows: np.ndarray, gap: float) -> np.ndarray:
    """``rows`` with NaN between those that are too far apart, and specks where one is alone."""
    far = np.diff(rows[:, 0]) > gap
    alone = np.append(True, far) & np.append(far, True)
    found = []
    for k, row in enumerate(rows):
        found.append(row)
        if alone[k]:
            found.append(np.append(row[0] + SPECK * max(1.0, abs(row[0])), row[1:]))
        if k < len(far) and far[k]:
            found.append(np.append(row[0], np.full(len(row) - 1, np.nan)))
    return np.array(found)
