"""Which variables of a network a live parameter acts on: shared ones of its name and dimension.

What only shares the name is not touched: an array with a value for each neuron or synapse, a
constant of a namespace (unless the model names it among its ``constants``), a subexpression, a
variable linked to another group, a delay. Such an array belongs to its model, and writing one
number into all of it would destroy what is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..brian.constants import was_constant
from ..errors import BuildError
from ..model.units import brian_unit

if TYPE_CHECKING:
    from ..model.model import Model


def live_variables(model: Model, objects: Iterable[Any], name: str) -> list[Any]:
    """The variables that the live parameter ``name`` writes: one or more, or it is a constant.

    objects : of the built network, with what they contain
    raises  : BuildError when there is none, when one has another dimension, or when Brian2 would
              not notice that one changes
    """
    objects = list(objects)
    found = [v for o in objects if (v := _shared(o, name)) is not None]
    parameter, owner = model.parameter(name), f"{type(model).__name__}.{name}"
    if not found and name in model.constants:
        return []
    if not found:
        raise BuildError(
            f"{owner} is declared live, but no object of the network has a shared variable named "
            f"{name!r}{_instead(objects, name)}: declare it as '{name} : {_dimension(parameter)} "
            "(shared)' in the equations, or say live=False."
        )
    for variable in found:
        _need_same_dimension(variable, parameter, owner)
        if variable.constant:
            raise BuildError(
                f"{owner} is declared live, but {variable.owner.name}.{name} is '(constant, "
                "shared)', which Brian2 reads once, when a run begins: leave out 'constant', or "
                "say live=False."
            )
        if not (parameter.integer or np.issubdtype(variable.dtype, np.floating)):
            raise BuildError(
                f"{owner} may be any number, but {variable.owner.name}.{name} holds whole numbers "
                "only: say integer=True, or leave out 'integer' in the equations."
            )
    return found


def _shared(owner: Any, name: str) -> Any:
    """The variable that the equations of ``owner`` declare as one number for all, or None."""
    own = (getattr(owner, "variables", None) or {}).get(name)
    if own is not None and was_constant(own):
        return own
    equations = getattr(owner, "equations", None)
    declared = equations.get(name) if equations is not None else None
    if declared is None or declared.type != "parameter" or "shared" not in declared.flags:
        return None
    variable = owner.variables[name]
    own = variable.owner is not None and variable.owner.name == owner.name
    return None if variable.read_only or not own or _computed(owner, name) else variable


def _computed(owner: Any, name: str) -> bool:
    """Does Brian2 compute it anew in each step? So it does ``(shared, constant over dt)``."""
    updater = getattr(owner, "subexpression_updater", None)
    lines = () if updater is None else updater.abstract_code.splitlines()
    return any(line.partition("=")[0].strip() == name for line in lines)


def _need_same_dimension(variable: Any, parameter: Any, owner: str) -> None:
    from brian2 import get_unit, have_same_dimensions

    if not have_same_dimensions(brian_unit(parameter.unit), get_unit(variable.dim)):
        measured = "a plain number" if parameter.unit == "1" else f"in {parameter.unit}"
        unit = "a plain number" if variable.dim.is_dimensionless else f"in {_si(variable)}"
        raise BuildError(
            f"{owner} is {measured}, but the shared variable of its name, "
            f"{variable.owner.name}.{variable.name}, is {unit}: give one of them another name, "
            "or both the same dimension."
        )


def _instead(objects: list[Any], name: str) -> str:
    """What else has the name, in words; "" for nothing."""
    for o in objects:
        variable = getattr(o, "variables", {}).get(name)
        if variable is not None and getattr(variable.owner, "name", "") == o.name:
            kind = "one for each element" if not variable.scalar else "computed or fixed"
            return f" ({o.name}.{name} is {kind})"
        if name in (getattr(o, "namespace", None) or {}):
            return f" (in {o.name} it is a constant of the namespace)"
    return ""


def _dimension(parameter: Any) -> str:
    """How an equation writes the dimension of a parameter."""
    from brian2 import get_unit

    return "1" if parameter.unit == "1" else repr(get_unit(brian_unit(parameter.unit).dim))


def _si(variable: Any) -> str:
    from brian2 import get_unit

    return repr(get_unit(variable.dim))
