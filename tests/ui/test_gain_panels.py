"""The live plots of the gain models, fed by hand: what they count, average and restart."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from bokeh.models import Label

from models._shared.fi_curves import FAMILIES
from models.background_gain import BackgroundGain
from models.v1_spiking import V1Spiking
from panels import background_gain, ssn_line, ssn_pair, v1_spiking
from panels.model_plots import v1 as v1_plots
from panels.model_plots.gain import Curve, Lines
from panels.model_plots.v1 import SpikeWindow, variability
from panels.widgets.live_lines import LiveLine, LiveLines
from panels.widgets.presets import Preset, buttons
from workbench.engine.frames import Frame
from workbench.network import NetworkInfo, Population

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")


def a_frame(t_ms, steps, units, states=None):
    return Frame(
        tick=round(t_ms), t_ms=t_ms, steps=np.asarray(steps), units=np.asarray(units),
        state_t=np.array([t_ms]), states=states or {}, weights={}, counters={},
    )  # fmt: skip


def an_info(sizes):
    populations, offset = [], 0
    for name, size in sizes.items():
        populations.append(Population(name, size, offset, "neurons"))
        offset += size
    return NetworkInfo(0.1, 1.0, tuple(populations), (), {}, {})


def test_spikes_are_counted_after_the_warm_up_and_anew_after_a_change():
    info = an_info(dict.fromkeys(FAMILIES, 4))  # two currents, two copies
    counter = background_gain.Counter()
    counter.take(a_frame(150.0, [1000], [0]), info)  # too early
    counter.take(a_frame(1200.0, [3000, 4000, 5000], [0, 1, 4]), info)
    assert counter.counted_ms == 1000
    assert counter.rates_hz("low", 2).tolist() == [1.0, 0.0]
    assert counter.rates_hz("medium", 2).tolist() == [0.5, 0.0]
    counter.restart(1200.0)
    counter.take(a_frame(1300.0, [12500], [0]), info)
    assert counter.counted_ms == 0
    counter.take(a_frame(1500.0, [14500], [3]), info)
    assert counter.rates_hz("low", 2).tolist() == [0.0, 5.0]


def test_rates_begin_anew_where_spikes_are_missing():
    info = an_info(dict.fromkeys(FAMILIES, 4))
    page = SimpleNamespace(
        network=info, interventions=[], values=BackgroundGain().values(), dark=False,
        model_class=BackgroundGain, draw_with=lambda _pace: None, show_before=lambda _ghosts: None,
        **{f"on_{what}": lambda _f: None for what in ("info", "reset", "frames", "dark")},
    )  # fmt: skip
    curves = background_gain.Curves(page)
    lacking = a_frame(1200.0, [3000, 11900], [0, 0])
    lacking.missing = (3500, 11000)
    curves._take([lacking], 1200.0)
    assert curves.counter.since_ms == 1100.0 + background_gain.WARM_UP_MS
    assert curves.counter.counts["low"].sum() == 0


def test_a_window_forgets_what_is_old_and_what_is_of_another_setting():
    window = SpikeWindow(100.0)
    window.add(np.array([10.0, 20.0]), np.array([0, 1]), 50.0)
    window.add(np.array([140.0]), np.array([2]), 150.0)
    t, i, start = window.spikes(100.0)
    assert (t.tolist(), i.tolist(), start) == ([140.0], [2], 50.0)
    window.restart(145.0)
    assert window.spikes(100.0)[2] == 145.0
    assert len(window.spikes(100.0)[0]) == 0


def test_irregularity_of_a_clock_is_nothing():
    window = SpikeWindow(3000.0)
    t = np.arange(5.0, 3000.0, 10.0)
    window.add(t, np.full(len(t), 5), 3000.0)
    cv, fano = variability(window, 10, 99.0)  # neuron 5 of 10 prefers 99 degrees
    assert cv < 1e-9
    assert fano == 0
    assert np.isnan(variability(window, 10, 9.0)).all()
    assert variability(window, 10, None)[0] < 1e-9


@pytest.mark.parametrize(("x", "limits"), [(3.0, (0, 6)), (-2.0, (-4, 0)), (0.0, (-0.5, 0.5))])
def test_a_lone_value_stands_in_the_middle_of_an_axis_from_zero(x, limits):
    plot = Lines("t", "x", "y", [Curve("a", "a", points=True)], empty="Soon.")
    plot.show(a=([x], [x]))
    for axis in (plot.root.x_range, plot.root.y_range):
        assert (axis.start, axis.end) == limits


def test_the_legend_names_what_is_drawn():
    plot = Lines("t", "x", "y", [Curve("a", "a"), Curve("b", "b"), Curve("c", "c")], empty="Soon.")
    plot.show(a=([0, 1], [1, 2]), b=([0, 1], [np.nan, np.nan]))
    assert [item.visible for item in plot.root.legend.items] == [True, False, False]


@pytest.mark.parametrize(("points", "n", "waits"), [(False, 1, True), (False, 2, False),
                                                    (True, 1, False)])  # fmt: skip
def test_the_sentence_stays_until_something_is_drawn(points, n, waits):
    plot = Lines("t", "x", "y", [Curve("a", "a", points=points)], empty="Soon.")
    plot.show(a=(np.arange(n), np.ones(n)))
    (sentence,) = plot.root.select({"type": Label, "text": "Soon."})
    assert sentence.visible == waits


def test_many_points_are_a_cloud_and_what_is_counted_has_no_half():
    plot = Lines("t", "pass", "y", [Curve("a", "a", points=True)], empty="Soon.", whole=True)
    (drawn,) = (r for r in plot.root.renderers if r.data_source is plot.sources["a"])
    looks = []
    for n in (10, 5000, 10):
        plot.show(a=(np.arange(n), np.arange(n)))
        looks.append((drawn.glyph.size, drawn.glyph.fill_alpha))
    assert looks[0] == looks[2] == (5, 1.0)
    assert looks[1][0] < 5 and looks[1][1] < 0.6
    assert plot.root.xaxis[0].ticker.min_interval == 1


def test_lines_follow_their_data_and_the_page():
    plot = LiveLines([LiveLine("a", "#112233", "#AABBCC", dots=True)], x_label="x", y_label="y",
                        x_range=(0, 1), name="t")  # fmt: skip
    plot.show({"a": ([0, 1], [2, 5])})
    assert plot.root.y_range.end >= 5
    plot.set_dark(True)
    assert plot._drawn["a"][0].glyph.line_color == "#AABBCC"
    plot.label("a", "b")
    assert plot.items["a"].label.value == "b"
    plot.clear()
    assert len(plot.sources["a"].data["x"]) == 0


@pytest.mark.parametrize(
    ("module", "model"), [(background_gain, BackgroundGain), (v1_spiking, V1Spiking)]
)
def test_every_preset_can_be_set(module, model):
    assert module.PRESETS
    for preset in module.PRESETS:
        model(**preset.values)
        assert preset.doc


def test_a_button_sets_its_values_with_the_next_drawing():
    reported = []
    explorer = SimpleNamespace(
        later=lambda act: act(), set_values=lambda v, why: reported.append(why)
    )
    column = buttons(explorer, (Preset("Try it", {"X": 1.0}, "why"),), "Set")
    column[1].clicks += 1
    assert reported == ["Try it"]


def test_conductances_are_shown_in_nanosiemens():
    plot = v1_plots.conductances()
    states = {name: np.full((3, 40), 2e-9) for name in v1_plots.WATCHED}
    v1_plots.show_conductances(plot, [(np.arange(3.0), states)])
    assert np.allclose(plot.sources["excitation"].data["y"], 2.0)


def test_a_curve_of_one_or_two_points_still_says_how_it_comes_about():
    plot = Lines("t", "x", "y", [Curve("a", "a", points=True)], empty="Press Sweep.", few=2)
    plot.show(a=([30.0, 31.0], [5.0, 6.0]))
    assert plot._empty.visible and plot._empty.y.symbol == "top_center"
    # There is room for it above the points.
    assert plot.root.y_range.end > 6.3 and plot.root.xaxis[0].visible
    plot.show(a=([30.0, 31.0, 32.0], [5.0, 6.0, 7.0]))
    assert not plot._empty.visible


@pytest.mark.parametrize(
    ("page", "cards"),
    [(ssn_line.Space, ["Size tuning"]), (ssn_pair.TwoCells, ["Fluctuations", "Contrast response"])],
)
def test_cards_of_sweeps_say_what_to_press(page, cards):
    nothing = dict.fromkeys(
        ("on_info", "on_frames", "on_reset", "on_dark", "draw_with", "show_before"), lambda _a: None
    )
    plots = page(SimpleNamespace(**nothing)).plots
    for title in cards:
        key = next(k.key for k in plots[title].lines if k.points)
        plots[title].show(**{key: ([3.0], [1.0])})
        assert "press Sweep the" in plots[title]._empty.text and plots[title]._empty.visible
