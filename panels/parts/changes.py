"""Changes of the parameters' values: by sliders, all at once, taken back.

A value that is live goes to the simulation that runs; another one asks for a new network.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError

from .drags import Drag
from .undo import Change, Undo

if TYPE_CHECKING:
    from ..model_page import Explorer

LOOKED_FOR_S = 0.3  # after a change, pictures are drawn as soon as they are there


class Changes:
    """Of one page; ``page.values`` are what the sliders show.

    held  : parameters that nobody moves by hand, as a lesson has it
    first : what "put all back" leads to; None for the model's defaults
    drags : of this run, each slider that was dragged and let go
    """

    def __init__(self, page: Explorer):
        self._page = page
        self._waiting: dict[str, float] = {}
        self._told_at = 0.0
        self.undo = Undo()
        self.held: frozenset[str] = frozenset()
        self.first: Mapping[str, float] | None = None
        self.drags: list[Drag] = []
        self._dragged: tuple[str, float] | None = None  # the slider that is held, and from where

    def begin(self) -> None:
        """A new run begins, with the values of the sliders."""
        self._waiting.clear()
        self.drags.clear()

    # -- by hand ---------------------------------------------------------------------------------

    def move(self, name: str, value: float, final: bool) -> None:
        """A slider was moved; ``final`` is False while it is dragged."""
        page = self._page
        page.resting.touch()
        page.shown.touched()
        if name in self.held:
            page.parameters.display(page.values)
            return
        before, page.values[name] = page.values[name], value
        self.undo.note(name, before, value, final)
        self._note_drag(name, before, value, final)
        parameter = page.model_class.parameter(name)
        if parameter.live:
            if value != before:  # letting a slider go changes nothing
                self._move_live(name, value)
        elif final:
            page.ghosts.before({name: value})
            page.restart_later(f"new network: {self._said({name: value})}")

    def _move_live(self, name: str, value: float) -> None:
        """Tell the simulation at once, unless something waits that was done before."""
        page = self._page
        if page.session is None or page.session.parked or page.waits:
            self._waiting[name] = value  # the latest wins
            return
        old = page.model.values()
        page.later(lambda: page.ghosts.before({name: value}, old))
        self._tell({name: value})

    def put_back(self) -> None:
        """Every parameter has its default again."""
        first = self._page.model_class().values() if self.first is None else self.first
        self.set_all(first, "all parameters put back")

    def set_all(self, values: Mapping[str, float], why: str) -> None:
        """Give several parameters new values at once; they are logged like any other change."""
        page = self._page
        page.shown.touched()
        values = self._movable(values)
        self.undo.note_all(page.values, {**page.values, **values})
        self._give(values, why)

    def take_back(self, key: str) -> None:
        """``key`` is "undo" or "redo"."""
        self._page.shown.touched()
        self._give(getattr(self.undo, key)() or {}, f"{key} of a change")

    def open_at(self, values: Mapping[str, float]) -> None:
        """Run live with these values from t = 0, and the others as they are."""
        page = self._page
        values = self._movable(values)
        self.show(values, taken_back=True)
        page.tabs.active = 0
        page.restart(True, f"new network: {self._said(values)}")

    def teach(self, values: Mapping[str, float], why: str) -> None:
        """A lesson sets these, held or not; it cannot be taken back."""
        self.undo.forget()
        self._give(values, why)

    def show(self, values: Mapping[str, float], taken_back: bool = False) -> None:
        """Let the sliders show these; no simulation hears of it.

        taken_back : undo leads back to those that they show now
        """
        if taken_back:
            self.undo.note_all(self._page.values, values)
        self._page.values |= values
        self._page.parameters.display(self._page.values)

    # -- on their way ----------------------------------------------------------------------------

    @property
    def waiting(self) -> bool:
        return bool(self._waiting)

    def taken(self) -> dict[str, float]:
        """What was changed since it was asked last; to be sent with ``send``."""
        waiting, self._waiting = self._waiting, {}
        return waiting

    def send(self, values: dict[str, float]) -> None:
        """Tell the simulation, before a drawing; what it refuses is said beside the slider."""
        page = self._page
        if page.session.parked:
            self._waiting = values | self._waiting
            return
        if values:
            page.ghosts.before(values)
        self._tell(values)

    @property
    def awaited(self) -> bool:
        """Whether somebody looks for what a change does."""
        return time.monotonic() - self._told_at < LOOKED_FOR_S

    def _tell(self, values: dict[str, float]) -> None:
        page = self._page
        if values:
            self._told_at = time.monotonic()
        for name, value in values.items():
            try:
                page.session.set(name, value)
            except WorkbenchError as error:
                page.later(partial(page.parameters.display, page.values, {name: str(error)}))

    @property
    def next(self) -> tuple[Change | None, Change | None]:
        """What undo and redo would do."""
        return self.undo.next_undo, self.undo.next_redo

    # -- in words --------------------------------------------------------------------------------

    def in_words(self, change: Change | None) -> dict[str, str] | None:
        """A change as the undo and redo buttons say it, by parameter."""
        if change is None:
            return None
        known = self._page.model_class.parameters()
        return {
            k: f"{q.symbol or k} {q.text(change.before[k])} → {q.text(change.after[k])}"
            for k, q in known.items()
            if k in change.after
        }

    def _said(self, values: Mapping[str, float]) -> str:
        known = self._page.model_class.parameters()
        return ", ".join(f"{known[k].symbol or k} = {known[k].text(v)}" for k, v in values.items())

    def _note_drag(self, name: str, before: float, value: float, final: bool) -> None:
        if self._dragged is None or self._dragged[0] != name:
            self._dragged = (name, before)
        if final:
            was, self._dragged = self._dragged[1], None
            if value != was:
                self.drags.append(Drag(name, was, value))

    def _movable(self, values: Mapping[str, float]) -> Mapping[str, float]:
        return {k: v for k, v in values.items() if k not in self.held}

    def _give(self, values: Mapping[str, float], why: str) -> None:
        page = self._page
        changed = {k: v for k, v in values.items() if v != page.values[k]}
        self.show(changed)
        if any(not page.model_class.parameter(k).live for k in changed):
            page.ghosts.before(changed)
            page.restart_later(f"new network: {why}")
        else:
            self._waiting |= changed
