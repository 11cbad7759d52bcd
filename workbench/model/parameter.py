"""`Parameter`: one declared parameter, with its unit, its limits and where its value comes from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import param

from ..errors import ParameterError, unknown
from ..numerals import numeral, unit_text
from .misread import shortened
from .units import brian_unit, number_of, whole_of

__all__ = ["Parameter", "brian_unit"]

ROUNDING = 1e-12  # of a bound: some thousand times what converting a value costs


class Parameter(param.Number):
    """A number with a unit, declared once; slider, CLI flag, tables and checks read it.

    The value is a plain ``int`` or ``float`` in the declared unit. A string with a unit
    (``"20 ms"``, ``"0.02 s"``) or a Brian2 quantity may be assigned too and is converted.

    default    : number, in ``unit``
    unit       : str, as Brian2 spells it ("ms", "mV", "nA", "Mohm"); "1" if it has none
    bounds     : (low, high), impossible outside; None for an open end
    softbounds : (low, high), the slider
    source     : where the default comes from: paper, table, file
    live       : True if it may change while the simulation runs, False if it needs a rebuild
    symbol     : how the paper writes it; plain text, may use Greek letters
    group      : heading under which the app lists it
    integer    : True for counts
    choices    : names of the values 0, 1, 2, ...; either the name or the number may be given.
                 Where ``bounds`` reach further, larger numbers have no name
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
        """Return ``value`` as a plain number in this parameter's unit.

        A value that only rounding has taken over a bound is that bound: 3 nA is within 3000 pA.
        """
        if isinstance(value, str) and self.choices:
            if value in self.choices:
                return self.choices.index(value)
            if not value.strip().lstrip("+-").isdigit():
                raise unknown("choice", shortened(value), self.choices, owner=self._who())
        who, such_as = self._who(), self._in_full(self.default)  # which can be typed
        if self.integer:
            whole = whole_of(value, self.unit, what=who, such_as=such_as)
            number_of(whole, what=who)  # finite as a number of any kind, which 1e400 is not
            return whole
        number = number_of(value, self.unit, what=who, such_as=such_as)
        for bound in self.bounds or ():
            if bound is not None and math.isclose(number, bound, rel_tol=ROUNDING):
                inside = min(number, bound) if bound == self.bounds[1] else max(number, bound)
                return float(inside)
        return number

    def near(self, value: float) -> float:
        """The allowed value next to ``value``, which lies within the bounds."""
        return round(value) if self.integer else value

    def text(self, value: float | None = None) -> str:
        """``"3 ms"``: a value as people write it."""
        number = self.default if value is None else value
        if self.choices and number in range(len(self.choices)):
            return self.choices[int(number)]
        return f"{numeral(number)} {unit_text(self.unit)}".rstrip()

    def _validate(self, val: Any) -> None:  # called by param
        self.check(val)

    def check(self, val: Any) -> None:
        """Raise ParameterError unless ``val``, in this parameter's unit, is within the bounds."""
        low, high = self.bounds or (None, None)
        if val is None or ((low is None or val >= low) and (high is None or val <= high)):
            return
        raise ParameterError(
            f"{self._who()} = {self._in_full(val)} is not allowed: it must be {self.allowed()}."
        )

    def _in_full(self, value: float) -> str:
        """As ``text``, with as many digits as tell it from the bounds."""
        unit = "" if self.unit == "1" else f" {self.unit}"
        return self.text(value) if self.choices else f"{value:.15g}{unit}"

    def allowed(self) -> str:
        """The allowed range, in words."""
        if self.choices:
            named = "one of " + ", ".join(f"{n} ({k})" for k, n in enumerate(self.choices))
            last = self.bounds[1]
            return named if last < len(self.choices) else f"{named}, or a number up to {last:,}"
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
