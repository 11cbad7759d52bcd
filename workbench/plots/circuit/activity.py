"""How strongly the circuit glows: activity of populations, and the change of plastic weights."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np

from workbench.network import NetworkInfo

from ...engine.frames import Frame

FADE_S = 0.18  # wall time after which a glow has faded to a third
FORGET_S = 8.0  # wall time after which the brightest moment is a third as bright a measure
RATE_MS = 200.0  # simulated time over which a rate is told in numbers


class Activity:
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
        self._counted = np.zeros(len(self.names))
        self._since_ms: float | None = None
        self._rates: np.ndarray | None = None

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
            self._count(counts, frames[-1].t_ms)
        self._brightest = max(self._brightest, float(self._level.max(initial=0.0)))

    def levels(self) -> dict[str, float]:
        """Population -> 0..1. The root lifts what is weak, so that it is seen at all."""
        scale = self._brightest or 1.0
        return {n: math.sqrt(v / scale) for n, v in zip(self.names, self._level, strict=True)}

    def rate_hz(self, name: str) -> float | None:
        """Mean rate of the neurons of a population over the last stretch, Hz; None before it."""
        if self._rates is None or name not in self.names:
            return None
        return float(self._rates[self.names.index(name)])

    def _count(self, counts: np.ndarray, t_ms: float) -> None:
        if self._since_ms is None:  # when the first frame began is not known
            self._since_ms = t_ms
            return
        self._counted = self._counted + counts
        passed = t_ms - self._since_ms
        if passed >= RATE_MS:
            self._rates = self._counted / self._sizes / (passed / 1000)
            self._counted = np.zeros(len(self.names))
            self._since_ms = t_ms


class Learning:
    """Plastic projections -> -1..1: how far their mean weight has moved since the run began.

    The measure is the range between the model's limits, or the largest change so far.
    """

    def __init__(self, info: NetworkInfo):
        self._known = {p.name: p for p in info.projections if p.plastic and p.weight is not None}
        sizes = {p.name: p.entries for p in info.populations}
        # A bin that covers several neurons holds a mean, whatever the number of its synapses.
        self._exact = {
            name: p.bins == (sizes[p.target], sizes[p.source]) for name, p in self._known.items()
        }
        self.reset()

    def reset(self) -> None:
        self._first: dict[str, float] = {}
        self._mean: dict[str, float] = {}
        self._largest: dict[str, float] = {}

    def take(self, frames: Sequence[Frame]) -> None:
        """Note the newest weights of these frames."""
        for frame in frames:
            for name in self._known.keys() & frame.weights.keys():
                matrix = frame.weights[name]
                if np.isnan(matrix).all():
                    continue
                mean = float(np.nanmean(matrix))
                self._first.setdefault(name, mean)
                self._mean[name] = mean
                moved = abs(mean - self._first[name])
                self._largest[name] = max(self._largest.get(name, 0.0), moved)

    def changes(self) -> dict[str, float]:
        """Projection -> -1..1; the root lifts what is small, so that it is seen at all."""
        found = {}
        for name, mean in self._mean.items():
            limits = self._known[name].limits
            scale = limits[1] - limits[0] if limits else self._largest[name]
            part = (mean - self._first[name]) / scale if scale > 0 else 0.0
            found[name] = math.copysign(math.sqrt(min(abs(part), 1.0)), part)
        return found

    def describe(self, name: str) -> str:
        """The mean weight of a projection and its change in words, "" before it is known."""
        if name not in self._mean:
            return ""
        p = self._known[name]
        unit = "" if p.unit == "1" else f" {p.unit}"
        mean, moved = self._mean[name], self._mean[name] - self._first[name]
        is_ = "" if self._exact[name] else "about "
        change = f"{moved:+.3g}{unit}" if moved else "unchanged"
        return f"mean weight {is_}{mean:.4g}{unit}, {change} since the run began"
