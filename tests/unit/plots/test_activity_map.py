"""What a model without spikes shows: an activity map instead of an empty raster."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest

from workbench import figures as figure
from workbench.engine.frames import Frame
from workbench.engine.runtime import Runtime
from workbench.errors import BuildError, ParameterError, UnknownName
from workbench.model import registry
from workbench.model.parameter import Parameter
from workbench.network import NetworkInfo, Population
from workbench.plots.activity_map.live import MapView, binned
from workbench.plots.activity_map.static import default_map
from workbench.plots.registry import live_views
from workbench.plots.traces.live import TracesView
from workbench.store.network_info import info_from_json, info_to_json


def info(spiking=False, maps=None):
    return NetworkInfo(
        dt_ms=1.0, tick_ms=10.0, projections=(), traces={"units.r": "Hz"},
        populations=(Population("units", 8, 0, "neurons", spiking=spiking),),
        watched={"units.r": tuple(range(8))}, maps={"units.r": "Hz"} if maps is None else maps,
    )  # fmt: skip


def frame(t, values):
    return Frame(
        tick=len(t), t_ms=float(t[-1]), steps=np.empty(0, int), units=np.empty(0, int),
        state_t=np.asarray(t, float), states={"units.r": np.asarray(values, float)}, weights={},
        counters={},
    )  # fmt: skip


def test_a_network_without_spikes_has_a_map_and_no_raster():
    colors = {"units": "#0072B2"}
    assert set(live_views(info(), colors=colors)) == {"map", "traces"}
    assert set(live_views(info(True, {}), colors=colors)) == {"raster", "traces", "rates"}


def test_the_map_shows_means_over_time_and_neurons():
    t = np.arange(0, 60, 10.0)
    values = np.arange(12.0).reshape(6, 2)
    plot, left = binned(t, values, 20.0)
    assert left == 0
    np.testing.assert_allclose(plot, [[1, 5, 9], [2, 6, 10]])
    gap, left = binned(t[[2, 5]], values[[2, 5]], 10.0)
    assert left == 20
    assert np.isnan(gap[:, 1:3]).all()
    wide, _ = binned(t[:1], np.arange(720.0)[None], 10.0)
    assert wide.shape == (180, 1)
    np.testing.assert_allclose(wide[:2, 0], [1.5, 5.5])


def test_the_view_takes_frames_and_forgets_them():
    view = MapView(info(), colors={"units": "#0072B2"}, window_ms=100.0)
    assert "no samples yet" in view.describe()
    view.update([frame([0, 10, 20], np.outer([1, 2, 3], np.arange(8)))], 30.0)
    assert view.root.select(name="map") or view._image.data["image"][0].shape[0] == 8
    assert view.describe() == (
        "units.r of 8 neurons at 20 ms: from 0 to 21 Hz, largest in neuron 7."
    )
    with pytest.raises(UnknownName, match=r"Did you mean 'units\.r'"):
        view.select("units.rr")
    view.set_dark(True)
    view.reset()
    assert not view._image.data["image"]


@pytest.mark.parametrize(
    ("values", "from_zero"), [([1, 5], True), ([40, 60], False), ([-3, 5], False), ([0, 0], True)]
)
def test_colours_begin_at_zero_unless_all_is_far_from_there(values, from_zero):
    view = MapView(info(), colors={"units": "#0072B2"}, window_ms=100.0)
    view.update([frame([0, 10], np.outer(values, np.ones(8)))], 20.0)
    assert (view._mapper.low == 0.0) == from_zero
    assert view._mapper.low <= min(values) and view._mapper.high >= max(values)


def test_traces_draw_a_few_of_the_neurons_that_a_map_samples():
    view = TracesView(info(), colors={"units": "#0072B2"}, window_ms=100.0)
    assert view.watched["units.r"] == (0, 2, 4, 5, 7)
    view.update([frame([0, 10], np.outer([1, 2], np.arange(8)))], 20.0)
    assert list(view._lines.data["neuron"]) == [0, 2, 4, 5, 7]
    assert [y[-1] for y in view._lines.data["ys"]] == [0, 4, 8, 10, 14]
    assert list(view._lines.data["key"]) == ["units 0", "2", "4", "5", "7"]


def test_a_legend_that_would_leave_the_plot_names_the_first_and_the_last():
    many = NetworkInfo(
        0.1, 1.0, (Population("units", 30, 0, "neurons"),), (), {"units.r": "Hz"},
        {"units.r": tuple(range(30))},
    )  # fmt: skip
    view = TracesView(many, colors={"units": "#0072B2"}, window_ms=100.0)
    view.update([frame([0, 10], np.outer([1, 2], np.arange(30)))], 20.0)
    assert set(view._lines.data["key"]) == {"units 0 to 29"}
    assert list(view._lines.data["label"])[3] == "units 3"  # the tooltip names each


def test_a_rate_model_is_figured_as_a_map(tmp_path):
    run = registry.load("ssn", n_sites=30).run(50.0, engine="numpy")
    assert not run.info.spiking
    path = figure.figure(run, "map", path=tmp_path / "map.svg", width_mm=85)
    assert path.stat().st_size > 5000
    csv = figure.figure(run, "map", path=tmp_path / "map.csv").read_text()
    assert "excitatory.r[29]_Hz" in csv
    drawn = figure.panel_figure(run)
    assert drawn[:4] == b"%PDF"


def test_a_run_without_states_has_no_map():
    run = registry.load("ssn", n_sites=30).run(20.0, engine="numpy", record={})
    with pytest.raises(ParameterError, match="no state of all neurons"):
        figure.figure(run, "map")


def test_choices_are_given_by_name_or_number():
    parameter = registry.model_class("adaptive-whitening").parameter("frame")
    model = registry.load("adaptive-whitening", frame="random")
    assert (model.frame, model.chosen("frame")) == (3, "random")
    assert parameter.text() == "local"
    assert parameter.convert("1") == 1
    assert parameter.allowed() == "one of local (0), equiangular (1), spectral (2), random (3)"
    with pytest.raises(UnknownName, match="Did you mean 'spectral'"):
        registry.load("adaptive-whitening", frame="spectrall")
    with pytest.raises(ParameterError, match="= 4 is not allowed: it must be one of local"):
        registry.load("adaptive-whitening", frame=4)
    assert Parameter(0, choices=("off", "on")).bounds == (0, 1)


def test_a_map_is_of_several_neurons_where_there_are_some():
    run = SimpleNamespace(
        model="made-up", info=SimpleNamespace(maps={}), populations={"one": 1, "many": 9},
        states={"one.x": np.zeros((5, 1)), "many.v": np.zeros((5, 3)), "many.x": np.zeros((5, 9))},
    )  # fmt: skip
    assert default_map(run) == "many.x"
    del run.states["many.x"]
    assert default_map(run) == "one.x"


def test_a_map_of_one_neuron_numbers_it():
    run = registry.load("ssn-pair").run(20.0, engine="numpy")
    drawn = figure.figure(run, "map", width_mm=85)
    axes = drawn.axes[0]
    low, high = sorted(axes.get_ylim())
    assert [y for y in axes.get_yticks() if low <= y <= high] == [0]


def test_a_state_is_called_what_its_model_calls_it():
    named = replace(info(), labels={"units.r": "rate r"})
    colors = {"units": "#0072B2"}
    views = live_views(named, colors=colors)
    assert views["map"].root.title.text == "rate r (Hz)"
    assert views["traces"].root.yaxis[0].axis_label == "rate r (Hz)"
    plain = live_views(info(), colors=colors)
    assert plain["map"].root.title.text == "r (Hz)"


@pytest.mark.parametrize("slug", registry.models())
def test_every_state_that_a_model_draws_has_a_label_without_code_names(slug):
    cls = registry.model_class(slug)
    for name in (*cls.traces, *cls.maps):
        label = cls.labels.get(name, "")
        assert label, name
        assert "_" not in label


def test_labels_are_stored_with_a_run():
    named = replace(info(), labels={"units.r": "rate r"})
    plain = info_to_json(named)
    assert info_from_json(json.loads(json.dumps(plain))).labels == named.labels
    del plain["labels"]  # as runs of before are
    assert info_from_json(json.loads(json.dumps(plain))).label_of("units.r") == "r"


def test_a_label_of_what_is_not_sampled_is_refused():
    class Misnamed(registry.model_class("ssn-pair")):
        """Labels a variable that it does not sample."""

        labels: ClassVar[dict[str, str]] = {"excitatory.v": "potential"}

    message = "The model labels 'excitatory.v', which is none of its traces, maps and populations."
    with pytest.raises(BuildError, match=message):
        Runtime(Misnamed(), 1, "numpy").build()
