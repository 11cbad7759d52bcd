"""Scores against their definitions, in small cases that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.elm_neuron.data.trials import Trial
from models.elm_neuron.recurrence import Output
from models.elm_neuron.scores import Moments, Ranking, Scored
from workbench.errors import ParameterError

RNG = np.random.default_rng(3)
SCORE = np.round(RNG.random(400), 2)  # many ties
SPIKE = RNG.random(400) < 0.1 + 0.3 * SCORE
TRIAL = np.repeat(np.arange(8), 50)


def pairs_auc(score, spike):
    """The share of pairs of a spike and a silent bin that are ranked rightly; ties count half."""
    more = score[spike][:, None] - score[~spike][None, :]
    return np.mean((more > 0) + (more == 0) / 2)


def test_auc_is_the_share_of_pairs_in_the_right_order():
    got = Ranking(SCORE, SPIKE, TRIAL).scores()["auc"]
    assert got == pytest.approx(pairs_auc(SCORE, SPIKE), abs=1e-12)


def test_average_precision_is_the_sum_over_thresholds():
    wanted, recall = 0.0, 0.0
    for threshold in np.unique(SCORE)[::-1]:
        found = threshold <= SCORE
        now = SPIKE[found].sum() / SPIKE.sum()
        wanted += (now - recall) * SPIKE[found].mean()
        recall = now
    got = Ranking(SCORE, SPIKE, TRIAL).scores()["average_precision"]
    assert got == pytest.approx(wanted, abs=1e-12)


def test_true_positives_at_one_percent():
    score = np.arange(300)[::-1].astype(float)
    spike = np.zeros(300, bool)
    spike[[0, 1, 2, 250]] = True  # three are found before any silent bin
    assert Ranking(score, spike, np.zeros(300, int)).scores()["tp_at_1"] == 0.75


def test_weights_of_trials_are_repetitions():
    times = np.array([2, 0, 1, 3, 1, 1, 0, 4])
    again = np.concatenate([np.flatnonzero(k == TRIAL) for k in np.repeat(np.arange(8), times)])
    weighed = Ranking(SCORE, SPIKE, TRIAL).scores(times.astype(float))
    repeated = Ranking(SCORE[again], SPIKE[again], TRIAL[again]).scores()
    assert weighed == pytest.approx(repeated, abs=1e-12)


def test_without_spikes_there_is_no_score():
    found = Ranking(SCORE, np.zeros(400, bool), TRIAL).scores()
    assert all(np.isnan(v) for v in found.values())


def test_voltage_scores_are_what_they_say():
    true = [RNG.normal(-68, 4, n) for n in (300, 500)]
    message = [0.8 * v - 12 + RNG.normal(0, 1, len(v)) for v in true]
    p, v = np.concatenate(message), np.concatenate(true)
    matched = (p - p.mean()) / p.std() * v.std() + v.mean()
    wanted = {
        "rmse_mV": np.sqrt(np.mean((p - v) ** 2)),
        "rmse_matched_mV": np.sqrt(np.mean((matched - v) ** 2)),
        "explained": 1 - np.var(v - p) / np.var(v),
        "explained_matched": 1 - np.var(v - matched) / np.var(v),
    }
    assert Moments(message, true).scores() == pytest.approx(wanted, abs=1e-9)
    alone = Moments(message[:1], true[:1]).scores()
    assert Moments(message, true).scores(np.array([1.0, 0.0])) == pytest.approx(alone, abs=1e-9)


def trial(n_ms=700, spikes=(600.9, 650.2)):
    none = np.empty(0, int)
    return Trial("a", none, none, np.linspace(-80, -40, n_ms), np.array(spikes))


def test_the_beginning_is_left_out_and_the_voltage_is_cut():
    one = trial()
    p = np.zeros(700)
    p[[600, 649]] = 1.0
    out = Output(p, np.minimum(one.v_soma_mV, -55))
    scored = Scored([out], [one])
    assert scored.n_spikes == 2
    found = scored.scores()
    assert found["auc"] == found["average_precision"] == found["tp_at_1"] == 1.0
    assert found["rmse_mV"] == pytest.approx(0, abs=1e-9)
    assert Scored([out], [trial(spikes=(100.0, 600.9))]).n_spikes == 1


def test_intervals_hold_the_value_and_can_be_repeated():
    trials = [trial(spikes=(520.0 + 10 * k, 600.9)) for k in range(12)]
    outputs = [Output(RNG.random(700) + 0.5 * t.spikes(), t.v_soma_mV) for t in trials]
    scored = Scored(outputs, trials)
    found = scored.bootstrap(50)
    assert np.array_equal(list(found.values()), list(scored.bootstrap(50).values()), equal_nan=True)
    for name in ("auc", "average_precision", "tp_at_1"):
        low, high = found[name]
        assert low < scored.scores()[name] < high
    # From 500 ms on the voltage of these trials is cut at one value: nothing to explain.
    assert np.isnan(found["explained"]).all()


def test_a_trial_that_is_too_short():
    with pytest.raises(ParameterError, match="The trial a has only the 500 ms that are left out"):
        Scored([Output(np.zeros(400), np.zeros(400))], [trial(400)])
    with pytest.raises(ParameterError, match="no trials to score"):
        Scored([], [])
