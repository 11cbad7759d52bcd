"""Controls made from a model's declared operations, for models without controls of their own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import panel_material_ui as pmui

from workbench.errors import ParameterError, WorkbenchError
from workbench.operation import Operation


def from_operations(
    operations: tuple[type[Operation], ...], do: Callable[[Operation], Any]
) -> list[Any]:
    """For each operation its fields and a button that performs it at the next tick."""
    found: list[Any] = []
    for kind in operations:
        fields = {f.name: f for f in dataclasses.fields(kind) if f.name != "t_ms"}
        inputs = {name: _input(name, field.default) for name, field in fields.items()}
        said = pmui.Alert(object="", severity="error", visible=False, margin=(4, 0))
        button = pmui.Button(
            label=kind.verb.capitalize(), variant="outlined", size="small", margin=(4, 0),
            sizing_mode="stretch_width", css_classes=[f"wb-do-{kind.__name__}"],
            description=(kind.__doc__ or "").strip().splitlines()[0],
        )  # fmt: skip

        def press(_event: Any, kind: Any = kind, inputs: Any = inputs, said: Any = said) -> None:
            said.visible = False
            try:
                do(kind(**{name: _read(name, i.value) for name, i in inputs.items()}))
            except WorkbenchError as error:
                said.param.update(object=str(error), visible=True)

        button.on_click(press)
        found.append(pmui.Column(*inputs.values(), button, said, sizing_mode="stretch_width"))
    return found


def _input(name: str, default: Any) -> Any:
    label = name.replace("_", " ")
    options = {"label": label, "size": "small", "sizing_mode": "stretch_width", "margin": (4, 0)}
    if isinstance(default, bool):
        return pmui.Checkbox(label=label, value=default)
    if isinstance(default, int):
        return pmui.IntInput(value=default, **options)
    if isinstance(default, float):
        return pmui.FloatInput(value=default, **options)
    if isinstance(default, tuple):
        return pmui.TextInput(
            value=", ".join(map(str, default)), placeholder="such as 0, 3, 7", **options
        )
    return pmui.TextInput(value="" if default is None else str(default), **options)


def _read(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return tuple(int(v) for v in value.replace(",", " ").split())
    except ValueError:
        raise ParameterError(
            f"{name} = {value!r} cannot be read: write numbers, such as 0, 3, 7."
        ) from None
