"""Controls made from a model's declared operations, for models without controls of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from panels.access.visitor import in_words
from workbench.errors import WorkbenchError
from workbench.model.operation import Operation, choices_of, options_of
from workbench.model.units import unit_of_name

from ..theme import FIELD, LINE
from ..widgets.error_alert import ErrorAlert
from ..widgets.number_field import NumberField, field_for, typed_in

BOX = {"border": LINE, "border-radius": "8px", "padding": "0 8px 2px"}
NARROW = 104  # px, of a field that stands in a line with others


def from_operations(
    operations: tuple[type[Operation], ...],
    do: Callable[[Operation], Any],
    inline: bool = False,
) -> list[Any]:
    """For each operation its fields and a button that performs it at the next tick.

    inline : fields and button stand in one line, rather than one below another
    """
    return [_controls(kind, do, inline) for kind in operations]


def _controls(kind: type[Operation], do: Callable[[Operation], Any], inline: bool) -> Any:
    fields = options_of(kind)
    choices = choices_of(kind)
    inputs = {
        k: _input(k, default, doc, inline, choices[k]) for k, (default, doc) in fields.items()
    }
    message = ErrorAlert(margin=(4, 0))
    button = pmui.Button(
        label=kind.verb.capitalize(), variant="outlined", size="small", margin=(4, 0),
        css_classes=[f"wb-do-{kind.__name__}"],
        description=(kind.__doc__ or "").strip().splitlines()[0],
        **({} if inline else {"sizing_mode": "stretch_width"}),
    )  # fmt: skip

    def press(_event: Any) -> None:
        message.say("")
        try:
            do(kind(**{k: typed_in(i, k, fields[k][0]) for k, i in inputs.items()}))
        except WorkbenchError as error:
            message.say(in_words(error))

    button.on_click(press)
    styles = BOX if inputs else {}
    if inline:
        row = [*inputs.values(), button]
        for part in row:
            part.align = "center"
        return pn.Column(pn.Row(*row, margin=0), message, margin=(4, 10, 4, 0), styles=styles)
    return pmui.Column(
        *_paired(list(inputs.values())), button, message, sizing_mode="stretch_width",
        margin=(8, 0, 4, 0) if inputs else 0, styles=styles,
    )  # fmt: skip


def _paired(inputs: list[Any]) -> list[Any]:
    """Numbers two abreast, texts in lines of their own."""
    found: list[Any] = []
    left: Any = None
    for one in inputs:
        if not isinstance(one, NumberField):
            found, left = [*found, *([left] if left else []), one], None
        elif left is None:
            left = one
        else:
            left.margin, one.margin = (FIELD[0], 6, FIELD[2], 0), FIELD
            found.append(pn.Row(left, one, sizing_mode="stretch_width", margin=0))
            left = None
    return [*found, *([left] if left else [])]


def label_of(name: str) -> str:
    """The name of a field as people read it: ``each_ms`` -> ``Each (ms)``."""
    words = name.split("_")
    if unit_of_name(name) != "1":
        words[-1] = f"({words[-1]})"
    message = " ".join(words)
    return message[:1].upper() + message[1:]


def _input(name: str, default: Any, message: str, inline: bool, choices: tuple[str, ...]) -> Any:
    options: dict[str, Any] = {"label": label_of(name), "size": "small", "margin": FIELD}
    if inline:
        options |= {"width": NARROW, "margin": (FIELD[0], 8, FIELD[2], 0)}
    else:
        options["sizing_mode"] = "stretch_width"
    if message and not inline:
        options["description"] = message
    return field_for(name, default, choices, **options)
