"""Stretches of which not all spikes are known."""

from __future__ import annotations

import numpy as np

from workbench.plots.live import gaps as module
from workbench.plots.live.gaps import Gaps


def test_a_bin_with_any_missing_step_is_open():
    gaps = Gaps()
    assert not gaps
    gaps.add((0, 0))  # of a frame that lacks nothing
    assert not gaps
    gaps.add((12, 25))
    gaps.add((40, 41))
    assert gaps
    assert gaps.in_bins(0, 10, 6).tolist() == [False, True, True, False, True, False]
    assert gaps.in_bins(20, 5, 2).tolist() == [True, False]
    assert gaps.in_bins(30, 10, 1).tolist() == [False]
    gaps.clear()
    assert not gaps.in_bins(0, 10, 6).any()


def test_at_most_so_many_are_told_apart(monkeypatch):
    monkeypatch.setattr(module, "MOST", 3)
    gaps = Gaps()
    for k in range(5):
        gaps.add((10 * k, 10 * k + 2))
    open_bins = gaps.in_bins(0, 1, 50)
    assert len(gaps._stretches) == 3
    assert np.flatnonzero(~open_bins).tolist() == [*range(22, 30), *range(32, 40), *range(42, 50)]


def test_what_overlaps_becomes_one():
    gaps = Gaps()
    gaps.add((0, 5))
    gaps.add((3, 8))
    assert gaps._stretches == [(0, 8)]
