"""Networks, frames and views, as the tests of the views need them."""

from __future__ import annotations

import numpy as np

from workbench.engine.frames import Frame
from workbench.network import NetworkInfo, Population
from workbench.palette import population_colors

SMALL = (("in_cue", 5), ("in_content", 10), ("conductor", 1))
LARGE = (("exc", 3200), ("inh", 800))


def network(sizes, dt_ms=0.1, projections=(), traces=None, watched=None) -> NetworkInfo:
    populations, offset = [], 0
    for name, size in sizes:
        populations.append(Population(name, size, offset, "neurons"))
        offset += size
    return NetworkInfo(
        dt_ms, 1.0, tuple(populations), tuple(projections), traces or {}, watched or {}
    )


def frame(t_ms, steps=(), units=(), state_t=(), states=None, weights=None) -> Frame:
    return Frame(
        int(t_ms),
        t_ms,
        np.asarray(steps, np.int64),
        np.asarray(units, np.int32),
        np.asarray(state_t, float),
        states or {},
        weights or {},
        {},
    )


def spikes(info, n, start_ms, end_ms, seed=0) -> Frame:
    rng = np.random.default_rng(seed)
    steps = np.sort(rng.integers(round(start_ms / info.dt_ms), round(end_ms / info.dt_ms), n))
    return frame(end_ms, steps, rng.integers(0, info.n_units, n))


def view(kind, info, **options):
    colors = population_colors(info.populations)
    return kind(info, colors=colors, **options)


def drawn(raster) -> int:
    return len(raster._ticks.data["t"]) + len(raster._dots.data["t"])


def counted(raster) -> int:
    return raster.image.tiles.total
