"""Brian2's private names that the workbench reads: one function each, and nowhere else.

- ``_pathways``: code, event and delay of each pathway of ``Synapses``. The attributes ``pre`` and
  ``post`` are documented, but not which named pathways there are.
- ``_refractory``: the refractory period as it was given; the variables hold only its effect.
- ``_group``: the neurons that a ``PoissonInput`` drives.
- ``_resolve_external``: what a name means that is no variable; the documented ``resolve`` looks at
  the frames of its callers too.

Each was there in Brian2 2.9.0 and 2.10.1. `tests/unit/brian/test_internals.py` tests them.
A name that is missing raises `MissingInternal` with one sentence, which says what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import WorkbenchError


class MissingInternal(WorkbenchError):
    """Brian2 keeps something elsewhere than the versions that were tried."""


def is_synapses(owner: Any) -> bool:
    """True for ``Synapses``, whose entries are synapses and not neurons."""
    return hasattr(owner, "_pathways")


def pathways(synapses: Any) -> tuple[Any, ...]:
    """The pathways of ``Synapses``, in order of their definition; none for other objects."""
    return tuple(getattr(synapses, "_pathways", ()))


def refractory(group: Any) -> Any:
    """The refractory period of a ``NeuronGroup`` as given: False, a time or an expression."""
    return getattr(group, "_refractory", False)


def driven_by(poisson_input: Any) -> Any:
    """The group that a ``PoissonInput`` drives."""
    return _get(poisson_input, "_group")


def resolve_external(group: Any, name: str, namespace: Mapping[str, Any]) -> Any:
    """What a name stands for that is no variable of the group: a constant or a function."""
    from brian2.groups.group import Group

    # Called as a plain function: a group without a `resolve` of its own has it all the same.
    return _get(Group, "_resolve_external")(group, name, run_namespace=namespace)


def _get(owner: Any, name: str) -> Any:
    found = getattr(owner, name, None)
    if found is None:
        import brian2

        raise MissingInternal(
            f"Brian2 {brian2.__version__} has no {name!r} where 2.9 and 2.10 have it: install one "
            "of these, or report it to the workbench."
        )
    return found
