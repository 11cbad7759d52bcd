"""Gain adaptation of a recurrent V1 population in closed form: gains, tuning, covariance.

A *reconstruction* after Duong et al. (arXiv 2305.19869), whose text was not available: only what
the abstract says is taken from it. Orientations are in degrees, on a circle of 180.

    r* = (I - W diag g)^-1 f,  y* = g o r*,  and, whatever g is,  f - (I - W) y = (1 - g) o r
    L(g) = E[ |f - (I - W) y|^2 + alpha |y|^2 ] + gamma |g - g0|^2
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.errors import ParameterError

from .._shared.orientation import on_circle, orientations, von_mises

N_STIMULI = 255  # stimuli of the published protocol's model; any number will do
BINS = 21
BIN_DEG = 180.0 / BINS


def kernel(n: int, kappa: float) -> np.ndarray:
    """Recurrent weights of von Mises shape with row sums 1, (N, N)."""
    places = orientations(n)
    K = von_mises(places[:, None] - places[None, :], kappa)
    return K / K.sum(axis=1, keepdims=True)


def ensemble(
    p_a: float, adapter: float = 0.0, width: float = BIN_DEG, n: int = N_STIMULI
) -> np.ndarray:
    """Probability of each of n orientations, (n,), when one is shown more often than the others.

    p_a   : mass on the adapter's three bins: half on the middle one, a quarter on each neighbour;
            the other orientations share the rest equally (Benucci et al. 2013, as in the analysis
            program of Duong et al.)
    width : of a bin, degrees; the published protocol has 21 bins
    raises : ParameterError
    """
    if not 0 <= p_a <= 1:
        raise ParameterError(f"p_a = {p_a!r} is not allowed: a probability, 0 to 1.")
    if not 0 < width < 60:
        raise ParameterError(f"width = {width!r} is not allowed: above 0 and below 60 degrees.")
    d = on_circle(orientations(n) - adapter) + 1e-9
    rest = (90 - 1.5 * width) / 9  # width of the other 18 bins
    bins = np.where(
        np.abs(d) < 1.5 * width, 9 + np.floor((d + 1.5 * width) / width),
        np.where(d < 0, np.floor((d + 90) / rest), 12 + np.floor((d - 1.5 * width) / rest)),
    )  # fmt: skip
    number = np.clip(bins, 0, BINS - 1).astype(int)
    mass = np.full(BINS, (1 - p_a) / 18)
    mass[9:12] = np.array([0.25, 0.5, 0.25]) * p_a
    p = mass[number] / np.bincount(number, minlength=BINS)[number]
    return p / p.sum()


@dataclass(frozen=True)
class RatePopulation:
    """A recurrent population and the objective its gains serve.

    f     : (N, S) drive of each neuron by each stimulus
    W     : (N, N) recurrent weights, target x source
    alpha : cost of activity;  gamma : cost of gains away from g0
    mu    : (N,) mean square of r under the uniform ensemble at g = 1
    """

    f: np.ndarray
    W: np.ndarray
    alpha: float
    gamma: float
    mu: np.ndarray

    # -- responses -----------------------------------------------------------------------------

    def internal(self, g: np.ndarray) -> np.ndarray:
        """r* for every stimulus, (N, S)."""
        return np.linalg.solve(np.eye(len(self.W)) - self.W * g[None, :], self.f)

    def responses(self, g: np.ndarray) -> np.ndarray:
        """y* = g o r*, (N, S): the tuning curves are its rows."""
        return g[:, None] * self.internal(g)

    def spectral_radius(self, g: np.ndarray) -> float:
        """Largest real part of the eigenvalues of W diag g: stable below 1."""
        return float(np.linalg.eigvals(self.W * g[None, :]).real.max())

    # -- gains ---------------------------------------------------------------------------------

    def objective(self, g: np.ndarray, p: np.ndarray, g0: np.ndarray | None = None) -> float:
        """L(g) under the ensemble p (S,)."""
        g0 = self.preferred() if g0 is None else g0
        y = self.responses(g)
        residual = self.f - y + self.W @ y
        data = (residual**2 + self.alpha * y**2).sum(axis=0)
        return float(data @ p + self.gamma * np.sum((g - g0) ** 2))

    def preferred(self) -> np.ndarray:
        """g0 = 1 + alpha mu / gamma: the local rule then rests at g = 1 when p is uniform."""
        return 1 + self.alpha * self.mu / self.gamma

    def recentred(self) -> np.ndarray:
        """The g0 for which the whole objective, not the local rule, is stationary at g = 1."""
        p = np.full(self.f.shape[1], 1 / self.f.shape[1])
        g = np.ones(len(self.W))
        return 1 + self.gradient(g, p, g) / (2 * self.gamma)

    def local_gains(self, p: np.ndarray) -> np.ndarray:
        """Fixed point of the local rule, (N,): g = (m + gamma + alpha mu)/((1+alpha) m + gamma)."""
        g = np.ones(len(self.W))
        for _ in range(5000):
            m = self.internal(g) ** 2 @ p
            wanted = (m + self.gamma + self.alpha * self.mu) / ((1 + self.alpha) * m + self.gamma)
            if np.abs(wanted - g).max() < 1e-13:
                return wanted
            g = (g + wanted) / 2
        raise ParameterError("The gains of the local rule do not settle: recurrence is too strong.")

    def gradient(self, g: np.ndarray, p: np.ndarray, g0: np.ndarray) -> np.ndarray:
        """dL/dg by the adjoint population, (N,): l = (I - diag(g) W^T)^-1 g o e."""
        y = self.responses(g)
        residual = self.f - y + self.W @ y
        e = 2 * self.alpha * y - 2 * (residual - self.W.T @ residual)
        adjoint = np.linalg.solve(np.eye(len(g)) - g[:, None] * self.W.T, g[:, None] * e)
        return (y * adjoint) @ p / g**2 + 2 * self.gamma * (g - g0)

    def optimal_gains(self, p: np.ndarray, g0: np.ndarray | None = None) -> np.ndarray:
        """Gains at which the whole objective is least, (N,), by damped Newton steps."""
        g0 = self.preferred() if g0 is None else g0
        g, n = np.ones(len(self.W)), len(self.W)
        value, slope = self.objective(g, p, g0), self.gradient(g, p, g0)
        for _ in range(60):
            if np.abs(slope).max() < 1e-8 * self.gamma:
                break
            # Differences of the exact gradient: as good as second derivatives for a direction.
            tiny = 1e-5 * np.eye(n)
            curved = np.array([self.gradient(g + d, p, g0) - slope for d in tiny]) / 1e-5
            values, axes = np.linalg.eigh((curved + curved.T) / 2)
            floor = 1e-3 * np.abs(values).max()
            move = -(axes / np.maximum(np.abs(values), floor)) @ (axes.T @ slope)
            size = 1.0
            while size > 1e-12:
                trial = np.maximum(g + size * move, 0.05)
                lower = self.objective(trial, p, g0)
                if lower < value + 1e-4 * slope @ (trial - g):
                    break
                size /= 2
            else:
                break
            g, value, slope = trial, lower, self.gradient(trial, p, g0)
        return g


def population(
    n: int, w_exc: float, kappa_exc: float, w_inh: float, kappa_inh: float, alpha: float = 1.0,
    gamma_ratio: float = 1.0, kappa: float = 3.0, base: float = 0.05, n_stimuli: int = N_STIMULI,
) -> RatePopulation:  # fmt: skip
    """A ring of n neurons with von Mises drive and recurrence; gamma in units of the mean mu."""
    drive = von_mises(orientations(n)[:, None] - orientations(n_stimuli)[None, :], kappa) + base
    W = w_exc * kernel(n, kappa_exc) - w_inh * kernel(n, kappa_inh)
    # One stimulus at a time: many at once differ in their last digits with the number of threads.
    y = np.linalg.solve(np.eye(n) - W, drive.T[:, :, None])[:, :, 0].T
    mu = (y**2).mean(axis=1)
    return RatePopulation(drive, W, alpha, gamma_ratio * float(mu.mean()), mu)


# -- what is measured ------------------------------------------------------------------------------


def preferences(y: np.ndarray) -> np.ndarray:
    """Preferred orientation of each curve, (N,) degrees: half the angle of its mean vector."""
    angles = 2 * np.deg2rad(orientations(y.shape[1]))
    return np.rad2deg(np.angle(y @ np.exp(1j * angles))) / 2


def shifts(before: np.ndarray, after: np.ndarray, adapter: float = 0.0) -> np.ndarray:
    """Shift of each preference away from the adapter, (N,) degrees; positive is repulsion."""
    moved = on_circle(preferences(after) - preferences(before))
    return moved * np.sign(on_circle(preferences(before) - adapter))


def covariance(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Covariance of the responses under an ensemble, (N, N)."""
    mean = y @ p
    return (y * p) @ y.T - np.outer(mean, mean)


def variation(values: np.ndarray) -> float:
    """Standard deviation over mean: how unequal the time-averaged responses are."""
    return float(np.std(values) / np.mean(values))


def multiplicative(before: np.ndarray, after: np.ndarray, least: float = 0.05) -> float:
    """How far adaptation is a factor of the neuron times a factor of the stimulus (Benucci et al.).

    The log ratio of responses is then a sum of two terms, which is fitted by least squares where
    both responses are above ``least`` of the largest. Returns the share of variance explained.
    """
    floor = least * before.max()
    known = (before > floor) & (after > floor)
    ratio = np.log(np.where(known, after, 1.0) / np.where(known, before, 1.0))
    rows, columns = np.zeros(len(ratio)), np.zeros(ratio.shape[1])
    for _ in range(500):
        old = columns
        rows = np.where(known, ratio - columns, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        left = np.where(known, ratio - rows[:, None], 0)
        columns = left.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        if np.abs(columns - old).max() < 1e-12:
            break
    residual = (ratio - rows[:, None] - columns)[known]
    total = ratio[known] - ratio[known].mean()
    return float(1 - (residual @ residual) / (total @ total)) if total.any() else 1.0


def summary(who: RatePopulation, p: np.ndarray, g: np.ndarray, adapter: float = 0.0) -> dict:
    """The columns of the reference's table for gains g, with the unadapted ones for comparison."""
    before, after = who.responses(np.ones(len(g))), who.responses(g)
    n = len(g)
    near = int(np.abs(on_circle(orientations(n) - adapter)).argmin())
    far = (near + (n - 1) // 2) % n if n % 2 else (near + n // 2) % n
    uniform = np.full(len(p), 1 / len(p))
    C0 = covariance(before, uniform)

    def distance(C: np.ndarray) -> float:
        return float(np.linalg.norm(C - C0) / np.linalg.norm(C0))

    moved = shifts(before, after, adapter)
    at = int(np.abs(moved).argmax())
    usual = before[near].mean()
    return {
        "g_adapter": float(g[near]), "g_orthogonal": float(g[far]),
        "peak": float(after[near].max() / before[near].max()),
        "trough": float(after[near].min() / before[near].min()),
        "shift": float(moved[at]), "shift_at": float(abs(on_circle(orientations(n)[at] - adapter))),
        "cv_before": variation(before @ p), "cv_after": variation(after @ p),
        "cov_before": distance(covariance(before, p)), "cov_after": distance(covariance(after, p)),
        "mean_before": float(before[near] @ p / usual),
        "mean_after": float(after[near] @ p / usual),
        "multiplicative": multiplicative(before, after),
    }  # fmt: skip
