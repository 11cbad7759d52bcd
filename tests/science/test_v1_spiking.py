"""The spiking ring: its measures in closed form, its wiring and stimulus, small experiments."""

from __future__ import annotations

import numpy as np
import pytest

from models.v1_spiking import V1Spiking
from models.v1_spiking.experiments.suppression import mean_and_error, sign_line
from models.v1_spiking.facts import ALONE, SIGNS, alone
from models.v1_spiking.measures import (
    distance,
    half_width_deg,
    near,
    plaid_weight,
    preferences,
    profile,
    selectivity,
)
from models.v1_spiking.operations import ResetGains, Show
from workbench.errors import ParameterError

EXPERIMENTS = {e.name: e for e in V1Spiking.experiments}
SMALL = {
    "stabilised": {"contrasts": (0.0, 50.0), "seeds": 1, "hold_ms": 60},
    "suppression": {"contrasts": (9.0, 50.0), "seeds": 1, "hold_ms": 60},
    "background": {"levels": (1.0, 2.0), "contrasts": (50.0,), "seeds": 1, "hold_ms": 60},
    "adaptation": {"seeds": 1, "seconds": 0.3},
}


def test_distances_go_the_short_way_round():
    assert distance([10, 170, 90], 175).tolist() == [15, -5, -85]


def test_a_wrapped_normal_has_its_width_back():
    """Its mean vector on the doubled angle has length exp(-2 sigma^2), sigma in radians."""
    theta = preferences(1800)
    for sigma in (10.0, 25.0):
        wraps = [np.exp(-0.5 * ((theta - 90 + 180 * k) / sigma) ** 2) for k in range(-3, 4)]
        assert half_width_deg(np.sum(wraps, axis=0)) == pytest.approx(sigma, rel=1e-6)
    assert selectivity(np.ones(180)) == pytest.approx(0, abs=1e-12)


def test_profiles_are_means_of_like_preference():
    x, y = profile(preferences(400), bins=20)
    assert np.allclose(x, y)
    assert near(preferences(360), 90.0, 15.0) == pytest.approx(90)


def test_plaid_weight_of_a_scaled_sum():
    a, b = np.arange(5.0), np.arange(5.0)[::-1]
    assert plaid_weight(a, b, 0.7 * (a + b)) == pytest.approx(0.7)
    assert np.isnan(plaid_weight(0 * a, 0 * b, a))


def test_a_sign_must_be_clear_of_its_error():
    assert sign_line("x", -1, -1.0, 0.4).agrees
    assert not sign_line("x", -1, -1.0, 0.6).agrees
    assert not sign_line("x", -1, 1.0, 0.1).agrees
    mean, error = mean_and_error(np.array([[1.0], [3.0], [np.nan]]))
    assert mean[0] == 2
    assert error[0] == pytest.approx(1.0)


@pytest.mark.slow  # some minutes, as the facts that are signs
@pytest.mark.parametrize(("experiment", "line", "n"), [s[3:] for s in SIGNS])
def test_as_many_networks_have_a_sign_alone_as_its_fact_says(experiment, line, n):
    assert alone(V1Spiking(), experiment, line) == n


def test_what_cannot_be_shown_is_refused():
    with pytest.raises(ParameterError, match=r"V1Spiking.contrast = 120 % is not allowed"):
        Show(0.0, contrast=120.0).check(V1Spiking())
    assert Show(contrast=20.0, mask=10.0).describe() == "show 20 % at 90°, with 10 % at 90° from it"


@pytest.fixture(scope="module")
def shown():
    """A small ring that is shown one thing after another; nothing but the stimulus acts."""
    model = V1Spiking(**{**ALONE, "n_neurons": 200, "contrast": 11.0})
    operations = [Show(10.0, contrast=11.0, orientation=45.0), Show(20.0, mask=11.0, contrast=0.0),
                  Show(30.0, contrast=0.0, g_extra=1.5), ResetGains(30.0)]  # fmt: skip
    record = {"excitatory.g_ff": "all", "inhibitory.g_ff": "all", "excitatory.gain": "all"}
    return model.run(40.0, operations=operations, record=record, engine="numpy")


def test_the_input_is_that_of_the_equations(shown):
    """Half of g_max at c_50, a Gaussian of the distance; a mask is orthogonal to the grating."""
    theta = preferences(160)
    for t, where in ((5, 90.0), (15, 45.0), (25, 0.0)):
        expected = 4.0 * np.exp(-0.5 * (distance(theta, where) / 30) ** 2)
        assert 1e9 * shown.state("excitatory.g_ff")[t] == pytest.approx(expected, abs=1e-9)
    assert 1e9 * shown.state("inhibitory.g_ff")[35] == pytest.approx(np.full(40, 1.5))
    assert shown.state("excitatory.g_ff")[35].max() == 0
    assert (shown.state("excitatory.gain") == 1).all()


def test_synapses_are_as_likely_as_they_should_be():
    """Share of pairs that are joined: binomial, four standard errors; nobody reaches itself."""
    run = V1Spiking(n_neurons=400).run(1.0, engine="numpy")
    for name, p, n_pre, n_post in (("e_to_i", 0.1, 320, 80), ("i_to_e", 0.2, 80, 320)):
        n = run.info.projection(name).n_synapses
        assert abs(n / (n_pre * n_post) - p) < 4 * np.sqrt(p * (1 - p) / (n_pre * n_post))
    w = run.weights["e_to_e"]
    assert (w["i"] != w["j"]).all()
    apart = distance(preferences(320)[w["i"]], preferences(320)[w["j"]])
    # A Gaussian of 32 degrees on the half circle: its variance, cut at 90 degrees.
    x = preferences(720) - 90
    g = np.exp(-0.5 * (x / 32) ** 2)
    assert apart.std() == pytest.approx(np.sqrt((g * x * x).sum() / g.sum()), rel=0.03)


@pytest.mark.slow
def test_a_biased_sequence_prefers_its_adapter():
    """A frame of 2 ms, 600 of them: the adapter's three orientations by the ensemble's formula."""
    model = V1Spiking(**{**ALONE, "frame": 2.0, "bias": 0.5, "contrast": 0.0})
    run = model.run(1200.0, engine="numpy", record={"stimulus.shown": [0]})
    frames = run.state("shown")[1::2, 0]
    assert set(np.unique(frames % 9)) == {0.0}
    exact, beside = (np.mean(np.abs(frames - 90) == d) for d in (0, 9))
    for found, p in ((exact, 0.25 + 0.5 / 20), (beside, 0.25 + 0.5 / 10)):
        assert abs(found - p) < 4 * np.sqrt(p * (1 - p) / len(frames))


@pytest.fixture(scope="module")
def results():
    model = V1Spiking(n_neurons=100)
    return {name: EXPERIMENTS[name].run(model, **options) for name, options in SMALL.items()}


@pytest.mark.slow  # half a minute for the four experiments
@pytest.mark.parametrize("name", SMALL)
def test_comparisons_and_figure_come_from_the_result(results, name):
    import holoviews as hv

    hv.extension("matplotlib")
    lines = EXPERIMENTS[name].compare(results[name])
    assert lines
    assert all(np.isfinite(line.ours) for line in lines)
    assert hv.render(EXPERIMENTS[name].figure(results[name]), backend="matplotlib") is not None


@pytest.mark.parametrize("name", SMALL)
def test_it_stops_when_told(name):
    data = EXPERIMENTS[name].run(V1Spiking(n_neurons=50), lambda fraction, text: False)
    assert all(np.isnan(v.values).all() for v in data.data_vars.values())
    assert EXPERIMENTS[name].compare(data)


def test_options_are_those_that_run_takes():
    import inspect

    for experiment in EXPERIMENTS.values():
        taken = inspect.signature(experiment.run).parameters
        for name, (default, _) in experiment.options.items():
            assert taken[name].default == default


@pytest.mark.slow  # the full ring for three quarters of a second
def test_the_figure_of_the_ring_can_be_drawn():
    import holoviews as hv

    from notebooks.gain_control_figures import ring_figure

    hv.extension("matplotlib")
    assert hv.render(ring_figure(), backend="matplotlib") is not None
