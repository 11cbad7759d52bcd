"""Buttons that set several parameters at once, for a model's own controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import panel as pn
import panel_material_ui as pmui

from panels.extension import ModelPage
from panels.theme import css


@dataclass(frozen=True)
class Preset:
    """A preset: label of its button, parameter values, and a description of the effect."""

    label: str
    values: Mapping[str, float]
    doc: str


def buttons(explorer: ModelPage, presets: tuple[Preset, ...], title: str) -> pn.Column:
    """Create one button per preset, which changes the running model and is logged."""
    heading = pn.pane.HTML(title, stylesheets=[css("text")], margin=(6, 0, 2, 0))
    return pn.Column(
        heading, *(_button(explorer, p) for p in presets), sizing_mode="stretch_width", margin=0
    )


def _button(explorer: ModelPage, preset: Preset) -> Any:
    button = pmui.Button(
        label=preset.label, variant="outlined", size="small", sizing_mode="stretch_width",
        description=preset.doc, margin=(4, 0, 0, 0),
        css_classes=[f"wb-preset-{preset.label.lower().replace(' ', '-')}"],
    )  # fmt: skip
    button.on_click(
        lambda _e: explorer.later(lambda: explorer.set_values(preset.values, preset.label))
    )
    return button
