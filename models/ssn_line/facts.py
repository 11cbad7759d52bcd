"""What is known about the supralinear line, each with the way to measure it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.model import Fact

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


FACTS = (
    Fact("response without recurrence over k c^n", 1.0, 1e-6,
         "the disc's edge is 100 of its softness away", "closed form: r = k c^n", _unconnected),
    Fact("the surround suppresses at contrast 50", 1.0, 0.0, "yes or no",
         "Rubin et al. 2015: surround suppression at high contrast",
         lambda model: float(suppression(model, 50.0) > 0.2)),
    Fact("the surround suppresses less at contrast 10 than at contrast 50", 1.0, 0.0,
         "yes or no", "Rubin et al. 2015: suppression grows with contrast",
         lambda model: float(suppression(model, 10.0) < suppression(model, 50.0)), slow=True),
)  # fmt: skip
