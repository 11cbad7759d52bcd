"""A row of small buttons, each with a name and what it stands for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from ..theme import css


class Chips(JSComponent):
    """One line that scrolls sideways by itself where it is too long.

    label : what they are, before the first one
    chips : dicts with "key", "label" and "help" (the tooltip, and what a screen reader says)
    """

    label = param.String(default="")
    chips = param.List(default=[], item_type=dict)

    _esm = Path(__file__).with_name("chips.js")
    _stylesheets = [css("chips")]

    def __init__(self, on_press: Callable[[str], Any], **params: Any):
        self._on_press = on_press
        super().__init__(sizing_mode="stretch_width", **params)

    def _handle_msg(self, message: Any) -> None:
        """A button was pressed."""
        key = message.get("pressed") if isinstance(message, dict) else None
        if any(chip["key"] == key for chip in self.chips):
            self._on_press(str(key))
