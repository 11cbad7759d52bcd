"""The Legendre delay line: a linear system that remembers the last ``theta`` of its input.

theta dm/dt = A m + B u with A_ij = (2i + 1)(-1 if i < j, else (-1)^(i - j + 1)) and
B_i = (2i + 1)(-1)^i. Then u(t - r) is about the sum over i of P_i(2r/theta - 1) m_i for r from 0
to theta, P_i being Legendre's polynomials; to theta itself the transfer function is Padé's
approximation of a delay. Voelker, Kajić & Eliasmith (2019) Legendre memory units, NeurIPS 32.
"""

from __future__ import annotations

import numpy as np


def state_space(order: int, theta: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A (order, order) and B (order,) of dm/dt = A m + B u, per unit of ``theta``."""
    i, j = np.indices((order, order))
    A = (2 * i + 1) * np.where(i < j, -1.0, (-1.0) ** (i - j + 1))
    k = np.arange(order)
    return A / theta, (2 * k + 1) * (-1.0) ** k / theta


def held(A: np.ndarray, B: np.ndarray, dt: float) -> tuple[np.ndarray, np.ndarray]:
    """The same system in steps of ``dt``, the input held within each."""
    from scipy.signal import cont2discrete

    n = len(A)
    Ad, Bd, *_ = cont2discrete((A, B[:, None], np.eye(n), np.zeros((n, 1))), dt, method="zoh")
    return Ad, Bd[:, 0]


def readout(order: int, share: np.ndarray) -> np.ndarray:
    """(len(share), order) weights that read u(t - share*theta) from the memory, 0 to 1."""
    from scipy.special import eval_legendre

    return eval_legendre(np.arange(order), 2 * np.atleast_1d(share)[:, None] - 1)


def transfer(A: np.ndarray, B: np.ndarray, C: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """Complex transfer function C (i omega - A)^-1 B at these frequencies, per unit of A's time."""
    eye = np.eye(len(A))
    return np.array([C @ np.linalg.solve(2j * np.pi * f * eye - A, B) for f in frequency])
