"""What can be done to the pair while it runs: raise its input step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from workbench.model.operation import option

from .._shared.geometric_sweep import GeometricSweep


@dataclass(frozen=True)
class InputSweep(GeometricSweep):
    """Raise the input in equal ratios, then put it back: rates and noise at each."""

    lowest: float = option(1.0, "first input, mV")
    highest: float = option(20.0, "last input, mV")
    steps: int = option(8, "how many, in equal ratios")
    each_ms: float = option(
        3000.0, "how long each is given; the last 2 s are measured, so that it has settled"
    )

    verb: ClassVar[str] = "sweep the input"
    parameter: ClassVar[str] = "h"
    in_si: ClassVar[float] = 1e-3
