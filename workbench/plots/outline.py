"""A line through samples that hides nothing: what lies between two drawn points is in the line."""

from __future__ import annotations

import numpy as np

from ..recordings import Block
from .live.buffers import decimate


def outline(samples: Block, points: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Points of lines, one a column: (N,) and (N, n).

    samples : where they have extremes, both become points
    points  : at most about so many: of each stretch the smallest and the largest value
    """
    t, values, low, high = samples.t_ms, samples.values, samples.low, samples.high
    if low is not None and high is not None and len(t) > 1:
        before, between = t[:-1], np.diff(t)
        old, new = values[:-1], values[1:]
        rising = new >= old
        first = np.where(rising, low[1:], high[1:])
        second = np.where(rising, high[1:], low[1:])
        # What lies between the two samples already is on the straight line.
        least, most = np.fmin(old, new), np.fmax(old, new)
        step = (new - old) / 3
        first = np.where((first < least) | (first > most), first, old + step)
        second = np.where((second < least) | (second > most), second, new - step)
        times = np.column_stack([before + between / 3, before + 2 * between / 3, t[1:]])
        lines = np.stack([first, second, values[1:]], axis=1)
        t = np.concatenate([t[:1], times.ravel()])
        values = np.concatenate([values[:1], lines.reshape(-1, values.shape[1])])
    return (t, values) if points is None else decimate(t, values, 0, points)


def step_said(every_ms: float, extremes: bool) -> str:
    """How a line was sampled, as its axis says it."""
    return f"range of each {every_ms:g} ms" if extremes else f"every {every_ms:g} ms"


def ends_joined(before: Block, block: Block) -> Block:
    """The samples ``block`` with the sample before them in front."""
    t, values = (
        np.concatenate([getattr(b, p) for b in (before, block)]) for p in ("t_ms", "values")
    )
    if block.low is None or block.high is None:
        return Block(t, values)
    low, high = (np.concatenate([before.values, extremes]) for extremes in (block.low, block.high))
    return Block(t, values, low, high)
