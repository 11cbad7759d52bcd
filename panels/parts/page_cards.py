"""The cards of a page that are no kind of plot: the model's own, and those below all plots."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..widgets.cards import Card

if TYPE_CHECKING:
    from ..model_page import Explorer


def own_cards(page: Explorer) -> list[Card]:
    """Those that ``panels/<model>.py`` adds, with a ⤓; those with plots go to the figure too."""
    cards = [
        view if isinstance(view, Card) else Card(f"own-{k}", title, view)
        for k, (title, view) in enumerate(page.extension.cards.items())
    ]
    for card in cards:
        if not card.can_be_saved:
            card.offer_save(partial(page.saving.card, card))
        if not card.is_words:
            card.offer_figure(partial(page.desk.card, card))
    return cards


def last_cards(page: Explorer) -> list[Card]:
    """What is recorded, what is shown beside, what was done."""
    cards = [
        Card(
            "record", "Record", page.recording.view, wide=True, words=page.recording.in_words,
        ),
        Card(
            "beside", "Bring in a recording", page.beside.view, wide=True,
            words=page.beside.in_words,
        ),
        Card("log", "Interventions", page.log.view, tools=page.log.tools, wide=True),
    ]  # fmt: skip
    for card in cards:
        card.offer_save(partial(page.saving.card, card))
    return cards
