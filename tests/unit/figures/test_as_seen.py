"""What is saved of a card is what is seen of it: ranges, neurons, values, colours."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from bokeh.layouts import column
from bokeh.models import LinearColorMapper, Range1d
from bokeh.palettes import Viridis256
from bokeh.plotting import figure
from made_up import balanced
from PIL import Image
from seen import network, view

from panels.parts.save_dialog import CARD, SaveDialog, draw
from panels.widgets.live_lines import LiveLine, LiveLines
from workbench.engine.frames import Frame
from workbench.errors import ParameterError
from workbench.figures import as_seen
from workbench.figures import figure as paper_figure
from workbench.palette import EXCITATORY, on_page
from workbench.plots.live import theme as themes
from workbench.plots.live.seen import figures_in, on_white, seen_of
from workbench.plots.raster.live import RasterView
from workbench.plots.raster.static import spike_table
from workbench.plots.rates.live import RatesView
from workbench.plots.traces.live import TracesView

# What panel-material-ui 0.16 passes on to Panel 1.9 by itself.
pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")


def lines(dark: bool = False) -> LiveLines:
    plot = LiveLines(
        [LiveLine("gain", EXCITATORY, on_page(EXCITATORY, True)),
         LiveLine("dots", "#117733", "#3DAE63", dots=True, line=False, listed=False)],
        x_label="angle (deg)", y_label="gain", x_range=(0.0, 10.0), name="test", dark=dark,
    )  # fmt: skip
    x = np.arange(0.0, 20.0)
    plot.show({"gain": (x, x**2), "dots": (x, 2 * x)})
    return plot


@pytest.mark.parametrize("dark", [False, True])
def test_lines_and_dots_within_the_zoom_are_those_of_the_page(dark):
    plot = lines(dark)
    plot.root.x_range.update(start=3, end=5)
    seen = seen_of(plot.root)
    assert (seen.x, seen.x_label, seen.y_label) == ((3.0, 5.0), "angle (deg)", "gain")
    curve, dots = seen.layers
    assert (curve.name, curve.listed, curve.colors) == ("gain", True, (EXCITATORY,))
    assert dots.colors == ("#117733",)
    drawn = as_seen.draw([seen], 85.0)
    (axes,) = drawn.axes
    assert (axes.get_xlim(), axes.get_ylim()) == (seen.x, seen.y)
    (line,) = axes.lines
    np.testing.assert_array_equal(line.get_xydata()[:, 1], np.arange(20.0) ** 2)
    assert line.get_color() == EXCITATORY
    np.testing.assert_array_equal(axes.collections[0].get_offsets()[:, 1], 2 * np.arange(20.0))
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["gain"]
    _columns, rows = as_seen.table_of([seen])
    assert [r[2:4] for r in rows if r[1] == "gain"] == [(3.0, 9.0), (4.0, 16.0), (5.0, 25.0)]


def test_an_image_has_the_colours_of_its_scale_and_gaps():
    fig = figure(x_range=Range1d(0, 2), y_range=Range1d(2, 0))
    mapper = LinearColorMapper(["#000000", "#ffffff"], low=0, high=2, nan_color="#ff0000")
    cells = np.array([[0.5, 1.5], [np.nan, 2.0]])
    fig.image([cells], x=0, y=0, dw=2, dh=2, color_mapper=mapper)
    seen = seen_of(fig)
    (image,) = seen.layers
    np.testing.assert_allclose(image.data["cells"][0, :, 0], [0, 1])
    np.testing.assert_allclose(image.data["cells"][1, 0], [1, 0, 0, 1])
    (axes,) = as_seen.draw([seen], 85.0).axes
    assert axes.get_ylim() == (2.0, 0.0)  # the first row at the top, as on the page
    assert len(as_seen.table_of([seen])[1]) == 3


@pytest.mark.parametrize("ink", ["zero", "surface", "grid"])
def test_a_scale_that_leads_away_from_a_dark_page_leads_away_from_a_white_one_on_paper(ink):
    dark, light = getattr(themes.DARK, ink), getattr(themes.LIGHT, ink)
    ends = ["#6FB1F0", "#FF8A75"]
    scale = [
        themes.mix(dark, ends[k >= 16], abs(k - 15.5) / 15.5 if k != 15 else 0.0) for k in range(32)
    ]
    found = on_white(scale)
    assert found[15].upper() == light
    assert (found[0], found[-1]) == (on_page(ends[0], False), on_page(ends[1], False))
    brightness = [sum(int(c[k : k + 2], 16) for k in (1, 3, 5)) for c in found]
    assert brightness[0] < brightness[8] < brightness[15]
    assert on_white(list(Viridis256)) == list(Viridis256)


def test_an_image_without_axes_has_none_on_paper():
    fig = figure(x_range=Range1d(0, 2), y_range=Range1d(2, 0), match_aspect=True)
    fig.image(
        [np.eye(2)],
        x=0,
        y=0,
        dw=2,
        dh=2,
        color_mapper=LinearColorMapper("Viridis256", low=0, high=1),
    )
    assert not seen_of(fig).bare
    fig.axis.visible = False
    (axes,) = as_seen.draw([seen_of(fig)], 85.0).axes
    assert list(axes.get_xticks()) == list(axes.get_yticks()) == []
    assert not any(spine.get_visible() for spine in axes.spines.values())


def test_an_image_of_colours_has_these_on_paper_and_no_values_in_the_table():
    fig = figure(x_range=Range1d(0, 2), y_range=Range1d(2, 0))
    cells = np.array([[[255, 0, 0, 255], [0, 51, 0, 255]]], np.uint8)
    fig.image_rgba([cells.view(np.uint32).reshape(1, 2)], x=0, y=0, dw=2, dh=2)
    (image,) = seen_of(fig).layers
    np.testing.assert_allclose(image.data["cells"][0], [[1, 0, 0, 1], [0, 0.2, 0, 1]])
    assert as_seen.table_of([seen_of(fig)])[1] == []


def test_bars_that_lie_are_bars_on_paper():
    fig = figure(x_range=Range1d(0, 4), y_range=Range1d(3, -1))
    fig.hbar(y=[0, 1, 2], right=[3.0, 1.0, 2.0], height=0.5, color=["#117733"] * 3)
    (axes,) = as_seen.draw([seen_of(fig)], 85.0).axes
    ends = [path.get_extents().bounds for path in axes.collections[0].get_paths()]
    assert ends == [(0, -0.25, 3, 0.5), (0, 0.75, 1, 0.5), (0, 1.75, 2, 0.5)]


def test_panels_of_a_card_stay_below_one_another_and_hidden_ones_away():
    one, two, three = (lines().root for _ in range(3))
    two.visible = False
    found = figures_in(column(one, two, three))
    assert found == [one, three]
    assert len(as_seen.draw([seen_of(f) for f in found], 85.0).axes) == 2
    with pytest.raises(ParameterError, match="no plot"):
        as_seen.bytes_as_seen([], "svg", 85.0, "test", {})


def spikes(t_ms: float, steps, units) -> Frame:
    return Frame(
        tick=round(t_ms), t_ms=t_ms, steps=np.asarray(steps, np.int64),
        units=np.asarray(units, np.int32), state_t=np.arange(1.0, t_ms + 1),
        states={"exc.v": np.arange(t_ms)[:, None] * np.ones(2)}, weights={}, counters={},
    )  # fmt: skip


INFO = network((("exc", 80), ("inh", 20)), traces={"exc.v": "mV"}, watched={"exc.v": (3, 7)})


def test_rates_and_traces_keep_bins_neurons_and_zoom():
    rng = np.random.default_rng(1)
    steps = np.sort(rng.integers(0, 5000, 2000))
    units = rng.integers(0, 100, 2000)
    for kind in (RatesView, TracesView):
        shown = view(kind, INFO, window_ms=500.0)
        shown.update([spikes(500.0, steps, units)], 500.0)
        shown.time.hold(100.0, 200.0)
        seen = seen_of(shown.root)
        assert seen.x == (100.0, 200.0)
        assert seen.x_label == "time (ms)"
        (axes,) = as_seen.draw([seen], 85.0).axes
        assert axes.get_xlim() == (100.0, 200.0)
        assert len(axes.lines) == 2  # populations, or neurons
        if kind is TracesView:
            assert [layer.name for layer in seen.layers] == ["exc 3", "exc 7"]
        for layer in seen.layers:
            source = shown._source if kind is RatesView else None
            if source is not None:
                np.testing.assert_array_equal(layer.data["y"], source.data[layer.name])


def test_a_zoomed_raster_is_drawn_anew_with_the_same_neurons_and_times():
    run = balanced()
    info = network((("excitatory", 3200), ("inhibitory", 800)))
    shown = view(RasterView, info)
    assert shown.for_figure() == {}
    bottom, top = shown.bands.between_rows(3150, 3249)  # of both populations
    shown.root.y_range.update(start=bottom, end=top)
    assert shown.for_figure() == {"rows": (3150, 3249)}
    _columns, rows = spike_table(run, t_ms=(20.0, 60.0), rows=(3150, 3249))
    found = {(p, i) for t, p, i in rows if 20.0 <= t <= 60.0}
    assert found
    assert {p for p, _ in found} == {"excitatory", "inhibitory"}
    assert all(i >= 3150 if p == "excitatory" else i < 50 for p, i in found)
    axes = paper_figure(run, "raster", rows=(3150, 3249), t_ms=(20.0, 60.0)).axes[0]
    assert axes.get_ylim() == pytest.approx((bottom, top))
    with pytest.raises(ParameterError, match="counted from the top"):
        paper_figure(run, "raster", rows=(0, 4000))


def test_the_dialog_saves_a_card_as_it_is_and_never_under_one_name_twice():
    run = balanced()
    dialog = SaveDialog("toy", lambda: run)
    plot = lines()
    plot.root.x_range.update(start=3, end=5)
    dialog.open(CARD, "Gains", {}, (0.0, 0.0), {"Gains": [seen_of(plot.root)]})
    assert [fmt for fmt, b in dialog.files.items() if b.visible] == ["svg", "pdf", "png", "csv"]
    assert not dialog.time.visible
    options, seen = dialog._chosen()
    text = draw(run, CARD, "csv", 85.0, options, seen, "Gains").decode()
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    values = [float(r["y"]) for r in csv.DictReader(io.StringIO(body)) if r["name"] == "gain"]
    assert values == [9.0, 16.0, 25.0]
    assert "# parameters_at_end: " in text
    image = Image.open(io.BytesIO(draw(run, CARD, "png", 85.0, options, seen, "Gains")))
    assert image.info["dpi"][0] == pytest.approx(600, abs=0.5)
    assert [dialog._name("svg") for _ in range(3)] == [
        "toy-gains.svg", "toy-gains-2.svg", "toy-gains-3.svg"
    ]  # fmt: skip
    dialog.open(CARD, "Operations", {}, (0.0, 0.0), {"Operations": "<p>one</p>"})
    assert [fmt for fmt, b in dialog.files.items() if b.visible] == ["html"]
    assert draw(run, CARD, "html", 85.0, *dialog._chosen()) == b"<p>one</p>"


def test_the_layout_has_the_model_s_own_cards_and_the_time_that_is_shown():
    run = balanced()
    dialog = SaveDialog("toy", lambda: run)
    seen = {"Gains": [seen_of(lines().root)]}
    dialog.open("layout", "all plots", {"circuit": {}}, (20.0, 60.0), seen)
    options, also = dialog._chosen()
    assert options["raster"]["t_ms"] == options["rates"]["t_ms"] == (20.0, 60.0)
    assert "t_ms" not in options["weights"]
    assert also == seen
    assert draw(run, "layout", "pdf", 174.0, options, also).startswith(b"%PDF")
    dialog.time.value = "all"
    assert "t_ms" not in dialog._chosen()[0].get("raster", {})
