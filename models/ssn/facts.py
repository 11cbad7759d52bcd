"""What is known about the supralinear ring, each with the way to measure it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.model import Fact

from .._shared.ssn_reference import INDEPENDENT, PARADOX, RING, half_unit, largest_alone
from .._shared.variants import key_of, varied

if TYPE_CHECKING:
    from workbench.model.model import Model

SETTLE_MS = 800.0
ONE_PER_CENT = "one per cent: the other integration stops at 1 s, and prints three digits"


def responses(model: Any, **values: Any) -> dict[str, np.ndarray]:
    """Steady rates of all units, "excitatory" and "inhibitory" -> (N,) Hz.

    values : parameters to be set otherwise; the grating stands at 90 degrees
    """
    changed = varied(model, orientation=90.0, **values)
    return dict(_responses(*key_of(changed)))


@lru_cache(maxsize=256)
def _responses(cls: Any, values: tuple[tuple[str, float], ...]) -> tuple[Any, ...]:
    record = {"excitatory.r": "all", "inhibitory.r": "all"}
    run = cls(**dict(values)).run(SETTLE_MS, engine="numpy", record=record)
    return tuple((name, run.state(f"{name}.r")[-1]) for name in ("excitatory", "inhibitory"))


def peak(model: Any, population: str, **values: Any) -> float:
    """Steady rate at the preferred orientation, Hz."""
    rates = responses(model, **values)[population]
    return float(rates[len(rates) // 2])


def plaid_weight(model: Any, contrast: float) -> float:
    """w of r_AB = w (r_A + r_B) for two orthogonal gratings of one contrast, over all units."""
    single = responses(model, contrast=contrast)["excitatory"]
    both = responses(model, contrast=contrast, mask=contrast)["excitatory"]
    alone = single + np.roll(single, len(single) // 2)
    return float(both @ alone / (alone @ alone))


def exponent(model: Any, contrast: float, before: float) -> float:
    """Slope of log rate over log contrast between two contrasts."""
    rates = [peak(model, "excitatory", contrast=float(c)) for c in (before, contrast)]
    return float(np.log(rates[1] / rates[0]) / np.log(contrast / before))


def paradox(model: Any, contrast: float) -> float:
    """Change of the inhibitory peak rate when those units get 5 % more input, Hz."""
    more = peak(model, "inhibitory", contrast=contrast, extra_I=0.05)
    return more - peak(model, "inhibitory", contrast=contrast)


def kernel_of(model: Any) -> np.ndarray:
    """The ring's recurrent kernel, (N, N)."""
    from .._shared.supralinear import on_circle

    places = 180.0 * np.arange(model.n_sites) / model.n_sites
    apart = on_circle(places[:, None] - places[None, :])
    return np.exp(-0.5 * (apart / model.sigma_ori) ** 2) * (180 / model.n_sites)


def alone(model: Any, contrast: float) -> float:
    """Largest eigenvalue of the excitatory subnetwork at the steady response."""
    r = responses(model, contrast=contrast)["excitatory"]
    return largest_alone(r, kernel_of(model), model.J_EE, model.k, model.n_power)


def _peak(population: str, contrast: float) -> Callable[[Model], float]:
    return lambda model: peak(model, population, contrast=contrast)


def _sign(contrast: float) -> Callable[[Model], float]:
    return lambda model: float(np.sign(paradox(model, contrast)))


def _supralinear(contrast: float) -> Callable[[Model], float]:
    return lambda model: float(plaid_weight(model, contrast) > 1)


def _alone(contrast: float) -> Callable[[Model], float]:
    return lambda model: alone(model, contrast)


FACTS = (
    *(Fact(f"peak rate of the {name} units at contrast {c}", RING[c][column],
           max(0.01 * RING[c][column], half_unit(RING[c][column])), ONE_PER_CENT, INDEPENDENT,
           _peak(name, c), unit="Hz")
      for c in (2, 10, 40) for column, name in enumerate(("excitatory", "inhibitory"))),
    *(Fact(f"two gratings give more than their sum at contrast {c}", float(RING[c][3] > 1), 0.0,
           "yes or no: the weight crosses 1 between 7.5 and 10", INDEPENDENT, _supralinear(c),
           slow=True)
      for c in (7.5, 10)),
    *(Fact(f"sign of the inhibitory units' response to their own input at contrast {c}",
           float(np.sign(PARADOX[c])), 0.0, "a sign", INDEPENDENT, _sign(c), slow=True)
      for c in (2, 5, 10)),
    Fact("largest eigenvalue of the excitatory units alone at contrast 10", RING[10][4], 0.03,
         "one per cent, as for the rates it follows from", INDEPENDENT, _alone(10)),
)  # fmt: skip
