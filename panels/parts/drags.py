"""Drags of sliders in the log: one drag is many entries, and one thing that a person did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isclose

from workbench.interventions import Intervention
from workbench.model.model import Model
from workbench.plots.in_words import clock


@dataclass(frozen=True)
class Drag:
    """A slider went from ``was`` to ``value`` by hand, in one go."""

    name: str
    was: float
    value: float


@dataclass(frozen=True)
class Deed:
    """What a person did at once: one entry of the log, or those that a drag left.

    summary : an entry of the whole, when it began
    """

    entries: tuple[Intervention, ...]
    summary: Intervention

    @property
    def key(self) -> str:
        """Tells it from the others, also after more has happened."""
        first = self.entries[0]
        return f"{first.tick} {first.kind} {first.name} {first.text}"


def deeds(log: Sequence[Intervention], drags: Sequence[Drag], model: type[Model]) -> list[Deed]:
    """Join the entries that each drag left; all others stand for themselves.

    The simulation takes the latest value of a drag now and then, so that the steps between its
    ends are known from the log alone, and its ends from the page alone.
    """
    found: list[Deed] = []
    waiting = list(drags)
    k = 0
    while k < len(log):
        n = 1
        for d, drag in enumerate(waiting):
            steps = _steps(log, k, drag)
            if steps:
                n = steps
                del waiting[: d + 1]  # those before it left nothing in the log
                break
        entries = tuple(log[k : k + n])
        found.append(Deed(entries, _summary(entries, model)))
        k += n
    return found


def _steps(log: Sequence[Intervention], first: int, drag: Drag) -> int:
    """How many entries from ``first`` on are this drag's; 0 where it did not begin there."""
    at = drag.was
    for k in range(first, len(log)):
        entry = log[k]
        if not entry.is_change or entry.name != drag.name:
            return 0
        if entry.was is None or entry.value is None or not isclose(entry.was, at, rel_tol=1e-9):
            return 0
        at = entry.value
        if isclose(at, drag.value, rel_tol=1e-9):
            return k + 1 - first
    return 0


def _summary(entries: tuple[Intervention, ...], model: type[Model]) -> Intervention:
    first, last = entries[0], entries[-1]
    if len(entries) == 1 or first.was is None or last.value is None:
        return first
    whole = Intervention.of_change(model, first.tick, first.t_ms, first.name, first.was, last.value)
    until = f" until {clock(last.t_ms)}" if last.tick > first.tick else ""
    return replace(whole, text=f"{whole.text}, dragged{until}")
