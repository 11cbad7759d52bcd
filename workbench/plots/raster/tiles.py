"""A raster as an image: spikes counted in cells, in tiles of time that are drawn once.

Only the tile that contains the present changes from one update to the next, so an update costs
as much as its new spikes, however many are in the window.
"""

from __future__ import annotations

import numpy as np

from .bands import Cells

TILE = 64  # columns


class Levels:
    """From counts to shades: logarithmic, up to a top that follows the data slowly."""

    def __init__(self, n: int):
        self.n = n
        self.top = 2.0
        self._make()

    def _make(self) -> None:
        # The busier the band, the fainter a single spike may be.
        floor = np.clip(0.85 - 0.17 * np.log2(self.top), 0.3, 0.85)
        counts = np.arange(0, 1024, dtype=float)
        share = np.log(np.maximum(counts, 1)) / np.log(max(self.top, 2.0))
        level = np.rint(self.n * np.clip(floor + (1 - floor) * share, 0, 1))
        self.lut = np.clip(level, 1, self.n).astype(np.uint8)
        self.lut[0] = 0

    def follow(self, counts: np.ndarray) -> bool:
        """Adapt the top to these counts; True if the shades changed."""
        histogram = np.bincount(np.minimum(counts, len(self.lut) - 1), minlength=2)[1:]
        below = np.cumsum(histogram)
        if not below[-1]:
            return False
        top = max(2.0, 1.0 + float(np.searchsorted(below, 0.98 * below[-1])))
        if 0.6 < top / self.top < 1.6:
            return False
        self.top = top
        self._make()
        return True


class Tiles:
    """Counts of spikes in cells of (row, column), kept tile by tile.

    cells     : the rows;  col_steps : time steps in a column
    n_levels  : shades a population
    """

    def __init__(self, cells: Cells, col_steps: int, n_levels: int):
        self.cells = cells
        self.col_steps = col_steps
        # Of each band its own: beside a busy one, the spikes of a quiet one would hardly be seen.
        slots = cells.population.astype(int)
        self._bands = [(slots == p, Levels(n_levels)) for p in range(slots.max(initial=0) + 1)]
        self._slots = slots[:, None]
        self.counts: dict[int, np.ndarray] = {}
        self._images: dict[int, np.ndarray] = {}
        self._base = (cells.population.astype(int) * n_levels).astype(np.uint8)

    @property
    def tile_steps(self) -> int:
        return self.col_steps * TILE

    @property
    def total(self) -> int:
        return sum(int(c[:-1].sum()) for c in self.counts.values())

    def clear(self) -> None:
        """Forget all tiles."""
        self.counts.clear()
        self._images.clear()

    def keep(self, first: int, last: int) -> None:
        """Forget the tiles outside ``first`` to ``last``, make those that are missing."""
        for k in [k for k in self.counts if not first <= k <= last]:
            del self.counts[k]
            self._images.pop(k, None)
        for k in range(first, last + 1):
            if k not in self.counts:
                self.counts[k] = np.zeros((self.cells.n_slots + 1, TILE), np.uint16)

    def add(self, steps: np.ndarray, units: np.ndarray) -> set[int]:
        """Count spikes, ordered by step; those outside the kept tiles are ignored."""
        if not self.counts or not len(steps):
            return set()
        first, last = min(self.counts), max(self.counts)
        a = int(np.searchsorted(steps, first * self.tile_steps))
        b = int(np.searchsorted(steps, (last + 1) * self.tile_steps))
        edges = np.arange(first, last + 2) * self.tile_steps
        cuts = np.clip(np.searchsorted(steps, edges), a, b)
        touched = set()
        for k, lo, hi in zip(range(first, last + 1), cuts[:-1], cuts[1:], strict=True):
            if hi <= lo:
                continue
            column = ((steps[lo:hi] - k * self.tile_steps) // self.col_steps).astype(np.int32)
            flat = self.cells.slot_of_unit[units[lo:hi]] * TILE + column
            size = (self.cells.n_slots + 1) * TILE
            tile = self.counts[k]
            if hi - lo > size // 8:
                more = np.bincount(flat, minlength=size).reshape(tile.shape)
                np.minimum(tile + more, 65535, out=more)
                tile[:] = more
            else:
                np.add.at(tile.reshape(-1), flat, 1)
            self._images.pop(k, None)
            touched.add(k)
        return touched

    def image(self, k: int) -> np.ndarray:
        """Tile ``k`` as (rows, columns) uint8 numbers of colours, 0 where there is nothing."""
        if k not in self._images:
            luts = np.stack([levels.lut for _, levels in self._bands])
            counts = np.minimum(self.counts[k][:-1], luts.shape[1] - 1)
            level = np.zeros_like(self.counts[k], np.uint8)  # the last row is what is not seen
            level[:-1] = luts[self._slots, counts]
            shown = level[:-1]
            np.add(shown, self._base[:, None], out=shown, where=shown > 0)
            self._images[k] = level[self.cells.slot_of_row]
        return self._images[k]

    def adapt(self) -> bool:
        """Let the shades follow the data; True if tiles look different now."""
        if not self.counts:
            return False
        changed = False
        for mine, levels in self._bands:
            sample = np.concatenate([c[:-1][mine].ravel() for c in self.counts.values()])
            changed |= levels.follow(sample)
        if changed:
            self._images.clear()
        return changed
