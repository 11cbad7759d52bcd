"""Numbers about the supralinear networks that ours are compared with, and closed forms.

The numbers come from an independent integration of the same equations (1 s, step 0.2 ms), not
from the papers, whose own could not be read.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

INDEPENDENT = "an independent integration of the same equations (table 4a: 1 s, step 0.2 ms)"
CHANCELESS = "nothing in the model is drawn at random, so it holds for every seed"
TWO_POPULATIONS = "an independent integration of the same equations (table 4b)"

# contrast -> r_E, r_I at the peak (Hz), exponent from the contrast in STEP_FROM up to this one,
# plaid weight, largest eigenvalue of E alone
RING = {
    2: (0.189, 0.193, 2.13, 1.21, 0.37),
    5: (1.66, 1.80, 2.59, 1.54, 1.12),
    7.5: (5.63, 6.68, 3.01, 1.29, 2.10),
    10: (11.74, 15.67, 2.55, 0.87, 3.05),
    15: (19.30, 29.56, 0.99, 0.73, 3.83),
    20: (24.04, 40.14, 0.76, 0.70, 4.18),
    40: (35.13, 73.04, 0.49, 0.68, 4.72),
    100: (47.76, 149.98, 0.25, 0.73, 4.81),
}
# The calculation printed slopes of log r over log c between this contrast and its own one before.
# Which that was it does not say; with these eight all of its exponents follow from its rates.
STEP_FROM = {2: 1, 5: 4, 7.5: 5, 10: 7.5, 15: 12.5, 20: 15, 40: 30, 100: 75}
# contrast -> largest eigenvalue of E alone; it crosses 1 between contrast 4 and 5
ALONE_BELOW = {4: 0.84}
# contrast -> change of r_I at the peak (Hz) when the inhibitory units get 5 % more input
PARADOX = {2: 0.014, 5: -0.011, 10: -3.2, 20: -5.9, 50: -11.6}
# contrast of B beside A at 40 -> weights of A and B in the response to both
WINNER = {40: (0.68, 0.68), 20: (0.84, 0.43), 10: (0.94, 0.20), 5: (0.98, 0.25)}

# h (mV) -> imaginary part of the slowest rate, rad/s
OSCILLATION = {15: 41.0}
# h (mV) -> r_E, r_I (Hz), W_EE times the gain of E, slowest rate (1/s; real part)
PAIR = {
    1: (0.475, 0.516, 0.94, -22.7),
    2: (3.26, 4.28, 2.47, -14.1),
    5: (8.45, 15.8, 3.98, -64.7),
    15: (11.21, 35.2, 4.58, -122.9),
    20: (11.09, 42.7, 4.56, np.nan),
}


def half_unit(value: float, least_digits: int = 0) -> float:
    """What a printed number may be off by: half a unit of its last digit.

    least_digits : decimals that are printed even where they are zeros, as in 0.70
    """
    text = f"{value:g}"
    digits = len(text.split(".")[1]) if "." in text else 0
    return 0.5 * 10.0 ** -max(digits, least_digits)


def gain_of(r: np.ndarray, k: float, n: float) -> np.ndarray:
    """Slope of r = k [u]_+^n at the response r, Hz per unit of input."""
    return n * k ** (1 / n) * np.clip(r, 0, None) ** (1 - 1 / n)


def largest_alone(r_E: np.ndarray, kernel: np.ndarray, J_EE: float, k: float, n: float) -> float:
    """Largest eigenvalue of the excitatory units' own feedback; alone they are unstable above 1."""
    slope = np.sqrt(gain_of(np.asarray(r_E), k, n))
    # A symmetric matrix with the eigenvalues of diag(gain) J G.
    return float(np.linalg.eigvalsh(J_EE * slope[:, None] * kernel * slope[None, :])[-1])


def pair_jacobian(
    r: np.ndarray, W: np.ndarray, tau_s: np.ndarray, k: float, n: float
) -> np.ndarray:
    """Jacobian of the two-population circuit in V at the rates r (2,): (2, 2) in 1/s."""
    return (-np.eye(2) + W * gain_of(np.asarray(r, float), k, n)[None, :]) / tau_s[:, None]


def stationary_covariance(J: np.ndarray, tau_noise_s: float, sigma: np.ndarray) -> np.ndarray:
    """Covariance of dx/dt = J x + eta, eta two independent Ornstein-Uhlenbeck processes.

    J : (2, 2) 1/s;  sigma : (2,) standard deviation of eta, units of x per second
    From the Lyapunov equation of the four variables (x, eta).
    """
    A = np.block([[J, np.eye(2)], [np.zeros((2, 2)), -np.eye(2) / tau_noise_s]])
    Q = np.zeros((4, 4))
    Q[2:, 2:] = np.diag(2 * sigma**2 / tau_noise_s)
    eye = np.eye(4)
    both = np.kron(A, eye) + np.kron(eye, A)
    return np.linalg.solve(both, -Q.ravel()).reshape(4, 4)[:2, :2]


def euler(
    r: Sequence[np.ndarray] | np.ndarray, stimulus: Sequence[np.ndarray] | np.ndarray,
    J: Sequence[Sequence[float]],
    kernels: Sequence[Sequence[np.ndarray]], k: float, n: float, tau_ms: Sequence[float],
    steps: int, dt_ms: float,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Rates of the excitatory and inhibitory units (2 of (N,), Hz) after some Euler steps.

    tau_a dr_a/dt = -r_a + k [h_a + J_aE K_aE r_E - J_aI K_aI r_I]_+^n, with J and K as [a][b]
    """
    r_E, r_I = np.array(r[0], float), np.array(r[1], float)
    for _ in range(steps):
        new = []
        for a, old in enumerate((r_E, r_I)):
            u = stimulus[a] + J[a][0] * (kernels[a][0] @ r_E) - J[a][1] * (kernels[a][1] @ r_I)
            driven = k * np.clip(u, 0, None) ** n
            new.append(old + dt_ms / tau_ms[a] * (driven - old))
        r_E, r_I = new
    return r_E, r_I
