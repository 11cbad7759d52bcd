"""Numbers and units as papers print them: 1,000,000 and 10⁻⁶ µV, never 1e+06 and 1e-06 uV."""

from __future__ import annotations

import math

GROUPED_FROM = 10_000  # whole numbers with fewer digits are read at a glance
WHOLE_BELOW = 1e12  # beyond, a power of ten says more than the digits
_MICRO = ("A", "V", "S", "F", "m", "s", "M")
_SPELLED = {"second": "s", "hertz": "Hz", "volt": "V", "amp": "A", "siemens": "S", "metre": "m"}
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def numeral(value: float, digits: int = 6) -> str:
    """``value`` with at most ``digits`` significant digits; whole numbers with all of theirs.

    2147483648 -> "2,147,483,648", 1e-6 -> "10⁻⁶", 2.5e-7 -> "2.5 × 10⁻⁷", 0.30000001 -> "0.3"
    """
    if not math.isfinite(value):
        return f"{value}"
    if value == round(value) and GROUPED_FROM <= abs(value) < WHOLE_BELOW:
        return f"{round(value):,}"
    text = f"{value:.{digits}g}"
    mantissa, found, exponent = text.partition("e")
    if not found:
        return text
    if 0 < int(exponent) < 12:
        return f"{float(text):,.0f}"
    power = "10" + str(int(exponent)).translate(_RAISED)
    return mantissa.replace("1", power) if mantissa in ("1", "-1") else f"{mantissa} × {power}"


def unit_text(unit: str) -> str:
    """A declared unit as people print it: ``uS`` -> ``µS``, ``1/Hz`` -> ``Hz⁻¹``; "" for "1"."""
    if unit == "1":
        return ""
    parts = unit.replace("ohm", "Ω").replace("**2", "²").replace("**3", "³").replace("*", " ")
    above, *below = (
        "µ" + p[1:] if len(p) >= 2 and p[0] == "u" and p[1] in _MICRO else _SPELLED.get(p, p)
        for p in parts.split("/")
    )
    if above == "1" and len(below) == 1 and below[0].isalpha():
        return f"{below[0]}⁻¹"
    return "/".join((above, *below))
