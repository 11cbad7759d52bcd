"""What is known about the normalisation model, each with the way to measure it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.model import Fact

from .._shared.built import apart, built
from .._shared.orientation import on_circle, orientations, von_mises
from .._shared.ssn_reference import half_unit
from .._shared.variants import key_of, varied

if TYPE_CHECKING:
    from workbench.model.model import Model

INDEPENDENT = "an independent calculation of the same equations (section 3)"
CONTRASTS = (0.06, 0.12, 0.25, 0.5, 1.0)
# mask -> responses (Hz) at those contrasts
RESPONSES = {0.0: (17.56, 46.01, 78.72, 93.67, 98.34), 0.5: (1.73, 5.71, 19.11, 46.2, 75.1)}
# mask -> contrast of half the largest response
HALF = {0.0: 0.130, 0.25: 0.295, 0.5: 0.543}
# mask -> the same where the mask does not drive the neuron: sqrt(sigma^2 + mask^2)
HALF_CLOSED = {0.25: 0.282, 0.5: 0.517}
SETTLE_MS = 1500.0


def closed(model: Any, contrast: float, mask: float, angle: float = 90.0) -> np.ndarray:
    """Steady responses by the formula, (N,) Hz."""
    places = orientations(model.n_neurons)
    first, second = (
        von_mises(on_circle(places - model.orientation - a), model.kappa) for a in (0.0, angle)
    )
    drive = (contrast * first + mask * second) ** model.n_power
    pool = drive.sum() / np.sum(von_mises(places, model.kappa) ** model.n_power)
    return model.R_max * drive / (model.sigma**model.n_power + pool)


def responses(model: Any, **values: Any) -> np.ndarray:
    """Steady responses of a simulation, (N,) Hz."""
    return _responses(*key_of(varied(model, **values)))


@lru_cache(maxsize=128)
def _responses(cls: Any, values: tuple[tuple[str, float], ...]) -> np.ndarray:
    model = cls(**dict(values))
    return model.run(SETTLE_MS, engine="numpy", record={"neurons.r": "all"}).state("neurons.r")[-1]


def preferred(model: Any, **values: Any) -> float:
    """Steady response of the neuron that prefers the grating, Hz."""
    rates = responses(model, **values)
    places = orientations(len(rates))
    return float(rates[np.abs(on_circle(places - model.orientation)).argmin()])


def half_contrast(model: Any, mask: float) -> float:
    """Contrast that gives half of R_max at the preferred orientation beside a mask."""
    at = int(np.abs(on_circle(orientations(model.n_neurons) - model.orientation)).argmin())
    low, high = 1e-4, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        above = closed(model, middle, mask)[at] > model.R_max / 2
        low, high = (low, middle) if above else (middle, high)
    return (low + high) / 2


def _response(contrast: float, mask: float) -> Callable[[Model], float]:
    return lambda model: preferred(model, contrast=contrast, mask=mask, orientation=0.0)


def _half(mask: float) -> Callable[[Model], float]:
    return lambda model: half_contrast(model, mask)


def _formula(model: Model) -> float:
    """Largest distance of simulated responses from the formula, Hz."""
    values = {"contrast": 0.4, "mask": 0.3, "mask_angle": 60.0}
    return float(np.abs(responses(model, **values) - closed(model, 0.4, 0.3, 60.0)).max())


def _faster(model: Any) -> float:
    """Time constant of the response at contrast 0.2 over that at contrast 0.8."""
    found = []
    for contrast in (0.2, 0.8):
        shown = varied(model, contrast=contrast, tau=20.0)
        run = shown.run(30.0, engine="numpy", record={"neurons.r": "all"})
        steady = closed(shown, contrast, 0.0)
        rates = run.state("neurons.r")[1]
        at = int(steady.argmax())
        found.append(-run.state_t[1] / np.log(1 - rates[at] / steady[at]))
    return float(found[0] / found[1])


def _course_Hz(model: Model) -> float:
    """Largest difference, Hz, of all responses from their course, 5 ms into each of two stimuli.

    Once as the model is, once turned and with a mask; with the numbers of the reference as written
    here.
    """
    n, seen_ms = 60, 5.0
    places = 180.0 * np.arange(n) / n - 90

    def tuned(theta: float) -> np.ndarray:
        return np.exp(2.0 * (np.cos(2 * np.deg2rad(places - theta)) - 1))

    r, found = np.random.default_rng(1).uniform(0, 100, n), []
    with built(model) as network:
        if n != network["neurons"].N:
            return float("inf")
        network.put("neurons", r=r)
        for mask, theta in ((0.0, 0.0), (0.3, 20.0)):
            if mask:
                # To the next tick, from which on the mask is shown.
                network.run(network.steps(10.0 - seen_ms))
                r = network.get("neurons", "r")
                network.set(mask=mask, orientation=theta)
            network.run(network.steps(seen_ms))
            drive = (0.5 * tuned(theta) + mask * tuned(theta + 90.0)) ** 2
            rate = 0.13**2 + drive.sum() / (tuned(0.0) ** 2).sum()
            steady = 100 * drive / rate
            r = steady + (r - steady) * np.exp(-seen_ms * rate / 2.0)
            found.append(apart(network.get("neurons", "r"), r))
    return max(found)


FACTS = (
    Fact("course of the responses less the closed form, 5 ms into a stimulus", 0.0, 1e-9,
         "rounding: the integration is exact",
         "closed form: exp(-(sigma^n + pool) t/tau) of the way is left; sigma 0.13, n 2, R_max 100 "
         "Hz, kappa 2, tau 2 ms, contrast 0.5", _course_Hz, unit="Hz"),
    *(Fact(f"response at contrast {c} with a mask of {m}", value,
           half_unit(value) * 1.02, "half a unit of the last printed digit",
           INDEPENDENT, _response(c, m), unit="Hz")
      for m, values in RESPONSES.items() for c, value in zip(CONTRASTS, values, strict=True)),
    *(Fact(f"contrast of half the response with a mask of {m}", value,
           0.00051, "half a unit of the last printed digit", INDEPENDENT, _half(m))
      for m, value in HALF.items()),
    Fact("simulated responses less the formula", 0.0, 1e-6,
         "1.5 s are hundreds of time constants at this contrast",
         "closed form: R_max E / (sigma^n + pool)", _formula, unit="Hz"),
    Fact("how much slower the response is at contrast 0.2 than at 0.8",
         (0.8**2 + 0.13**2) / (0.2**2 + 0.13**2), 1e-6, "rounding: the integration is exact",
         "closed form: tau / (sigma^n + c^n)", _faster),
)  # fmt: skip
