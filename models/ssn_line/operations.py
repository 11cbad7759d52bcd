"""What can be done to the line while it runs: show discs of all sizes, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from workbench.model.operation import option

from .._shared.geometric_sweep import GeometricSweep


@dataclass(frozen=True)
class SizeSweep(GeometricSweep):
    """Widen the centre in equal ratios, then put it back: a size tuning curve."""

    lowest: float = option(0.3, "first diameter, deg")
    highest: float = option(16.0, "last diameter, deg")

    verb: ClassVar[str] = "sweep the size"
    parameter: ClassVar[str] = "size"
    most: ClassVar[float] = 100.0
