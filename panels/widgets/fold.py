"""The button that closes a page's column in a narrow window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel_material_ui as pmui

from ..theme import css
from .icons import icon


def fold(description: str, bar_px: int, close: Callable[[], Any]) -> pmui.IconButton:
    """Button that closes the column where it lies over the page and the bar's own button.

    bar_px : height of the bar in a narrow window, as much of which the column leaves free
    """
    button = pmui.IconButton(
        icon=icon("close"), size="small", description=description, color="default",
        css_classes=["wb-fold"], margin=(6 - bar_px, 0, min(30, bar_px - 42), 6),
        stylesheets=[css("fold")],
    )  # fmt: skip
    button.on_click(lambda _e: close())
    return button
