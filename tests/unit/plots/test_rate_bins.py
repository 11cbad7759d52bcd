"""Bins of rates: a rhythm is seen as it is, live and on paper, and noise is not taken for one."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import made_up
from seen import frame, network, view

from workbench.plots import overlay
from workbench.plots.rates.bins import fitting, shortest_period
from workbench.plots.rates.live import RatesView
from workbench.plots.rates.static import bin_width, rate_table, rates

COARSE = 40  # short bins, as for a window of 2 s in 50 bins
MOST = 1500


def volleys(hz: float, n_ms: int = 2000, size: int = 50) -> np.ndarray:
    """(1, n_ms) counts: all of them within a ms, so often."""
    counts = np.zeros((1, n_ms), int)
    counts[0, np.arange(0, n_ms, 1000 / hz).astype(int)] = size
    return counts


@pytest.mark.parametrize("hz", [15, 33, 60, 89, 140])
@pytest.mark.parametrize("kind", ["volleys", "sine"])
def test_bins_are_shorter_than_half_a_period(hz, kind):
    counts = volleys(hz)
    if kind == "sine":
        rate = 5 * (1 + np.sin(2 * np.pi * hz * np.arange(2000) / 1e3))
        counts = np.random.default_rng(1).poisson(rate)[None]
    # The frequencies of 2 s are 0.5 Hz apart.
    assert 1e3 / shortest_period(counts, 4 * COARSE) == pytest.approx(hz, abs=0.5)
    assert fitting(counts, COARSE, MOST) <= min(COARSE, 500 / hz)


def test_noise_has_no_rhythm():
    # A Poisson process passes the limit once in exp(6) = 403 trials on average: 0.25 are expected
    # of these 100, and more than 3 in one of some ten thousand repetitions.
    rng = np.random.default_rng(2)
    found = sum(fitting(rng.poisson(5, (3, 2000)), COARSE, MOST) < COARSE for _ in range(100))
    assert found <= 3


@pytest.mark.parametrize("hz", [60, 89])
def test_what_is_too_fast_for_the_plot_is_averaged_over_whole_periods(hz):
    every = fitting(volleys(hz), COARSE, most=100)
    assert every >= COARSE
    assert every * hz / 1e3 == pytest.approx(round(every * hz / 1e3), abs=0.05)
    rate = volleys(hz)[0, : 2000 // every * every].reshape(-1, every).sum(axis=1)
    assert np.ptp(rate) <= 50  # one volley more or less, not beats


def test_a_cell_that_fires_regularly_is_no_rhythm_of_a_population():
    assert fitting(volleys(89, size=1), COARSE, MOST) == COARSE
    assert fitting(volleys(89, size=3), COARSE, MOST) < COARSE


def test_regular_cells_out_of_step_leave_bins_as_they_are():
    # 13 groups of 20 cells, each group at a frequency of its own: lines in the spectrum, and a
    # rate that is as good as constant.
    rng = np.random.default_rng(3)
    counts = np.zeros((1, 2000), int)
    for hz in np.linspace(20, 140, 13):
        for first in rng.uniform(0, 1e3 / hz, 20):
            counts[0, np.arange(first, 2000, 1e3 / hz).astype(int)] += 1
    assert shortest_period(counts, 4 * COARSE) is not None
    assert fitting(counts, COARSE, MOST) == COARSE


@pytest.mark.parametrize("counts", [np.zeros((2, 0)), np.zeros((2, 2000)), np.ones((1, 5))])
def test_without_data_the_window_decides(counts):
    assert fitting(counts.astype(int), COARSE, MOST) == COARSE


def seen(rate: np.ndarray) -> int:
    """How many humps a curve has."""
    return int(np.count_nonzero((rate[1:] > 0) & (rate[:-1] == 0)) + (rate[0] > 0))


def test_the_live_plot_shows_each_volley_and_says_its_bins():
    # 89 Hz, of which bins of 20 ms showed 14 humps in a second.
    info = network((("cells", 50),), dt_ms=1.0)
    plot = view(RatesView, info, window_ms=1000.0)
    steps = np.flatnonzero(volleys(89, 1000)[0])
    plot.update([frame(1000, np.repeat(steps, 50), np.tile(np.arange(50), len(steps)))], 1000)
    rate = plot._source.data["cells"]
    assert seen(rate) == len(steps) == 89
    assert plot.bin_ms == 2
    assert plot.root.yaxis[0].axis_label == "rate (Hz), bins of 2 ms"
    assert "in bins of 2 ms" in plot.describe()
    assert rate.mean() == pytest.approx(89, rel=0.01)


def test_bins_widen_only_when_the_rhythm_has_been_over_for_a_while(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("workbench.plots.rates.live.time.monotonic", lambda: now[0])
    plot = view(RatesView, network((("cells", 50),), dt_ms=1.0), window_ms=1000.0)
    steps = np.flatnonzero(volleys(50, 1000)[0])
    plot.update([frame(1000, np.repeat(steps, 50), np.tile(np.arange(50), len(steps)))], 1000)
    assert plot.bin_ms == 5
    rng = np.random.default_rng(3)
    widths = []
    for k in range(1, 8):
        now[0] += 1.0
        t = 1000 * (k + 1)
        steps = np.sort(rng.integers(t - 1000, t, 2000))
        plot.update([frame(t, steps, rng.integers(0, 50, 2000))], t)
        plot._draw()
        widths.append(plot.bin_ms)
    assert widths[0] == 5 and widths[-1] == 20
    assert sorted(widths) == widths


def rhythmic(hz: float, n_ms: int = 2000):
    """A run of 50 cells that fire together."""
    times = np.flatnonzero(volleys(hz, n_ms)[0]) * 10
    return made_up(
        {"cells": 50}, steps=np.repeat(times, 50), duration_ms=float(n_ms),
        units=np.tile(np.arange(50, dtype=np.int32), len(times)),
    )  # fmt: skip


def test_the_figure_shows_the_rhythm_and_says_its_bins():
    run = rhythmic(89)
    edges, table = rate_table(run)
    assert np.diff(edges)[0] == bin_width(run) == 5  # of 2 ms there would be too many
    assert seen(table["cells"]) == 178
    drawn = rates(run).opts.get("plot", backend="matplotlib").kwargs
    assert drawn["ylabel"] == "Rate (Hz), bins of 5 ms"
    both = overlay.rates(run, rhythmic(10)).opts.get("plot", backend="matplotlib").kwargs
    assert both["ylabel"].endswith("bins of 5 ms")


def test_what_stands_still_has_the_bins_of_what_is_seen(monkeypatch):
    monkeypatch.setattr("workbench.plots.rates.live.time.monotonic", lambda: 0.0)
    plot = view(RatesView, network((("cells", 50),), dt_ms=1.0), window_ms=1000.0)
    plot.update([frame(0, np.zeros(0, int), np.zeros(0, int))], 0)
    assert plot.bin_ms == 20
    steps = np.flatnonzero(volleys(89, 1000)[0])
    plot.update([frame(1000, np.repeat(steps, 50), np.tile(np.arange(50), len(steps)))], 1000)
    assert plot.bin_ms == 20  # it is looked for a rhythm every now and then
    for _ in range(6):
        plot.settle()
        assert plot.bin_ms == 2
        assert seen(plot._source.data["cells"]) == 89
