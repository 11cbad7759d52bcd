"""What a frame shows of a recording of many entries: some samples, evenly, and the latest one."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.engine.frame_sender import MOST_NUMBERS, Gathered
from workbench.recordings import WIDE, Block

WIDTH = 2000
MOST = MOST_NUMBERS // WIDTH


def block(first: int, n: int, width: int = WIDTH) -> Block:
    """Samples ``first`` to ``first + n``; entry k of sample t is 1,000 t + k."""
    t = np.arange(first, first + n)
    return Block(t.astype(float), 1e3 * t[:, None] + np.arange(width))


@pytest.mark.parametrize("sizes", [[1] * 500, [7] * 90, [81] * 12, [3, 400, 1, 1, 90], [5000], [2]])
def test_samples_are_even_and_end_with_the_latest(sizes):
    assert WIDTH > WIDE
    gathered, at = Gathered(WIDTH), 0
    for n in sizes:
        gathered.add(block(at, n))
        at += n
        assert sum(len(b.t_ms) for b in gathered._blocks) <= 2 * MOST
    apart = np.diff(np.concatenate([b.t_ms for b in gathered._blocks]))
    assert len(set(apart)) <= 1
    shown = gathered.block()
    assert (shown.t_ms[0], shown.t_ms[-1]) == (0, at - 1)
    assert min(at, MOST / 2) <= len(shown.t_ms) <= MOST
    assert np.array_equal(shown.values, 1e3 * shown.t_ms[:, None] + np.arange(WIDTH))


def test_samples_stay_when_their_memory_is_used_again():
    given = block(0, 9)
    gathered = Gathered(WIDTH)
    gathered.add(given)
    given.values[:] = np.nan
    assert np.all(np.isfinite(gathered.block().values))


def test_of_few_entries_the_extremes_are_kept():
    values = np.zeros((10_000, 1))
    values[5_003] = 40.0
    gathered = Gathered(1)
    for at in range(0, 10_000, 100):
        gathered.add(Block(np.arange(at, at + 100.0), values[at : at + 100]))
    shown = gathered.block()
    assert shown.high is not None
    assert shown.high.max() == 40.0
