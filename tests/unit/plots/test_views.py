"""Live views without a browser: what they keep, what they draw, what they say."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.events import PanEnd, PanStart, RangesUpdate, Reset
from bokeh.models import CustomLabelingPolicy, Plot
from seen import LARGE, SMALL, counted, drawn, frame, network, spikes, view

from workbench.errors import UnknownName
from workbench.network import NetworkInfo, Population, Projection
from workbench.palette import BY_SIGN, DISTINCT, population_colors
from workbench.plots.live import theme as themes
from workbench.plots.live.buffers import SampleLog
from workbench.plots.live.link import SharedSelection
from workbench.plots.live.theme import DARK, LIGHT
from workbench.plots.raster.live import RasterView
from workbench.plots.raster.tiles import TILE
from workbench.plots.rates.live import Counts, RatesView
from workbench.plots.registry import live_views
from workbench.plots.traces.live import TracesView
from workbench.plots.weights.live import WeightsView, scale_colors


class TestRaster:
    def test_few_spikes_are_marks_many_an_image_and_back(self):
        info = network(LARGE)
        raster = view(RasterView, info)
        raster.update([spikes(info, 3000, 0, 500)], 500)
        assert raster.mode == "glyphs" and drawn(raster) == 3000
        raster.update([spikes(info, 9000, 500, 1000)], 1000)
        assert raster.mode == "image" and drawn(raster) == 0
        assert counted(raster) == 12_000
        past = raster.image.past.data
        columns = sum(image.shape[1] for image in past["image"])
        assert len(past["image"]) == 1 and columns > 4 * TILE  # tiles side by side are one image
        ms = raster.image.tiles.col_steps * info.dt_ms
        assert past["dw"] == [pytest.approx(columns * ms)]
        raster.update([frame(1900)], 1900)  # the busy stretch scrolls out
        assert raster.mode == "glyphs" and len(raster.image.past.data["image"]) == 0

    def test_incremental_image_equals_one_made_afresh(self):
        info = network(LARGE)
        live, fresh = view(RasterView, info), view(RasterView, info)
        frames = [spikes(info, 700, t, t + 31, seed=t) for t in range(0, 2480, 31)]
        for f in frames:
            live.update([f], f.t_ms)
        fresh.time.quantum_ms = live.time.quantum_ms
        fresh.update(frames, frames[-1].t_ms)
        assert live.mode == fresh.mode == "image"
        assert live.time.span == fresh.time.span
        assert set(live.image.tiles.counts) == set(fresh.image.tiles.counts)
        for k, counts in live.image.tiles.counts.items():
            assert np.array_equal(counts, fresh.image.tiles.counts[k])

    def test_small_populations_get_upright_marks_with_their_neuron(self):
        info = network(SMALL, dt_ms=1.0)
        raster = view(RasterView, info, window_ms=100.0)
        raster.update([frame(10, [3, 4], [0, 15])], 10)
        data = raster._ticks.data
        assert data["t"].tolist() == [3, 4] and data["unit"].tolist() == [0, 15]
        assert np.all(data["y1"] > data["y0"])
        assert not len(raster._dots.data["t"])

    def test_window_starts_at_zero_then_ends_at_the_present(self):
        raster = view(RasterView, network(LARGE), window_ms=200.0)
        raster.update([frame(50)], 50)
        assert raster.time.span == (0, 200)
        raster.update([frame(450)], 450)
        assert raster.time.span == pytest.approx((250, 450), abs=1)
        raster.set_window(100)
        assert raster.time.span == pytest.approx((350, 450), abs=1)

    def test_nothing_new_touches_nothing(self):
        info = network(LARGE)
        raster = view(RasterView, info)
        document = Document()
        document.add_root(raster.root)
        raster.update([spikes(info, 9000, 0, 500)], 500)
        changes = []
        document.on_change(changes.append)
        raster.update([], 500)
        raster.update([frame(500)], 500)
        assert changes == []

    def test_one_assignment_for_new_spikes(self):
        info = network(LARGE)
        raster = view(RasterView, info)
        raster.update([spikes(info, 9000, 0, 500)], 500)
        document = Document()
        document.add_root(raster.root)
        changes = []
        document.on_change(changes.append)
        now = raster.image.live.data["x"][0]  # within the tile that is live already
        raster.update([frame(501, [round(now * 10) + 1], [7])], 500)
        assert len(changes) == 1

    def test_zoom_holds_and_reset_follows(self):
        info = network(LARGE)
        raster = view(RasterView, info)
        raster.update([spikes(info, 20_000, 0, 1000)], 1000)
        assert raster.mode == "image"
        raster.window.range.update(start=400, end=450)  # what the browser does first
        raster._soon = lambda draw: draw()
        raster.window.user_moved(RangesUpdate(raster.root, x0=400, x1=450, y0=0, y1=1))
        assert raster.mode == "glyphs"
        assert drawn(raster) == pytest.approx(1000, abs=150)
        raster.update([spikes(info, 500, 1000, 1100)], 1100)
        assert raster.time.span == (400, 450)
        assert raster._held.visible
        raster.window.user_reset()
        assert raster.time.span == pytest.approx((100, 1100), abs=3)
        assert raster.mode == "image" and not raster._held.visible

    def test_zoom_of_the_other_axis_goes_on_following(self):
        raster = view(RasterView, network(LARGE))
        raster.update([frame(2000)], 2000)
        a, b = raster.time.span
        raster.update([frame(2100)], 2100)  # the event was under way meanwhile
        raster.window.user_moved(RangesUpdate(raster.root, x0=a, x1=b, y0=3, y1=9))
        assert raster.time.following

    def test_plot_stands_still_while_a_box_is_drawn(self):
        raster = view(RasterView, network(LARGE))
        raster.update([frame(2000)], 2000)
        end = raster.window.range.end
        raster.root._trigger_event(PanStart(raster.root))
        raster.update([frame(2100)], 2100)
        assert raster.window.range.end == end
        raster.root._trigger_event(PanEnd(raster.root))
        raster.update([frame(2200)], 2200)
        assert raster.window.range.end == pytest.approx(2200, abs=3)

    def test_reset_event_brings_back_all_neurons(self):
        raster = view(RasterView, network(LARGE))
        raster.root.y_range.update(start=1, end=2)
        raster.root._trigger_event(Reset(raster.root))
        assert raster.root.y_range.end == pytest.approx(raster.bands.total)

    def test_new_run_forgets_spikes_and_shows_the_sentence_again(self):
        info = network(LARGE)
        raster = view(RasterView, info)
        raster.update([spikes(info, 9000, 0, 500)], 500)
        assert not raster._empty.visible
        raster.reset()
        assert raster._empty.visible and not raster.image.past.data["image"]
        assert "no spikes yet" in raster.describe()
        raster.update([spikes(info, 100, 0, 100)], 100)
        assert drawn(raster) == 100 and not raster._empty.visible

    def test_says_what_is_plotted(self):
        raster = view(RasterView, network(SMALL, dt_ms=1.0), window_ms=100.0)
        raster.update([frame(100, [3, 4, 90], [0, 1, 15])], 100)
        text = raster.describe()
        assert "16 neurons in 3 populations" in text
        assert "in cue 2 spikes (4 Hz)" in text and "conductor 1 spike (10 Hz)" in text

    def test_cost_does_not_grow_with_the_number_of_spikes(self):
        info = network(LARGE)
        raster = view(RasterView, info)
        raster.update([spikes(info, 1_000_000, 0, 1000)], 1000)
        raster.update([spikes(info, 500, 1000, 1001)], 1001)
        costs = []
        for t in range(1001, 1031):
            f = spikes(info, 500, t, t + 1, seed=t)
            start = time.thread_time()  # other jobs on the machine do not count
            raster.update([f], t + 1)
            costs.append(time.thread_time() - start)
        assert np.median(costs) < 0.02


class TestTraces:
    info = network(
        SMALL,
        traces={"in_cue.v": "mV", "in_content.x": "1"},
        watched={"in_cue.v": (0, 3), "in_content.x": (2,)},
    )

    def data(self, n=100, start=0.0):
        t = start + np.arange(n, dtype=float)
        v = np.stack([-60 + 0 * t, -50 + 0 * t], axis=1)
        states = {"in_cue.v": v, "in_content.x": t[:, None] / 100}
        return frame(start + n, state_t=t, states=states)

    def test_one_line_a_neuron_with_unit_and_tints(self):
        traces = view(TracesView, self.info, window_ms=100.0)
        assert traces._empty.visible
        traces.update([self.data()], 100)
        lines = traces._lines.data
        assert lines["label"] == ["in cue 0", "in cue 3"] and lines["neuron"] == [0, 3]
        assert len(set(lines["color"])) == 2
        assert len(lines["xs"][0]) == 100
        assert traces.root.yaxis[0].axis_label == "v (mV)"
        assert traces.root.y_range.start < -60 < -50 < traces.root.y_range.end
        assert "neuron 3 -50 mV" in traces.describe()

    def test_select(self):
        traces = view(TracesView, self.info, window_ms=100.0)
        traces.update([self.data()], 100)
        traces.select("in_content.x")
        assert traces._lines.data["label"] == ["in content 2"]
        assert traces.root.yaxis[0].axis_label == "x"
        with pytest.raises(UnknownName, match=r"Did you mean 'in_cue\.v'"):
            traces.select("in_cu.v")

    def test_other_neurons_from_now_on(self):
        traces = view(TracesView, self.info, window_ms=100.0)
        traces.update([self.data()], 100)
        traces.watch({"in_cue.v": (1, 2)})
        traces.update([self.data(10, start=100.0)], 110)
        assert traces._lines.data["label"] == ["in cue 1", "in cue 2"]
        assert len(traces._lines.data["xs"][0]) == 10

    def test_long_windows_are_decimated(self):
        traces = view(TracesView, self.info, window_ms=50_000.0)
        traces.update([self.data(50_000)], 50_000)
        assert len(traces._lines.data["xs"][0]) <= 2004

    def test_level_is_drawn_and_seen(self):
        traces = view(TracesView, self.info, levels={"in_cue.v": -40.0})
        traces.update([self.data()], 100)
        assert traces._level.visible and traces._level.location == -40
        assert traces.root.y_range.end > -40

    def test_no_traces(self):
        assert "samples no states" in view(TracesView, network(SMALL)).describe()

    def test_nan_and_reset(self):
        traces = view(TracesView, self.info)
        f = self.data()
        f.states["in_cue.v"][:] = np.nan
        traces.update([f], 100)
        traces.reset()
        assert traces._empty.visible and "no samples yet" in traces.describe()

    def test_log_of_samples_grows(self):
        log = SampleLog(2, cap=50)
        for k in range(100):
            log.append(t=np.array([k]), value=np.full((1, 2), k))
        assert log["t"].tolist() == list(range(50, 100))


class TestRates:
    def test_counts_in_a_ring(self):
        counts = Counts(2, steps=10, cap=1000)
        rng = np.random.default_rng(0)
        steps, who = np.sort(rng.integers(0, 50_000, 20_000)), rng.integers(0, 2, 20_000)
        for part in np.array_split(np.arange(20_000), 50):
            counts.add(steps[part], who[part])
        counts.reach(5000)
        assert counts.first == 4000
        sums = counts.sums(4000, 5000, 10)
        expected = np.histogram(steps[who == 1], np.arange(40_000, 50_001, 100))[0]
        assert np.array_equal(sums[1], expected)

    def test_rate_of_a_regular_population(self):
        info = network(SMALL, dt_ms=1.0)
        rates = view(RatesView, info, window_ms=1000.0)
        steps = np.repeat(np.arange(0, 1000, 20), 5)
        steps = steps + np.tile(np.arange(5) * 4, 50)  # evenly, so that there is no rhythm
        rates.update([frame(1000, steps, np.tile(np.arange(5), 50))], 1000)
        assert rates.bin_ms == 20
        data = rates._source.data
        assert len(data["time_ms"]) == 50 and data["time_ms"][0] == 10
        assert np.allclose(data["in cue"], 50)  # once in 20 ms
        assert np.allclose(data["in content"], 0)
        assert "in cue 50 Hz" in rates.describe()

    def test_a_rate_of_which_spikes_are_missing_is_not_known(self):
        info = network(SMALL, dt_ms=1.0)
        rates = view(RatesView, info, window_ms=1000.0)
        steps = np.repeat(np.arange(0, 1000, 20), 5)
        steps = steps + np.tile(np.arange(5) * 4, 50)
        units, here = np.tile(np.arange(5), 50), (steps < 300) | (steps >= 345)
        one = frame(1000, steps[here], units[here])
        one.missing = (300, 345)
        rates.update([one], 1000)
        data = rates._source.data
        unknown = np.isnan(data["in cue"])
        assert data["time_ms"][unknown].tolist() == [310, 330, 350]
        assert np.allclose(data["in cue"][~unknown], 50)
        later = frame(1100, [1001], [0])
        later.missing = (1040, 1100)
        rates.update([later], 1100)
        assert "more spikes than could be drawn" in rates.describe()

    def test_bins_do_not_move_with_the_window(self):
        info = network(LARGE)
        rates = view(RatesView, info, window_ms=1000.0)
        seen: dict[float, float] = {}
        for t in range(0, 3000, 37):
            rates.update([spikes(info, 400, t, t + 37, seed=t)], t + 37)
            data = rates._source.data
            for at, value in zip(data["time_ms"], data["exc"], strict=True):
                assert seen.setdefault(at, value) == value

    def test_legend_mutes(self):
        rates = view(RatesView, network(SMALL))
        assert rates._legend.click_policy == "mute"
        assert [i.label.value for i in rates._legend.items] == ["in cue", "in content", "conductor"]


class TestMissingSpikes:
    def test_the_raster_is_shaded_where_they_are_missing(self):
        raster = view(RasterView, network(SMALL, dt_ms=1.0), window_ms=1000.0)
        raster.update([frame(100, [10, 90], [0, 1])], 100)
        n = len(raster.root.renderers)
        one = frame(400, [350], [0])
        one.missing = (120, 300)
        raster.update([one], 400)
        strips = raster._open.data_source
        assert len(raster.root.renderers) == n + 1
        assert (list(strips.data["x0"]), list(strips.data["x1"])) == ([120.0], [300.0])
        assert "not all spikes could be drawn" in raster.describe()
        raster.update([frame(3000, [2990], [0])], 3000)  # it has left the window
        assert "not all" not in raster.describe()
        raster.reset()
        assert list(strips.data["x0"]) == []


class TestWeights:
    info = network(
        (("pre", 100), ("post", 20)),
        projections=(
            Projection("fixed", "pre", "post", 9, "w", "nA", bins=(20, 50)),
            Projection("learn", "pre", "post", 9, "w", "nA", True, bins=(20, 50), limits=(0, 6)),
            Projection("mixed", "pre", "post", 9, "w", "1", bins=(20, 50)),
            Projection("none", "pre", "post", 9),
        ),
    )

    def matrix(self, low=0.0, high=2.0):
        m = np.linspace(low, high, 1000, dtype=np.float32).reshape(20, 50)
        m[0, 0] = np.nan
        return m

    def test_plastic_first_and_only_what_carries_weights(self):
        weights = view(WeightsView, self.info)
        assert weights.names == ("fixed", "learn", "mixed")
        assert weights.selected == "learn"
        assert weights._empty.visible

    def test_matrix_covers_all_neurons_with_the_models_limits(self):
        weights = view(WeightsView, self.info)
        weights.update([frame(5, weights={"learn": self.matrix()})], 5)
        data = weights._image.data
        assert (data["w"], data["h"]) == ([100], [20])
        assert (weights._mapper.low, weights._mapper.high) == (0, 6)
        assert weights.root.y_range.start == 19.5 and weights.root.y_range.end == -0.5
        assert "nA" in weights.root.title.text and "at 5 ms" in weights.describe()

    def test_both_signs_are_symmetric_around_zero(self):
        weights = view(WeightsView, self.info)
        weights.select("mixed")
        weights.update([frame(5, weights={"mixed": self.matrix(-0.4, 2.9)})], 5)
        assert (weights._mapper.low, weights._mapper.high) == (-3, 3)
        palette, _, _ = scale_colors(-1, 2, LIGHT)
        assert themes.contrast(palette[128].upper(), "#FFFFFF") < 1.2

    def test_the_same_matrix_again_touches_nothing(self):
        weights = view(WeightsView, self.info)
        weights.update([frame(5, weights={"learn": self.matrix()})], 5)
        document = Document()
        document.add_root(weights.root)
        changes = []
        document.on_change(changes.append)
        weights.update([frame(6, weights={"learn": self.matrix()})], 6)
        assert changes == []

    def test_select_shows_what_came_before(self):
        weights = view(WeightsView, self.info)
        weights.update([frame(5, weights={"fixed": self.matrix()})], 5)
        assert weights._empty.visible
        weights.select("fixed")
        assert not weights._empty.visible and len(weights._image.data["image"]) == 1
        with pytest.raises(UnknownName, match="Did you mean 'learn'"):
            weights.select("lern")

    def test_weights_that_are_all_alike_are_said_and_not_drawn(self):
        weights = view(WeightsView, self.info)
        weights.update([frame(5, weights={"learn": np.full((20, 50), 0.5, np.float32)})], 5)
        assert weights._empty.visible and not weights._image.data["image"]
        assert weights._empty.text == "All 9 weights of pre → post\nare 0.5 nA."
        assert not weights._bar.visible
        assert "all 0.5 nA" in weights.describe()
        # Where synapses are is worth a picture; and so is what has been learnt.
        some = np.where(np.arange(1000).reshape(20, 50) % 2, 0.5, np.nan).astype(np.float32)
        for t, matrix in ((6, some), (8, self.matrix())):
            weights.update([frame(t, weights={"learn": matrix})], t)
            assert weights._bar.visible and not weights._empty.visible
            assert len(weights._image.data["image"]) == 1
            weights.update([frame(t + 1, weights={"learn": np.zeros((20, 50))})], t + 1)
            assert weights._empty.text.endswith("are 0 nA.")
        weights.reset()
        assert "appear here when the model is built" in weights._empty.text

    def test_nothing_but_nan(self):
        weights = view(WeightsView, self.info)
        weights.update([frame(5, weights={"learn": np.full((20, 50), np.nan)})], 5)
        assert "no synapses" in weights.describe()

    def test_no_weights_at_all(self):
        weights = view(WeightsView, network(SMALL))
        assert "carries any" in weights.describe()


class TestTogether:
    info = network(
        LARGE,
        projections=(Projection("p", "exc", "inh", 5, "w", "nA", bins=(10, 10)),),
        traces={"exc.v": "mV"},
        watched={"exc.v": (0,)},
    )

    def test_zooming_one_plot_of_time_moves_the_others(self):
        views = view(live_views, self.info)
        for v in views.values():
            v.update([frame(2000)], 2000)
        views["traces"].window.user_moved(RangesUpdate(views["traces"].root, x0=10, x1=90))
        for key in ("raster", "traces", "rates"):
            x = views[key].root.x_range
            assert (x.start, x.end) == (10, 90)
        views["rates"].window.user_reset()
        assert views["raster"].root.x_range.end == pytest.approx(2000, abs=3)

    def test_standard_views_share_link_and_time(self):
        views = view(live_views, self.info)
        assert list(views) == ["raster", "traces", "rates", "weights"]
        assert len({id(v.link) for v in views.values()}) == 1
        assert len({id(views[k].time) for k in ("raster", "traces", "rates")}) == 1
        assert list(view(live_views, network(LARGE))) == ["raster", "rates"]

    def test_pages_share_nothing(self):
        a, b = view(live_views, self.info), view(live_views, self.info)
        own = {m.id for v in a.values() for m in v.root.references()}
        assert not own & {m.id for v in b.values() for m in v.root.references()}

    def test_dark_and_back(self):
        for v in view(live_views, self.info).values():
            v.set_dark(True)
            assert v.root.xaxis[0].major_label_text_color == DARK.text
            assert v.colors["exc"] == population_colors(self.info.populations, dark=True)["exc"]
            v.set_dark(False)
            assert v.root.xaxis[0].major_label_text_color == LIGHT.text
            assert v.colors["exc"] == population_colors(self.info.populations)["exc"]

    def test_every_view_explains_itself(self):
        for v in view(live_views, self.info).values():
            assert v.id and v.title and v.help.endswith(".")
            assert "\n" in v._empty.text and v._empty.visible
            assert v.describe().endswith(".")

    def test_documents_serialise(self):
        document = Document()
        views = view(live_views, self.info)
        for v in views.values():
            document.add_root(v.root)
            v.update([spikes(self.info, 9000, 0, 500)], 500)
        document.validate()
        assert document.to_json()

    def test_pick_tells_subscribers(self):
        link, heard = SharedSelection(), []
        link.on_pick(heard.append)
        link.pick("exc", 3)
        link.pick(None)
        assert heard == [[("exc", 3, 3)], []]

    def test_pointer_is_never_sent_to_the_server(self):
        views = view(live_views, self.info)
        link = views["raster"].link
        assert not link.hover.syncable and link.picked.syncable
        for v in views.values():
            assert not {"mousemove", "mouseleave"} & set(v.root.subscribed_events)


class TestTheme:
    @pytest.mark.parametrize("theme", [LIGHT, DARK])
    def test_text_has_contrast(self, theme):
        assert themes.contrast(theme.text, theme.surface) > 7
        assert themes.contrast(theme.muted, theme.surface) > 4.5

    @pytest.mark.parametrize("theme", [LIGHT, DARK])
    @pytest.mark.parametrize("color", dict.fromkeys((*DISTINCT, *sum(BY_SIGN.values(), ()))))
    def test_tints_can_be_seen_and_told_apart(self, color, theme):
        found = themes.shades(color, 3, theme)
        assert len(set(found)) == 3
        assert all(themes.contrast(c, theme.surface) >= 2.2 for c in found)

    def test_a_colour_chosen_by_hand_stays(self):
        assert themes.recolor({"a": "#123456"}, True) == {"a": "#123456"}


@pytest.mark.parametrize(
    ("sizes", "plastic", "shown"),
    [((1, 1), False, False), ((1, 1), True, True), ((1, 2), False, True)],
)
def test_a_single_weight_that_stays_has_no_matrix(sizes, plastic, shown):
    populations = (Population("a", sizes[0], 0, "neurons"), Population("b", sizes[1], 1, "neurons"))
    one = Projection("p", "a", "b", 1, "w", "mV", plastic, bins=sizes[::-1])
    info = NetworkInfo(0.1, 1.0, populations, (one,), {}, {})
    assert ("weights" in live_views(info, colors=population_colors(populations))) == shown


def test_views_do_not_import_the_simulator():
    code = (
        "import sys\n"
        "from workbench.network import NetworkInfo, Population\n"
        "from workbench.plots.registry import live_views\n"
        "info = NetworkInfo(0.1, 1.0, (Population('a', 4, 0, 'neurons'),), (), {'a.v': 'mV'}, {})\n"
        "assert len(live_views(info, colors={'a': '#0072B2'})) == 3\n"
        "print({'brian2', 'holoviews', 'panel'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_populations_that_never_spike_are_left_out():
    silent = Population("hidden", 4, 0, "neurons", spiking=False)
    info = NetworkInfo(0.1, 1.0, (silent, Population("exc", 3, 4, "neurons")), (), {}, {})
    views = live_views(info, colors=population_colors(info.populations))
    raster, rates = views["raster"], views["rates"]
    f = frame(200.0, steps=[5], units=[5])
    raster.update([f], 200.0)
    rates.update([f], 200.0)
    assert raster.bands.tables()["names"] == ["exc"]
    assert "3 neurons in 1 population" in raster.describe()
    assert set(rates._source.data) == {"time_ms", "exc"}
    assert max(rates._source.data["exc"]) > 0


def test_numbers_that_would_touch_at_a_horizontal_axis_are_left_out():
    info = network(SMALL)
    roots = [v.root for v in live_views(info, colors=population_colors(info.populations)).values()]
    plots = [root for root in roots if isinstance(root, Plot)]
    figures = [fig for root in plots for fig in root.select({"type": Plot})]
    assert len(figures) >= 2
    for fig in figures:
        assert all(
            isinstance(axis.major_label_policy, CustomLabelingPolicy) for axis in fig.below
        ), fig.name
