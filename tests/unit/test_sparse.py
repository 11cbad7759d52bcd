"""A sparse projection looks sparse: its density is drawn, and how often each weight occurs."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import balanced
from seen import network, view

from workbench.catalogue.thumbnail import HEIGHT, WIDTH, plot
from workbench.engine.frames import Frame
from workbench.figures import figure
from workbench.network import Population, Projection
from workbench.plots.weights.live import WeightsView
from workbench.plots.weights.static import JOINED, spread_of
from workbench.sparse import Spread, histogram, is_sparse


def test_what_is_sparse():
    assert is_sparse(2_000, (1000, 100), (200, 100))
    assert not is_sparse(60_000, (1000, 100), (200, 100))  # of 100,000 pairs
    assert not is_sparse(10, (100, 100), (100, 100))  # a cell is a pair, and shows gaps


def test_a_histogram_counts_every_weight():
    weights = np.random.default_rng(1).normal(2.0, 0.5, 5000)
    edges, counts = histogram(weights)
    assert counts.sum() == 5000
    assert (edges[0], edges[-1]) == (weights.min(), weights.max())
    edges, counts = histogram(np.full(7, 1.62))
    assert counts.tolist() == [7]
    assert edges[0] < 1.62 < edges[1]


def frame(density, weights) -> Frame:
    spread = Spread(density, *histogram(weights))
    means = np.where(density > 0, weights.mean(), np.nan).astype(np.float32)
    return Frame(
        tick=1, t_ms=1.0, steps=np.empty(0, int), units=np.empty(0, int), state_t=np.empty(0),
        states={}, weights={"p": means}, counters={}, sparse={"p": spread},
    )  # fmt: skip


def test_the_live_plot_shows_the_share_of_pairs_and_the_weights_beside():
    projection = Projection("p", "exc", "exc", 20_000, "w", "mV", bins=(50, 50))
    info = network((("exc", 1000),), projections=(projection,))
    seen = view(WeightsView, info)
    assert not seen.beside.root.visible
    density = np.full((50, 50), 0.02, np.float32)
    seen.update([frame(density, np.linspace(1.0, 3.0, 20_000))], 1.0)
    (image,) = seen._image.data["image"]
    np.testing.assert_allclose(image, 2.0)  # per cent
    assert (seen._mapper.low, seen._mapper.high) == (0.0, 2.0)
    assert seen.beside.root.visible
    assert np.sum(seen.beside.source.data["count"]) == 20_000
    assert seen.root.title.text == "mean 2 mV, from 1 to 3 mV; 2 % of pairs"
    seen.reset()
    assert not seen.beside.root.visible


def test_the_figure_shows_the_share_of_pairs_and_the_weights_beside():
    run = balanced()
    weights = run.weights["first_second"]
    spread = spread_of(run, "first_second")
    assert spread is not None
    assert spread.counts.sum() == len(weights["i"])
    assert spread.density.mean() == pytest.approx(len(weights["i"]) / (800 * 3200))
    drawn = figure(run, "weights", projection="first_second")
    bar, beside = (
        next(a for a in drawn.axes if a.get_ylabel().startswith(what))
        for what in (JOINED, "Synapses")
    )
    assert bar is not beside
    assert sum(p.get_data()[0].sum() for p in beside.patches) == len(weights["i"])


def test_the_thumbnail_of_a_long_run_is_no_block_but_tells_the_rate():
    population = Population("a", 100, 0, "neurons", "excitatory")
    rng = np.random.default_rng(1)
    columns = np.concatenate([rng.integers(0, WIDTH // 2, 80_000),
                              rng.integers(WIDTH // 2, WIDTH, 320_000)])  # fmt: skip
    image = plot(columns, rng.integers(0, 100, len(columns)), (population,))
    ink = 1 - image.min(axis=2)
    slow, fast = ink[: HEIGHT - 4, : WIDTH // 2].mean(), ink[: HEIGHT - 4, WIDTH // 2 :].mean()
    assert fast / slow == pytest.approx(4.0, rel=0.05)
