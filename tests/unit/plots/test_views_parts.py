"""What views are made of: logs, lines, scales, bands and tiles."""

from __future__ import annotations

import numpy as np
import pytest
from seen import LARGE, SMALL, network, spikes

from workbench.plots.live.axis_limits import Limits, nice
from workbench.plots.live.buffers import Buffer, SpikeLog, decimate
from workbench.plots.raster.bands import Bands
from workbench.plots.raster.tiles import TILE, Tiles


class TestLog:
    def test_keeps_the_newest_and_the_numbers_of_rows(self):
        log = Buffer({"x": (np.int64, ())}, cap=100)
        for k in range(0, 1000, 7):
            log.append(x=np.arange(k, k + 7))
        assert len(log) == 100
        assert log.end == 1001
        assert log["x"].tolist() == list(range(901, 1001))
        assert log.rows("x", 950, 953).tolist() == [950, 951, 952]
        assert log.rows("x", 0, 903).tolist() == [901, 902]

    def test_more_than_fits_at_once(self):
        log = Buffer({"x": (np.int64, ())}, cap=10)
        log.append(x=np.arange(5))
        log.append(x=np.arange(5, 50))
        assert log["x"].tolist() == list(range(40, 50))
        assert (log.first, log.end) == (40, 50)

    def test_spikes_of_a_frame_may_come_in_any_order(self):
        log = SpikeLog()
        log.add(np.array([3, 1, 2]), np.array([30, 10, 20], np.int32))
        log.add(np.array([2, 4]), np.array([9, 40], np.int32))
        assert log["unit"].tolist() == [10, 20, 30, 9, 40]
        assert np.all(np.diff(log["step"]) >= 0)
        assert log.between("step", 2, 3) == (1, 4)


class TestDecimate:
    def test_short_lines_are_left_alone(self):
        t, y = np.arange(5.0), np.arange(10.0).reshape(5, 2)
        assert decimate(t, y, 0, 100) == (t, y) or decimate(t, y, 0, 100)[0] is t

    def test_extremes_survive_and_time_goes_on(self):
        n = 50_000
        t = np.arange(n, dtype=float)
        y = np.sin(t / 900)[:, None].repeat(2, axis=1)
        y[12_345, 0] = 7.0
        for first in (0, 13, 999):
            small_t, small_y = decimate(t, y, first, 2000)
            assert len(small_t) <= 2004
            assert small_y[:, 0].max() == 7.0
            assert np.all(np.diff(small_t) >= 0)

    def test_buckets_do_not_depend_on_where_the_window_starts(self):
        t = np.arange(20_000, dtype=float)
        y = np.random.default_rng(0).normal(size=(20_000, 1))
        _, a = decimate(t[:10_000], y[:10_000], 0, 1000)
        _, b = decimate(t[200:10_200], y[200:10_200], 200, 1000)
        assert set(a[40:-40, 0]) <= set(y[:, 0])
        assert np.isin(a[60:-60, 0], b[:, 0]).all()

    def test_one_row_too_many(self):
        t = np.arange(101.0)
        small_t, small_y = decimate(t, t[:, None], 3, 100)
        assert small_y.min() == 0 and small_y.max() == 100 and small_t[0] == 0


class TestScale:
    @pytest.mark.parametrize(("value", "expected"), [(0.9, 1), (7, 8), (101, 120), (0, 1)])
    def test_nice(self, value, expected):
        assert nice(value) == pytest.approx(expected)

    def test_widens_at_once_and_narrows_late(self):
        limits = Limits(floor=0.0, patience=3)
        assert limits.take(0, 10) and limits.high >= 10
        assert limits.take(0, 100) and limits.high >= 100
        assert [limits.take(0, 5) for _ in range(3)] == [False, False, True]
        assert limits.high < 10

    def test_comes_back_to_the_data_of_a_trace_after_its_beginning(self):
        limits = Limits(patience=5)
        limits.take(-78, -62)  # as the potentials begin
        assert limits.low <= -78
        changed = [limits.take(-68.5, -64.5) for _ in range(20)]
        assert changed == [k == 4 for k in range(20)]
        assert -70 <= limits.low <= -68.5 and -64.5 <= limits.high <= -63
        # A level that is drawn takes most of the room, and what is left is empty still.
        limits.reset()
        limits.take(-70, -50)
        for _ in range(5):
            limits.take(-63, -50)
        assert -66 <= limits.low <= -63

    def test_does_not_tremble_where_the_extremes_come_and_go(self):
        limits = Limits(patience=10)
        limits.take(0.0, 10.0)
        changed = [limits.take(0.0, 10.0 if k % 8 == 0 else 4.0) for k in range(100)]
        assert not any(changed)

    def test_what_widens_keeps_what_was_seen_at_the_other_end(self):
        limits = Limits(patience=10)
        limits.take(-10.0, 0.0)
        limits.take(-1.0, 5.0)
        assert limits.low <= -10 and limits.high >= 5

    def test_constant_data_gets_room(self):
        limits = Limits()
        limits.take(-70, -70)
        assert limits.low < -70 < limits.high


class TestBands:
    def test_small_populations_stay_readable(self):
        bands = Bands(network((("exc", 4000), ("few", 10))).populations)
        assert bands.height[1] / bands.total > 0.1

    def test_every_neuron_has_the_same_height(self):
        # Else equal rates look unequally dense: 800 neurons had 36 % of the plot beside 3,200.
        bands = Bands(network(LARGE).populations)
        assert bands.row[0] == pytest.approx(bands.row[1])
        assert bands.height[1] / bands.height.sum() == pytest.approx(0.2)

    def test_only_what_could_not_be_read_is_higher(self):
        bands = Bands(network((("a", 3000), ("b", 900), ("one", 1), ("two", 2))).populations)
        assert bands.row[0] == pytest.approx(bands.row[1])
        share = bands.height / bands.height.sum()
        assert share[2:] == pytest.approx(0.25 / 4)

    def test_first_population_and_first_neuron_are_on_top(self):
        info = network(SMALL)
        bands = Bands(info.populations)
        assert np.all(np.diff(bands.y) < 0)
        assert bands.y.min() > 0 and bands.y.max() < bands.total
        assert len(bands.separators) == 2

    def test_names_in_the_middle_and_which_neurons_when_cut(self):
        bands = Bands(network(LARGE).populations)
        at, texts = bands.ticks(0, bands.total, 400)
        assert texts == ["exc", "inh"]
        assert at[0] == pytest.approx(bands.bottom[0] + bands.height[0] / 2)
        top = bands.bottom[0] + bands.height[0]
        _, texts = bands.ticks(top - 10 * bands.row[0], top, 400)
        assert texts == ["exc\n0–9"]

    def test_names_that_would_touch_are_left_out(self):
        bands = Bands(network([(f"p{k}", 1) for k in range(100)]).populations)
        assert len(bands.ticks(0, bands.total, 300)[0]) <= 24

    @pytest.mark.parametrize("sizes", [SMALL, LARGE])
    def test_cells_belong_to_one_population(self, sizes):
        info = network(sizes)
        bands = Bands(info.populations)
        cells = bands.cells(0, bands.total, 300)
        assert cells.slot_of_unit.max() < cells.n_slots  # every unit is seen
        for k, p in enumerate(info.populations):
            slots = cells.slot_of_unit[p.offset : p.offset + p.size]
            assert set(cells.population[slots]) == {k}
        # A unit's cell lies at its row.
        for unit in (0, info.n_units // 2, info.n_units - 1):
            rows = np.flatnonzero(cells.slot_of_row == cells.slot_of_unit[unit])
            middle = (rows + 0.5) / 300 * bands.total
            reach = max(bands.row.max(), bands.total / 300)
            assert np.abs(middle - bands.y[unit]).min() <= reach

    def test_cells_of_a_part(self):
        info = network(LARGE)
        bands = Bands(info.populations)
        top = bands.bottom[0] + bands.height[0]
        cells = bands.cells(top - 100 * bands.row[0], top, 50)
        seen = np.flatnonzero(cells.slot_of_unit < cells.n_slots)
        assert seen.min() == 0 and 99 <= seen.max() <= 102


class TestTiles:
    def make(self):
        info = network(LARGE)
        bands = Bands(info.populations)
        return info, Tiles(bands.cells(0, bands.total, 100), 10, 16)

    def test_counts_what_comes_in_pieces_like_all_at_once(self):
        info, one = self.make()
        _, other = self.make()
        f = spikes(info, 30_000, 0, 300)
        for tiles in (one, other):
            tiles.keep(0, 4)
        one.add(f.steps, f.units)
        for part in np.array_split(np.arange(30_000), 37):
            other.add(f.steps[part], f.units[part])
        assert one.total == other.total > 0
        for k in one.counts:
            assert np.array_equal(one.counts[k], other.counts[k])

    def test_outside_is_ignored_and_old_is_forgotten(self):
        info, tiles = self.make()
        tiles.keep(2, 3)
        f = spikes(info, 5000, 0, 1000)
        assert tiles.add(f.steps, f.units) == {2, 3}
        tiles.keep(3, 4)
        assert set(tiles.counts) == {3, 4}

    def test_image_shows_populations_by_number(self):
        _, tiles = self.make()
        tiles.keep(0, 0)
        tiles.add(np.array([0, 5, 10]), np.array([0, 3999, 3999], np.int32))
        image = tiles.image(0)
        assert image.shape == (100, TILE) and image.dtype == np.uint8
        assert {int((v - 1) // 16) for v in image[image > 0]} == {0, 1}
        assert (image > 0).sum() == 3

    def test_spikes_of_a_quiet_band_are_no_fainter_beside_a_busy_one(self):
        info, tiles = self.make()
        tiles.keep(0, 0)
        alone = int(info.populations[1].offset)
        busy = np.repeat(np.arange(200, dtype=np.int32), 40)
        tiles.add(np.zeros(len(busy) + 1, int), np.append(busy, np.int32(alone)))
        tiles.adapt()
        image = tiles.image(0)
        shades = {p: (image[(image > 0) & ((image.astype(int) - 1) // 16 == p)] - 1) % 16
                  for p in (0, 1)}  # fmt: skip
        assert shades[0].max() == 15  # as dark as can be
        assert 9 <= shades[1].max() < 15  # one spike: not that dark, but easily seen
