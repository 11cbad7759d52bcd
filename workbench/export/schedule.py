"""When the parts of a group do their work within a time step, where that is not as usual."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..brian.internals import is_synapses, pathways


def schedule(group: Any, name: str) -> list[str]:
    """Statements that put each part of a group or of synapses into its slot and order.

    name : how the script calls the group
    """
    return [
        f"{path}.when, {path}.order = {part.when!r}, {part.order}"
        for part, path, *usual in _parts(group, name)
        if (part.when, part.order) != tuple(usual)
    ]


def _parts(group: Any, name: str) -> Iterator[tuple[Any, str, str, int]]:
    """(part, how the script calls it, its usual slot, its usual order)."""
    for attribute, slot in (("state_updater", "groups"), ("subexpression_updater", "before_start")):
        part = getattr(group, attribute, None)
        if part is not None:
            yield part, f"{name}.{attribute}", slot, group.order
    if is_synapses(group):
        for part in pathways(group):
            order = -1 if part.prepost == "pre" else 1
            yield part, f"{name}.{part.objname}", "synapses", order
        for variable, part in group.summed_updaters.items():
            path = f"{name}.summed_updaters[{variable!r}]"
            yield part, path, "groups", part.target.order - 1
        return
    for kind, usual, other in (
        ("thresholder", "thresholds", "after_thresholds"),
        ("resetter", "resets", "after_resets"),
    ):
        for event, part in getattr(group, kind).items():
            slot = usual if event == "spike" else other
            yield part, f"{name}.{kind}[{event!r}]", slot, group.order
