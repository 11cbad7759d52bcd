"""The range of a slider for a number of which only name, value and unit are known."""

from __future__ import annotations

from ..model.units import unit_of

TIMES = 4.0
AROUND_V = 0.04  # a potential is moved by so much to either side


def range_of(name: str, value: float, unit: str) -> tuple[float, float]:
    """(low, high) in ``unit``: 0 to 4 times the value, or what suits its kind.

    A time stays above 0, since equations divide by it; a potential moves around its value; a
    probability ends at 1.
    """
    kind = unit_of(unit).dimension
    if value == 0:
        return -1.0, 1.0
    if kind == unit_of("V").dimension and abs(value * float(unit_of(unit).size)) >= 0.02:
        around = AROUND_V / float(unit_of(unit).size)
        return value - around, value + around
    if kind == unit_of("s").dimension and value > 0:
        return value / 20, TIMES * value
    if unit == "1" and 0 < value <= 1 and (name.startswith("p") or "prob" in name.lower()):
        return 0.0, 1.0
    if isinstance(value, int) and unit == "1" and value > 0:
        return 1, int(TIMES * value)
    return (0.0, TIMES * value) if value > 0 else (TIMES * value, 0.0)
