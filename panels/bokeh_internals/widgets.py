"""What Panel and Param work out anew for each widget, done at less cost.

A page has some two hundred widgets, each of dozens of parameters.
"""

from __future__ import annotations

import copy
import functools
from hashlib import sha256
from typing import Any

from panel.custom import Child, Children, JSComponent, ReactiveESM
from panel.io import resources
from panel.reactive import Syncable
from panel.util import classproperty
from panel.viewable import Viewable, is_viewable_param
from panel_material_ui.base import MaterialComponent
from param import parameterized

from panels.bokeh_internals import patches

OURS = ("panels.", "workbench.")  # packages whose widgets are written in plain JavaScript
FILES = 10_000  # pairs of a file and a folder
# Most values of a parameter's slots; none of these can be changed in place.
SIMPLE = frozenset((type(None), bool, int, float, str, tuple, type))


def made_quickly() -> None:
    """Have widgets, and their models, made at less cost from now on."""
    _list_once()
    _hold_children_by_class()
    _select_among_children()
    _find_files_once()
    _send_modules_as_they_are()
    _copy_parameters_by_slot()
    _set_what_is_new()


def _list_once() -> None:
    plain: Any = getattr(Syncable, "_init_params", None)
    if not patches.fits("values", Syncable, Syncable) or hasattr(plain, "__wrapped__"):
        return

    @functools.wraps(plain)
    def _init_params(self: Any) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self._synced_params}
        return {name: value for name, value in values.items() if value is not None}

    Syncable._init_params = _init_params


def _hold_children_by_class() -> None:
    plain: Any = getattr(ReactiveESM, "_get_children", None)
    if not patches.fits("children", ReactiveESM, ReactiveESM) or hasattr(plain, "__wrapped__"):
        return

    @functools.cache
    def names_of(kind: Any) -> tuple[str, ...]:
        shown = {k for k in kind.param if kind._property_mapping.get(k, "") is not None}
        return tuple(k for k in kind.param if k in shown and is_viewable_param(kind.param[k]))

    @functools.wraps(plain)
    def _get_children(self: Any, data: Any, *where: Any) -> tuple[dict[str, Any], list[Any]]:
        children, old = {}, []
        for name in names_of(self.__class__):
            children[name], known = self._get_child_model(getattr(self, name), *where)
            old += known
        return children, old

    ReactiveESM._get_children = _get_children


def _select_among_children() -> None:
    plain: Any = getattr(ReactiveESM, "select", None)
    if not patches.fits("selecting", ReactiveESM) or hasattr(plain, "__wrapped__"):
        return

    @functools.cache
    def names_of(kind: Any) -> tuple[str, ...]:
        return tuple(k for k in kind.param if isinstance(kind.param[k], Child | Children))

    @functools.wraps(plain)
    def select(self: Any, selector: Any = None) -> list[Any]:
        found = Viewable.select(self, selector)
        for name in names_of(self.__class__):
            held = getattr(self, name) or []
            for child in held if isinstance(held, list) else [held]:
                found += child.select(selector)
        return found

    ReactiveESM.select = select


def _find_files_once() -> None:
    plain: Any = getattr(resources, "_is_subpath", None)
    if patches.fits("subpaths", resources) and not hasattr(plain, "__wrapped__"):
        resources._is_subpath = functools.lru_cache(FILES)(plain)
    if patches.fits("bundles", ReactiveESM, MaterialComponent):
        for owner, name in ((ReactiveESM, "_bundle_path"), (MaterialComponent, "_bundle_css")):
            if not isinstance(vars(owner)[name], _FoundOnce):
                setattr(owner, name, _FoundOnce(vars(owner)[name].f))


class _FoundOnce(classproperty):
    """As Panel finds it for a class, once."""

    def __init__(self, find: Any):
        super().__init__(functools.cache(find))


def _send_modules_as_they_are() -> None:
    plain: Any = getattr(JSComponent, "_get_properties", None)
    if not patches.fits("modules", JSComponent) or hasattr(plain, "__wrapped__"):
        return

    @functools.cache
    def name_of(kind: Any, source: str) -> str:
        return f"{kind.__module__}.{kind.__name__}-{sha256(source.encode()).hexdigest()}"

    @functools.wraps(plain)
    def _get_properties(self: Any, doc: Any) -> dict[str, Any]:
        properties: dict[str, Any] = plain(self, doc)
        kind = self.__class__
        if properties["bundle"] is None and kind.__module__.startswith(OURS):
            properties["bundle"] = name_of(kind, properties["esm"])
        return properties

    JSComponent._get_properties = _get_properties


def _copy_parameters_by_slot() -> None:
    plain: Any = getattr(parameterized, "_instantiate_param_obj", None)
    fits = patches.fits("parameters", parameterized, parameterized)
    if not fits or hasattr(plain, "__wrapped__"):
        return
    get, put = object.__getattribute__, object.__setattr__
    changes = parameterized._is_mutable_container

    @functools.wraps(plain)
    def _instantiate_param_obj(paramobj: Any, owner: Any = None) -> Any:
        kind = paramobj.__class__
        made = kind.__new__(kind)
        for slot in kind._all_slots_:
            value = get(paramobj, slot)
            own = slot != "default" and type(value) not in SIMPLE and changes(value)
            put(made, slot, copy.copy(value) if own else value)
        put(made, "owner", owner)
        put(made, "watchers", {})
        return made

    parameterized._instantiate_param_obj = _instantiate_param_obj


def _set_what_is_new() -> None:
    kind = parameterized.Parameter
    plain: Any = kind.__setattr__
    if not patches.fits("same-values", kind) or hasattr(plain, "__wrapped__"):
        return
    get = object.__getattribute__

    @functools.wraps(plain)
    def __setattr__(self: Any, attribute: str, value: Any) -> None:
        if value is None or value is True or value is False:
            try:
                if get(self, attribute) is value and attribute not in get(self, "watchers"):
                    return
            except (AttributeError, TypeError):  # not set before
                pass
        plain(self, attribute, value)

    kind.__setattr__ = __setattr__
