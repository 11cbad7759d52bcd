"""The log of interventions: what was done to the simulation, and when."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui

from workbench.interventions import Intervention
from workbench.plots.in_words import clock

from ..theme import css
from ..widgets.icons import icon

SHOWN = 200


class InterventionLog:
    """Shows a session's interventions, the latest first.

    on_key : called with "undo" or "redo" when one of the card's buttons, ``tools``, is pressed
    """

    def __init__(self, on_key: Callable[[str], Any] = lambda _name: None) -> None:
        self._buttons = {name: _button(name, on_key) for name in ("undo", "redo")}
        self.tools = tuple(self._buttons.values())
        self._offered: Any = None
        self.offer(None, None)
        self.view = pn.pane.HTML(
            "", sizing_mode="stretch_width", margin=0, stylesheets=[css("log")]
        )
        self._shown = -1
        self._last: Any = None
        self.show([])

    def offer(self, undo: Mapping[str, str] | None, redo: Mapping[str, str] | None) -> None:
        """What undo and redo would do: parameter -> change in words; None when there is nothing."""
        if (undo, redo) == self._offered:
            return
        self._offered = (undo, redo)
        for (name, button), what in zip(self._buttons.items(), (undo, redo), strict=True):
            message = ", ".join(what.values()) if what else "nothing"
            keys = "Ctrl+Z" if name == "undo" else "Ctrl+Shift+Z"
            button.param.update(
                disabled=not what, description=f"{name.capitalize()}: {message} ({keys})"
            )

    def show(self, entries: list[Intervention]) -> None:
        """Show these entries if they differ from those shown."""
        last = entries[-1] if entries else None
        if len(entries) == self._shown and last == self._last:
            return
        self._shown, self._last = len(entries), last
        if not entries:
            body = (
                "<p>Nothing was changed yet. Every parameter that you move and everything that you "
                "do to the model is noted here with its simulated time, so that the run can be "
                "repeated exactly.</p>"
            )
        else:
            rows = "".join(
                f"<li><time>{clock(e.t_ms)}</time><span>{html.escape(e.describe())}</span></li>"
                for e in reversed(entries[-SHOWN:])
            )
            left = len(entries) - SHOWN
            more = f"<p>and {left} earlier</p>" if left > 0 else ""
            body = f"<ol>{rows}</ol>{more}"
        self.view.object = f'<div class="wb-log">{body}</div>'


def _button(name: str, on_key: Callable[[str], Any]) -> pmui.IconButton:
    button = pmui.IconButton(
        icon=icon(name), size="small", icon_size="1.15em", css_classes=[f"wb-{name}"], margin=0,
        color="default",
    )  # fmt: skip
    button.on_click(lambda _e: on_key(name))
    return button
