"""The equations of the adapting population a second time, against which the network is held.

Everything here is written with the numbers of the reconstruction, none is read from the model: a
default, a sign or a unit that is changed there no longer agrees with what stands here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from workbench.model.model import Model

from .._shared.built import apart, built
from .._shared.variants import varied

N, TAU_MS, TAU_G_MS, ALPHA = 85, 4.0, 6000.0, 1.0
WIDTH_DEG = 180 / 21
PREFERRED = 180.0 * np.arange(N) / N - 90


def bump(degrees: np.ndarray, kappa: float) -> np.ndarray:
    return np.exp(kappa * (np.cos(2 * np.deg2rad(degrees)) - 1))


def drive(theta: Any) -> np.ndarray:
    """(N, S) drive by the orientations theta (S,), degrees."""
    return bump(np.atleast_1d(theta)[None, :] - PREFERRED[:, None], 3.0) + 0.05


def weights() -> tuple[np.ndarray, np.ndarray]:
    """Excitation and inhibition, (N, N): von Mises with row sums 0.8 and 0.4."""
    apart_deg = PREFERRED[:, None] - PREFERRED[None, :]
    exc, inh = bump(apart_deg, 4.0), bump(apart_deg, 0.2)
    exc, inh = (k / k.sum(axis=1, keepdims=True) for k in (exc, inh))
    return 0.8 * exc, 0.4 * inh


def mean_square() -> np.ndarray:
    """(N,) mean square of r at g = 1 under the uniform ensemble of 255 orientations."""
    exc, inh = weights()
    f = drive(180.0 * np.arange(255) / 255 - 90)
    return (np.linalg.solve(np.eye(N) - exc + inh, f) ** 2).mean(axis=1)


def cost(g: np.ndarray, f: np.ndarray) -> float:
    """Mean over stimuli of |f - (I - W) y|^2 + alpha |y|^2 with the responses y to f (N, S)."""
    exc, inh = weights()
    W = exc - inh
    y = g[:, None] * np.linalg.solve(np.eye(N) - W * g, f)
    return float((((f - y + W @ y) ** 2).sum(axis=0) + ALPHA * (y**2).sum(axis=0)).mean())


def slope(g: np.ndarray, f: np.ndarray) -> np.ndarray:
    """(N,) derivative of the cost, by finite differences."""
    steps = 1e-4 * np.eye(N)
    return np.array([cost(g + d, f) - cost(g - d, f) for d in steps]) / 2e-4


def local_rule(model: Model) -> float:
    """Largest difference of r and g from the equations, after a frame and a step of the next."""
    rng = np.random.default_rng(1)
    r, g, frame_ms = rng.uniform(0, 3, N), rng.uniform(0.7, 1.2, N), 50.0
    shown = []
    with built(model) as network:
        if network["v1"].N != N or apart(network.get("v1", "g"), np.ones(N)):
            return float("inf")
        network.put("v1", r=r, g=g)
        frame, dt = network.steps(frame_ms), network.dt_ms
        for steps in (frame, 1):
            network.run(steps)
            shown.append(network.get("stimulus", "theta"))
        ours = [network.get("v1", name) for name in ("r", "g")]
    (exc, inh), mu = weights(), mean_square()
    for k in range(frame + 1):
        recurrent = exc @ (g * r) - inh @ (g * r)
        if k == frame:
            pull = (1 - g) * (r**2 + mu) - ALPHA * g * r**2 + ALPHA * mu
            g = g + frame_ms / TAU_G_MS * pull / (mu + (1 + ALPHA) * mu)
        r = r + dt / TAU_MS * (-r + drive(shown[k // frame])[:, 0] + recurrent)
    return max(apart(ours[0], r), apart(ours[1], g))


def full_rule(model: Model) -> float:
    """Largest difference of the gains from a step along the gradient, after one long frame."""
    g, frame_ms = np.random.default_rng(1).uniform(0.8, 1.2, N), 500.0
    with built(varied(model, rule="full", frame=frame_ms)) as network:
        network.put("v1", g=g)
        network.run(network.steps(frame_ms))
        theta = network.get("stimulus", "theta")
        network.run(1)
        ours = network.get("v1", "g")
    mu = mean_square()
    # The objective of the full rule is stationary at g = 1 under the uniform ensemble.
    rest = 1 + slope(np.ones(N), drive(180.0 * np.arange(255) / 255 - 90)) / (2 * mu)
    total = slope(g, drive(theta)) + 2 * mu * (g - rest)
    return apart(ours, g - frame_ms / TAU_G_MS * total / 2 / (mu + (1 + ALPHA) * mu))


@lru_cache(maxsize=2)
def _drawn(cls: type[Model], dt_ms: float, frames: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """(frames,) distance from the adapter in degrees, -90 to 90, and whether it was drawn."""
    with built(varied(cls(dt_ms=dt_ms), frame=1.0)) as network:
        steps, per_frame = network.steps(frames), network.steps(1)
        theta, adapter = network.record("stimulus", "theta", "is_adapter", steps=steps)
    theta, adapter = theta[::per_frame, 0], adapter[::per_frame, 0]
    return (theta + 90) % 180 - 90, adapter > 0.5


def zones(model: Model) -> float:
    """Largest difference of the shares of frames: three bins, and what lies on either side."""
    offset, _ = _drawn(type(model), model.dt_ms)
    edges = np.array([-90, -1.5 * WIDTH_DEG, -0.5 * WIDTH_DEG, 0.5 * WIDTH_DEG, 1.5 * WIDTH_DEG,
                      90])  # fmt: skip
    shares = np.histogram(offset, edges)[0] / len(offset)
    return apart(shares, [0.325, 0.0875, 0.175, 0.0875, 0.325])


def reach(model: Model) -> float:
    offset, adapter = _drawn(type(model), model.dt_ms)
    return float(np.abs(offset[adapter]).max())


def nearest(model: Model) -> float:
    """The nearest on either side, degrees; of the two the farther one."""
    offset, adapter = _drawn(type(model), model.dt_ms)
    others = offset[~adapter]
    return float(max(others[others > 0].min(), -others[others < 0].max()))


def uniform(model: Model) -> float:
    with built(varied(model, frame=1.0, ensemble="uniform")) as network:
        return float(network.record("stimulus", "theta", steps=network.steps(5000))[0].max())
