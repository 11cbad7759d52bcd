"""Which moment each card shows, and with which values; the last drawing when all stands still.

While the simulation runs, some cards are drawn less often than others: a card that is behind the
status strip says so in its heading. When the simulation stands, everything is drawn once more, so
that all cards show the moment of the strip and the values of the sliders.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.engine.frames import Status
from workbench.errors import WorkbenchError
from workbench.plots.circuit import KIND as CIRCUIT
from workbench.plots.in_words import clock

from ..widgets.cards import Card
from ..widgets.pace import Pace

SAY_EVERY_S = 0.5  # a heading that changes faster cannot be read
BEHIND = 0.05  # of the window of time that is shown: a card that lags less looks the same
RESTED_S = 0.3  # wall time since the last change of a value, before the circuit is read anew
NOW = "workbench.engine.present:circuit_now"


@dataclass(frozen=True)
class Moment:
    """What a card shows: simulated time, and the model's values when it was drawn."""

    t_ms: float
    values: Mapping[str, Any]


class Moments:
    """Of one page; the explorer tells it what happens.

    of    : key of a card -> its `Moment`, for those that were drawn since the run began
    paces : what the model's own cards that are not drawn with every frame are drawn by
    """

    def __init__(self, page: Any):
        self._page = page
        self.paces: list[Pace] = []
        self.begin()

    def begin(self) -> None:
        """A new run begins at t = 0."""
        self.of: dict[str, Moment] = {}
        self._values: dict[str, Any] = {}
        self._t_ms = 0.0  # drawn until then
        self._changes = 0
        self._changed_at = 0.0
        self._circuit_of = 0  # the number of changes that the circuit shows
        self._asking = False
        self._stood: tuple[Any, ...] = ()
        self._said_at = 0.0
        for card in self._cards().values():
            card.heading.moment = ""

    def drawn(self, t_ms: float) -> None:
        """Frames were drawn, up to ``t_ms``."""
        self._stood, self._t_ms = (), t_ms
        self._look()
        late = {card for pace in self.paces for card in self._of(pace)}
        now = Moment(t_ms, self._values)
        self._note_kinds()
        for key in self._own():
            if key not in late:
                self.of[key] = now
        for pace in self.paces:
            if pace.due(t_ms):
                self.of |= dict.fromkeys(self._of(pace), now)

    def look(self, status: Status) -> None:
        """Called at every tick, when nothing new arrived: see to the circuit, settle, say so."""
        self._look()
        self._refresh_circuit()
        standing = status.over or status.state in ("ready", "paused")
        if standing and self.of and status.t_ms <= self._t_ms:  # else more is on its way
            found = (status.state, round(status.t_ms, 6), self._changes, self._circuit_of)
            if found != self._stood:
                self._stood = found
                self._settle(status.t_ms)
                self._say(status.t_ms)
        elif time.monotonic() - self._said_at > SAY_EVERY_S:
            self._say(status.t_ms)

    # -- inside ----------------------------------------------------------------------------------

    def _look(self) -> None:
        session = self._page.session
        changes = sum(e.is_change for e in session.interventions)
        if changes != self._changes or not self._values:
            self._changes, self._changed_at = changes, time.monotonic()
            self._values = session.model.values()

    def _settle(self, t_ms: float) -> None:
        for view in self._page.plots.views.values():
            view.settle()
        for pace in self.paces:
            pace.now(t_ms)
        self._note_kinds()
        self.of |= dict.fromkeys(self._own(), Moment(t_ms, self._values))

    def _note_kinds(self) -> None:
        for key, view in self._page.plots.views.items():
            if key != CIRCUIT.id or self._circuit_of == self._changes:
                self.of[key] = Moment(view.drawn_ms, self._values)

    def _say(self, t_ms: float) -> None:
        if self._page.timeline.past.away:
            return  # which says of each card which moment it shows
        self._said_at = time.monotonic()
        if self.of:  # a card that has just come into view was drawn since the last frame
            self._note_kinds()
        least = BEHIND * self._page.plots.window_ms
        for key, card in self._cards().items():
            moment = self.of.get(key)
            behind = moment is not None and card.heading.seen and t_ms - moment.t_ms > least
            text = f"at t = {clock(moment.t_ms)}" if behind and moment is not None else ""
            if card.heading.moment != text:
                card.heading.moment = text

    def _cards(self) -> dict[str, Card]:
        return {**self._page.plots.cards, **self._own()}

    def _own(self) -> dict[str, Card]:
        return {card.key: card for card in self._page.own}

    def _of(self, pace: Pace) -> list[str]:
        """Keys of the cards that are drawn by it."""
        return [k for k, card in self._own().items() if not pace.cards or card.title in pace.cards]

    # -- the circuit, whose numbers come from the network ----------------------------------------

    def _refresh_circuit(self) -> None:
        behind = self._circuit_of != self._changes
        rested = time.monotonic() - self._changed_at > RESTED_S
        if not behind or not rested or self._asking or self._page.plots.circuit.plot is None:
            return
        self._asking = True
        session, changes, values = self._page.session, self._changes, self._values

        def ask() -> None:
            circuit = None
            with contextlib.suppress(WorkbenchError):
                circuit = session.read(NOW)
            if circuit is None:  # it is over
                with contextlib.suppress(WorkbenchError):
                    circuit = session.run_so_far().circuit
            self._page.later(lambda: show(circuit))

        def show(circuit: Any) -> None:
            if self._page.session is not session:
                return
            self._asking = False
            plot = self._page.plots.circuit.plot
            if plot is not None:
                if circuit is not None:
                    plot.show_values(circuit)
                self._circuit_of = changes
                self.of[CIRCUIT.id] = Moment(plot.now_ms, values)

        threading.Thread(target=ask, daemon=True).start()
