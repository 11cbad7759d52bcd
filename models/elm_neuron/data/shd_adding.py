"""SHD-Adding (Spieler et al. 2024): two spoken digits one after the other; wanted is their sum.

Made from the Spiking Heidelberg Digits, which `workbench.data` reads. Labels 0 to 9 are digits in
German, 10 to 19 in English; the sum of the digits is one of 0 to 18.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import ParameterError

DIGIT_ms = 1000  # what comes later in a recording is left out, as in the published loader
CLASSES = 19

Draw = Callable[[np.random.Generator, int, int], tuple[np.ndarray, np.ndarray]]


def shd_adding(folder: str | Path | None = None) -> tuple[Draw, Draw]:
    """Draws pairs of training and of test recordings; raises DataError where there are none."""
    from workbench.data import load

    parts = load("shd", folder or None)
    return adding_of(parts.train), adding_of(parts.test)


def adding_of(events: Any) -> Draw:
    """``draw(rng, length, n)`` for recordings as `workbench.data.Events`.

    length  : bins of both digits together; 1000 bins of 2 ms as published
    returns : (length, n, channels) float32 counts, and (n,) sums of the digits
    """

    def draw(rng: np.random.Generator, length: int, n: int) -> tuple[np.ndarray, np.ndarray]:
        if length < 2 or length % 2:
            raise ParameterError(
                f"{length} steps for two digits are not possible: give an even number."
            )
        bin_ms = 2 * DIGIT_ms / length
        x = np.zeros((length, n, events.n_units), np.float32)
        total = np.zeros(n, np.int64)
        for place in range(2):
            chosen = rng.integers(0, len(events.labels), n)
            total += events.labels[chosen] % 10
            for b, k in enumerate(chosen):
                mine = slice(events.start[k], events.start[k + 1])
                t_ms, unit = events.t_ms[mine], events.unit[mine]
                early = t_ms < DIGIT_ms
                step = (t_ms[early] / bin_ms).astype(int) + place * (length // 2)
                np.add.at(x, (step, b, unit[early]), 1)
        return x, total

    return draw
