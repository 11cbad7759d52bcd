"""Parameters become the shared variables of the same name, in every object that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.model.model import Model


def set_shared(model: Model, owner: Any) -> None:
    """Give every shared variable of a Brian2 object that is a parameter of the model its value."""
    for name in model.parameters():
        variable = owner.variables.get(name)
        if variable is not None and variable.scalar and variable.owner.name == owner.name:
            setattr(owner, name, model.brian(name))
