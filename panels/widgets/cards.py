"""Cards: a plot with its title, its own controls, ⤓ and ⛶."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from ..theme import css, in_a_row
from .icons import icon
from .visibility import Visibility


class Card:
    """A titled frame around one plot.

    key     : stable name; the card carries the CSS class ``wb-card-<key>``
    body    : what it shows; fills the card
    tools   : widgets in the heading, such as a selector
    on_save : opens the saving dialog; without it the card has no ⤓
    wide    : spans the page and is as high as its content

    ``sight.seen`` tells whether it is on the screen.
    """

    def __init__(
        self,
        key: str,
        title: str,
        body: Any,
        *,
        tools: tuple[Any, ...] = (),
        on_save: Callable[[], Any] | None = None,
        help: str = "",
        wide: bool = False,
    ):
        self.key = key
        self.title = title
        self.full = False
        self.visibility = Visibility()
        heading = pn.pane.HTML(
            f'<h2 title="{help}">{title}</h2>', stylesheets=[css("heading")], margin=(8, 4, 8, 12)
        )
        buttons = []
        if on_save is not None:
            save = button("save", f"Save {title.lower()}", f"wb-save-{key}")
            save.on_click(lambda _e: on_save())
            buttons.append(save)
        if not wide:
            self._expand = button("expand", "Full page", f"wb-full-{key}")
            self._expand.on_click(lambda _e: self.expand(not self.full))
            buttons.append(self._expand)
        self._classes = ["wb-card", f"wb-card-{key}", *(["wb-wide"] if wide else [])]
        self._tall = False
        self.view = pn.Column(
            in_a_row(
                heading, *tools, pn.HSpacer(), *buttons, sizing_mode="stretch_width", height=36,
                margin=0,
            ),
            body, self.visibility, css_classes=self._classes, stylesheets=[css("card")],
            sizing_mode="stretch_width" if wide else "stretch_both", margin=0,
        )  # fmt: skip

    def expand(self, full: bool) -> None:
        """Fill the window, or go back to the place in the grid."""
        self.full = full
        self._restyle()
        self._expand.icon = icon("shrink" if full else "expand")

    def stretch(self, tall: bool) -> None:
        """Take two rows of the grid, or one."""
        if tall != self._tall:
            self._tall = tall
            self._restyle()

    def _restyle(self) -> None:
        more = {"wb-tall": self._tall, "wb-full": self.full}
        self.view.css_classes = [*self._classes, *(name for name, on in more.items() if on)]


def button(drawn: str, message: str, css: str) -> pmui.IconButton:
    """A small button of a card's heading; ``said`` is its tooltip."""
    return pmui.IconButton(
        icon=icon(drawn), size="small", icon_size="1.15em", description=message, css_classes=[css],
        margin=0, color="default",
    )  # fmt: skip


def empty(text: str) -> pn.viewable.Viewable:
    """A plot without data says what will appear."""
    return pn.pane.HTML(
        f'<div class="empty">{text}</div>', sizing_mode="stretch_both", stylesheets=[css("empty")]
    )
