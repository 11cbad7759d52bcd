"""Fields in which a person types numbers, read as strictly as everywhere else.

A browser's field for numbers, and the widgets made of it, put the last number back when they cannot
read a text: "1,62" or "5 ms" would be taken for what stood there before, without a word. Here the
text arrives as it was typed; what is no number is marked and refused in a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import panel_material_ui as pmui

from workbench.errors import ParameterError
from workbench.model.units import number_of, read_several, unit_of_name, whole_of


class NumberField(pmui.TextInput):
    """A field for one number, with or without its unit; whole numbers where ``start`` is one.

    start    : the number at first; an int asks for whole numbers
    what     : what it is, for the sentences
    unit     : the unit of a number without one
    low, high: limits, both allowed; None for none
    on_error : called with the sentence when the text that was typed is not allowed, with "" when
               it is; else the sentence is shown under the field if ``explain``
    """

    def __init__(
        self,
        start: float,
        what: str,
        unit: str = "1",
        *,
        low: float | None = None,
        high: float | None = None,
        explain: bool = False,
        on_error: Callable[[str], Any] | None = None,
        **params: Any,
    ):
        self._whole = isinstance(start, int)
        self._what, self._unit, self._low, self._high = what, unit, low, high
        self._explain, self._on_error = explain, on_error
        self.latest = start  # the last number that was allowed
        super().__init__(value=text_of(start), **params)
        self.param.watch(lambda _event: self._look(), "value")

    def number(self) -> float:
        """The number that is written; raises ParameterError when there is none or out of limits."""
        read = whole_of if self._whole else number_of
        value = read(self.value, self._unit, what=self._what)
        for limit, least in ((self._low, True), (self._high, False)):
            if limit is not None and (value < limit if least else value > limit):
                unit = "" if self._unit == "1" else f" {self._unit}"
                raise ParameterError(
                    f"{self._what} = {text_of(value)}{unit} is not allowed: "
                    f"{'at least' if least else 'at most'} {text_of(limit)}{unit}."
                )
        return value

    def _look(self) -> None:
        message = ""
        try:
            self.latest = self.number()
        except ParameterError as error:
            message = str(error)
        shown = message if self._explain else ""
        self.param.update(error_state=bool(message), helper_text=shown)
        if self._on_error is not None:
            self._on_error(message)


def text_of(value: float) -> str:
    """A number as it is typed, which is read as exactly this number again."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def field_for(name: str, default: Any, choices: Sequence[str] = (), **params: Any) -> Any:
    """The field of an option: numbers, several numbers, yes or no, or text, as its default is.

    choices : the texts that it can be, if only those
    """
    if choices:
        return pmui.Select(options=list(choices), value=default, **params)
    if isinstance(default, bool):
        return pmui.Checkbox(value=default, label=params["label"], margin=params["margin"])
    if isinstance(default, int | float):
        return NumberField(default, name, unit_of_name(name), **params)
    if isinstance(default, list | tuple):
        text = ", ".join(text_of(v) for v in default)
        return pmui.TextInput(value=text, placeholder="such as 0, 3, 7", **params)
    return pmui.TextInput(value="" if default is None else str(default), **params)


def typed_in(field: Any, name: str, default: Any) -> Any:
    """What a field that `field_for` made says; raises ParameterError for what cannot be read."""
    if isinstance(field, NumberField):
        return field.number()
    if not isinstance(default, list | tuple):
        return field.value
    if any(isinstance(v, str) for v in default):
        return type(default)(field.value.replace(",", " ").split())
    kind = float if any(isinstance(v, float) for v in default) else int
    return type(default)(read_several(field.value, kind, what=name))
