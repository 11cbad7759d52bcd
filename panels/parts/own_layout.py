"""The cards as one wants them: hidden, in another order, as wide as the page, low or high."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import panel_material_ui as pmui
import param
from panel.custom import JSComponent

from ..theme import css
from ..widgets.cards import HEIGHTS
from ..widgets.icons import icon

if TYPE_CHECKING:
    from ..model_page import Explorer

# Of keys of cards: what a layout consists of. A card in none of HEIGHTS is as high as the others.
LISTS = ("order", "hidden", "wide", *HEIGHTS)


class CardList(JSComponent):
    """The list that the browser shows, and where it keeps what was chosen.

    of    : the model, by which it is kept
    cards : dicts with "key", "title" and "sized" (whether it has a height), in the model's own
            order
    """

    of = param.String(default="")
    cards = param.List(default=[], item_type=dict)
    open = param.Boolean(default=False)

    _esm = Path(__file__).with_name("own_layout.js")
    _stylesheets = [css("own_layout")]

    def __init__(self, on_message: Callable[[dict[str, Any]], Any], **params: Any):
        self._on_message = on_message
        super().__init__(sizing_mode="stretch_width", margin=0, **params)

    def _handle_msg(self, message: Any) -> None:
        if isinstance(message, dict):
            self._on_message(message)


class OwnLayout:
    """Of one page.

    button : shows the list;  view : the list, above the cards
    """

    def __init__(self, page: Explorer):
        self._page = page
        self._beside = True  # whether the parameters stand beside the page in a wide window
        self.button = pmui.IconButton(
            icon=icon("cards"), size="small", description="Cards",
            css_classes=["wb-cards"], color="default", margin=0,
        )  # fmt: skip
        self.button.on_click(lambda _e: page.later(self.toggle))
        self.view = CardList(self._on_message, of=page.slug, css_classes=["wb-card-list"])

    def toggle(self) -> None:
        """Show the list on the Live tab, or put it away."""
        page = self._page
        away = page.tabs.active != 0
        page.tabs.active = 0
        cards = [
            {"key": card.key, "title": card.title, "sized": not card.fits_content}
            for card in page.plots.ordered
            if card.view.visible
        ]
        self.view.param.update(cards=cards, open=away or not self.view.open)

    def _on_message(self, message: dict[str, Any]) -> None:
        if message.get("close"):
            self._page.later(lambda: self.view.param.update(open=False))
        elif isinstance(narrow := message.get("narrow"), bool):
            self._page.later(lambda: self._fold(narrow))
        elif isinstance(layout := message.get("layout"), dict):
            chosen = {name: _keys(layout.get(name)) for name in LISTS}
            self._page.place(lambda: self.apply(chosen))

    def _fold(self, narrow: bool) -> None:
        """Put the parameters away where they would lie over the page, and back where they were."""
        page = self._page.page
        if narrow:
            self._beside = page.sidebar_open
            page.sidebar_open = False
        elif self._beside:
            page.sidebar_open = True

    def apply(self, layout: Mapping[str, list[str]]) -> None:
        """Arrange the cards; keys that no card has are of another version, and left out."""
        cards = self._page.plots.ordered
        known = {card.key: card for card in cards}
        first = [known[key] for key in dict.fromkeys(layout["order"]) if key in known]
        rest = [card for card in cards if card not in first]
        for place, card in enumerate([*first, *rest]):
            card.arrange(
                place if first else 0, hidden=card.key in layout["hidden"],
                broad=card.key in layout["wide"],
                height=next((name for name in HEIGHTS if card.key in layout[name]), ""),
            )  # fmt: skip
        self._page.plots.arranged = any(layout.values())
        self._page.plots.fill_rows()


def _keys(found: Any) -> list[str]:
    return [key for key in found if isinstance(key, str)] if isinstance(found, list) else []
