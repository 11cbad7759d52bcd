"""Who is connected with whom, how strongly, and the weights that the design in one step gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logit
from scipy.stats import beta

EXCITATORY_SHARE = 0.8
JITTER = 0.2  # standard deviation of the weights, as a share of their mean
LOWEST, HIGHEST = 0.01, 0.99  # of target rates


@dataclass(frozen=True)
class Wiring:
    """Excitatory neurons come first.

    exc, inh : (k, 2) pairs (from, to); ``from`` counts within the population
    w_exc, w_inh : (k,) weights without sign, balanced on average
    w_in     : (N,) input weights in units of sigma_in, 0 for neurons without input
    quantile : (N,) of a Beta(2, 2) distribution: how the targets are spread
    """

    n: int
    n_exc: int
    exc: np.ndarray
    inh: np.ndarray
    w_exc: np.ndarray
    w_inh: np.ndarray
    w_in: np.ndarray
    quantile: np.ndarray

    def matrices(self) -> tuple[np.ndarray, np.ndarray]:
        """Excitation (N, N_E) and inhibition (N, N_I), target x source, both without sign."""
        A_E = np.zeros((self.n, self.n_exc))
        A_I = np.zeros((self.n, self.n - self.n_exc))
        A_E[self.exc[:, 1], self.exc[:, 0]] = self.w_exc
        A_I[self.inh[:, 1], self.inh[:, 0]] = self.w_inh
        return A_E, A_I


def wiring(model: Any) -> Wiring:
    """Draw the network of a model: ``degree`` inputs a neuron, in the shares of the populations."""
    rng = np.random.default_rng([int(model.wiring_seed), 2])
    n, n_exc = model.n_units, round(EXCITATORY_SHARE * model.n_units)
    k_exc = round(EXCITATORY_SHARE * model.degree)
    k_inh = model.degree - k_exc

    def inputs(count: int, of: int) -> np.ndarray:
        chosen = [rng.choice(of, count, replace=False) for _ in range(n)]
        return np.stack([np.concatenate(chosen), np.repeat(np.arange(n), count)], axis=1)

    def strengths(mean: float, count: int) -> np.ndarray:
        return np.abs(rng.normal(mean, JITTER * mean, count * n))

    exc, inh = inputs(k_exc, n_exc), inputs(k_inh, n - n_exc)
    mean_inh = model.w_mean * k_exc / k_inh  # so that both cancel on average
    w_exc, w_inh = strengths(model.w_mean, k_exc), strengths(mean_inh, k_inh)
    heard = rng.permutation(n) < round(model.input_share * n)
    w_in = np.where(heard, rng.uniform(-0.5, 0.5, n), 0.0)
    quantile = beta.ppf((rng.permutation(n) + 0.5) / n, 2, 2)
    return Wiring(n, n_exc, exc, inh, w_exc, w_inh, w_in, quantile)


def targets(model: Any, drawn: Wiring) -> np.ndarray:
    """Target rate of every neuron, (N,)."""
    return np.clip(model.rho + model.spread * (drawn.quantile - 0.5), LOWEST, HIGHEST)


def designed(model: Any, drawn: Wiring) -> np.ndarray:
    """Inhibitory weights, (k,), with which the targets are a fixed point at mean input, which is 0.

    Each row of the inhibition is scaled by one factor; where excitation is too weak for the target
    that factor is 0.
    """
    A_E, A_I = drawn.matrices()
    rho = targets(model, drawn)
    rho_E, rho_I = rho[: drawn.n_exc], rho[drawn.n_exc :]
    wanted = A_E @ rho_E - model.theta - logit(rho) / model.c
    factor = np.maximum(wanted / (model.inhibition * (A_I @ rho_I)), 0.0)
    return np.asarray(drawn.w_inh * factor[drawn.inh[:, 1]])
