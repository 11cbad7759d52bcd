"""How much of its past input a network remembers."""

from __future__ import annotations

import numpy as np
from scipy import linalg


def memory(
    r: np.ndarray, u: np.ndarray, delays: int, ridge: float = 1e-7, train: float = 0.6
) -> np.ndarray:
    """Squared correlation of past inputs with what a linear readout says they were, (delays,).

    r       : (T, n) rates;  u : (T,) the input that each row of rates has heard last
    ridge   : of the readout, relative to the mean variance of the rates
    train   : share of the steps that the readout learns; the correlation is that of the others
    returns : for delays 0 to ``delays`` - 1; their sum is the memory capacity
    source  : Jaeger (2001) GMD report 152
    """
    r = np.asarray(r, float)[delays - 1 :]
    past = np.stack([u[delays - 1 - k : len(u) - k] for k in range(delays)], axis=1)
    cut = int(train * len(r))
    mean, middle = r[:cut].mean(axis=0), past[:cut].mean(axis=0)
    x, y = r[:cut] - mean, past[:cut] - middle
    gram = x.T @ x
    gram[np.diag_indices_from(gram)] += ridge * max(float(np.trace(gram)) / len(gram), 1e-300)
    weights = linalg.solve(gram, x.T @ y, assume_a="pos")
    said, true = (r[cut:] - mean) @ weights, past[cut:]
    said, true = said - said.mean(axis=0), true - true.mean(axis=0)
    both = (said * true).sum(axis=0) ** 2
    size = (said**2).sum(axis=0) * (true**2).sum(axis=0)
    return np.asarray(np.divide(both, size, out=np.zeros(delays), where=size > 1e-12))
