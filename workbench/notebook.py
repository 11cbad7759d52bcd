"""``wb.explore`` and ``wb.controls``: a model in a notebook cell, as an app or as widgets."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Sequence
from typing import Any

from .bundled_packages import bundled
from .errors import ParameterError
from .export.live_objects import is_brian, open_objects
from .model.model import Model
from .model.registry import load
from .notebook_controls import Controls
from .scripts.execution import visible

_PANELS = "The apps are not installed: the folder panels/ is missing."


def explore(model: str | Model | Any, **values: Any) -> Any:
    """Return the live app of ``model``, for display in a notebook cell.

    model  : registry name, or a model with its parameters set; or a Brian2 network that was not
             simulated yet, or a list of Brian2 objects, whose equations may use the caller's names
    values : initial parameter values, if a name or objects of Brian2 are given
    returns: a Panel viewable; the simulation ends with the kernel or with ``close()``
    raises : UnknownName or ParameterError for unknown names and invalid arguments
    """
    if isinstance(model, str):
        model = load(model, **values)
    elif is_brian(model):
        frame = inspect.currentframe()
        model = type(open_objects(model, visible(frame and frame.f_back)))(**values)
    elif not isinstance(model, Model):
        raise ParameterError(
            f"explore({model!r}) is not possible: give a model or its name, "
            'such as "hippocampal-cam", or a Brian2 network.'
        )
    elif values:
        raise ParameterError(
            "explore() takes values only with a model's name; set them on the model itself."
        )
    return _page(model)


def controls(
    model: str | Model,
    *,
    only: Sequence[str] | None = None,
    speed: float | None = None,
    window_ms: float = 500.0,
    **options: Any,
) -> Controls:
    """Return plain ipywidgets for ``model``: sliders with units, Run, Pause, Reset, the time.

    They are for ``ipywidgets.interactive_output`` and plots of one's own; former controls of the
    same model are closed. It needs the extra ``notebook``.

    model     : registry name, or a model with its parameters set
    only      : parameters to have sliders; by default all
    speed     : simulated ms per wall second; None = the model's own pace, math.inf = no limit
    window_ms : for how long back ``spikes`` and ``samples`` know what happened
    options   : of ``model.start``, such as ``seed`` and ``engine``
    raises    : UnknownName for unknown names, NotInstalled without ipywidgets
    """
    chosen = load(model) if isinstance(model, str) else type(model)(**model.values())
    return Controls(chosen, only=only, speed=speed, window_ms=window_ms, **options)


def _page(model: Model) -> Any:
    panels = bundled("panels")
    try:
        page = importlib.import_module(f"{panels}.notebook").page
    except ModuleNotFoundError as error:
        if error.name not in (panels, f"{panels}.notebook"):
            raise
        raise ParameterError(_PANELS) from error
    return page(model)


def load_ipython_extension(ipython: Any) -> None:
    """``%load_ext workbench``: afterwards ``%workbench [NETWORK]`` shows the app."""

    def workbench(line: str) -> Any:
        """The app of a network of the notebook by its name, or of all its Brian2 objects."""
        space, name = ipython.user_ns, line.strip()
        if name and not is_brian(space.get(name)):
            raise ParameterError(
                f"%workbench {name} is not possible: give the name of a Brian2 network or of a "
                "list of Brian2 objects, or none for all objects of the notebook."
            )
        found = space[name] if name else [v for k, v in space.items() if is_brian_object(k, v)]
        if not name and not found:
            raise ParameterError(
                "There are no Brian2 objects in this notebook yet: make some first."
            )
        return _page(open_objects(found, dict(space), name or "notebook"))

    ipython.register_magic_function(workbench, "line")


def is_brian_object(name: str, value: Any) -> bool:
    """Whether a variable of a notebook is an object for its network."""
    shown = not name.startswith("_")  # those are IPython's own, such as earlier answers
    return shown and is_brian(value) and hasattr(value, "contained_objects")
