"""Counts of matches in a run: how many volleys, how many active segments and cells in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from .._shared.variants import key_of, varied
from .network import EVERY_MS


@dataclass(frozen=True)
class Counted:
    """What came of some volleys.

    volleys  : how many
    active   : input cells that were active in each, (volleys,)
    segments : (volleys,) active segments of each;  cells: the same of cells
    """

    volleys: int
    active: np.ndarray
    segments: np.ndarray
    cells: np.ndarray


def counted(model: Any, volleys: int, seed: int = 1, own_step: bool = False) -> Counted:
    """Run so many volleys and count.

    own_step : take the model's step. Otherwise a volley is one step, for without jitter the counts
               do not depend on it
    """
    tried = model if own_step else varied(model, dt_ms=EVERY_MS)
    return _counted(*key_of(tried), volleys, seed)


@lru_cache(maxsize=16)  # several facts look at one run
def _counted(kind: Any, values: Any, volleys: int, seed: int) -> Counted:
    model = kind(**dict(values))
    run = model.run(volleys * EVERY_MS, seed=seed, engine="numpy")

    def each(population: str, late: int = 0) -> np.ndarray:
        volley = np.floor(run.spikes(population)[0] / EVERY_MS + 1e-6).astype(int) - late
        return np.bincount(volley, minlength=volleys)[:volleys]

    # A cell is told a step after its segment, which is a volley when a step is one.
    late = int(model.dt_ms >= EVERY_MS)
    return Counted(volleys, each("inputs"), each("segments"), each("cells", late))
