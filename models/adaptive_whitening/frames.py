"""Frames, contexts and optimal gains of adaptive whitening: closed forms, without a simulation.

A frame is a matrix W (N x K) whose columns, of length 1, are what the K interneurons look at. With
gains g they turn the input x into y = (alpha I + W diag(g) W^T)^-1 x; M stands for the inverse.

Source      Duong et al. (2023) ICML, arXiv 2301.11955, and the authors' programs
            (frame_whitening, simulation.py; MIT licence). Written anew from a description.
"""

from __future__ import annotations

import numpy as np

from workbench.errors import ParameterError, unknown

FRAMES = ("local", "equiangular", "spectral", "random")
CONTEXTS = ("published", "ill-conditioned", "random")
AXES_DEG = 55.0  # of the published two-dimensional contexts


# -- covariances -------------------------------------------------------------------------------


def square_root(C: np.ndarray) -> np.ndarray:
    """Symmetric square root of a covariance (N, N); raises ParameterError if it is none."""
    C = np.asarray(C, dtype=float)
    if C.ndim != 2 or C.shape[0] != C.shape[1] or not np.allclose(C, C.T):
        raise ParameterError(f"A covariance must be square and symmetric; got shape {C.shape}.")
    values, vectors = np.linalg.eigh(C)
    if values[0] < -1e-9 * max(1.0, abs(values[-1])):
        raise ParameterError(f"A covariance has no eigenvalue below 0; this one has {values[0]:g}.")
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T


def rotation_of(degrees: float) -> np.ndarray:
    t = np.deg2rad(degrees)
    return np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])


def contexts(kind: str, n: int, count: int, shared_axes: bool = True, seed: int = 0) -> np.ndarray:
    """Covariances of the input in each context, (count, N, N).

    kind : "published" (N = 2: the two of the two-dimensional example, eigenvalues 20 and 5, then
           12 and 8, on axes at 55 degrees), "ill-conditioned" (6 and 0.01), or "random":
           (I + V diag(l) V^T)^2 with l uniform on (0, 4), each entry zero with probability 1/2.
           The first two exist for N = 2 only; beyond their own contexts random ones follow.
    shared_axes : random contexts have the same V; each has its own otherwise
    """
    if kind not in CONTEXTS:
        raise unknown("kind of context", kind, CONTEXTS)
    rng = np.random.default_rng(seed)
    found: list[np.ndarray] = []
    V = rotation_of(AXES_DEG)
    if n == 2 and kind == "published":
        found = [5 * V @ np.diag([4.0, 1.0]) @ V.T, 4 * V @ np.diag([3.0, 2.0]) @ V.T]
    elif n == 2 and kind == "ill-conditioned":
        found = [2 * V @ np.diag([3.0, 5e-3]) @ V.T, 2 * V.T @ np.diag([3.0, 5e-3]) @ V]
    if n != 2:
        V = np.linalg.qr(rng.standard_normal((n, n)))[0]
    while len(found) < count:
        axes = V if shared_axes else np.linalg.qr(rng.standard_normal((n, n)))[0]
        stretch = rng.uniform(0, 4, n) * (rng.random(n) < 0.5)
        root = np.eye(n) + (axes * stretch) @ axes.T
        found.append(root @ root)
    return np.array(found[:count])


# -- frames ------------------------------------------------------------------------------------


def frame(kind: str, n: int, k: int, covariances: np.ndarray, seed: int = 0) -> np.ndarray:
    """Frame vectors of length 1 as the columns of a matrix, (N, K).

    kind : "spectral": eigenvectors of the covariances, largest variance first, one context after
           the other, then random ones; "equiangular": as far from one another as K lines in N
           dimensions can be; "local": single neurons, then sums of neighbours, nearest first;
           "random": drawn from a normal distribution
    raises : UnknownName
    """
    if kind not in FRAMES:
        raise unknown("frame", kind, FRAMES)
    rng = np.random.default_rng(seed + 1)
    if kind == "spectral":
        axes = [np.linalg.eigh(C)[1][:, ::-1] for C in covariances]
        W = np.hstack([*axes, rng.standard_normal((n, k))])[:, :k]
    elif kind == "local":
        W = _local(n, k, rng)
    elif kind == "equiangular":
        W = _equiangular(n, k, rng)
    else:
        W = rng.standard_normal((n, k))
    return W / np.linalg.norm(W, axis=0)


def _local(n: int, k: int, rng: np.random.Generator) -> np.ndarray:
    columns = [np.eye(n)[i] for i in range(n)]
    for apart in range(1, n):
        columns += [np.eye(n)[i] + np.eye(n)[i + apart] for i in range(n - apart)]
    missing = max(0, k - len(columns))
    return np.column_stack([*columns, *rng.standard_normal((missing, n))])[:, :k]


def _equiangular(n: int, k: int, rng: np.random.Generator) -> np.ndarray:
    """Lines that repel: minimum of sum (w_i . w_j)^6; exactly equiangular where that can be."""
    if n == 1:
        return np.ones((1, k))
    if n == 2:
        angles = np.pi * np.arange(k) / k
        return np.array([np.cos(angles), np.sin(angles)])
    best, lowest = np.empty((n, k)), np.inf
    for _ in range(4):  # from several starts: there are local minima
        W = rng.standard_normal((n, k))
        W /= np.linalg.norm(W, axis=0)
        step = 0.1
        gram = W.T @ W - np.eye(k)
        energy = np.sum(gram**6)
        for _ in range(600):
            trial = W - step * W @ gram**5
            trial /= np.linalg.norm(trial, axis=0)
            gram_trial = trial.T @ trial
            np.fill_diagonal(gram_trial, 0)
            lower = np.sum(gram_trial**6)
            if lower < energy:
                W, gram, energy, step = trial, gram_trial, lower, step * 1.3
            else:
                step /= 2
                if step < 1e-12:
                    break
        if energy < lowest:
            best, lowest = W, energy
    return best


# -- gains -------------------------------------------------------------------------------------


def inverse_whitening(g: np.ndarray, W: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """M = alpha I + W diag(g) W^T, (N, N): the steady response to x is M^-1 x."""
    return alpha * np.eye(len(W)) + (W * g) @ W.T


def response_covariance(
    C: np.ndarray, W: np.ndarray, g: np.ndarray, alpha: float = 1.0
) -> np.ndarray:
    """Covariance of the steady responses, M^-1 C M^-1, (N, N)."""
    inverse = np.linalg.inv(inverse_whitening(g, W, alpha))
    return inverse @ C @ inverse


def whitening_error(C: np.ndarray, W: np.ndarray, g: np.ndarray, alpha: float = 1.0) -> float:
    """How far the responses are from white: the operator norm of C_yy - I."""
    return float(np.linalg.norm(response_covariance(C, W, g, alpha) - np.eye(len(W)), 2))


def spans_all(W: np.ndarray) -> bool:
    """Whether the projectors w w^T span the symmetric matrices: then C_yy = I can be reached."""
    n, k = W.shape
    return k >= n * (n + 1) // 2 and (
        np.linalg.matrix_rank((W.T @ W) ** 2, tol=1e-9) >= n * (n + 1) // 2
    )


def optimal_gains(
    C: np.ndarray, W: np.ndarray, alpha: float = 1.0, non_negative: bool = False
) -> np.ndarray:
    """The gains at which every projection of the responses has variance 1, (K,).

    C            : (N, N) covariance of the input
    W            : (N, K) frame; columns of length 1
    non_negative : gains may not fall below 0; projections that would need it stay below 1
    raises       : ParameterError when the shapes do not fit or no such gains were found

    They minimise the convex function Tr(M^-1 C) + sum g. Where K >= N(N+1)/2 columns are generic,
    that is M = C^1/2, so C_yy = I, in closed form:
    g = [(W^T W)^o2]^-1 diag(W^T (C^1/2 - alpha I) W)
    with the elementwise square. With fewer, only the K marginal variances are 1.
    """
    C, W = np.asarray(C, dtype=float), np.asarray(W, dtype=float)
    if W.ndim != 2 or C.shape != (len(W), len(W)):
        raise ParameterError(f"A frame for {C.shape} covariances is (N, K); got {W.shape}.")
    rest = square_root(C) - alpha * np.eye(len(C))
    closed = np.linalg.lstsq((W.T @ W) ** 2, np.einsum("ik,ij,jk->k", W, rest, W), rcond=None)[0]
    reached = np.allclose((W * closed) @ W.T, rest, atol=1e-9 * max(1.0, np.abs(rest).max()))
    if reached and not (non_negative and closed.min() < 0):
        return closed
    return _newton(C, W, alpha, non_negative)


def _newton(C: np.ndarray, W: np.ndarray, alpha: float, non_negative: bool) -> np.ndarray:
    """Damped Newton on the convex objective; with bounds, on those gains that are free."""
    g = np.zeros(W.shape[1])
    value = _objective(C, W, g, alpha)
    for _ in range(500):
        inverse = np.linalg.inv(inverse_whitening(g, W, alpha))
        seen = W.T @ inverse @ C @ inverse @ W
        slope = np.sum(W * W, axis=0) - np.diag(seen)
        free = ~((g <= 0) & (slope > 0)) if non_negative else np.ones(len(g), bool)
        if not free.any() or np.abs(slope[free]).max() < 1e-11:
            return g
        hessian = 2 * (W.T @ inverse @ W) * seen
        move = np.zeros(len(g))
        move[free] = np.linalg.lstsq(hessian[np.ix_(free, free)], -slope[free], rcond=1e-13)[0]
        size = 1.0
        while size > 1e-14:
            trial = g + size * move
            trial = np.clip(trial, 0, None) if non_negative else trial
            lower = _objective(C, W, trial, alpha)
            if lower <= value + 1e-4 * slope @ (trial - g):
                break
            size /= 2
        else:  # no lower value in sight: as close as rounding allows
            break
        g, value = trial, lower
    if np.abs(slope[free]).max() < 1e-6:
        return g
    raise ParameterError("No gains were found at which the projections have variance 1.")


def _objective(C: np.ndarray, W: np.ndarray, g: np.ndarray, alpha: float) -> float:
    M = inverse_whitening(g, W, alpha)
    if np.linalg.eigvalsh(M)[0] <= 0:
        return np.inf
    return float(np.trace(np.linalg.solve(M, C)) + np.sum(W * W, axis=0) @ g)


def least_eigenvalue(g: np.ndarray, W: np.ndarray, alpha: float = 1.0) -> float:
    """Smallest eigenvalue of M: the responses are stable while it is above 0."""
    return float(np.linalg.eigvalsh(inverse_whitening(g, W, alpha))[0])
