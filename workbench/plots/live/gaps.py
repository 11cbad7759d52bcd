"""Stretches of a run whose spikes were too many to be sent: a plot leaves them open."""

from __future__ import annotations

import numpy as np

MOST = 200  # stretches that are told apart; of more, the earliest become one


class Gaps:
    """Time steps of which not all spikes are known, from the frames of a run."""

    def __init__(self) -> None:
        self._stretches: list[tuple[int, int]] = []

    def __bool__(self) -> bool:
        return bool(self._stretches)

    def add(self, missing: tuple[int, int]) -> None:
        """``missing`` of a frame."""
        first, last = missing
        if last <= first:
            return
        if self._stretches and first <= self._stretches[-1][1]:
            first, last = min(first, self._stretches[-1][0]), max(last, self._stretches[-1][1])
            self._stretches.pop()
        self._stretches.append((first, last))
        if len(self._stretches) > MOST:
            (first, _), (_, last) = self._stretches[:2]
            self._stretches[:2] = [(first, last)]

    def in_ms(self, dt_ms: float) -> dict[str, list[float]]:
        """Where each stretch begins, ``x0``, and ends, ``x1``."""
        return {
            "x0": [dt_ms * first for first, _ in self._stretches],
            "x1": [dt_ms * last for _, last in self._stretches],
        }

    def clear(self) -> None:
        self._stretches.clear()

    def in_bins(self, first: int, steps: int, n: int) -> np.ndarray:
        """(n,) bool, whether spikes are missing in each bin of ``steps`` from step ``first`` on."""
        found = np.zeros(n, bool)
        for a, b in self._stretches:
            found[max(0, (a - first) // steps) : max(0, -((first - b) // steps))] = True
        return found
