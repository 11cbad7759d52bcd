"""Controls made from a model's declared operations, for models without controls of their own."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from workbench.errors import WorkbenchError
from workbench.model.operation import Operation
from workbench.model.units import number_of, read_several, unit_of_name, whole_of

from ..theme import LINE

BOX = {"border": LINE, "border-radius": "8px", "padding": "2px 8px"}
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
    fields = {f.name: f for f in dataclasses.fields(kind) if f.name != "t_ms"}
    doc = kind.__doc__ or ""
    inputs = {k: _input(k, f.default, said_of(k, doc), inline) for k, f in fields.items()}
    message = pmui.Alert(object="", severity="error", visible=False, margin=(4, 0))
    button = pmui.Button(
        label=kind.verb.capitalize(), variant="outlined", size="small", margin=(4, 0),
        css_classes=[f"wb-do-{kind.__name__}"], description=doc.strip().splitlines()[0],
        **({} if inline else {"sizing_mode": "stretch_width"}),
    )  # fmt: skip

    def press(_event: Any) -> None:
        message.visible = False
        try:
            do(kind(**{k: _read(k, i.value, fields[k].default) for k, i in inputs.items()}))
        except WorkbenchError as error:
            message.param.update(object=str(error), visible=True)

    button.on_click(press)
    styles = BOX if inputs else {}
    if inline:
        row = [*inputs.values(), button]
        for part in row:
            part.align = "center"
        return pn.Column(pn.Row(*row, margin=0), message, margin=(4, 10, 4, 0), styles=styles)
    return pmui.Column(
        *_paired(list(inputs.values())), button, message, sizing_mode="stretch_width",
        margin=(0, 0, 8, 0) if inputs else 0, styles=styles,
    )  # fmt: skip


def _paired(inputs: list[Any]) -> list[Any]:
    """Numbers two abreast, texts in lines of their own."""
    found: list[Any] = []
    left: Any = None
    for one in inputs:
        if isinstance(one, pmui.TextInput | pmui.Checkbox):
            found, left = [*found, *([left] if left else []), one], None
        elif left is None:
            left = one
        else:
            left.margin, one.margin = (4, 6, 4, 0), (4, 0)
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


def said_of(name: str, doc: str) -> str:
    """What an operation's docstring says of one of its fields, "" if nothing."""
    words = r"([^;\n]+(?:\n[ ]{8,}[^;:\n]+$)*)"  # and on lines that go on further in
    found = re.search(rf"(?:^|;)[ ]*{re.escape(name)}[ ]*: {words}", doc, re.M)
    return " ".join(found[1].split()) if found else ""


def _input(name: str, default: Any, message: str, inline: bool) -> Any:
    label = label_of(name)
    options: dict[str, Any] = {"label": label, "size": "small", "margin": (4, 8, 4, 0)}
    options |= {"width": NARROW} if inline else {"sizing_mode": "stretch_width", "margin": (4, 0)}
    if message and not inline:
        options["description"] = message
    if isinstance(default, bool):
        return pmui.Checkbox(label=label, value=default)
    if isinstance(default, int):
        return pmui.IntInput(value=default, **options)
    if isinstance(default, float):
        return pmui.FloatInput(value=default, **options)
    if isinstance(default, tuple):
        return pmui.TextInput(
            value=", ".join(f"{v:g}" for v in default), placeholder="such as 0, 3, 7", **options
        )
    return pmui.TextInput(value="" if default is None else str(default), **options)


def _read(name: str, value: Any, default: Any = ()) -> Any:
    if isinstance(default, float):
        return number_of(value, unit_of_name(name), what=name)
    if isinstance(default, int) and not isinstance(default, bool):
        return whole_of(value, what=name)
    if not isinstance(value, str) or not isinstance(default, tuple):
        return value
    kind = float if any(isinstance(v, float) for v in default) else int
    return read_several(value, kind, what=name)
