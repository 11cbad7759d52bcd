"""The live plots of the rate models, fed with what a simulation of theirs recorded."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from models._shared.ssn_reference import PAIR
from models.adaptive_whitening import CycleContexts, frames
from models.ssn.facts import plaid_weight
from models.ssn_line.facts import centre
from models.ssn_line.operations import SizeSweep
from models.ssn_pair.operations import InputSweep
from models.v1_adaptation import V1Adaptation
from panels import (
    adaptive_whitening,
    spiking_reservoir,
    ssn,
    ssn_line,
    ssn_pair,
    v1_adaptation,
)
from panels.model_plots.gain import Curve, Lines
from workbench.interventions import Intervention
from workbench.model import registry

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")


class Fake:
    """As much of an explorer as a watcher asks for."""

    def __init__(self, model, interventions=()):
        self.model_class, self.values = type(model), model.values()
        self.interventions = list(interventions)
        self.session = SimpleNamespace(interventions=self.interventions)
        self.on_info = self.on_frames = self.on_reset = self.on_dark = lambda _act: None
        self.draw_with = self.show_before = lambda _what: None


def states_of(run, *names):
    return {name: run.state(name) for name in names}


def data(plot, key):
    found = plot.sources[key].data
    return np.asarray(found["x"]), np.asarray(found["y"])


def test_axes_have_ends_before_there_are_data_and_fit_them_after():
    plot = Lines("test", "x", "y", [Curve("a", "a")], empty="nothing", logx=True, level=2.0)
    for ends in (plot.root.x_range, plot.root.y_range):
        assert np.isfinite([ends.start, ends.end]).all()
    plot.show(a=([0.0, 1.0, 100.0], [3.0, 3.0, np.nan]))  # zero has no place on a logarithm
    assert (plot.root.x_range.start, plot.root.x_range.end) == pytest.approx((0.794, 125.9), 1e-3)
    assert (plot.root.y_range.start, plot.root.y_range.end) == pytest.approx((1.95, 3.05))
    one = Lines("test", "x", "y", [Curve("a", "a")], empty="nothing", equal=True)
    assert one._frame.visible
    one.show(a=([1.0], [2.0]))
    assert not one._frame.visible


def test_plastic_synapses_have_an_optimum_of_their_own():
    model = registry.load("adaptive-whitening", n_inter=2, frame="spectral", synapses="plastic")
    seen = adaptive_whitening.Whitening(Fake(model))
    seen._known()
    axes = np.linalg.eigh(seen._C[0])[1][:, ::-1]
    seen.learned({"to_interneurons": 2 * axes.T})
    best = seen._best(seen._C[0], 1.0, False)
    # M = I + W diag(g) W^T must be the root of C: four times the gains of columns of length 1.
    np.testing.assert_allclose(4 * best, np.sqrt([20.0, 5.0]) - 1, atol=1e-9)
    assert frames.whitening_error(seen._C[0], seen._W, best) < 1e-9


def test_errors_are_noted_on_both_sides_of_a_switch():
    model = registry.load("adaptive-whitening", stimuli="exact", eta_g=0.05, hold=10, tau=2.5)
    cycle = CycleContexts(0.0, every_ms=2000.0, rounds=1)
    names = ("primary.x", "primary.y", "interneurons.z", "interneurons.g")
    run = model.run(3000, operations=[cycle], engine="numpy", record=dict.fromkeys(names, "all"))
    log = [Intervention.of_operation(model, 0, cycle)]
    seen = adaptive_whitening.Whitening(Fake(model, log))
    seen.take(states_of(run, *names), run.state_t)
    seen.draw()
    (when, ended, began), *more = seen._onsets
    assert not more
    assert when == pytest.approx(2.0, abs=0.05)
    assert ended < 0.1  # white, but for the steps of the gains
    C, W = seen._C, seen._W
    assert began == pytest.approx(
        frames.whitening_error(C[1], W, frames.optimal_gains(C[0], W)), rel=0.1
    )
    assert data(seen.plots["Error at the switch"], "onset")[1] == pytest.approx([began])
    x, y = data(seen.plots["Synapses and axes"], "w2")  # of the sum of both neurons
    np.testing.assert_allclose([x[1], y[1]], np.sqrt([0.5, 0.5]))


def test_gains_are_drawn_of_all_samples_and_a_gap_is_no_line():
    model = registry.load("adaptive-whitening")
    t_ms = np.arange(0, 15_000, 10.0)
    g = np.column_stack([np.sin(t_ms / 900.0), np.zeros_like(t_ms), t_ms / 15_000])
    other = {n: np.zeros((len(t_ms), k)) for n, k in
             (("primary.x", 2), ("primary.y", 2), ("interneurons.z", 3))}  # fmt: skip
    states = {**other, "interneurons.g": g}
    once, often = (adaptive_whitening.Whitening(Fake(model)) for _ in range(2))
    once.take(states, t_ms)  # all of it in one frame
    once.draw()
    for k in range(0, len(t_ms), 50):
        part = slice(k, k + 50)
        often.take({n: s[part] for n, s in states.items()}, t_ms[part])
        often.draw()
    x, y = data(once.plots["Gains"], "g0")
    assert np.array_equal(x, t_ms / 1e3) and np.array_equal(y, g[:, 0])
    for a, b in zip(data(often.plots["Gains"], "g2"), (x, g[:, 2]), strict=True):
        assert np.array_equal(a, b)
    assert once._onsets == often._onsets and len(once._y) == len(often._y) == 400
    later = {n: s[:5] for n, s in states.items()}
    once.take(later, 60_000 + t_ms[:5])
    once.draw()
    assert np.isnan(data(once.plots["Gains"], "g0")[1]).sum() == 1


def test_the_terms_of_the_objective_add_up_and_contrast_counts():
    model = V1Adaptation(n_neurons=20, contrast=0.5)
    seen = v1_adaptation.Adaptation(Fake(model))
    g = np.linspace(0.8, 1.1, 20)
    seen.take({"v1.g": g[None]}, np.array([1000.0]))
    seen.draw()
    (t, total, *terms), *_ = seen._history
    assert t == 1.0
    assert total == pytest.approx(sum(terms))
    p = v1_adaptation.theory.ensemble(0.35, 0.0, model.width)
    assert total == pytest.approx(seen._who.objective(g, p))
    whole = v1_adaptation.population_of(model)
    np.testing.assert_allclose(seen._who.f, 0.5 * whole.f)
    np.testing.assert_allclose(seen._who.mu, whole.mu)
    seen._draw_matrices()
    images = seen.plots["Covariance of the responses"].source.data["image"]
    assert [m.shape for m in images] == [(20, 20)] * 3
    np.testing.assert_allclose(images[2], images[2].T, atol=1e-6)


@pytest.fixture(scope="module")
def ring():
    return registry.load("ssn", n_sites=60, contrast=10.0)


@pytest.mark.slow
def test_two_gratings_and_a_push_are_set_beside_one_grating(ring):
    names = ("excitatory.r", "inhibitory.r", "excitatory.stimulus", "excitatory.rec_e",
             "excitatory.rec_i")  # fmt: skip
    explorer = Fake(ring)
    seen = ssn.Ring(explorer)
    for values in ({}, {"mask": 10.0}, {"extra_I": ssn.PUSH}):
        model = registry.load("ssn", n_sites=60, contrast=10.0, **values)
        explorer.values = model.values()
        run = model.run(800, engine="numpy", record=dict.fromkeys(names, "all"))
        seen.take(states_of(run, *names), run.state_t)
    seen.draw()
    weight = data(seen.plots["Two gratings"], "own")[1]
    assert weight == pytest.approx([plaid_weight(ring, 10.0)], rel=1e-3)
    assert data(seen.plots["More input to I"], "i")[1] == pytest.approx([-20.4], abs=0.6)
    assert data(seen.plots["More input to I"], "e")[1][0] < 0
    # Another circuit begins anew.
    explorer.values = registry.load("ssn", n_sites=60, J_EE=0.03).values()
    seen.take(states_of(run, *names), run.state_t)
    assert not seen._pushed


@pytest.mark.slow
def test_mean_rates_at_each_input_are_those_of_the_table():
    model = registry.load("ssn-pair", h=5.0, sigma_E=0, sigma_I=0)
    run = model.run(500, engine="numpy")
    seen = ssn_pair.TwoCells(Fake(model))
    names = ("excitatory.V", "inhibitory.V", "excitatory.r", "inhibitory.r")
    steady = {name: np.repeat(run.state(name)[-1:], 2000, axis=0) for name in names}
    seen.take(steady, np.arange(2000.0))
    seen.draw()
    assert data(seen.plots["Contrast response"], "e")[1] == pytest.approx([8.45], rel=0.01)
    assert data(seen.plots["Stability"], "slow")[1] == pytest.approx([-64.7], rel=0.015)


def test_a_sweep_of_sizes_gives_the_tuning_curve_of_the_line():
    names = ("excitatory.r", "inhibitory.r", "excitatory.stimulus", "excitatory.rec_e",
             "excitatory.rec_i")  # fmt: skip
    model = registry.load("ssn-line")
    sweep = SizeSweep(t_ms=200.0, lowest=0.5, highest=16.0, steps=6, each_ms=400.0)
    run = model.run(
        200.0 + 6 * 400.0, engine="numpy", operations=[sweep], record=dict.fromkeys(names, "all")
    )
    seen = ssn_line.Space(Fake(model, run.interventions))
    seen.take(states_of(run, *names), run.state_t)
    seen.draw()
    size, rate = data(seen.plots[ssn_line.TUNING], "e")
    wanted = sorted({*sweep.shown().round(3), model.size})
    assert size == pytest.approx(wanted)
    # Responses count as steady that move by less than 0.2 % of the largest in a tick.
    assert rate == pytest.approx([centre(model, size=d)[0] for d in size], rel=0.02)
    assert f"largest response at {size[rate.argmax()]:.2g} deg" in seen.said.object
    assert f"suppression index {1 - rate[-1] / rate.max():.2f}" in seen.said.object
    assert 0.2 < 1 - rate[-1] / rate.max() < 0.9


@pytest.mark.slow
def test_a_sweep_of_inputs_gives_the_rates_of_the_table():
    model = registry.load("ssn-pair", sigma_E=0, sigma_I=0)
    sweep = InputSweep(t_ms=100.0, lowest=5.0, highest=15.0, steps=2, each_ms=2600.0)
    run = model.run(100.0 + 2 * 2600.0, engine="numpy", operations=[sweep])
    seen = ssn_pair.TwoCells(Fake(model, run.interventions))
    names = ("excitatory.V", "inhibitory.V", "excitatory.r", "inhibitory.r")
    for part in np.array_split(np.arange(len(run.state_t)), 100):
        seen.take({name: run.state(name)[part] for name in names}, run.state_t[part])
    seen.draw()
    h, rate = data(seen.plots["Contrast response"], "e")
    assert h == pytest.approx([5, 15])
    assert rate == pytest.approx([PAIR[5][0], PAIR[15][0]], rel=0.01)
    assert seen._sd[5.0] < 1e-3  # without noise


@pytest.mark.parametrize("rho", [30.0, 12.0])
def test_the_caption_of_the_reservoir_leaves_room_for_its_plot(rho):
    model = registry.load("spiking-reservoir", rho=rho)
    explorer = Fake(model)
    explorer.network = SimpleNamespace(population=lambda _name: SimpleNamespace(size=500))
    seen = spiking_reservoir.Rhythm(explorer)
    t = np.arange(spiking_reservoir.KEPT_MS)
    seen._rate.extend(rho * (1 + np.sin(2 * np.pi * t / 29)))
    seen.draw()
    said = seen.text.object
    assert "strongest rhythm 34 Hz" in said and f"target {rho:.1f} Hz" in said
    assert said.endswith("it dies out." if rho > 20 else "stripes grow.")
    assert len(said) <= 110  # two lines of a card at 1280 pixels
