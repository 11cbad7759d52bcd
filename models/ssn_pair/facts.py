"""What is known about the two-population circuit, each with the way to measure it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.model import Fact

from .._shared.built import apart, built
from .._shared.ssn_reference import (
    PAIR,
    TWO_POPULATIONS,
    gain_of,
    half_unit,
    pair_jacobian,
    stationary_covariance,
)
from .._shared.variants import fast_engine, key_of, varied

if TYPE_CHECKING:
    from workbench.model.model import Model

SETTLE_MS = 600.0
NOISE_RUN_MS = 100_000.0


def steady(model: Any, h: float) -> np.ndarray:
    """Rates without noise, (2,) Hz: excitatory, inhibitory."""
    quiet = varied(model, h=h, sigma_E=0, sigma_I=0)
    return _steady(*key_of(quiet))


@lru_cache(maxsize=256)
def _steady(cls: Any, values: tuple[tuple[str, float], ...]) -> np.ndarray:
    run = cls(**dict(values)).run(SETTLE_MS, engine="numpy")
    return np.array([run.state(f"{n}.r")[-1, 0] for n in ("excitatory", "inhibitory")])


def weights_of(model: Any) -> np.ndarray:
    """(2, 2) mV for each Hz, target x source, inhibition negative."""
    return np.array([[model.W_EE, -model.W_EI], [model.W_IE, -model.W_II]])


def rates_of_decay(model: Any, h: float) -> np.ndarray:
    """Eigenvalues of the linearised circuit at its steady state, 1/s, the slowest first."""
    tau_s = np.array([model.tau_E, model.tau_I]) / 1e3
    J = pair_jacobian(steady(model, h), weights_of(model), tau_s, model.k, model.n_power)
    values = np.linalg.eigvals(J)
    return values[np.argsort(-values.real)]


def predicted_sd(model: Any, h: float) -> np.ndarray:
    """Standard deviation of V that the linearised circuit has with the noise, (2,) mV."""
    tau_s = np.array([model.tau_E, model.tau_I]) / 1e3
    J = pair_jacobian(steady(model, h), weights_of(model), tau_s, model.k, model.n_power)
    sigma = np.array([model.sigma_E, model.sigma_I]) / tau_s
    return np.sqrt(np.diag(stationary_covariance(J, model.tau_noise / 1e3, sigma)))


def simulated_sd(
    model: Any, h: float, duration_ms: float, engine: str = "numpy", seed: int = 1
) -> np.ndarray:
    """Standard deviation of V in a simulation, (2,) mV."""
    record = {"excitatory.V": "all", "inhibitory.V": "all"}
    run = varied(model, h=h).run(duration_ms, engine=engine, seed=seed, record=record)
    later = run.state_t >= SETTLE_MS
    return np.array([run.state(f"{n}.V")[later, 0].std() for n in ("excitatory", "inhibitory")])


def _rate(h: float, column: int) -> Callable[[Model], float]:
    return lambda model: float(steady(model, h)[column])


def _feedback(h: float) -> Callable[[Model], float]:
    def measure(model: Any) -> float:
        return float(model.W_EE * gain_of(steady(model, h), model.k, model.n_power)[0])

    return measure


def _slowest(h: float) -> Callable[[Model], float]:
    return lambda model: float(rates_of_decay(model, h)[0].real)


def _noise(h: float) -> Callable[[Model], float]:
    """Simulated over predicted standard deviation of the excitatory potential, weak noise."""

    def measure(model: Any) -> float:
        weak = varied(model, sigma_E=0.02, sigma_I=0.01)
        ratio = simulated_sd(weak, h, NOISE_RUN_MS, fast_engine())[0] / predicted_sd(weak, h)[0]
        return float(ratio)

    return measure


def _equations(model: Model) -> float:
    """Largest difference of V and eta from the equations, mV, 5 ms without noise.

    From a random state on; solved here with the numbers of the source's program.
    """
    V, eta = np.array([-67.5, -66.2]), np.array([0.7, -0.4])
    W = np.array([[1.25, -0.65], [1.2, -0.5]])
    names = ("excitatory", "inhibitory")
    with built(model) as network:
        network.set(sigma_E=0.0, sigma_I=0.0)
        for k, name in enumerate(names):
            network.put(name, V=V[k] * 1e-3, eta=eta[k] * 1e-3)
        dt, steps = network.dt_ms, network.steps(5)
        network.run(steps)
        ours = [[network.get(name, x)[0] for name in names] for x in ("V", "eta")]
    for _ in range(steps):
        r = 0.3 * np.clip(V + 70, 0, None) ** 2
        V = V + dt / np.array([20.0, 10.0]) * (-70 - V + 2.0 + eta + W @ r)
        eta = eta * (1 - dt / 50)
    return apart(1e3 * np.array(ours), np.array([V, eta]))


def _noise_step(name: str) -> Callable[[Model], float]:
    """Standard deviation of a step of the noise, mV, times the root of tau_noise/(2 dt)."""

    def measure(model: Model) -> float:
        with built(model) as network:
            eta = 1e3 * network.record(name, "eta", steps=4000)[0][:, 0]  # mV
            left = network.dt_ms / 50  # of tau_noise
        return float(np.sqrt(np.mean((eta[1:] - eta[:-1] * (1 - left)) ** 2) / (2 * left)))

    return measure


FACTS = (
    Fact("V and eta less the published equations, after 5 ms without noise", 0.0, 1e-9,
         "rounding", "another computation: W 1.25, 0.65, 1.2, 0.5, k 0.3, n 2, V_rest -70, h 2 mV, "
         "tau 20, 10 and 50 ms", _equations, unit="mV"),
    *(Fact(f"noise of the {name} unit", sigma, 0.045 * sigma,
           "four standard errors, sigma/sqrt(2 * 4,000)",
           "declaration: sigma sqrt(2/tau_noise) xi", _noise_step(name), unit="mV")
      for name, sigma in (("excitatory", 0.2), ("inhibitory", 0.1))),
    *(Fact(f"steady rate of the {name} unit at h = {h} mV", PAIR[h][column],
           max(0.01 * PAIR[h][column], half_unit(PAIR[h][column])),
           "one per cent, or half a unit of the last printed digit", TWO_POPULATIONS,
           _rate(h, column), unit="Hz")
      for h in (1, 2, 5, 15, 20) for column, name in enumerate(("excitatory", "inhibitory"))),
    *(Fact(f"feedback of the excitatory unit on itself at h = {h} mV", PAIR[h][2],
           0.01 * PAIR[h][2], "one per cent, as for the rate it follows from", TWO_POPULATIONS,
           _feedback(h))
      for h in (1, 2, 15)),
    *(Fact(f"slowest rate of decay at h = {h} mV", PAIR[h][3], 0.015 * abs(PAIR[h][3]),
           "one and a half per cent: it follows from two rates that are met within one",
           TWO_POPULATIONS, _slowest(h), unit="Hz")
      for h in (1, 2, 5, 15)),
    Fact("fluctuations at h = 15 mV over what a linear circuit has", 1.0, 0.05,
         "three standard errors: 100 s hold some 1,000 independent samples of the noise",
         "closed form: the Lyapunov equation of the linearised circuit", _noise(15), slow=True),
)  # fmt: skip
