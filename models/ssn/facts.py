"""What is known about the supralinear ring, each with the way to measure it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.model import Fact

from .._shared.built import apart, built
from .._shared.ssn_reference import (
    CHANCELESS,
    INDEPENDENT,
    PARADOX,
    RING,
    euler,
    half_unit,
    largest_alone,
)
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
    from .._shared.orientation import on_circle

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


def _equations_Hz(model: Model) -> float:
    """Largest difference, Hz, of all rates from the equations, a tick with each of three stimuli.

    From random rates on, once as the model is, once turned, with a second grating and more input to
    the inhibitory units, once with that grating at another angle; solved here with the source's
    numbers, as they are written below.
    """
    n, place = 180, np.arange(180.0)
    kernel = np.exp(-((np.minimum(d := np.abs(place[:, None] - place), 180 - d) / 32) ** 2) / 2)

    def grating(orientation: float) -> np.ndarray:
        d = np.abs(place - orientation)
        return np.exp(-((np.minimum(d, 180 - d) / 30) ** 2) / 2)

    one, both = 20 * grating(90), 20 * grating(70) + 15 * grating(160)
    oblique = 20 * grating(70) + 15 * grating(120)
    stimuli: tuple[tuple[dict[str, float], tuple[np.ndarray, np.ndarray]], ...] = (
        ({}, (one, one)),
        ({"orientation": 70.0, "mask": 15.0, "extra_I": 0.1}, (both, 1.1 * both)),
        ({"mask_angle": 50.0}, (oblique, 1.1 * oblique)),
    )
    rng = np.random.default_rng(1)
    found = []
    with built(model) as network:
        if n != network["excitatory"].N:
            return float("inf")
        for more, h in stimuli:
            network.set(**more)
            r = rng.uniform(0, 20, (2, n))
            network.put("excitatory", r=r[0])
            network.put("inhibitory", r=r[1])
            network.run(steps := network.steps(10))
            J = ((0.044, 0.023), (0.042, 0.018))
            theirs = euler(
                r, h, J, ((kernel, kernel),) * 2, 0.04, 2.0, (20, 10), steps, network.dt_ms
            )
            ours = [network.get(name, "r") for name in ("excitatory", "inhibitory")]
            found.append(apart(ours, theirs))
    return max(found)


FACTS = (
    Fact("rates of all units less the published equations, after 10 ms", 0.0, 1e-8, "rounding",
         "another computation: Euler steps with J 0.044, 0.042, 0.023, 0.018, k 0.04, n 2, tau 20 "
         "and 10 ms, sigma 32 and 30 degrees", _equations_Hz, unit="Hz"),
    *(Fact(f"peak rate of the {name} units at contrast {c}", RING[c][column],
           max(0.01 * RING[c][column], half_unit(RING[c][column])), ONE_PER_CENT, INDEPENDENT,
           _peak(name, c), unit="Hz")
      for c in (2, 10, 40) for column, name in enumerate(("excitatory", "inhibitory"))),
    *(Fact(f"two gratings give more than their sum at contrast {c}", float(RING[c][3] > 1), 0.0,
           f"yes or no: the weight crosses 1 between 7.5 and 10; {CHANCELESS}",
           INDEPENDENT, _supralinear(c), slow=True)
      for c in (7.5, 10)),
    *(Fact(f"sign of the inhibitory units' response to their own input at contrast {c}",
           float(np.sign(PARADOX[c])), 0.0, f"a sign; {CHANCELESS}", INDEPENDENT, _sign(c),
           slow=True)
      for c in (2, 5, 10)),
    Fact("largest eigenvalue of the excitatory units alone at contrast 10", RING[10][4], 0.03,
         "one per cent, as for the rates it follows from", INDEPENDENT, _alone(10)),
)  # fmt: skip
