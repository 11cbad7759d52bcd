"""How strongly each population glows: its share of spiking neurons, smoothed in wall time."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np

from workbench.engine.frames import Frame, NetworkInfo

FADE_S = 0.18  # wall time after which a glow has faded to a third
FORGET_S = 8.0  # wall time after which the brightest moment is a third as bright a measure


class Glow:
    """Populations -> 0..1, relative to the strongest activity of the last seconds."""

    def __init__(self, info: NetworkInfo):
        self.names = [p.name for p in info.populations]
        self._ends = np.array([p.offset + p.size for p in info.populations])
        self._starts = np.array([p.offset for p in info.populations])
        self._sizes = np.array([max(p.size, 1) for p in info.populations])
        self.reset()

    def reset(self) -> None:
        self._level = np.zeros(len(self.names))
        self._brightest = 0.0
        self._at = time.monotonic()

    def take(self, frames: Sequence[Frame], now: float | None = None) -> None:
        """Add the spikes of these frames; ``now`` is wall time in s."""
        now = time.monotonic() if now is None else now
        passed, self._at = max(0.0, now - self._at), now
        self._level *= math.exp(-passed / FADE_S)
        self._brightest *= math.exp(-passed / FORGET_S)
        if frames:
            # Units are sorted once; each population is a stretch of them.
            units = np.sort(np.concatenate([f.units for f in frames]))
            counts = np.searchsorted(units, self._ends) - np.searchsorted(units, self._starts)
            self._level = np.maximum(self._level, counts / self._sizes)
        self._brightest = max(self._brightest, float(self._level.max(initial=0.0)))

    def levels(self) -> dict[str, float]:
        """Population -> 0..1. The root lifts what is weak, so that it is seen at all."""
        scale = self._brightest or 1.0
        return {n: math.sqrt(v / scale) for n, v in zip(self.names, self._level, strict=True)}
