"""Plots of recordings: they show what was recorded, with units, and hide nothing between points."""

from __future__ import annotations

import dataclasses

import holoviews as hv
import numpy as np
import pytest
from made_up import made_up
from seen import view

from workbench.engine.frames import Frame
from workbench.errors import ParameterError, UnknownName
from workbench.figures import figure_bytes
from workbench.network import Recordable
from workbench.palette import EXCITATORY, INHIBITORY
from workbench.plots.outline import outline
from workbench.plots.registry import live_views, plot_kind
from workbench.plots.state_map.static import farthest
from workbench.plots.traces.live import FEW, TracesView
from workbench.recordings import WIDE, Block, Samples, thinned

CELLS, SYNAPSES = 30, 24


def recorded():
    """A run with recordings of all neurons and of synapses, every 5 ms."""
    run = made_up({"first": CELLS, "second": 4})
    t = np.arange(0, 200, 5.0)
    pre, post = np.arange(SYNAPSES), np.arange(SYNAPSES) % 4
    w = np.linspace(0, 1, len(t))[:, None] * np.arange(SYNAPSES)
    v = -70 + np.sin(t / 20)[:, None] * np.arange(CELLS)
    info = dataclasses.replace(
        run.info,
        watched={},
        recordables=(
            Recordable("first.v", "mV", CELLS, "neurons", 0.1),
            Recordable("first_second.w", "nA", SYNAPSES, "synapses", 0.1, True, "first", "second"),
        ),
    )
    same = {"every_ms": 5.0}
    recordings = {
        "first_second.w": Samples(
            "first_second.w", index=np.arange(SYNAPSES), unit="nA", of="synapses", pre=pre,
            post=post, load=lambda: {"t_ms": t, "values": w}, **same,
        ),
        "first.v": Samples(
            "first.v", index=np.arange(CELLS), unit="mV",
            load=lambda: {"t_ms": t, "values": v}, **same,
        ),
    }  # fmt: skip
    return dataclasses.replace(run, info=info, states={}, recordings=recordings)


def frame_of(run, key):
    samples = run.recordings[key]
    empty = np.empty(0)
    return Frame(
        tick=200, t_ms=200.0, steps=empty.astype(np.int64), units=empty.astype(np.int32),
        state_t=empty, states={}, weights={}, counters={},
        recorded={key: Block(samples.t_ms, samples.values)}, entries={key: samples.ends()},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("weight-course", {}),
        ("weight-histogram", {"at_ms": 100}),
        ("weight-matrix", {"at_ms": 100}),
        ("state-map", {}),
    ],
)
def test_figures_can_be_saved(kind, options):
    run = recorded()
    assert plot_kind(kind).has_data(run)
    assert figure_bytes(run, kind, "svg", 85.0, **options).lstrip().startswith(b"<?xml")
    assert not plot_kind(kind).has_data(made_up({"first": 5, "second": 4}))


def test_the_matrix_is_that_of_its_time():
    run = recorded()
    columns, rows = plot_kind("weight-matrix").rows(run, at_ms=102)
    w = run.recordings["first_second.w"]
    assert columns == ("pre", "post", "w_nA")
    assert [row[2] for row in rows] == w.values[20].tolist()  # the latest before: 100 ms
    with pytest.raises(ParameterError, match="was recorded from 0 to 195 ms; -1 ms is before"):
        plot_kind("weight-matrix").rows(run, at_ms=-1)
    with pytest.raises(UnknownName, match="Unknown recording of synapses"):
        plot_kind("weight-matrix").rows(run, name="third.w")


def test_of_a_map_a_few_lines_are_drawn_also_where_it_is_sampled_finely():
    run = recorded()
    info = dataclasses.replace(
        run.info, traces={"first.v": "mV"}, maps={"first.v": "mV"},
        watched={"first.v": tuple(range(CELLS))},
    )  # fmt: skip
    traces = view(TracesView, info)
    traces.update([frame_of(run, "first.v")], 200.0)
    drawn = traces._lines.data["neuron"]
    assert len(drawn) == FEW < CELLS
    values = run.recordings["first.v"].values
    for k, y in zip(drawn, traces._lines.data["ys"], strict=True):
        np.testing.assert_allclose([y.min(), y.max()], [values[:, k].min(), values[:, k].max()])


def test_the_histogram_counts_every_synapse():
    _, rows = plot_kind("weight-histogram").rows(recorded(), at_ms=150, bins=7)
    assert sum(row[2] for row in rows) == SYNAPSES


def test_the_course_is_a_column_a_synapse():
    columns, rows = plot_kind("weight-course").rows(recorded())
    assert len(columns) == 1 + SYNAPSES
    assert columns[1] == "first_second.w[0]_nA"
    assert len(list(rows)) == 40


@pytest.fixture
def views():
    run = recorded()
    return run, live_views(run.info, colors={"first": "#332288", "second": "#117733"})


def test_live_plots_wait_for_a_recording(views):
    run, made = views
    for kind in ("weight-course", "weight-histogram", "weight-matrix", "state-map"):
        assert not made[kind].has_data
        made[kind].update([frame_of(run, "first_second.w"), frame_of(run, "first.v")], 200.0)
        assert made[kind].has_data
        made[kind].reset()
        assert not made[kind].has_data


def test_the_live_matrix_follows_until_the_slider_moves(views):
    run, made = views
    view = made["weight-matrix"]
    view.update([frame_of(run, "first_second.w")], 200.0)
    w = run.recordings["first_second.w"].values
    assert view.for_figure() == {}
    assert np.nanmax(view.source.data["image"][0]) == pytest.approx(w[-1].max())
    assert view.root.title.text == "weight, first to second (nA) at 195 ms"
    view.slider.value = 101.0
    assert np.nanmax(view.source.data["image"][0]) == pytest.approx(w[20].max())
    assert view.for_figure() == {"at_ms": 101.0}
    assert view.root.xaxis[0].axis_label == "presynaptic neuron, first"


def test_live_traces_show_a_recording(views):
    run, made = views
    view = made["traces"]
    view.update([frame_of(run, "first.v")], 200.0)
    assert "first.v" in view.names
    view.select("first.v")
    view._draw()
    assert view.root.yaxis[0].axis_label == "v (mV)\nevery 5 ms"


def test_a_line_passes_through_what_lies_between_its_samples():
    t = np.arange(0, 50, 0.1)
    v = -60 + 110 * np.exp(-(((t % 12.3) - 6) ** 2) / 0.02)  # narrow peaks of 50
    low = np.minimum.reduceat(v, np.arange(0, len(v), 10))
    high = np.maximum.reduceat(v, np.arange(0, len(v), 10))
    ticks, values = t[::10] + 1.0, v[9::10]
    for points in (None, 40):
        _, y = outline(Block(ticks, values[:, None], low[:, None], high[:, None]), points)
        assert y.max() == high[1:].max()
    thin = thinned(Block(t, v[:, None]), 9)
    assert len(thin.t_ms) == 9
    assert thin.high.max() == v.max()


def test_of_a_wide_recording_the_samples_alone_are_sent():
    t, v = np.arange(50.0), np.random.default_rng(1).random((50, WIDE + 1))
    thin = thinned(Block(t, v, v - 1, v + 1), 5)
    assert thin.t_ms.tolist() == [0, 12, 24, 37, 49]
    assert np.array_equal(thin.values, v[[0, 12, 24, 37, 49]])
    assert thin.low is thin.high is None
    assert thinned(Block(t, v, v - 1, v + 1), 60).low is None  # though all of them fit


def test_a_map_keeps_a_short_event():
    values = np.full((1000, 3), -70.0)
    values[333, 1] = 40.0
    assert farthest(values, 50)[:, 1].max() == 40.0


def test_axes_of_weights_say_whose_they_are():
    run = recorded()
    for kind, of in (("weight-histogram", "xlabel"), ("weight-course", "ylabel")):
        element = plot_kind(kind).element(run)
        drawn = hv.Store.lookup_options("matplotlib", element, "plot").kwargs
        assert drawn[of].startswith("Weight, first to second")
    label = plot_kind("weight-matrix").element(run).vdims[0].label
    assert label.replace("\n", " ").startswith("Weight, first to second (nA)")
    frame = frame_of(run, "first_second.w")
    views = live_views(run.info, colors={"first": "#0072B2", "second": "#0072B2"})
    for kind, axis in (("weight-histogram", "xaxis"), ("weight-course", "yaxis")):
        views[kind].update([frame], 200.0)
        label = getattr(views[kind].root, axis)[0].axis_label
        assert label == "weight, first to second (nA)"


def test_there_is_no_half_synapse():
    views = live_views(recorded().info, colors={"first": "#0072B2", "second": "#0072B2"})
    assert views["weight-histogram"].root.yaxis[0].ticker.min_interval == 1


@pytest.mark.parametrize(("sign", "ink"), [("excitatory", EXCITATORY), ("inhibitory", INHIBITORY)])
def test_weights_have_the_colour_of_what_they_do(sign, ink):
    run = recorded()
    signed = tuple(dataclasses.replace(p, sign=sign) for p in run.info.projections)
    run.info = dataclasses.replace(run.info, projections=signed)
    views = live_views(run.info, colors={"first": "#0072B2", "second": "#0072B2"})
    view = views["weight-histogram"]
    view.update([frame_of(run, "first_second.w")], 200.0)
    assert view._bars.glyph.fill_color == ink
    drawn = hv.Store.lookup_options("matplotlib", plot_kind(view.id).element(run), "style").kwargs
    assert drawn["color"] == ink
