"""What of a built network can be recorded, and how its numbers are read. Runs where Brian2 is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..model.units import brian_unit
from ..network import NetworkInfo, Recordable
from .cells import compartments

if TYPE_CHECKING:
    from ..model.model import Model
    from .describe import Slice

HIDDEN = ("i", "j", "t", "dt", "N", "t_in_timesteps", "N_incoming", "N_outgoing", "N_pre", "N_post",
          "lastspike", "lastupdate", "delay")  # fmt: skip


@dataclass(frozen=True)
class Target:
    """One variable of the network as Brian2 has it.

    said    : what others are told of it
    owner   : the group or synapses;  variable : its name there
    where   : (entries,) which of the owner's entries they are
    scale   : factor from SI into ``said.unit``
    ends    : of synapses, the (entries,) neurons that they join, from and to
    names   : makes the names that what is computed may use besides those of its owner
    """

    recordable: Recordable
    owner: Any
    variable: str
    where: np.ndarray
    scale: float = 1.0
    ends: tuple[np.ndarray, np.ndarray] | None = None
    names: Callable[[], Mapping[str, Any]] = dict

    def array(self, index: np.ndarray) -> tuple[Any, Any]:
        """The variable with the array, and which of its numbers entries ``index`` are.

        A slice where they follow one another. (None, places) for what is computed.
        """
        places = self.where[index]
        variable = self.owner.variables[self.variable]
        if not self.recordable.stored:
            return None, places
        if variable.scalar:
            return variable, np.zeros(1, np.int64)
        # A variable that is linked to another group's is read there, through an index.
        through = self.owner.variables.indices[self.variable]
        if through not in ("_idx", "0"):
            places = np.asarray(self.owner.variables[through].get_value())[places]
        return variable, _slice(places)

    def reader(self, index: np.ndarray) -> Callable[[], np.ndarray]:
        """A function that reads the entries ``index`` now: (n,) in SI, maybe Brian2's own array."""
        variable, places = self.array(index)
        if variable is None:
            owner, name, names = self.owner, self.variable, self.names
            return lambda: computed(owner, name, names())[places]
        if variable.scalar:
            return lambda: np.ravel(variable.get_value())
        return lambda: variable.get_value()[places]


def computed(owner: Any, variable: str, names: Mapping[str, Any]) -> np.ndarray:
    """A subexpression, one value for each element, or one value if it is shared.

    names : that it may use besides those of its owner
    """
    view = owner.state(variable, use_units=False)
    values = np.asarray(view.get_item(slice(None), namespace=dict(names)))
    # What does not depend on the element, as a stimulus, comes as a single number.
    alone = values.ndim == 0 and not owner.variables[variable].scalar
    return (
        np.full(int(owner.variables["N"].get_value()), values) if alone else np.atleast_1d(values)
    )


def _slice(places: np.ndarray) -> Any:
    if len(places) and (np.diff(places) == 1).all():
        return slice(int(places[0]), int(places[-1]) + 1)
    return places


def targets(
    net: Any,
    info: NetworkInfo,
    model: Model,
    slices: Mapping[str, Slice],
    readers: Mapping[str, Any],
) -> dict[str, Target]:
    """Everything that can be recorded, by name: of populations, then of synapses, then events."""
    import brian2

    found: dict[str, Target] = {}
    for part in slices.values():
        places = np.arange(part.start, part.stop)
        of: Literal["neurons", "compartments"] = (
            "compartments" if compartments(part.group) else "neurons"
        )
        _variables(found, part.name, part.group, places, of, info.traces | info.maps)
    synapses = [o for o in net.sorted_objects if isinstance(o, brian2.Synapses)]
    for each in sorted(synapses, key=lambda s: s.name):
        mine = [p for p in info.projections if _belongs(p.name, each, readers)]
        for p in mine:
            reader = readers[p.name]
            units = {f"{p.name}.{p.weight}": p.unit}
            places, ends = reader.synapses(len(each)), (reader.i, reader.j)
            _variables(found, p.name, each, places, "synapses", units, (p.source, p.target), ends)
        if len(each) and each.name not in {p.name for p in mine}:
            units = {f"{each.name}.{p.weight}": p.unit for p in mine}
            ends = (np.asarray(each.i[:]), np.asarray(each.j[:]))
            _variables(found, each.name, each, np.arange(len(each)), "synapses", units, ends=ends)
    for part in slices.values():
        for event in getattr(part.group, "events", {}):
            if event != "spike":
                name = f"{part.name}.{event}"
                recordable = Recordable(name, "1", part.size, "events", _dt_ms(part.group))
                found[name] = Target(
                    recordable, part.group, event, np.arange(part.start, part.stop)
                )
    return {name: replace(target, names=model.run_namespace) for name, target in found.items()}


def _belongs(projection: str, synapses: Any, readers: Mapping[str, Any]) -> bool:
    return projection in readers and readers[projection].owner.name == synapses.name


def _dt_ms(group: Any) -> float:
    return round(float(group.clock.dt) * 1e3, 9)


def _variables(
    found: dict[str, Target], name: str, owner: Any, places: np.ndarray,
    of: Literal["neurons", "compartments", "synapses"], units: Mapping[str, str],
    joins: tuple[str, str] = ("", ""), ends: tuple[np.ndarray, np.ndarray] | None = None,
) -> None:  # fmt: skip
    from brian2 import get_unit
    from brian2.core.variables import ArrayVariable, Subexpression

    for variable, v in owner.variables.items():
        whole = f"{name}.{variable}"
        if variable.startswith("_") or variable in HIDDEN or whole in found:
            continue
        if of == "synapses" and getattr(v.owner, "name", "") != owner.name:
            continue  # a variable of its neurons, which are recorded by their own name
        if variable.endswith("__private"):
            continue  # of Brian2's own making
        if not isinstance(v, ArrayVariable | Subexpression) or getattr(v, "constant", False):
            continue
        if not (v.is_boolean or np.issubdtype(v.dtype, np.number)):
            continue
        si = "1" if v.dim.is_dimensionless else str(get_unit(v.dim))
        unit = units.get(whole, si)
        recordable = Recordable(
            whole, unit, 1 if v.scalar else len(places), "shared" if v.scalar else of,
            _dt_ms(owner), isinstance(v, ArrayVariable), *joins,
        )  # fmt: skip
        scale = 1.0 if unit == si else 1.0 / float(brian_unit(unit))
        where = np.zeros(1, int) if v.scalar else places
        found[whole] = Target(recordable, owner, variable, where, scale, ends)
