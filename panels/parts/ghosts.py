"""What a change of a parameter leaves behind: pale lines of before, and a mark at its moment."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..widgets.ghost import Before, Ghost

if TYPE_CHECKING:
    from ..model_page import Explorer

STAYS_S = 8.0  # after the last change
GESTURE_S = 1.0  # changes that follow one another as quickly are one, as those of a drag are
NAMED = 2  # parameters that are said


class Ghosts:
    """Of one page.

    It looks after the `Before` of plots that the model's page names, and marks all plots of time.
    """

    def __init__(self, page: Explorer):
        self._page = page
        self._plots: list[Before] = []
        self._moved_at: float | None = None  # wall time; None while nothing is to fade
        self._marked: tuple[Any, ...] = ()  # the run whose moments are marked, and how many

    def add(self, plots: Iterable[Before]) -> None:
        """Look after these, too."""
        self._plots += plots

    def before(self, values: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> None:
        """These parameters change, and nothing of it was drawn so far: keep what is drawn.

        old : values before; None where they are still those of the model
        """
        now = time.monotonic()
        begins = self._moved_at is None or now - self._moved_at > GESTURE_S
        self._moved_at = now
        if not begins:
            return
        text = self._in_words(values, self._page.model.values() if old is None else old)
        for ghost in self._ghosts:
            if not ghost.pinned:
                ghost.take(text)

    def look(self) -> None:
        """Called at every drawing: mark what was done, let go of what is old."""
        page, log = self._page, self._page.interventions
        if (page.session, page.info, len(log)) != self._marked:
            self._marked = (page.session, page.info, len(log))
            times = [e.t_ms for e in log if not e.is_engine]
            page.plots.mark(times)
            for plot in self._plots:
                if plot.marks is not None:
                    plot.marks.show(times)
        if self._moved_at is not None and time.monotonic() - self._moved_at > STAYS_S:
            self._moved_at = None
            for ghost in self._ghosts:
                ghost.fade()

    @property
    def _ghosts(self) -> list[Ghost]:
        return [plot.ghost for plot in self._plots if plot.ghost is not None]

    def _in_words(self, values: Mapping[str, Any], old: Mapping[str, Any]) -> str:
        known = self._page.model_class.parameters()
        parts = [f"{known[k].symbol or k} {known[k].text(old[k])}" for k in values]
        more = f" and {len(parts) - NAMED} more" if len(parts) > NAMED else ""
        return f"before, {', '.join(parts[:NAMED])}{more}"
