"""Heading of a card: its title, its tools, its buttons, and whether it is on the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import Children, JSComponent

from ..theme import css
from .icons import icon


class CardHeading(JSComponent):
    """One component for all of it: a widget for each button would cost every page a second.

    buttons : dicts with "name", "label" (the tooltip), "icon" (SVG) and "css" (a class)
    tools   : widgets between the title and the buttons
    seen    : True while the card around it is on the screen
    moment  : "at t = 12.48 s" while the card is behind the status strip, else ""
    marked  : True while the card is spoken of; it is scrolled into view when that begins
    """

    title = param.String(default="")
    help = param.String(default="", doc="Tooltip of the title.")
    buttons = param.List(default=[], item_type=dict)
    tools = Children(default=[])
    seen = param.Boolean(default=True)
    moment = param.String(default="", doc="Of which moment the card is, where it is behind.")

    marked = param.Boolean(default=False)

    _esm = Path(__file__).with_name("card_heading.js")
    _stylesheets = [css("card_heading")]

    def __init__(self, **params: Any):
        self._actions: dict[str, Callable[[], Any]] = {}
        super().__init__(height=36, margin=0, sizing_mode="stretch_width", **params)

    def add_button(
        self, name: str, drawn: str, label: str, css: str, action: Callable[[], Any]
    ) -> None:
        """Add a button at the right end; ``drawn`` is the name of its icon."""
        self._actions[name] = action
        self.buttons = [*self.buttons, _looks(name, drawn, label, css)]

    def redraw_button(self, name: str, drawn: str, label: str) -> None:
        """Give a button another icon and tooltip."""
        self.buttons = [
            _looks(name, drawn, label, b["css"]) if b["name"] == name else b for b in self.buttons
        ]

    def _handle_msg(self, message: Any) -> None:
        """A button was pressed."""
        pressed = message.get("pressed") if isinstance(message, dict) else None
        if pressed in self._actions:
            self._actions[pressed]()


def _looks(name: str, drawn: str, label: str, css: str) -> dict[str, str]:
    return {
        "name": name, "label": label, "css": css,
        "icon": icon(drawn).replace("#000", "currentColor"),
    }  # fmt: skip
