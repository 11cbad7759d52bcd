"""What is known about the reconstructed V1 population, each with the way to measure it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.model import Fact

from .._shared.variants import fast_engine, key_of, varied
from . import equations, theory
from .network import population_of

if TYPE_CHECKING:
    from workbench.model.model import Model

INDEPENDENT = "an independent calculation of the same equations (table 1D)"
CLOSED = "closed form"
# (w_exc, kappa_exc, w_inh, kappa_inh) -> the table's row; see `theory.summary` for the columns
COLUMNS = (
    "g_adapter", "g_orthogonal", "peak", "trough", "shift", "cv_before", "cv_after", "cov_before",
    "cov_after",
)  # fmt: skip
TABLE = {
    (0.0, 3.0, 0.0, 0.2): (0.801, 1.097, 0.801, 0.801, 0.00, 0.259, 0.138, 0.263, 0.161),
    (0.5, 3.0, 0.0, 0.2): (0.858, 1.060, 0.810, 0.832, 1.04, 0.206, 0.087, 0.232, 0.173),
    (0.8, 4.0, 0.4, 0.2): (0.872, 1.051, 0.787, 0.906, 1.05, 0.409, 0.235, 0.215, 0.107),
    (0.0, 3.0, 0.6, 0.5): (0.776, 1.113, 0.792, 0.960, -0.72, 0.374, 0.238, 0.278, 0.143),
    (0.0, 3.0, 0.8, 2.0): (0.757, 1.129, 0.798, 0.737, -0.84, 0.322, 0.204, 0.296, 0.165),
}
DEFAULT = (0.8, 4.0, 0.4, 0.2)
# p_a -> peak ratio, shift (degrees), mean response at the adapter before and after, by uniform
BIAS = {
    0.30: (0.822, 0.85, 1.61, 1.29), 0.35: (0.787, 1.05, 1.80, 1.38),
    0.40: (0.757, 1.23, 1.99, 1.46), 0.50: (0.709, 1.56, 2.37, 1.63),
}  # fmt: skip
# row of TABLE -> where the shift is largest, degrees from the adapter (a whole number is printed)
SHIFT_AT = {(0.5, 3.0, 0.0, 0.2): 26, (0.8, 4.0, 0.4, 0.2): 18}
# (alpha, gamma/mu) -> peak ratio at the adapter
COST_PEAK = {(8.0, 0.1): 0.66}
# (alpha, gamma/mu) -> shift, variation of the time-averaged responses
COSTS = {(0.5, 1.0): (0.74, 0.282), (1.0, 1.0): (1.05, 0.235), (2.0, 1.0): (1.33, 0.195),
         (8.0, 0.1): (1.73, 0.144)}  # fmt: skip
LABELS = {
    "g_adapter": "gain at the adapter", "g_orthogonal": "gain across from the adapter",
    "peak": "peak response at the adapter, adapted over unadapted",
    "trough": "least response at the adapter, adapted over unadapted",
    "shift": "largest shift of a preference away from the adapter",
    "cv_before": "variation of the time-averaged responses, unadapted",
    "cv_after": "variation of the time-averaged responses, adapted",
    "cov_before": "distance of the covariance from the uniform one, unadapted",
    "cov_after": "distance of the covariance from the uniform one, adapted",
}  # fmt: skip
FRAMES = 24_000


def recurrence(model: Any, row: tuple[float, ...]) -> Any:
    """The model with a row's recurrent weights."""
    names = ("w_exc", "kappa_exc", "w_inh", "kappa_inh")
    return varied(model, **dict(zip(names, row, strict=True)))


def adapted(model: Any) -> dict[str, float]:
    """`theory.summary` at the fixed point of the local rule, under the model's ensemble."""
    return _adapted(*key_of(model))


@lru_cache(maxsize=64)
def _adapted(cls: Any, values: tuple[tuple[str, float], ...]) -> dict[str, float]:
    model = cls(**dict(values))
    who, p = population_of(model), theory.ensemble(model.p_a, 0.0)
    return theory.summary(who, p, who.local_gains(p))


def _column(name: str) -> Callable[[Model], float]:
    return lambda model: adapted(model)[name]


def _identity(model: Model) -> float:
    """Largest |f - (I - W) y - (1 - g) o r| at random gains."""
    who = population_of(model)
    g = np.random.default_rng(0).uniform(0.5, 1.3, len(who.W))
    y, r = who.responses(g), who.internal(g)
    return float(np.abs(who.f - y + who.W @ y - (1 - g)[:, None] * r).max())


def _identity_simulated(model: Model) -> float:
    """The same in the network at the ends of long frames, with the gains it has then."""
    held = varied(model, frame=400.0, tau_g=1.0)
    record = {f"v1.{v}": "all" for v in ("r", "g", "f")}
    run = held.run(4000.0, engine="numpy", record=record)
    ends = (run.state_t % held.frame == 0) & (run.state_t > 0)
    r, g, f = (run.state(f"v1.{v}")[ends].T for v in ("r", "g", "f"))
    W = population_of(held).W
    # Samples are taken before the gains learn, so g is the one that r settled with.
    return float(np.abs(f - g * r + W @ (g * r) - (1 - g) * r).max())


def _uniform(model: Model) -> float:
    who = population_of(model)
    p = np.full(who.f.shape[1], 1 / who.f.shape[1])
    return float(np.abs(who.local_gains(p) - 1).max())


def _no_recurrence(model: Model) -> float:
    """Largest shift of a preference without recurrence, degrees."""
    return abs(adapted(recurrence(model, (0.0, 3.0, 0.0, 0.2)))["shift"])


def _gradient(model: Model) -> float:
    """Largest relative difference of the adjoint gradient from finite differences."""
    who = population_of(varied(model, n_neurons=20))
    p, g0 = theory.ensemble(0.35), who.preferred()
    g = np.random.default_rng(0).uniform(0.8, 1.2, 20)
    exact = who.gradient(g, p, g0)
    steps = 1e-5 * np.eye(20)
    numeric = [(who.objective(g + d, p, g0) - who.objective(g - d, p, g0)) / 2e-5 for d in steps]
    return float(np.abs(np.array(numeric) / exact - 1).max())


def online_gains(model: Any, frames: int, engine: str, seed: int = 1) -> np.ndarray:
    """Gains of a simulation, averaged over its later two thirds, (N,)."""
    run = model.run(frames * model.frame, engine=engine, seed=seed, record={"v1.g": "all"})
    return run.state("v1.g")[run.state_t >= frames * model.frame / 3].mean(axis=0)


@lru_cache(maxsize=4)
def _online(cls: Any, values: tuple[tuple[str, float], ...]) -> np.ndarray:
    return online_gains(cls(**dict(values)), FRAMES, fast_engine())


def _simulated(row: tuple[float, ...], uniform: bool = False) -> Callable[[Model], float]:
    """Root mean square distance of simulated gains from the fixed point of the local rule."""

    def measure(model: Model) -> float:
        shown = recurrence(varied(model, ensemble="uniform" if uniform else "biased"), row)
        g = _online(*key_of(shown))
        who = population_of(shown)
        n = who.f.shape[1]
        p = np.full(n, 1 / n) if uniform else theory.ensemble(shown.p_a, 0.0)
        return float(np.abs(g - who.local_gains(p)).max())

    return measure


def _digits(value: float, name: str) -> float:
    return 0.0051 if name == "shift" else 0.00051


FACTS = (
    Fact("r and g less the equations of the local rule, after a frame", 0.0, 1e-12, "rounding",
         "another computation: Euler steps with the numbers of the reconstruction",
         equations.local_rule),
    Fact("change of the gains by the full rule less the gradient's", 0.0, 1e-7,
         "the gradient is taken by finite differences, right to about 1e-8",
         f"{CLOSED}: - T/tau_g dL/dg / 2 (gamma + (1 + alpha) mu)", equations.full_rule),
    Fact("largest difference of the shares of five zones of orientation", 0.0, 0.015,
         "four standard errors, sqrt(0.325 (1 - 0.325)/20000)",
         "protocol: 0.35 on three bins, half of it on the middle one", equations.zones),
    Fact("reach of the adapter's bins", 1.5 * 180 / 21, 0.05,
         "the largest of 7,000 uniform numbers; the width is declared to a thousandth",
         "protocol: three of 21 bins", equations.reach, unit="degree"),
    Fact("nearest of the other orientations on either side", 1.5 * 180 / 21, 0.15,
         "the least of 6,500 numbers uniform on 77 degrees: 0.012 on average",
         "protocol: the 18 other bins begin where the three end", equations.nearest,
         unit="degree"),
    Fact("largest orientation of the uniform ensemble", 180.0, 0.2,
         "the largest of 5,000 numbers uniform on 180 degrees: 0.04 below on average",
         "protocol: any orientation", equations.uniform, unit="degree"),
    Fact("f - (I - W) y - (1 - g) o r at random gains", 0.0, 1e-12, "rounding",
         f"{CLOSED}: an identity of the steady state", _identity),
    Fact("the same in the network at the ends of frames", 0.0, 1e-6,
         "exp(-400 ms / 11.5 ms) of the transient is left", f"{CLOSED}: the same identity",
         _identity_simulated),
    Fact("gains under the uniform ensemble, less 1", 0.0, 1e-8, "rounding of the iteration",
         f"{CLOSED}: g0 is chosen for that", _uniform),
    Fact("shift of preferences without recurrence", 0.0, 1e-9, "rounding",
         f"{CLOSED}: a gain scales a tuning curve and cannot move it", _no_recurrence,
         unit="degree"),
    Fact("gradient by the adjoint over finite differences, less 1", 0.0, 1e-6,
         "finite differences of 1e-5 are right to about 1e-8", CLOSED, _gradient),
    *(Fact(LABELS[name], value, _digits(value, name), "half a unit of the last printed digit",
           INDEPENDENT, _column(name), unit="degree" if name == "shift" else "1")
      for name, value in zip(COLUMNS, TABLE[DEFAULT], strict=True)),
    Fact("simulated gains less the fixed point, biased ensemble", 0.0, 0.05,
         "what was asked for; chance leaves some 0.02 after 16,000 frames", f"{CLOSED}: the fixed "
         "point of the local rule", _simulated(DEFAULT), slow=True),
    Fact("simulated gains less 1, uniform ensemble", 0.0, 0.05, "as for the biased ensemble",
         f"{CLOSED}: g = 1", _simulated(DEFAULT, uniform=True), slow=True),
)  # fmt: skip
