"""`Pace`: cards that are dear to draw are drawn now and then, and at last when all stands."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

LONGEST_S = 2.0  # from one drawing to the next, whatever they cost


class Pace:
    """Calls ``draw(t_ms)`` for some cards of a page.

    draw    : brings the cards up to the data; ``t_ms`` is the simulated time of the latest
    every_s : at most so often, wall time
    share   : at most this share of the time goes into it
    cards   : the titles of the cards that it draws; () for all that the model adds
    """

    def __init__(
        self,
        draw: Callable[[float], Any],
        every_s: float,
        share: float = 1.0,
        cards: tuple[str, ...] = (),
    ):
        self.cards = cards
        self._draw, self._every_s, self._share = draw, every_s, share
        self._next = self._cost_s = 0.0

    def due(self, t_ms: float) -> bool:
        """Draw if it is time to; returns whether it was."""
        late = time.monotonic() >= self._next
        if late:
            self.now(t_ms)
        return late

    def now(self, t_ms: float) -> None:
        """Draw, whenever that was done last."""
        began = time.monotonic()
        self._draw(t_ms)
        cost = time.monotonic() - began
        # What one drawing alone costs, such as the first, is no reason to wait.
        usual, self._cost_s = min(cost, self._cost_s), cost
        self._next = began + max(self._every_s, min(usual / self._share, usual + LONGEST_S))
