"""`State`: all that decides how a network goes on, read from one that runs in this process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..brian import internals

Key = tuple[str, str]  # names of an object and of what it owns


@dataclass(frozen=True)
class State:
    """A network at the start of a tick, before anything of that step has happened.

    tick      : the tick
    arrays    : (object, variable) -> (n,) values in SI units
    arriving  : pathway -> synapses that spikes under way reach at this step, at the next one, ...
    constants : (object, name) -> numbers that are no variables: of namespaces, of `TimedArray`
    """

    tick: int
    arrays: Mapping[Key, np.ndarray]
    arriving: Mapping[str, list[np.ndarray]]
    constants: Mapping[Key, np.ndarray]


def state_of(net: Any, tick: int, namespace: Mapping[str, Any]) -> State:
    """The state of ``net``; ``namespace`` is what its run was given. Arrays are copies."""
    owners = owners_of(net)
    return State(
        tick,
        {key: np.array(v.get_value()).reshape(-1) for key, v in variables_of(owners).items()},
        {path.name: internals.arriving(path) for path in internals.all_pathways(net)},
        constants_of(owners, namespace),
    )


def owners_of(net: Any) -> list[Any]:
    """The objects of a network with what they contain, and their clocks; without our own."""
    found = [o for o in net.sorted_objects if not o.name.startswith("workbench_")]
    clocks = {o.clock.name: o.clock for o in found}
    return [*found, *clocks.values()]


def variables_of(owners: Iterable[Any]) -> dict[Key, Any]:
    """Every variable with an array of its own, by the names of its owner and its own."""
    from brian2.core.variables import ArrayVariable

    found: dict[Key, Any] = {}
    for owner in owners:
        for v in getattr(owner, "variables", {}).values():
            if isinstance(v, ArrayVariable) and v.owner is not None:
                # Brian2 has the delays of all pathways belong to their synapses.
                path = internals.is_pathway(owner) and v.name == "delay"
                found[owner.name if path else v.owner.name, v.name] = v
    return found


def constants_of(owners: Iterable[Any], namespace: Mapping[str, Any]) -> dict[Key, np.ndarray]:
    """The numbers that the code of a network may use besides its variables."""
    found: dict[Key, np.ndarray] = {}
    given = {owner.name: getattr(owner, "namespace", None) or {} for owner in owners}
    for owner, names in {**given, "": namespace}.items():
        for name, value in names.items():
            numbers = getattr(value, "values", value)  # of a TimedArray
            if callable(numbers) or isinstance(numbers, str):
                continue
            try:
                found[owner, name] = np.asarray(numbers, dtype=float)
            except (TypeError, ValueError):
                continue  # a unit, a function, another object
    return found
