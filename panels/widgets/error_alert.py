"""An alert that shows a sentence as the text that it is."""

from __future__ import annotations

import re
from typing import Any

import panel_material_ui as pmui

# What Markdown takes for more than itself, with the HTML that may stand in it.
_MARKS = re.compile(r"([!-/:-@\[-`{-~])")


class ErrorAlert(pmui.Alert):
    """Hidden until there is something to say.

    An alert is Markdown by itself, and so HTML: names in a sentence may come from a file that
    somebody has made to have scripts run.
    """

    def __init__(self, **params: Any):
        self.said = ""
        super().__init__(object="", severity="error", visible=False, **params)

    def say(self, text: str) -> None:
        """Show a sentence; "" hides it."""
        self.said = text
        self.param.update(object=as_text(text), visible=bool(text))


def as_text(text: str) -> str:
    """Markdown that is shown as this text, in one line."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
