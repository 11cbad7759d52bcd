"""Numbers, quantities and arrays as the text of a Python script; long arrays go to a file."""

from __future__ import annotations

from typing import Any

import numpy as np

FEW = 8  # numbers that are written into the text
BASE = {
    "length": "metre", "mass": "kilogram", "time": "second", "electric current": "amp",
    "temperature": "kelvin", "quantity of substance": "mole", "luminosity": "candle",
}  # fmt: skip
NAMED = ("volt", "amp", "second", "hertz", "siemens", "farad", "ohm", "coulomb", "metre")


class Data:
    """The arrays of a script, by name; `text` says how the script reads one."""

    def __init__(self) -> None:
        self.arrays: dict[str, Any] = {}

    def text(self, name: str, values: Any) -> str:
        """An expression for an array: one number where all are equal."""
        array = np.asarray(values)
        if array.size and array.ndim <= 1 and (array == array.flat[0]).all():
            return number(array.flat[0])
        if array.ndim == 1 and array.size <= FEW:
            return f"np.array([{', '.join(number(v) for v in array)}], dtype={str(array.dtype)!r})"
        self.arrays[name] = array
        return f"data[{name!r}]"


def number(value: Any) -> str:
    """A number, exactly."""
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float) and not np.isfinite(plain):
        return f"float({str(plain)!r})"
    return repr(plain)


def unit(dim: Any) -> str:
    """The SI unit of a dimension, of Brian2 under the name ``b2``; "" for none."""
    import brian2

    if dim.is_dimensionless:
        return ""
    for name in NAMED:
        if getattr(brian2, name).dim is dim:
            return f"b2.{name}"
    return " * ".join(f"b2.{part}" for part in _powers(dim))


def unit_in_equations(dim: Any) -> str:
    """The SI unit of a dimension as equations have it."""
    import brian2

    if dim.is_dimensionless:
        return "1"
    named = [name for name in NAMED if getattr(brian2, name).dim is dim]
    return named[0] if named else " * ".join(_powers(dim))


def _powers(dim: Any) -> list[str]:
    found = []
    for name, base in BASE.items():
        power = dim.get_dimension(name)
        if power:
            whole = int(power) if power == int(power) else power
            found.append(base if whole == 1 else f"{base}**{whole}")
    return found


def quantity(value: Any) -> str:
    """A number with its unit, exactly: ``0.02 * b2.second``."""
    import brian2

    dim, si = brian2.get_dimensions(value), np.asarray(value)
    text = number(si[()]) if si.ndim == 0 else f"np.array({si.tolist()!r})"
    return text if dim.is_dimensionless else f"{text} * {unit(dim)}"
