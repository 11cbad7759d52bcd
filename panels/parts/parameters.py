"""The parameter column: every parameter of a model with its symbol, unit, limits and source.

A row shows how the source writes a parameter, or its name where it has no symbol, and below it, in
words, what it is. The name in code is in the tip.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from workbench.errors import ParameterError
from workbench.model.model import Model
from workbench.model.parameter import Parameter
from workbench.model.slider import nice_step, slider_range
from workbench.model.time_step import TimeStep
from workbench.numerals import unit_text

from ..theme import css

OPEN_ROWS = 6  # groups open until so many rows show; the others fold, so that controls stay in view


class Parameters(JSComponent):
    """One row a parameter. Calls ``on_set(name, value, final)`` with values that are allowed.

    ``final`` is False while a slider is being dragged, which only happens for live parameters.
    """

    groups = param.List(doc="What to draw: groups of rows, in the order of declaration.")
    state = param.Dict(
        default={}, doc="Parameter -> its value and what is wrong with the last one."
    )

    fences = param.Dict(
        default={}, doc='Parameter -> "locked" or "hidden", in a lesson; the others can be moved.'
    )

    _esm = Path(__file__).with_name("parameters.js")
    _stylesheets = [css("parameters")]

    def __init__(
        self,
        model: type[Model],
        values: dict[str, float],
        on_set: Callable[[str, float, bool], Any],
        on_defaults: Callable[[], Any],
        **params: Any,
    ):
        self._model = model
        self._values = dict(values)
        self._on_set = on_set
        self._on_defaults = on_defaults
        super().__init__(groups=groups_of(model, values), **params)

    def _handle_msg(self, data: dict[str, Any]) -> None:
        if data["type"] == "defaults":
            self._on_defaults()
            return
        name, parameter = data["name"], self._model.parameter(data["name"])
        try:
            value = checked(parameter, data["value"])
        except ParameterError as error:
            self.display(self._values, {name: str(error)})
            return
        self._values[name] = value
        if data["final"]:
            self.display(self._values)
        self._on_set(name, value, bool(data["final"]))

    def display(self, values: dict[str, float], notes: dict[str, str] | None = None) -> None:
        """Show these values, and beside some of them a sentence that says what is wrong."""
        notes = notes or {}
        self._values = dict(values)
        self.state = {k: {"value": v, "note": notes.get(k, "")} for k, v in values.items()}


def checked(parameter: Parameter, value: Any) -> float:
    """``value`` in the parameter's unit; raises ParameterError when it is not allowed."""
    number = parameter.convert(value)
    parameter.check(number)
    return number


def groups_of(model: type[Model], values: dict[str, float]) -> list[dict[str, Any]]:
    """The rows of a model's parameters, grouped and ready for the browser."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for name, parameter in model.parameters().items():
        groups.setdefault(parameter.group, []).append(row_of(name, parameter, values[name]))
    shown = 0
    found: list[dict[str, Any]] = []
    for title, rows in groups.items():
        shown += len(rows)
        found.append({"title": title, "rows": rows, "open": not found or shown <= OPEN_ROWS})
    return found


def row_of(name: str, parameter: Parameter, value: float) -> dict[str, Any]:
    """One row: the declaration of a parameter as plain data; the slider spans its soft bounds.

    ``stops`` are the only values that the slider offers, where there are any: steps of integration.
    """
    low, high = slider_range(parameter)
    hard_low, hard_high = parameter.bounds or (None, None)
    return {
        "name": name,
        "symbol": parameter.symbol,
        "unit": unit_text(parameter.unit),
        "doc": parameter.doc or "",
        "source": parameter.source,
        "allowed": parameter.allowed(),
        "default": parameter.default,
        "default_text": parameter.text(),
        "value": value,
        "low": low,
        "high": high,
        "min": hard_low,
        "max": hard_high,
        "step": 1 if parameter.integer else nice_step(low, high, parameter.default),
        "live": parameter.live,
        "choices": list(parameter.choices),
        "stops": parameter.usual() if isinstance(parameter, TimeStep) else [],
    }
