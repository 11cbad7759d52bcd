"""Registry of notations for drawing circuits; each is imported at its first use."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ...errors import unknown

if TYPE_CHECKING:
    from .primitives import Scene

DEFAULT = "senk"

# name -> module and function: (circuit, width_mm, dark, colors, **options) -> Scene
_NOTATIONS: dict[str, tuple[str, str]] = {
    "senk": ("workbench.circuits.render.svg", "drawing"),
    "classic": ("workbench.circuits.render.svg", "classic"),
    "ncd": ("workbench.circuits.ncd", "drawing"),
    "cpt": ("workbench.circuits.tables.connectivity", "drawing"),
}

Draw = Callable[..., "Scene"]


def notations() -> tuple[str, ...]:
    """Names of the notations, the default first."""
    return tuple(_NOTATIONS)


def drawer(notation: str) -> Draw:
    """Return the function that draws in a notation.

    returns : function (circuit, width_mm, dark, colors, **options) -> `Scene`
    raises  : UnknownName, with the available notations
    """
    if not (isinstance(notation, str) and notation in _NOTATIONS):
        raise unknown("notation", notation, _NOTATIONS, owner="a circuit")
    module, function = _NOTATIONS[notation]
    found: Any = getattr(import_module(module), function)
    return found
