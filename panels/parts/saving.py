"""What the ⤓ of a card, and of the page, opens: the save dialog with what is seen now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import panel as pn

from workbench.run import Run

from ..widgets.cards import Card
from .save_dialog import CARD, LAYOUT, SaveDialog

if TYPE_CHECKING:
    from ..model_page import Explorer


class Saving:
    """Of one page; ``view`` goes onto it."""

    def __init__(self, page: Explorer):
        self._page = page
        self.view = pn.Column(margin=0)

    @cached_property
    def dialog(self) -> SaveDialog:
        """Made when something is to be saved for the first time."""
        page = self._page
        return SaveDialog(page.slug, lambda: page.session.run_so_far(), self._reading, self.view)

    @contextmanager
    def _reading(self) -> Iterator[Callable[[], Run]]:
        page = self._page
        with page.readers.reading(page.session, for_page=True) as run_now:
            yield lambda: page.beside.joined(run_now())

    def plot(self, view: str, title: str) -> None:
        """One kind of plot, or all of the page for `LAYOUT`."""
        page, plots = self._page, self._page.plots
        if view == LAYOUT:
            chosen = {key: plots.chosen(key) for key in plots.cards}
            own = {card.title: card.shown() for card in page.own}
            seen = {name: parts for name, parts in own.items() if not isinstance(parts, str)}
        else:
            chosen, seen = plots.chosen(view), {title: plots.shown(view)}
        seen = {name: parts for name, parts in seen.items() if parts}
        shown_ms = plots.shown_ms(page.session.status().t_ms)
        page.place(lambda: self.dialog.open(view, title, chosen, shown_ms, seen))

    def card(self, card: Card) -> None:
        """A card that is no kind of plot, as it is seen."""
        seen = {card.title: card.shown()}
        self._page.place(lambda: self.dialog.open(CARD, card.title, {}, (0.0, 0.0), seen))

    def drawn(self, title: str, draw: Callable[[str, float], bytes]) -> None:
        """What is none of the run, as `SaveDialog.open_drawn` takes it."""
        self._page.place(lambda: self.dialog.open_drawn(title, draw))
