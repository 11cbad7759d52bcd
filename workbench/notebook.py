"""``wb.explore(model)``: the app of a model inside a notebook cell."""

from __future__ import annotations

import importlib
from typing import Any

from .bundled_packages import bundled
from .errors import ParameterError
from .model.model import Model
from .model.registry import load

_PANELS = "The apps are not installed: the folder panels/ is missing."


def explore(model: str | Model, **values: Any) -> Any:
    """The live app of ``model``, to be shown as the value of a notebook cell.

    model  : registry name, or a model with its values set
    values : parameters to start from, when a name is given
    returns: a Panel viewable; the simulation ends when the kernel does, or with ``close()``
    raises : UnknownName or ParameterError for what does not exist or does not fit
    """
    if isinstance(model, str):
        model = load(model, **values)
    elif not isinstance(model, Model):
        raise ParameterError(
            f"explore({model!r}) is not possible: give a model or its name, "
            'such as "hippocampal-cam".'
        )
    elif values:
        raise ParameterError(
            "explore() takes values only with a model's name; set them on the model itself."
        )
    panels = bundled("panels")
    try:
        page = importlib.import_module(f"{panels}.notebook").page
    except ModuleNotFoundError as error:
        if error.name not in (panels, f"{panels}.notebook"):
            raise
        raise ParameterError(_PANELS) from error
    return page(model)
