"""Closed forms of the reservoir."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import optimize
from scipy.special import logit

from .._shared.memory import memory as memory


def multiplier(rho: Any) -> Any:
    """By what a deviation that all neurons share is multiplied in a step: (1 - rho) logit(rho).

    Exact with theta = 0, one target for all and input of mean 0, whatever c, N and the degree are:
    the slope is c rho (1 - rho), and the design makes every row sum logit(rho)/(c rho).
    """
    return (1 - np.asarray(rho)) * logit(rho)


def flip() -> float:
    """The target rate below which the population alternates from step to step."""
    return float(optimize.brentq(lambda rho: multiplier(rho) + 1, 0.05, 0.5))
