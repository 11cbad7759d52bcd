"""How well a predicted voltage and spike probability fit a cell, with bootstrap intervals.

Spikes fill some three bins in ten thousand. The area under the ROC curve is therefore ruled by
the many silent bins; the true positives at 1 % false positives and the average precision say how
good the spikes are. Resampling is by whole trials, because the bins of a trial are not
independent; a resample is a weight for each trial, and nothing is sorted twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from workbench.errors import ParameterError

from .data.trials import Trial
from .recurrence import Output

CLIP_MV = -55.0  # the measured voltage is cut here: spikes are scored as spikes
DROP_MS = 500  # the cell and its model start from rest
FALSE_POSITIVES = 0.01
MEASURES = {
    "auc": "area under the ROC curve",
    "tp_at_1": "true positives at 1 % false positives",
    "average_precision": "average precision",
    "rmse_mV": "voltage RMSE, raw",
    "rmse_matched_mV": "voltage RMSE, mean and std of the prediction matched as published",
    "explained": "explained variance of the voltage",
    "explained_matched": "explained variance, matched as published",
}


class Ranking:
    """Bins ranked by their predicted probability, once; then scored for any weights of trials.

    score, spike, trial : (N,) probability, is there a spike, and to which trial the bin belongs
    """

    def __init__(self, score: np.ndarray, spike: np.ndarray, trial: np.ndarray):
        order = np.argsort(-np.asarray(score, float), kind="stable")
        ranked = np.asarray(score, float)[order]
        self._trial = np.asarray(trial)[order]
        self._spike = np.asarray(spike, bool)[order]
        # Bins of one score have no order: a curve has a point only where the score changes.
        self._ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))

    def curve(self, weight: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Spikes and silent bins found at each threshold, the highest first; both cumulative."""
        each = np.ones(len(self._trial)) if weight is None else weight[self._trial]
        hit = np.cumsum(np.where(self._spike, each, 0.0))[self._ends]
        return hit, np.cumsum(np.where(self._spike, 0.0, each))[self._ends]

    def scores(self, weight: np.ndarray | None = None) -> dict[str, float]:
        """AUC, true positives at 1 % false positives, average precision; nan without spikes."""
        hit, false = self.curve(weight)
        n_hit, n_false = hit[-1], false[-1]
        if not n_hit or not n_false:
            return dict.fromkeys(("auc", "tp_at_1", "average_precision"), float("nan"))
        tpr, fpr = np.append(0, hit) / n_hit, np.append(0, false) / n_false
        found = hit + false
        precision = np.divide(hit, found, out=np.ones_like(hit), where=found > 0)
        return {
            "auc": float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2)),
            "tp_at_1": float(np.interp(FALSE_POSITIVES, fpr, tpr)),
            "average_precision": float(np.sum(np.diff(tpr) * precision)),
        }


class Moments:
    """Sums over the bins of each trial, from which every voltage score of any resample follows."""

    def __init__(self, predicted: Sequence[np.ndarray], true: Sequence[np.ndarray]):
        self._sums = np.array(
            [
                [len(p), p.sum(), v.sum(), (p * p).sum(), (v * v).sum(), (p * v).sum()]
                for p, v in zip(_about_rest(predicted), _about_rest(true), strict=True)
            ]
        )

    def scores(self, weight: np.ndarray | None = None) -> dict[str, float]:
        """Voltage RMSE and explained variance, raw and with mean and std matched."""
        sums = self._sums if weight is None else self._sums * weight[:, None]
        n, p, v, pp, vv, pv = sums.sum(axis=0)
        var_p, var_v, cov = pp / n - (p / n) ** 2, vv / n - (v / n) ** 2, pv / n - p * v / n**2
        if not var_p > 0 or not var_v > 0:
            nan = float("nan")
            names = ("rmse_mV", "rmse_matched_mV", "explained", "explained_matched")
            return {**dict.fromkeys(names, nan), "rmse_mV": float(np.sqrt((pp - 2 * pv + vv) / n))}
        # Matched, the prediction has the mean and variance of the truth; r is their correlation.
        r = cov / np.sqrt(var_p * var_v)
        return {
            "rmse_mV": float(np.sqrt((pp - 2 * pv + vv) / n)),
            "rmse_matched_mV": float(np.sqrt(max(0.0, 2 * var_v * (1 - r)))),
            "explained": float(1 - (var_p + var_v - 2 * cov) / var_v),
            "explained_matched": float(1 - 2 * (1 - r)),
        }


def _about_rest(voltages: Sequence[np.ndarray]) -> list[np.ndarray]:
    # Squares of -70 would cost digits that squares of a few mV do not.
    return [np.asarray(v, float) + 70.0 for v in voltages]


class Scored:
    """Predictions for some trials, ready to be scored.

    outputs : what a model says about each trial; trials : what the cell did
    drop_ms : this much of the beginning of each trial is left out
    raises  : ParameterError when nothing would be left
    """

    def __init__(self, outputs: Sequence[Output], trials: Sequence[Trial], drop_ms: int = DROP_MS):
        short = [t.name for t in trials if t.n_ms <= drop_ms]
        if short or not trials:
            raise ParameterError(
                f"The trial {short[0]} has only the {drop_ms} ms that are left out."
                if short
                else "There are no trials to score."
            )
        self.n_trials = len(trials)
        spikes = [t.spikes()[drop_ms:] for t in trials]
        self.n_spikes = int(sum(s.sum() for s in spikes))
        self._ranking = Ranking(
            np.concatenate([o.p_spike[drop_ms:] for o in outputs]),
            np.concatenate(spikes),
            np.repeat(np.arange(self.n_trials), [len(s) for s in spikes]),
        )
        self._moments = Moments(
            [o.v_soma_mV[drop_ms:] for o in outputs],
            [np.minimum(t.v_soma_mV[drop_ms:], CLIP_MV) for t in trials],
        )

    def scores(self, weight: np.ndarray | None = None) -> dict[str, float]:
        """Every measure of ``MEASURES``; ``weight`` (trials,) says how often a trial counts."""
        return {**self._ranking.scores(weight), **self._moments.scores(weight)}

    def roc(self) -> tuple[np.ndarray, np.ndarray]:
        """False and true positive rate at each threshold."""
        hit, false = self._ranking.curve()
        return false / max(false[-1], 1), hit / max(hit[-1], 1)

    def bootstrap(
        self, n: int = 200, seed: int = 1, progress: Callable[[float], Any] = lambda f: None
    ) -> dict[str, tuple[float, float]]:
        """Measure -> its 95 % interval over ``n`` resamples of the trials."""
        rng = np.random.default_rng(seed)
        drawn: list[dict[str, float]] = []
        for k in range(n):
            chosen = rng.integers(0, self.n_trials, self.n_trials)
            drawn.append(self.scores(np.bincount(chosen, minlength=self.n_trials).astype(float)))
            progress((k + 1) / n)
        return {name: _interval([d[name] for d in drawn]) for name in (MEASURES if drawn else ())}


def _interval(values: list[float]) -> tuple[float, float]:
    known = [v for v in values if v == v]  # a resample without spikes has no AUC
    if not known:
        return float("nan"), float("nan")
    low, high = np.percentile(known, [2.5, 97.5]).tolist()
    return low, high
