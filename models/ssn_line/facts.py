"""What is known about the supralinear line, each with the way to measure it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.model import Fact

from .._shared.built import apart, built
from .._shared.ssn_reference import CHANCELESS, euler
from .._shared.variants import key_of, varied

if TYPE_CHECKING:
    from workbench.model.model import Model

SETTLE_MS = 600.0
SMALL, LARGE = 3.0, 16.0


def centre(model: Any, **values: Any) -> np.ndarray:
    """Steady rates of the excitatory and the inhibitory unit at the centre, (2,) Hz."""
    return _centre(*key_of(varied(model, **values)))


@lru_cache(maxsize=256)
def _centre(cls: Any, values: tuple[tuple[str, float], ...]) -> np.ndarray:
    model = cls(**dict(values))
    middle = (model.n_sites // 2,)
    record = {"excitatory.r": middle, "inhibitory.r": middle}
    run = model.run(SETTLE_MS, engine="numpy", record=record)
    return np.array([run.state(f"{n}.r")[-1, 0] for n in ("excitatory", "inhibitory")])


def inputs(model: Any, **values: Any) -> np.ndarray:
    """Steady recurrent excitation and inhibition of the excitatory unit at the centre, (2,)."""
    shown = varied(model, **values)
    middle = (shown.n_sites // 2,)
    record = {"excitatory.rec_e": middle, "excitatory.rec_i": middle}
    run = shown.run(SETTLE_MS, engine="numpy", record=record)
    e, i = (run.state(f"excitatory.rec_{x}")[-1, 0] for x in "ei")
    return np.array([shown.J_EE * e, shown.J_EI * i])


def suppression(model: Any, contrast: float) -> float:
    """Share by which the centre's response to a large disc falls below that to a small one."""
    small = centre(model, contrast=contrast, size=SMALL)[0]
    return float(1 - centre(model, contrast=contrast, size=LARGE)[0] / small)


def _unconnected(model: Model) -> float:
    """Response at the centre without any recurrence, over k c^n."""
    values: Any = model.values()
    alone = centre(model, J_EE=0, J_IE=0, J_EI=0, J_II=0, size=8.0)[0]
    return float(alone / (values["k"] * values["contrast"] ** values["n_power"]))


def _equations_Hz(model: Model) -> float:
    """Largest difference, Hz, of all rates from the equations, a tick with each of two stimuli.

    From random rates on, once as the model is, once with a surround and more input to the
    inhibitory units; solved here with the source's numbers, as they are written below.
    """
    n, place = 101, (np.arange(101) - 50) * 0.3333
    apart_deg = place[:, None] - place[None, :]
    reach = np.arange(-1000, 1001) * 0.3333

    def gaussian(sigma: float) -> np.ndarray:
        return np.exp(-((apart_deg / sigma) ** 2) / 2) / np.exp(-((reach / sigma) ** 2) / 2).sum()

    local = np.eye(n)
    kernels = [[gaussian(0.667), local], [gaussian(1.333), local]]

    def disc(diameter: float) -> np.ndarray:
        return 1 / (1 + np.exp(-(diameter / 2 - np.abs(place)) / 0.0417))

    centre = 50 * disc(3.0)
    around = 30 * (1 - disc(3.0)) * disc(16.0)
    rng = np.random.default_rng(1)
    with built(model) as network:
        found = []
        for more, h in (({}, (centre, centre)),
                        ({"surround": 30.0, "extra_I": 0.1},
                         (centre + around, 1.1 * (centre + around)))):  # fmt: skip
            network.set(**more)
            r = rng.uniform(0, 20, (2, n))
            if n != network["excitatory"].N:
                return float("inf")
            network.put("excitatory", r=r[0])
            network.put("inhibitory", r=r[1])
            network.run(steps := network.steps(10))
            theirs = euler(
                r, h, ((1.0, 1.0), (1.25, 0.75)), kernels, 0.01, 2.2, (20, 10), steps, network.dt_ms
            )
            ours = [network.get(name, "r") for name in ("excitatory", "inhibitory")]
            found.append(apart(ours, theirs))
    return max(found)


FACTS = (
    Fact("rates of all units less the published equations, after 10 ms", 0.0, 1e-6,
         "rounding; the stimulus is cut off where it is a billionth of its contrast",
         "another computation: Euler steps with J 1, 1.25, 1, 0.75, k 0.01, n 2.2, tau 20 and "
         "10 ms, sigma 0.667 and 1.333 degrees",
         _equations_Hz, unit="Hz"),
    Fact("response without recurrence over k c^n", 1.0, 1e-6,
         "the disc's edge is 100 of its softness away", "closed form: r = k c^n", _unconnected),
    Fact("the surround suppresses at contrast 50", 1.0, 0.0, f"yes or no; {CHANCELESS}",
         "Rubin et al. 2015: surround suppression at high contrast",
         lambda model: float(suppression(model, 50.0) > 0.2)),
    Fact("the surround suppresses less at contrast 10 than at contrast 50", 1.0, 0.0,
         f"yes or no; {CHANCELESS}", "Rubin et al. 2015: suppression grows with contrast",
         lambda model: float(suppression(model, 10.0) < suppression(model, 50.0)), slow=True),
)  # fmt: skip
