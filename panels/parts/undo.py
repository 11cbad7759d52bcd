"""Undo and redo of parameter changes: what they were, and what to put back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KEPT = 200  # changes that can be taken back

Values = dict[str, float]


@dataclass(frozen=True)
class Change:
    """Some parameters went from these values to those."""

    before: Values
    after: Values


class Undo:
    """Remembers changes of parameters; one drag of a slider is one change.

    ``undo()`` and ``redo()`` return the values to put back, or None when there are none. Whoever
    applies them must not report them again with ``note``.
    """

    def __init__(self) -> None:
        self._done: list[Change] = []
        self._undone: list[Change] = []
        self._open = ""  # the parameter that is being dragged
        self._start = self._now = 0.0

    def note(self, name: str, before: float, after: float, final: bool = True) -> None:
        """A parameter was changed by hand; ``final`` is False while its slider is dragged."""
        if self._open and self._open != name:
            self._close()
        if not self._open:
            self._open, self._start = name, before
        self._now = after
        if final:
            self._close()

    def note_all(self, before: Mapping[str, float], after: Mapping[str, float]) -> None:
        """Several parameters were changed at once; those that stayed are left out."""
        self._close()
        moved = [k for k in after if before[k] != after[k]]
        if moved:
            self._add(Change({k: before[k] for k in moved}, {k: after[k] for k in moved}))

    def undo(self) -> Values | None:
        """Take the last change back: the values to return to."""
        self._close()
        if not self._done:
            return None
        self._undone.append(self._done.pop())
        return dict(self._undone[-1].before)

    def redo(self) -> Values | None:
        """Do again what was taken back last: the values to go to."""
        self._close()
        if not self._undone:
            return None
        self._done.append(self._undone.pop())
        return dict(self._done[-1].after)

    def forget(self) -> None:
        """Nothing can be taken back any more."""
        self._done.clear()
        self._undone.clear()
        self._open = ""

    @property
    def next_undo(self) -> Change | None:
        """What ``undo`` would take back."""
        if self._open and self._now != self._start:
            return Change({self._open: self._start}, {self._open: self._now})
        return self._done[-1] if self._done else None

    @property
    def next_redo(self) -> Change | None:
        """What ``redo`` would do again."""
        moving = self._open and self._now != self._start
        return self._undone[-1] if self._undone and not moving else None

    def _close(self) -> None:
        name, self._open = self._open, ""
        if name and self._now != self._start:
            self._add(Change({name: self._start}, {name: self._now}))

    def _add(self, change: Change) -> None:
        self._done.append(change)
        del self._done[:-KEPT]
        self._undone.clear()
