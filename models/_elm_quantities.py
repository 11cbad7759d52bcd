"""A quantity whose value is one of some names."""

from __future__ import annotations

from typing import Any

import param

from workbench.errors import listed, unknown
from workbench.quantity import Quantity


class Choice(Quantity):
    """One of ``names``, held as its number from 0; the name may be given instead.

    raises : UnknownName for another name, ParameterError for another number
    """

    __slots__ = ["names"]

    _slot_defaults = dict(Quantity._slot_defaults, names=())

    def __init__(self, default: int = 0, *, names: tuple[str, ...] = param.Undefined, **more: Any):
        self.names = names
        last = len(names) - 1
        super().__init__(default, integer=True, bounds=(0, last), softbounds=(0, last), **more)

    def convert(self, value: Any) -> float:
        if isinstance(value, str) and not value.strip().lstrip("-").isdigit():
            if value not in self.names:
                raise unknown(self.name or "value", value, self.names)
            return self.names.index(value)
        return super().convert(value)

    def allowed(self) -> str:
        return listed(self.names)

    def text(self, value: float | None = None) -> str:
        number = self.default if value is None else value
        known = float(number).is_integer() and 0 <= number < len(self.names)
        return self.names[int(number)] if known else super().text(value)
