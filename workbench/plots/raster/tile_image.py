"""The raster as an image: which tiles there are, and what the browser is told of them."""

from __future__ import annotations

import numpy as np
from bokeh.models import ColumnDataSource

from ..live.buffers import SpikeLog
from .bands import Bands
from .tiles import Tiles

NO_IMAGE: dict[str, list] = {"image": [], "x": [], "y": [], "dw": [], "dh": []}


class TileImage:
    """Two sources of images: ``past`` changes when a tile is full, ``live`` with every update.

    tiles : None while spikes are drawn one by one
    """

    def __init__(self, log: SpikeLog, bands: Bands, dt_ms: float, n_levels: int):
        self.log = log
        self.bands = bands
        self.dt_ms = dt_ms
        self.n_levels = n_levels
        self.past = ColumnDataSource(data=dict(NO_IMAGE))
        self.live = ColumnDataSource(data=dict(NO_IMAGE))
        self.tiles: Tiles | None = None
        self._seen = 0  # number of the first spike that is not in the tiles yet
        self._shown: tuple[int, ...] = ()
        self._fitted: tuple = ()

    def clear(self) -> None:
        """Back to drawing spikes one by one."""
        self.tiles, self._seen, self._shown = None, 0, ()
        for source in (self.past, self.live):
            if len(source.data["x"]):
                source.data = dict(NO_IMAGE)

    def fit(self, y0: float, y1: float, rows: int, col_steps: int) -> bool:
        """Use cells of this size for this part of the raster; True if they are new."""
        wanted = (y0, y1, rows, col_steps)
        if self.tiles is not None and wanted == self._fitted:
            return False
        self._fitted = wanted
        self.tiles = Tiles(self.bands.cells(y0, y1, rows), col_steps, self.n_levels)
        self._seen = 0
        return True

    def draw(self, start_ms: float, end_ms: float, now_ms: float) -> None:
        """Show the time from ``start_ms`` to ``end_ms``; spikes up to ``now_ms`` are known."""
        tiles = self.tiles
        if tiles is None:
            return
        ms = tiles.tile_steps * self.dt_ms
        first, last = int(start_ms // ms), int(max(end_ms - 1e-6, start_ms) // ms)
        now = min(int(min(end_ms, max(now_ms, start_ms)) // ms), last)
        had = set(tiles.counts)
        tiles.keep(first, last)
        # A tile that is new but not of the present needs spikes that were counted before.
        missing = set(tiles.counts) - had
        afresh = not had or any(k * tiles.tile_steps < self._last_step for k in missing)
        if afresh:
            tiles.clear()
            tiles.keep(first, last)
        origin = first * tiles.tile_steps  # before the window: the user may pan there
        begin = self.log.between("step", origin, origin)[0]
        begin = begin if afresh else max(self._seen, begin)
        end = self.log.end
        touched = tiles.add(self.log.rows("step", begin, end), self.log.rows("unit", begin, end))
        self._seen = end
        past = tuple(k for k in sorted(tiles.counts) if k != now)
        if afresh or past != self._shown or touched - {now}:
            tiles.adapt()
            self._shown = past
            self.past.data = self._data(past)
            touched = {now}
        if now in touched:
            self.live.data = self._data((now,))

    @property
    def _last_step(self) -> int:
        """Time step of the last spike that was counted."""
        done = self.log.rows("step", self._seen - 1, self._seen)
        return int(done[0]) if len(done) else 0

    def _data(self, which: tuple[int, ...]) -> dict[str, list]:
        """One image for each stretch of tiles without a gap: a browser pays for each of them."""
        tiles = self.tiles
        if tiles is None:
            return dict(NO_IMAGE)
        stretches: list[list[int]] = []
        for k in which:
            if stretches and stretches[-1][-1] == k - 1:
                stretches[-1].append(k)
            else:
                stretches.append([k])
        full = [s for s in stretches if any(np.any(tiles.counts[k][:-1]) for k in s)]
        width = tiles.tile_steps * self.dt_ms
        return {
            "image": [np.concatenate([tiles.image(k) for k in s], axis=1) for s in full],
            "x": [s[0] * width for s in full],
            "y": [tiles.cells.y0] * len(full),
            "dw": [len(s) * width for s in full],
            "dh": [tiles.cells.y1 - tiles.cells.y0] * len(full),
        }
