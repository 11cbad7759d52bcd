"""What is known about the normalisation model, each with the way to measure it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.model import Fact

from .._shared.ssn_reference import half_unit
from .._shared.variants import key_of, varied
from ..v1_adaptation.theory import on_circle, orientations, von_mises

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


FACTS = (
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
