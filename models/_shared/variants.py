"""What experiments and facts of several models share: models with other values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.model.model import Model


def varied(model: Model, **values: Any) -> Any:
    """The same model with some parameters set otherwise."""
    return type(model)(**{**model.values(), **values})


def stated(model: Model, **texts: str) -> float:
    """Largest difference of parameters from what texts with a unit, "250 ms", set them to.

    For a number that the model's code takes as it stands: no simulation sees its unit.
    """
    said = varied(model, **texts)
    return max(abs(getattr(model, name) - getattr(said, name)) for name in texts)


def key_of(model: Any) -> tuple[Any, tuple[tuple[str, float], ...]]:
    """Class and values of a model: what a measurement that is remembered goes by."""
    return type(model), tuple(model.values().items())


def fast_engine() -> str:
    """The compiled engine where there is a compiler: long experiments are for it."""
    from workbench.engine.compiled.cache import compiler

    return "compiled" if compiler() else "numpy"
