"""Background spikes counted from the conductance that they leave, for the facts of two models."""

from __future__ import annotations

import numpy as np

# rate at level 1 in kHz, conductance of a spike in nS, decay in ms, as the source declares them
EXCITATION, INHIBITION = (7 / 6, 1.2, 5.0), (0.5, 3.6, 10.0)


def counts(
    jump_nS: np.ndarray, kind: tuple[float, float, float], step_ms: float, level: float = 1.0
) -> np.ndarray:
    """Numbers of spikes in a step that began at conductance 0, from the conductance after it.

    The noise adds u (count - rate dt), so the counts are whole numbers if rate, size, decay and
    the share of the noise are right, and if its sign is.
    """
    rate_kHz, u_nS, tau_ms = kind
    lam = level * rate_kHz
    steady = lam * u_nS * tau_ms * (1 - np.exp(-step_ms / tau_ms))  # what the mean has added
    return np.asarray((jump_nS - steady) / u_nS + lam * step_ms)
