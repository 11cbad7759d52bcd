"""What is drawn once and then stays: the weights of both networks, and the current into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from workbench.model.model import Model


class Weights(NamedTuple):
    """Weights in mV, (source, target) each, and (N,) sign of each neuron, 1 or -1.

    reference : what makes the spikes that are to be matched
    naive     : an independent draw, with the same inhibitory neurons
    """

    reference: np.ndarray
    naive: np.ndarray
    sign: np.ndarray


def weights_of(model: Model) -> Weights:
    """Both draws: uniform between 0 and ``w_max``, negative from inhibitory neurons."""
    values: Any = model.values()
    n = int(values["n_neurons"])
    sign = np.where(np.arange(n) < round(n * values["inhibitory"]), -1.0, 1.0)
    rng = np.random.default_rng([int(values["wiring_seed"]), 1])
    drawn = rng.uniform(0, values["w_max"], (2, n, n)) * sign[:, None]
    return Weights(drawn[0], drawn[1], sign)


def start_of(model: Any, which: str) -> np.ndarray:
    """(source, target) the weights called "naive" or "reference", mV."""
    found: np.ndarray = getattr(weights_of(model), which)
    return found


def noise_of(model: Model) -> np.ndarray:
    """(steps of a pass, N) standard normal numbers: the same in every pass, for all networks."""
    values: Any = model.values()
    rng = np.random.default_rng([int(values["wiring_seed"]), 2])
    return rng.standard_normal((int(values["pass_steps"]), int(values["n_neurons"])))
