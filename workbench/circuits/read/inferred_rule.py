"""Infer the connection rule of a projection from its synapses, with the evidence.

Some rules are indistinguishable: a fixed total number without multapses looks like independent
pairs, so that is called "p". A rule is uncertain if the synapses may be a chance result of another.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..rules import Allowed, Evidence, Rule

CHANCE = 0.01  # probability below which a coincidence is excluded
LIKELY_P = 0.8  # density against which all-to-all is tested
Z = 3.9  # threshold in standard deviations for structure (p = 1e-4)
FEW = 30  # fewer synapses do not show structure
_BLOCKS = 6


def infer(i: np.ndarray, j: np.ndarray, n_pre: int, n_post: int, same: bool) -> Rule:
    """Infer the rule of Senk et al. (2022) that fits the synapses.

    i, j          : (n_syn,) int, neuron indices within source and target; n_syn > 0
    n_pre, n_post : sizes of source and target
    same          : source and target are the same population, so that i == j is an autapse
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
        # Independent draws match n indices with a probability of at most 1/n!.
        return Rule("δ", certain=n > 4, autapses="yes" if same else "unknown")
    return None


def _random(i, j, n_pre, n_post, n, double, in_degree, out_degree) -> Rule:
    pairs = n_pre * n_post
    p = min((n - double) / pairs, 1.0)
    flat_in = n_post > 1 and in_degree.min() == in_degree.max()
    flat_out = n_pre > 1 and out_degree.min() == out_degree.max()
    fixed_in = _accident(n_pre, p, in_degree) < CHANCE
    fixed_out = _accident(n_post, p, out_degree) < CHANCE
    if flat_in and flat_out:  # a random rule fixes at most one of the two
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
    expected = n * n / 2 / pairs  # expected number of multapses for a fixed total number
    if double:
        return Rule("N_syn", n, certain=enough and double > 2)
    # A fixed total number would have given multapses.
    return Rule("p", p, certain=enough and math.exp(-expected) < CHANCE)


def _seen(count: int, expected: float) -> Allowed:
    """Allowed if observed; forbidden if absent although expected by chance."""
    if count:
        return "yes"
    return "no" if math.exp(-expected) < CHANCE else "unknown"


def _accident(n: int, p: float, degree: np.ndarray) -> float:
    """Probability that independent pairs, n each, give all neurons the degree of the first."""
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
    """Test if the degrees or positions of the synapses deviate from chance."""
    n = len(i)
    p = n / (n_pre * n_post) if not double else 0.0
    mean = n / len(degree)
    if len(degree) > 4 and p < 1:
        spread = float(np.sum((degree - mean) ** 2)) / (mean * (1 - p))
        if abs(_z(spread, len(degree) - 1)) > Z:
            return True
    # Tests if connectivity depends on distance, where indices follow space.
    most = min(_BLOCKS, math.isqrt(n // 5))  # five expected in each block, for chi-squared
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
    """Convert a chi-squared value to a normal z score (Wilson and Hilferty 1931)."""
    part = 2 / (9 * freedom)
    return ((chi_squared / freedom) ** (1 / 3) - (1 - part)) / math.sqrt(part)
