"""The live plots of dendrites and reservoirs, fed with what a simulation recorded."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from models.active_dendrites import law, wiring
from models.adaptive_reservoir.theory import multiplier
from panels import active_dendrites, adaptive_reservoir, spiking_reservoir
from panels.model_plots.dendrites import KINDS, Forest, trees
from panels.model_plots.reservoir import STEPS, Rates
from workbench.model import registry

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")


def fake(model):
    """As much of an explorer as a watcher asks for."""
    nothing = dict.fromkeys(
        ("on_info", "on_frames", "on_reset", "on_dark", "draw_with", "show_before"),
        lambda _act: None,
    )
    return SimpleNamespace(
        model_class=type(model), values=model.values(), interventions=[],
        network=SimpleNamespace(tick_ms=model.tick_ms), **nothing,
    )  # fmt: skip


def data(plot, key):
    found = plot.sources[key].data
    return np.asarray(found["x"], float), np.asarray(found["y"], float)


@pytest.fixture(scope="module")
def volleys():
    model = registry.load(
        "active-dendrites", n_inputs=120, n_active=40, n_synapses=16, theta=8, n_cells=5,
        n_segments=8, n_patterns=10, familiar=0.5, noise=0.5,
    )  # fmt: skip
    names = active_dendrites.WATCHED
    run = model.run(200, engine="numpy", record=dict.fromkeys(names, "all"))
    return model, {name: run.state(name) for name in names}, run.state_t


def test_false_and_missed_matches_are_counted_apart(volleys):
    model, states, t_ms = volleys
    seen = active_dendrites.Segments(fake(model))
    seen.forest.grow(5, 8)
    seen.take(states, t_ms)  # of a setting that is new: left out
    assert seen._last is None
    seen.take(states, t_ms)
    lit, shown = states["segments.lit"][1:] > 0.5, states["stimulus.shown"][1:, 0] > 0.5
    knows = wiring.knowing(model, 0)
    assert seen._false[8.0].tolist() == [lit[~shown].sum(), lit[~shown].size]
    missed = ~lit[shown][:, knows]
    assert seen._missed[8.0, 0.5].tolist() == [missed.sum(), missed.size]
    seen.draw()
    x, y = data(seen.plots["False matches"], "counted")
    assert x.tolist() == [8.0]
    assert y == pytest.approx([lit[~shown].mean()])
    x, y = data(seen.plots["False matches"], "exact")
    assert y[x == 8] == pytest.approx([law.false_match(120, 40, 16, 8)])
    assert "40 segments" in seen.text.object


def test_other_settings_begin_anew(volleys):
    model, states, t_ms = volleys
    explorer = fake(model)
    seen = active_dendrites.Segments(explorer)
    for _ in range(2):
        seen.take(states, t_ms)
    explorer.values["theta"] = 9.0
    seen.take(states, t_ms)
    assert list(seen._false) == [8.0]  # what was counted before stays on its curve
    explorer.values["jitter"] = 2.0
    seen.take(states, t_ms)
    assert not seen._false
    seen.take(states, t_ms)  # which segments store the pattern was found anew
    assert list(seen._false) == [9.0]


def test_each_segment_is_drawn_as_what_it_is():
    forest = Forest()
    forest.grow(3, 4)
    overlap = np.full((3, 4), 6.0)
    lit, knows = np.zeros((3, 4)), np.zeros((3, 4), bool)
    lit[0, 0] = lit[1, 2] = 1
    knows[0, 0] = knows[2, 3] = True
    forest.show(overlap, lit, knows, 12.0)
    assert [len(forest._kinds[k].data["xs"]) for k in KINDS] == [1, 1, 1]
    assert len(forest._active.data["x"]) == 2
    assert forest._segments.data["share"].tolist() == [0.5] * 12
    ends = trees(25, 20)[2]
    assert ends.shape == (25, 20, 2, 2)
    assert len(np.unique(ends.reshape(-1, 4), axis=0)) == 500


def test_rates_and_alternation_come_from_the_last_steps():
    model = registry.load("adaptive-reservoir", n_units=60, degree=20, w_mean=0.05, delta=0, c=4,
                          rho=0.2)  # fmt: skip
    names = ("excitatory.r", "inhibitory.r", "signal.u", *adaptive_reservoir.INPUTS)
    run = model.run(1000, engine="numpy", record=dict.fromkeys(names, "all"))
    seen = adaptive_reservoir.Reservoir(fake(model))
    seen.take({name: run.state(name) for name in names}, run.state_t)
    seen.draw()
    x, y = data(seen.plots["Alternation"], "seen")
    assert x.tolist() == [0.2]
    assert y[0] < -0.9
    x, y = data(seen.plots["Alternation"], "exact")
    np.testing.assert_allclose(y, multiplier(x))
    steps, known = data(seen.plots["Memory"], "now")
    assert len(steps) == adaptive_reservoir.DELAYS
    assert ((known >= 0) & (known <= 1)).all()
    exc, inh = data(seen.plots["Excitation and inhibition"], "seen")
    np.testing.assert_allclose(exc, run.state("excitatory.from_exc")[-1])
    assert (inh >= 0).all()


def test_the_picture_of_rates_keeps_the_last_steps():
    rates = Rates()
    excitatory = np.arange(100.0)[:, None] * np.ones((1, 4)) / 100
    rates.take(excitatory, excitatory[:, :1])
    rates.draw()
    (image,) = rates.source.data["image"]
    assert image.shape == (5, STEPS)
    np.testing.assert_allclose(image[0], np.arange(100 - STEPS, 100) / 100, rtol=1e-6)
    rates.clear()
    assert rates.source.data["image"] == []


def test_spikes_become_rates_in_frames_of_any_length():
    """Given spikes of 100 neurons: each fires as often as its number says, the first 80 excite."""
    model = registry.load("spiking-reservoir", n_units=100, k_exc=20, k_inh=15, rho=20.0)
    page = fake(model)
    pops = {
        "signal": SimpleNamespace(offset=0, size=1),
        "inhibitory": SimpleNamespace(offset=1, size=20),
        "excitatory": SimpleNamespace(offset=21, size=80),
    }
    page.network = SimpleNamespace(dt_ms=0.1, population=pops.__getitem__)
    seen = spiking_reservoir.Rhythm(page)
    unit = np.repeat(np.arange(1, 101), np.arange(100))
    step = np.concatenate([np.linspace(0, 19_999, k).astype(int) for k in range(100)])
    ends = [0, 7, 400, 401, 1300, 2000]
    for first, last in pairwise(ends):
        mine = (step >= 10 * first) & (step < 10 * last)
        frame = SimpleNamespace(t_ms=float(last), steps=step[mine], units=unit[mine])
        seen._frames([frame], float(last))
    seen.draw()
    _, rates = data(seen.plots["Rates of the neurons"], "rate")
    np.testing.assert_allclose(rates, np.arange(100)[::-1] / 2)
    assert np.mean(seen._rate) == pytest.approx(99 / 4)
    factor, flip = (data(seen.plots["Once round the loop"], k) for k in ("now", "flip"))
    assert factor[0].tolist() == [20.0]
    assert np.isfinite(factor[1]).all()
    assert len(flip[0]) in (0, 2)
    assert "Rate 24.8 Hz, target 20.0 Hz" in seen.text.object
