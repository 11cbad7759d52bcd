"""`Quantity`: one declared parameter, with its unit, its limits and where its value comes from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import param

from ..errors import ParameterError, unknown


class Quantity(param.Number):
    """A number with a unit, declared once; slider, CLI flag, tables and checks read it.

    The value is a plain ``int`` or ``float`` in the declared unit. A string with a unit
    (``"20 ms"``, ``"0.02 s"``) or a Brian2 quantity may be assigned too and is converted.

    default    : number, in ``unit``
    unit       : str, as Brian2 and pint spell it ("ms", "mV", "nA", "Mohm"); "1" if it has none
    bounds     : (low, high), impossible outside; None for an open end
    softbounds : (low, high), the slider
    source     : where the default comes from: paper, table, file
    live       : True if it may change while the simulation runs, False if it needs a rebuild
    symbol     : how the paper writes it; plain text, may use Greek letters
    group      : heading under which the app lists it
    integer    : True for counts
    choices    : names of the values 0, 1, 2, ...; either the name or the number may be given
    raises     : ParameterError, when a value is outside ``bounds`` or its unit cannot be converted
    """

    __slots__ = ["choices", "group", "integer", "live", "source", "symbol", "unit"]

    _slot_defaults = dict(
        param.Number._slot_defaults,
        unit="1",
        source="",
        live=True,
        symbol="",
        group="Parameters",
        integer=False,
        choices=(),
    )

    def __init__(
        self,
        default: float = param.Undefined,
        *,
        unit: str = param.Undefined,
        source: str = param.Undefined,
        live: bool = param.Undefined,
        symbol: str = param.Undefined,
        group: str = param.Undefined,
        integer: bool = param.Undefined,
        choices: Sequence[str] = param.Undefined,
        **params: Any,
    ):
        if choices is not param.Undefined:
            choices = tuple(choices)
            integer = True
            params = {"bounds": (0, len(choices) - 1), "softbounds": (0, len(choices) - 1)} | params
        self.choices = choices
        self.unit = unit
        self.source = source
        self.live = live
        self.symbol = symbol
        self.group = group
        self.integer = integer
        super().__init__(default, **params)

    def __set__(self, obj: Any, val: Any) -> None:
        super().__set__(obj, self.convert(val))

    def convert(self, value: Any) -> float:
        """Return ``value`` as a plain number in this quantity's unit."""
        if isinstance(value, str):
            if value in self.choices:
                return self.choices.index(value)
            value = self._from_text(value)
        elif hasattr(value, "dim") and hasattr(value, "get_best_unit"):
            value = self._from_brian(value)
        if isinstance(value, bool) or not hasattr(value, "__float__"):
            raise ParameterError(f"{self._who()} must be a number{self._in_unit()}; got {value!r}.")
        number = float(value)
        if not math.isfinite(number):
            raise ParameterError(f"{self._who()} must be finite; got {value!r}.")
        if self.integer:
            if number != round(number):
                raise ParameterError(f"{self._who()} must be a whole number; got {value!r}.")
            return int(number)
        return number

    def text(self, value: float | None = None) -> str:
        """``"3 ms"``: a value as people write it."""
        number = self.default if value is None else value
        if self.choices and number in range(len(self.choices)):
            return self.choices[int(number)]
        return f"{number:.6g}" + ("" if self.unit == "1" else f" {self.unit}")

    def _validate(self, val: Any) -> None:
        low, high = self.bounds or (None, None)
        if val is None or ((low is None or val >= low) and (high is None or val <= high)):
            return
        raise ParameterError(
            f"{self._who()} = {self.text(val)} is not allowed: it must be {self.allowed()}."
        )

    def allowed(self) -> str:
        """The allowed range, in words."""
        if self.choices:
            return "one of " + ", ".join(f"{n} ({k})" for k, n in enumerate(self.choices))
        low, high = self.bounds or (None, None)
        if low is None and high is None:
            return "any finite number"
        if high is None:
            return f"at least {self.text(low)}"
        if low is None:
            return f"at most {self.text(high)}"
        return f"between {self.text(low)} and {self.text(high)}"

    def _who(self) -> str:
        # The owner is the class, or an instance once it has a parameter of its own.
        owner = self.owner if isinstance(self.owner, type) else type(self.owner)
        return f"{owner.__name__}.{self.name}"

    def _in_unit(self) -> str:
        return "" if self.unit == "1" else f" in {self.unit}"

    def _from_text(self, text: str) -> float:
        if self.choices and not text.strip().lstrip("+-").isdigit():
            raise unknown("choice", text, self.choices, owner=self._who())
        pint = _pint()
        try:
            given = pint.Quantity(text.replace("µ", "u"))
        except Exception as error:
            raise ParameterError(
                f"{self._who()} = {text!r} cannot be read: write a number{self._in_unit()}, "
                f"such as {self.text()!r}."
            ) from error
        if given.dimensionless and not given.units._units:
            return float(given.magnitude)
        try:
            return float(given.to("dimensionless" if self.unit == "1" else self.unit).magnitude)
        except Exception as error:
            raise ParameterError(
                f"{self._who()} = {text!r} has the wrong unit: it is measured in "
                f"{'plain numbers' if self.unit == '1' else self.unit}, such as {self.text()!r}."
            ) from error

    def _from_brian(self, value: Any) -> float:
        import brian2

        if brian2.have_same_dimensions(value, brian_unit(self.unit)):
            return float(value / brian_unit(self.unit))
        raise ParameterError(
            f"{self._who()} = {value} has the wrong unit: it is measured in "
            f"{'plain numbers' if self.unit == '1' else self.unit}, such as {self.text()!r}."
        )


@lru_cache(maxsize=1)
def _pint() -> Any:
    import pint

    return pint.UnitRegistry()


@lru_cache(maxsize=256)
def brian_unit(unit: str) -> Any:
    """The Brian2 unit of a unit string, by name ("siemens") or symbol ("S"); imports Brian2."""
    import brian2

    if unit == "1":
        return 1
    names = {**vars(brian2.units.allunits), **vars(brian2.units.stdunits)}
    known = [u for u in names.values() if isinstance(u, brian2.Unit)]
    names = {str(u): u for u in known} | names  # Brian2 prints the symbols
    return eval(unit, {"__builtins__": {}}, names)
