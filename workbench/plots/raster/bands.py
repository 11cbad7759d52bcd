"""Where each neuron lies in a raster: a band for each population, a row for each neuron."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...network import Population

GAP = 0.16  # between bands, as a share of the lowest band, but no more than ...
MOST = 0.02  # ... this share of the whole
READABLE = 0.25  # the least height of a band, as a share of what it had if all were equally high


@dataclass(frozen=True)
class Cells:
    """Rows of a binned plot of the part of the raster from ``y0`` to ``y1``.

    slot_of_unit : (units,) int32, row of counts of each unit; ``n_slots`` for what is not seen
    slot_of_row  : (rows,) int32, from the bottom up; ``n_slots`` for gaps
    population   : (n_slots,) uint8, to which population a row of counts belongs
    """

    y0: float
    y1: float
    n_slots: int
    slot_of_unit: np.ndarray
    slot_of_row: np.ndarray
    population: np.ndarray


class Bands:
    """All rows are equally high, so that equal rates look equally dense everywhere.

    But a population of few neurons beside thousands has a band that can be read: its rows are
    higher. The first population is at the top, and so is neuron 0 of each, as in a matrix.

    bottom, height : (P,) of each band, in the units of the y axis, 0 to ``total``
    """

    def __init__(self, populations: tuple[Population, ...]):
        self.populations = populations
        sizes = np.array([max(p.size, 1) for p in populations] or [1], float)
        self.height = _heights(sizes)
        self._sizes = sizes.astype(int)
        gap = min(GAP * float(self.height.min()), MOST * float(self.height.sum()))
        ends = np.cumsum(self.height + gap)
        self.total = float(ends[-1])
        self.bottom = self.total - ends + gap / 2
        self.row = self.height / sizes

    @cached_property
    def y(self) -> np.ndarray:
        """(units,) float32, middle of the row of each global unit."""
        y = np.zeros(self._n_units, np.float32)
        for k, p in enumerate(self.populations):
            rows = (np.arange(p.size) + 0.5) * self.row[k]
            y[p.offset : p.offset + p.size] = self.bottom[k] + self.height[k] - rows
        return y

    @cached_property
    def population(self) -> np.ndarray:
        """(units,) uint8, number of the population of each global unit."""
        of = np.zeros(self._n_units, np.uint8)
        for k, p in enumerate(self.populations):
            of[p.offset : p.offset + p.size] = k % 254
        return of

    @property
    def _n_units(self) -> int:
        return max((p.offset + p.size for p in self.populations), default=0)

    def rows_between(self, y0: float, y1: float) -> tuple[int, int] | None:
        """First and last row that lie in this part, counted from the top; None for all of them."""
        if y0 <= 0 and y1 >= self.total:
            return None
        middles = self._middles()
        inside = np.flatnonzero((middles >= y0) & (middles <= y1))
        return (int(inside[0]), int(inside[-1])) if inside.size else None

    def between_rows(self, first: int, last: int) -> tuple[float, float]:
        """The part of the y axis that these rows take; raises IndexError for others."""
        middles, heights = self._middles(), np.repeat(self.row, self._sizes)
        return (
            float(middles[last] - heights[last] / 2), float(middles[first] + heights[first] / 2)
        )  # fmt: skip

    def _middles(self) -> np.ndarray:
        """(rows,) places of all rows, from the top down."""
        return np.concatenate(
            [
                self.bottom[k] + self.height[k] - (np.arange(p.size) + 0.5) * self.row[k]
                for k, p in enumerate(self.populations)
            ]
            or [np.empty(0)]
        )

    @property
    def separators(self) -> np.ndarray:
        """y of the lines between neighbouring bands."""
        tops = self.bottom[1:] + self.height[1:]
        return (tops + self.bottom[:-1]) / 2

    def tables(self) -> dict[str, list]:
        """What a browser needs to find the neuron at a place."""
        return {
            "names": [p.name for p in self.populations],
            "labels": [p.label for p in self.populations],
            "sizes": [p.size for p in self.populations],
            "offsets": [p.offset for p in self.populations],
            "bottoms": self.bottom.tolist(),
            "heights": self.height.tolist(),
        }

    def ticks(self, y0: float, y1: float, pixels: float) -> tuple[list[float], list[str]]:
        """Where to write the name of each band that is seen, and what: (positions, texts).

        A band that is cut by the edge says which neurons are seen. Names that would touch the
        one above are left out.
        """
        at: list[float] = []
        texts: list[str] = []
        close = 12.5 / max(pixels, 1) * (y1 - y0)
        for k, p in enumerate(self.populations):
            low, high = self.bottom[k], self.bottom[k] + self.height[k]
            a, b = max(low, y0), min(high, y1)
            middle = (a + b) / 2
            if b - a <= 0 or (at and at[-1] - middle < close):
                continue
            text = p.label
            if b - a < (high - low) * (1 - 1e-6) and p.size > 1:
                first = int(np.clip((high - b) / self.row[k], 0, p.size - 1))
                last = int(np.clip(np.ceil((high - a) / self.row[k]) - 1, 0, p.size - 1))
                text += f"\n{first}" if first == last else f"\n{first}–{last}"
            at.append(float(middle))
            texts.append(text)
        return at, texts

    def cells(self, y0: float, y1: float, rows: int) -> Cells:
        """Lay ``rows`` rows over the part from ``y0`` to ``y1``, none over two populations.

        Where a neuron covers several rows it gets them all but one, so that neighbours can be
        told apart; where a row covers several neurons they share it.
        """
        per = (y1 - y0) / rows
        n_units = len(self.y)
        slot_of_unit = np.full(n_units, -1, np.int32)
        slot_of_row = np.full(rows, -1, np.int32)
        middles = y0 + (np.arange(rows) + 0.5) * per
        population: list[np.ndarray] = []
        n = 0
        for k, p in enumerate(self.populations):
            low, high = self.bottom[k], self.bottom[k] + self.height[k]
            inside = np.flatnonzero((middles > low) & (middles < high))
            if not len(inside) or not p.size:
                continue
            y = self.y[p.offset : p.offset + p.size]
            if self.row[k] > per:  # a slot a neuron
                index = np.clip(((high - middles[inside]) / self.row[k]).astype(int), 0, p.size - 1)
                first, count = int(index.min()), int(np.ptp(index)) + 1
                slot_of_row[inside] = n + index - first
                if self.row[k] >= 4 * per:
                    edge = np.flatnonzero(np.diff(index))
                    slot_of_row[inside[edge]] = -1
                mine = np.arange(first, first + count)
                slots = mine - first
            else:  # a slot a row, from the top down
                slot_of_row[inside] = n + np.arange(len(inside))[::-1]
                mine = np.flatnonzero((y >= y0) & (y <= y1))
                row = np.floor((y[mine] - y0) / per).astype(int)
                slots = inside[-1] - np.clip(row, inside[0], inside[-1])
                count = len(inside)
            slot_of_unit[p.offset + mine] = n + slots
            population.append(np.full(count, k % 254, np.uint8))
            n += count
        slot_of_unit[slot_of_unit < 0] = n
        slot_of_row[slot_of_row < 0] = n
        of = np.concatenate(population) if population else np.zeros(0, np.uint8)
        return Cells(y0, y1, n, slot_of_unit, slot_of_row, of)


def _heights(sizes: np.ndarray) -> np.ndarray:
    """Heights that are in proportion to the sizes, but where that is too little to be read."""
    least = READABLE / len(sizes)
    low = np.zeros(len(sizes), bool)
    while True:
        rest = 1 - least * low.sum()
        shares = np.where(low, least, rest * sizes / max(float(sizes[~low].sum()), 1.0))
        if not ((shares < least) & ~low).any():
            return shares * float(sizes.sum())
        low |= shares < least
