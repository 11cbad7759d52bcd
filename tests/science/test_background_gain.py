"""Background gain: closed forms, and its experiment in a small form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models._shared.fi_curves import (
    current_at,
    family_colors,
    quiet_current_nA,
    quiet_rate_hz,
    scale_fit,
    slopes,
)
from models.background_gain import BackgroundGain
from models.background_gain.facts import _Defaults, measured
from workbench.circuits import circuit
from workbench.palette import population_colors

EXPERIMENT = BackgroundGain.experiments[0]


def test_the_closed_forms_are_those_of_the_model():
    model = BackgroundGain()
    for name in ("C_m", "g_L", "E_L", "E_e", "E_i", "V_t", "V_r", "t_ref"):
        assert getattr(_Defaults, name) == getattr(model, name), name
    assert model.mean_conductances_nS(2) == pytest.approx(_Defaults.mean_conductances_nS(2))


@pytest.mark.parametrize("level", [1, 3])
@pytest.mark.parametrize("rate", [30.0, 80.0])
def test_current_and_rate_without_noise_invert_each_other(level, rate):
    model = BackgroundGain()
    assert quiet_rate_hz(model, level, quiet_current_nA(model, level, rate)) == pytest.approx(rate)


def test_background_conductances_are_shot_noise():
    """Campbell: mean lam w tau, variance lam w^2 tau/2. Twenty neurons for a second."""
    model = BackgroundGain(n_currents=20, n_copies=1)
    run = model.run(350, record={f"high.B_{s}": "all" for s in "ei"}, engine="numpy")
    for s, mean in zip("ei", model.mean_conductances_nS(3), strict=True):
        w, tau = getattr(model, f"u_{s}"), getattr(model, f"tau_b{s}")
        found = run.state(f"high.B_{s}")[50:]
        independent = found.size / (2 * tau)  # samples 1 ms apart, correlated over tau
        sd = math.sqrt(mean * w / 2)
        assert abs(found.mean() - mean) < 4 * sd / math.sqrt(independent)
        # Of nearly normal samples the deviation is known to 1/sqrt(2 n); one decay is one step of
        # 0.1 ms late, which adds less than 2 %.
        assert abs(found.std() / sd - 1) < 4 / math.sqrt(2 * independent) + 0.02


def test_a_factor_and_a_slope_are_found():
    x = np.linspace(0, 1, 11)
    f = 100 * x**2
    assert scale_fit(f, 0.4 * f) == pytest.approx((0.4, 1.0))
    assert np.isnan(scale_fit(0 * f, f)).all()
    assert slopes(x, 30 * x + 2) == pytest.approx(30)
    assert current_at(20, x, 40 * x) == pytest.approx(0.5)
    assert np.isnan(current_at(200, x, f))


@pytest.mark.slow
def test_balanced_background_divides():
    """Seven currents and 24 neurons for a second: factors are known to 0.03, see the facts."""
    _, rates = measured(BackgroundGain(), "balanced", 1, 1.0, n_currents=7, n_copies=24)
    for k, expected in ((1, 0.62), (2, 0.39)):
        factor, explained = scale_fit(rates[0], rates[k])
        assert abs(factor - expected) < 0.08
        assert explained > 0.95


@pytest.fixture(scope="module")
def result():
    small = BackgroundGain(n_currents=5, n_copies=4)
    return EXPERIMENT.run(small, seeds=1, seconds=0.3)


@pytest.mark.slow
def test_comparisons_and_figure_come_from_the_result(result):
    import holoviews as hv

    hv.extension("matplotlib")
    lines = EXPERIMENT.compare(result)
    assert {c.what.split(":")[0] for c in lines} >= {"no noise", "unbalanced"}
    assert all(np.isfinite(c.ours) for c in lines if c.what.startswith("rate"))
    assert hv.render(EXPERIMENT.figure(result), backend="matplotlib") is not None


@pytest.mark.parametrize("dark", [False, True])
def test_a_family_has_one_color_in_the_raster_and_in_the_curves(dark):
    drawn = population_colors(circuit(BackgroundGain(n_currents=3, n_copies=1)).nodes, dark)
    assert family_colors(dark).items() <= drawn.items()
    assert len(set(family_colors(dark).values())) == 3


def test_it_stops_when_told():
    reported = []

    def stop(fraction, text):
        reported.append(fraction)
        return False

    data = EXPERIMENT.run(BackgroundGain(n_currents=3, n_copies=1), stop)
    assert np.isnan(data.rate.values).all()
    assert EXPERIMENT.compare(data)[0].note == "not run"
    assert len(reported) == 2
