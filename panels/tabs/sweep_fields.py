"""The fields of the Sweep tab: which parameter is varied over which range, and whole numbers."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

from workbench.model.model import Model
from workbench.sweeps.design import range_of

from ..parts.parameters import slider_range
from ..widgets.number_field import NumberField

NONE = "—"  # no second parameter


class Axis:
    """Fields of one varied parameter: name, start, end and number of values."""

    def __init__(
        self, label: str, options: dict[str, str], value: str, model: type[Model], points: int
    ):
        self._model = model
        number: dict[str, Any] = {"size": "small", "width": 120, "margin": (4, 12, 4, 0)}
        key = "x" if value != NONE else "y"
        self.choice = pmui.Select(
            label=label, options=options, value=value, size="small", width=250,
            margin=(4, 12, 4, 0), css_classes=[f"wb-sweep-{key}"],
        )  # fmt: skip
        self.low = pmui.TextInput(label="From", css_classes=[f"wb-sweep-{key}-from"], **number)
        self.high = pmui.TextInput(label="To", css_classes=[f"wb-sweep-{key}-to"], **number)
        self.count = NumberField(
            points, "Values", low=1, high=1000, label="Values",
            css_classes=[f"wb-sweep-{key}-count"], **{**number, "width": 90},
        )  # fmt: skip
        self.choice.param.watch(lambda _e: self._offer(), "value")
        self.view = pn.FlexBox(
            self.choice, self.low, self.high, self.count, align_items="center", margin=(2, 0)
        )
        self._offer()

    @property
    def name(self) -> str:
        return str(self.choice.value)

    def values(self) -> list[float]:
        """Parse the values; raises ParameterError if they are invalid."""
        text = f"{self.low.value}:{self.high.value}:{self.count.number()}"
        return range_of(self._model, self.name, text)

    def _offer(self) -> None:
        """Suggest the range of the parameter's slider."""
        there = self.name != NONE
        for field in (self.low, self.high, self.count):
            field.visible = there
        if there:
            low, high = slider_range(self._model.parameter(self.name))
            self.low.value, self.high.value = f"{low:g}", f"{high:g}"


def named(model: type[Model], name: str) -> str:
    """Label of a parameter, such as ``τ_m · tau_m (ms)``."""
    parameter = model.parameter(name)
    symbol = f"{parameter.symbol} · " if parameter.symbol not in ("", name) else ""
    return f"{symbol}{name}" + ("" if parameter.unit == "1" else f" ({parameter.unit})")


def whole(label: str, value: int, doc: str, end: int = 1000) -> Any:
    """A field for a whole number from 1 to ``end``; ``doc`` is its tooltip."""
    return NumberField(
        value, label, low=1, high=end, label=label, size="small", width=100,
        margin=(4, 12, 4, 0), description=doc, css_classes=[f"wb-sweep-{label.lower()}"],
    )  # fmt: skip
