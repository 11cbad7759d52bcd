"""Which connection rule made these synapses? Told from the synapses alone, with the evidence.

Some rules leave the same traces: a fixed total number without multapses looks like independent
pairs, so that is called "p". What random numbers could have made by accident is called uncertain.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..rules import Allowed, Evidence, Rule

CHANCE = 0.01  # an accident rarer than this is taken not to be one
LIKELY_P = 0.8  # density against which "every pair is joined" is weighed
Z = 3.9  # a spread farther out than this is structure (one in 10,000)
FEW = 30  # fewer synapses say nothing about how they are spread
_BLOCKS = 6


def infer(i: np.ndarray, j: np.ndarray, n_pre: int, n_post: int, same: bool) -> Rule:
    """The rule of Senk et al. 2022 that the synapses look like.

    i, j          : (n_syn,) int, neuron numbers within source and target; n_syn > 0
    n_pre, n_post : sizes of source and target
    same          : source and target are one population, so that i == j is an autapse
    """
    n, pairs = len(i), n_pre * n_post
    pair = np.sort(np.asarray(i, dtype=np.int64) * n_post + j)
    double = int(np.sum(pair[1:] == pair[:-1]))
    self_joined = int(np.sum(i == j)) if same else 0
    in_degree = np.bincount(j, minlength=n_post)
    out_degree = np.bincount(i, minlength=n_pre)
    p_hat = (n - double) / pairs
    evidence = Evidence(n, n / pairs, _dispersion(in_degree, min(p_hat, 1.0)))
    found = _deterministic(i, j, n_pre, n_post, same, n, double)
    if found is None:
        found = _random(i, j, n_pre, n_post, n, double, in_degree, out_degree)
    found = replace(found, evidence=evidence)
    if found.autapses == "unknown" and same:
        found = replace(found, autapses=_seen(self_joined, n / n_post))
    if found.multapses == "unknown":
        expected = n * (n - 1) / 2 / pairs
        found = replace(found, multapses=_seen(double, expected if found.probabilistic else 9.9))
    return found


def _deterministic(i, j, n_pre, n_post, same, n, double) -> Rule | None:
    pairs, joined = n_pre * n_post, n - double
    sure = LIKELY_P**joined < CHANCE
    if joined == pairs and n % pairs == 0:
        return Rule("Ω", certain=sure, autapses="yes" if same else "unknown")
    off_diagonal = not np.any(i == j)
    if joined == n == pairs - min(n_pre, n_post) and off_diagonal and n_pre == n_post > 1:
        if same:
            return Rule("Ω", certain=sure, autapses="no")
        return Rule("X", certain=sure, text="i ≠ j")
    if n == min(n_pre, n_post) > 1 and not double and np.array_equal(i, j):
        # Independent draws match n numbers with a chance of at most 1/n!.
        return Rule("δ", certain=n > 4, autapses="yes" if same else "unknown")
    return None


def _random(i, j, n_pre, n_post, n, double, in_degree, out_degree) -> Rule:
    pairs = n_pre * n_post
    p = min((n - double) / pairs, 1.0)
    flat_in = n_post > 1 and in_degree.min() == in_degree.max()
    flat_out = n_pre > 1 and out_degree.min() == out_degree.max()
    fixed_in = _accident(n_pre, p, in_degree) < CHANCE
    fixed_out = _accident(n_post, p, out_degree) < CHANCE
    if flat_in and flat_out:  # drawing at random fixes one of them at most
        known = fixed_in and fixed_out
        return Rule("X", certain=known, text="in-degree and out-degree fixed")
    if flat_in and not (fixed_in and _structured(out_degree, i, j, n_pre, n_post, double)):
        return Rule("K_in", int(in_degree[0]), certain=fixed_in)
    if flat_out and not (fixed_out and _structured(in_degree, i, j, n_pre, n_post, double)):
        return Rule("K_out", int(out_degree[0]), certain=fixed_out)
    enough = n >= FEW and min(n_pre, n_post) >= 10
    if n >= FEW and (
        _structured(in_degree, i, j, n_pre, n_post, double)
        or _structured(out_degree, i, j, n_pre, n_post, double)
    ):
        return Rule("X", certain=enough)
    expected = n * n / 2 / pairs  # pairs that independent draws of whole synapses join twice
    if double:
        return Rule("N_syn", n, certain=enough and double > 2)
    # A fixed total number would have joined some twice.
    return Rule("p", p, certain=enough and math.exp(-expected) < CHANCE)


def _seen(count: int, expected: float) -> Allowed:
    """Allowed if it happened; forbidden if it must have happened otherwise."""
    if count:
        return "yes"
    return "no" if math.exp(-expected) < CHANCE else "unknown"


def _accident(n: int, p: float, degree: np.ndarray) -> float:
    """Chance that independent pairs, n each, give all of these the degree of the first."""
    k = int(degree[0])
    if not 0 < p < 1 or k > n:
        return 0.0
    log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    log += k * math.log(p) + (n - k) * math.log1p(-p)
    return math.exp(log * (len(degree) - 1))


def _dispersion(degree: np.ndarray, p: float) -> float | None:
    mean = float(degree.mean())
    if len(degree) < 2 or not 0 < p < 1 or mean == 0:
        return None
    return float(degree.var(ddof=1)) / (mean * (1 - p))


def _structured(degree, i, j, n_pre, n_post, double) -> bool:
    """Are the degrees, or the places of the synapses, spread otherwise than by chance?"""
    n = len(i)
    p = n / (n_pre * n_post) if not double else 0.0
    mean = n / len(degree)
    if len(degree) > 4 and p < 1:
        spread = float(np.sum((degree - mean) ** 2)) / (mean * (1 - p))
        if abs(_z(spread, len(degree) - 1)) > Z:
            return True
    # Nearness shows where neurons are numbered along the space in which they are near.
    most = min(_BLOCKS, math.isqrt(n // 5))  # five expected in each block, as chi squared needs
    rows, columns = (max(1, min(most, m // 3)) for m in (n_post, n_pre))
    if rows * columns < 4:
        return False
    row = (np.arange(n_post) * rows) // n_post
    column = (np.arange(n_pre) * columns) // n_pre
    count = np.bincount(row[j] * columns + column[i], minlength=rows * columns)
    size = np.outer(np.bincount(row), np.bincount(column)).ravel()
    expected = n * size / size.sum()
    spread = float(np.sum((count - expected) ** 2 / expected)) / (1 - p)
    return _z(spread, rows * columns - 1) > Z


def _z(chi_squared: float, freedom: int) -> float:
    """A chi-squared value as standard deviations of a normal one (Wilson and Hilferty 1931)."""
    part = 2 / (9 * freedom)
    return ((chi_squared / freedom) ** (1 / 3) - (1 - part)) / math.sqrt(part)
