"""A row of numbered buttons that stay pressed, for picking a cue or the bits of a content."""

from __future__ import annotations

from pathlib import Path

import param
from panel.custom import JSComponent

from ..theme import css


class ToggleRow(JSComponent):
    """``value`` holds the numbers that are pressed, sorted.

    n        : how many buttons, numbered from 0
    multiple : any number of them may be pressed, or exactly one
    """

    label = param.String(default="bit")
    n = param.Integer(default=1, bounds=(1, None))
    value = param.List(default=[], item_type=int)
    multiple = param.Boolean(default=True)

    _esm = Path(__file__).with_name("toggle_row.js")
    _stylesheets = [css("bits")]
