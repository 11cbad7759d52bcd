"""The ELM neuron's own plots and running scores, fed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.elm_neuron.data.trials import Trial
from models.elm_neuron.facts import neuronio, random_input
from models.elm_neuron.recurrence import simulate
from models.elm_neuron.scores import Scored
from panels.elm_neuron import caption, memory_order
from panels.model_plots.elm import (
    DOTS,
    LEAST_P,
    MOST_P,
    Dendrite,
    Prediction,
    UnitsOverTime,
    tree,
)
from panels.model_plots.elm_scores import Playing, RunningScores, scores, sentence

SMALL = {"n_exc": 30, "n_inh": 20, "n_branch": 6, "per_branch": 12}


@pytest.mark.parametrize("n", [1, 2, 3, 7, 45, 200])
def test_a_tree_has_every_branch_within_the_plot(n):
    ends = tree(n)
    assert ends.shape == (n, 2, 2)
    assert (np.abs(ends[..., 0]) <= 1.08).all()
    assert (ends[..., 1] > -0.85).all()
    assert (ends[..., 1] < 1.12).all()
    assert (np.hypot(*(ends[:, 1] - ends[:, 0]).T) > 0.2).all()


def test_events_lie_on_branches_of_their_synapses():
    dendrite = Dendrite()
    weights = neuronio(3, **SMALL)
    dendrite.set_neuron(weights)
    dendrite.show(np.arange(6) - 2.0, np.array([3, 45]))
    assert dendrite._branches.data["b"].tolist() == [-2, -1, 0, 1, 2, 3]
    assert (dendrite._mapper.low, dendrite._mapper.high) == (-3, 3)
    dots = [dendrite._events[sign].data for sign in (1, -1)]
    assert [len(d["x"]) for d in dots] == [1, 1]  # an excitatory and an inhibitory one
    x, y = (np.concatenate([d[k] for d in dots]) for k in ("x", "y"))
    ends = tree(6)
    for k, channel in enumerate((3, 45)):
        point = np.array([x[k], y[k]])
        own = weights.synapse_branch[weights.input_to_synapse == channel]
        a, b = ends[own, 0], ends[own, 1]
        along = ((point - a) * (b - a)).sum(1) / ((b - a) ** 2).sum(1)
        assert np.hypot(*(a + along[:, None] * (b - a) - point).T).min() < 1e-9
    named = {i.label["value"]: i.renderers[0] for i in dendrite.root.legend[0].items}
    assert list(named) == ["excitatory input", "inhibitory input"]
    for dark in (True, False):
        dendrite.set_dark(dark)
        assert len({r.glyph.fill_color for r in named.values()}) == 2
    dendrite.reset()
    assert not np.any(dendrite._branches.data["b"])


def test_of_many_events_both_kinds_are_seen():
    dendrite = Dendrite()
    dendrite.set_neuron(neuronio(3, **SMALL))
    excitatory, inhibitory = np.repeat(np.arange(30), 100), np.repeat(np.arange(30, 50), 50)
    dendrite.show(np.zeros(6), np.concatenate([excitatory, inhibitory]))
    seen = {sign: len(source.data["x"]) for sign, source in dendrite._events.items()}
    assert sum(seen.values()) == DOTS
    assert seen[1] / seen[-1] == pytest.approx(3, rel=0.25)


def test_a_caption_says_once_how_many_units_there_are():
    weights = neuronio(3, **SMALL)
    plain = caption(weights.changed(title="a <cell>"))
    assert plain.startswith("<b>a &lt;cell&gt;</b> · 3 memory units, ")
    named = caption(weights.changed(title="trained, 3 memory units"))
    assert named.count("memory units") == 1 and named.endswith(" parameters")


def test_rows_show_the_latest_window_in_their_order():
    rows = UnitsOverTime("a", "unit", window_ms=100.0, scale="b")
    rows.set_rows(np.array([2, 0, 1]), {0.5: "1", 2.5: "3"})
    t = np.arange(250.0)
    rows.take(t, np.stack([t, -t, 0 * t], axis=1))
    rows.draw(249.0)
    image = rows._source.data["image"][0]
    assert image.shape == (3, 101)
    assert not image[0].any()
    assert image[1, -1] == 249
    assert image[2, -1] == -249
    assert (rows.root.x_range.start, rows.root.x_range.end) == (149, 249)
    assert rows._mapper.high == 249


def test_a_prediction_is_drawn_beside_the_cell():
    plot = Prediction(100.0)
    t = np.arange(1, 151.0)
    plot.take(t, -70 + 0 * t, 0.1 + 0 * t)
    plot.draw(150.0, None)
    assert len(plot._message.data["t"]) == 101
    plot.draw(150.0, (t, -60 + 0 * t, np.array([20.0, 120.0])))
    assert plot._spikes.data["t"].tolist() == [120.0]
    assert len(plot._true.data["t"]) == 101
    plot.draw(150.0, None)
    assert not len(plot._true.data["t"])


def test_late_in_a_run_time_is_in_seconds():
    rows, plot = UnitsOverTime("a", "unit", window_ms=1000.0, scale="b"), Prediction(1000.0)
    rows.set_rows(np.arange(2), {0.5: "1"})
    for now, label in ((1000.0, "time (ms)"), (1_223_800.0, "time (s)")):
        t = np.arange(now - 999, now + 1)
        rows.take(t, t[:, None] * [1.0, -1.0])
        rows.draw(now)
        plot.take(t, -70 + 0 * t, 0 * t)
        plot.draw(now, None)
        assert rows.root.xaxis[0].axis_label == plot.chance.xaxis[0].axis_label == label


def test_axes_of_a_prediction_fit_what_is_predicted():
    plot = Prediction(100.0)
    t = np.arange(1, 101.0)
    plot.take(t, -70 + 4 * np.sin(t), 0.03 + 0 * t)
    plot.draw(100.0, None)
    ends = plot.voltage.y_range
    assert -80 < ends.start < -74 and -66 < ends.end < -60
    assert 0.03 < plot.chance.y_range.end < 0.06
    plot.draw(100.0, (t, -60 + 0 * t, np.array([50.0])))  # spikes of the cell stand at 1
    assert plot.chance.y_range.end == MOST_P and plot.voltage.y_range.end > -60
    plot.reset()
    plot.take(t, -70 + 0 * t, 0 * t)
    plot.draw(100.0, None)
    assert LEAST_P < plot.chance.y_range.end < 0.03


def played(start_ms=37.0, n_ms=900):
    rng = np.random.default_rng(1)
    weights = neuronio(3, **SMALL)
    channel, t_ms = random_input(50, n_ms)
    voltage = rng.normal(-70, 3, n_ms)
    trial = Trial("a", channel, t_ms, voltage, np.array([520.7, 600.2, 803.9]))
    out = simulate(weights, channel, t_ms, n_ms)
    playing = Playing(trial, start_ms)
    # Frames hold what came before as well, and come in pieces.
    t = np.arange(0.0, start_ms + n_ms + 1)
    p, v = np.full(len(t), 0.9), np.zeros(len(t))
    first = int(start_ms) + 1
    p[first:], v[first:] = out.p_spike, out.v_soma_mV
    for cut in np.array_split(np.arange(len(t)), 23):
        playing.take(t[cut], p[cut], v[cut])
    return playing, trial, out


def test_running_scores_end_as_those_of_the_whole_trial():
    playing, trial, out = played()
    wanted = Scored([out], [trial]).scores()
    found = scores([playing])
    assert found["seconds"] == 0.4
    assert found["spikes"] == 3
    for name in ("auc", "average_precision", "rmse_mV", "explained"):
        assert found[name] == pytest.approx(wanted[name], rel=1e-12)


def test_running_scores_are_shown_as_they_come():
    playing, _, _ = played()
    view = RunningScores()
    waiting = view._waiting.label
    assert "Play a trial" in waiting.text and waiting.visible and not view.root.xaxis[0].visible
    found = view.show([playing])
    assert not waiting.visible and view.root.xaxis[0].visible
    assert view.source.data["s"] == [0.4]
    assert view.show([playing]) == found
    assert view.source.data["s"] == [0.4]  # nothing new to score, no point more
    assert "AUC" in sentence(found, (0.99, 0.6))
    assert "0.9900" in sentence(found, (0.99, 0.6))
    assert sentence(scores([]), None) == ""
    assert "no spike yet" in sentence({**found, "auc": float("nan")}, None)


def test_memory_units_are_ordered_by_their_time_constants(monkeypatch, tmp_path):
    from models.elm_neuron import ELMNeuron

    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    weights = neuronio(4, **SMALL).changed(tau_m_ms=np.array([20.0, 1.0, 150.0, 7.0]))
    assert memory_order(ELMNeuron.from_weights(weights)).tolist() == [1, 3, 0, 2]


def test_rows_may_each_have_their_own_scale():
    rows = UnitsOverTime("a", "unit", window_ms=100.0, scale="b", each=True)
    rows.set_rows(np.arange(3), {})
    t = np.arange(101.0)
    rows.take(t, np.stack([8 + 0.01 * np.sin(t), 100 * np.sin(t), 5 + 0 * t], axis=1))
    rows.draw(100.0)
    image = rows._source.data["image"][0]
    assert image[0] == pytest.approx(image[1], abs=1e-2)
    assert not image[2].any()
