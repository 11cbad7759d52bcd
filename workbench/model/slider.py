"""Where the slider of a parameter starts and ends, and its steps."""

from __future__ import annotations

import math

from .parameter import Parameter


def slider_range(parameter: Parameter) -> tuple[float, float]:
    """Where the slider starts and ends: soft bounds, else bounds, else around the default."""
    soft, hard = parameter.softbounds or (None, None), parameter.bounds or (None, None)
    reach = 2 * abs(parameter.default) or 1.0
    low = next((v for v in (soft[0], hard[0]) if v is not None), parameter.default - reach)
    high = next((v for v in (soft[1], hard[1]) if v is not None), parameter.default + reach)
    return low, high


def nice_step(low: float, high: float, default: float) -> float:
    """1, 2 or 5 times a power of ten, at least 200 steps a slider, and the default is on a step.

    Where no such step down to a hundredth of that meets the default (350/3, say), the slider has
    steps of its own that do.
    """
    most = (high - low) / 200
    exponent = math.floor(math.log10(most))
    usual = [m * 10.0**e for e in range(exponent, exponent - 3, -1) for m in (5, 2, 1)]
    for step in (s for s in usual if s <= most):
        if abs((default - low) / step - round((default - low) / step)) < 1e-6:
            return step
    return (default - low) / math.ceil((default - low) / most)
