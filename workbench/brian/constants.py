"""Constants of namespaces that equations read: found, and given other values during a run.

Brian2's documentation says that a constant is read once, when a run begins. The code objects of its
runtime targets hold the number in a dictionary, from which each step takes it.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from .patches import needed

if TYPE_CHECKING:
    from brian2.core.variables import Constant

ROUNDING = 1e-14  # what converting a number from one unit to another costs
_made: weakref.WeakSet[Any] = weakref.WeakSet()


def constants_of(net: Any) -> dict[str, list[Constant]]:
    """Name -> the constants of that name that the code of a network reads, without units.

    The network has to be prepared for a run: its code exists.
    """
    from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_FUNCTIONS, DEFAULT_UNITS
    from brian2.core.variables import Constant

    found: dict[str, list[Constant]] = {}
    for code in _code_of(net):
        for name, variable in code.variables.items():
            known = name in DEFAULT_CONSTANTS or name in DEFAULT_UNITS or name in DEFAULT_FUNCTIONS
            if isinstance(variable, Constant) and variable.owner is None and not known:
                found.setdefault(name, []).append(variable)
    return found


def write_constant(net: Any, names: dict[str, Any], name: str, si: float) -> None:
    """Give the constant ``name`` the value ``si`` in a network, running or not, and in ``names``.

    A constant that is that number but for rounding stays exactly as it is.
    names : the namespace of the run
    """
    from brian2 import Quantity
    from brian2.core.variables import Constant

    for space in [names, *(getattr(o, "namespace", None) or {} for o in net.sorted_objects)]:
        if name not in space:
            continue
        old: Any = space[name]
        if callable(old) or np.ndim(old) or _same(old, si):
            continue
        space[name] = Quantity(si, dim=old.dim) if isinstance(old, Quantity) else type(old)(si)
    for code in _code_of(net):
        if isinstance(code.variables.get(name), Constant):
            held = needed("live-constants", code)
            if not _same(held[name], si):
                held[name] = type(held[name])(si)


def identifiers_of(item: Any) -> set[str]:
    """Words of the equations and statements of an object: all that can be names around it."""
    from brian2.core.variables import Subexpression
    from brian2.utils.stringtools import get_identifiers

    from .internals import refractory

    texts = [str(v.expr) for v in getattr(item, "variables", {}).values()
             if isinstance(v, Subexpression)]  # fmt: skip
    for part in (item, *item.contained_objects):
        texts += [str(getattr(part, "equations", None) or ""), str(refractory(part) or "")]
        texts += [str(v) for v in (getattr(part, "events", None) or {}).values()]
        texts += [str(v) for v in (getattr(part, "event_codes", None) or {}).values()]
        words = ("code", "abstract_code", "event_driven")
        texts += [str(getattr(part, name, None) or "") for name in words]
    return {name for text in texts for name in get_identifiers(text)}


def become_variables(net: Any, names: dict[str, Any], wanted: Iterable[str]) -> None:
    """Make shared variables of constants, in each group whose equations or statements use them.

    Generated C++ contains the numbers of constants, and reads those of variables. The network has
    not been prepared for a run yet.

    names : the namespace of the run
    """
    import brian2

    brian2.BrianLogger.suppress_name("resolution_conflict")  # both are the same number
    for item in net.sorted_objects:
        if not isinstance(item, brian2.Group) or not hasattr(item, "variables"):
            continue
        own = getattr(item, "namespace", None) or {}
        for name in sorted(set(wanted) & identifiers_of(item)):
            value = own.get(name, names.get(name))
            if name in item.variables or value is None:
                continue
            item.variables.add_array(
                name, size=1, dimensions=brian2.get_dimensions(value), scalar=True, index="0",
            )  # fmt: skip
            setattr(item, name, value)
            _made.add(item.variables[name])


def was_constant(variable: Any) -> bool:
    """Whether a variable was a constant until `become_variables` made it one."""
    return variable in _made


def _same(old: Any, si: float) -> bool:
    return math.isclose(float(np.asarray(old)), si, rel_tol=ROUNDING)


def _code_of(net: Any) -> Iterator[Any]:
    for item in net.sorted_objects:
        yield from getattr(item, "code_objects", ())
