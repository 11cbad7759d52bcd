"""Which models a model of Bokeh refers to: all of a page are looked through whenever it changes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from bokeh.core.has_props import HasProps
from bokeh.model import Model, util

from panels.bokeh_internals import defaults, patches

_SIMPLE = frozenset(defaults.PLAIN)  # what refers to nothing
_UNSET: Any = object()


def looked_for_quickly() -> None:
    """Have Bokeh pass over values that refer to nothing as it looks for models."""
    plain: Any = getattr(util, "visit_immediate_value_references", None)
    fits = patches.fits("references", util, util, HasProps)
    if not fits or hasattr(plain, "__wrapped__"):
        return
    plain_value: Any = util.visit_value_and_its_immediate_references

    @functools.wraps(plain)
    def visit_references(value: Any, visitor: Callable[[Model], None]) -> None:
        if not isinstance(value, HasProps):
            visit(value, visitor)
            return
        given, own = value._property_values, value._unstable_default_values
        themed, simple = vars(value).get("__themed_values__") or (), defaults.values[type(value)]
        for name in value.properties_with_refs():
            child = given.get(name, _UNSET)
            if child is _UNSET and name in themed:
                child = getattr(value, name)
            elif child is _UNSET:
                if name in simple:
                    continue
                child = own[name] if name in own else getattr(value, name)
            kind = type(child)
            if kind not in _SIMPLE and (kind not in defaults.EMPTY or child):
                visit(child, visitor)

    @functools.wraps(plain_value)
    def visit(value: Any, visitor: Callable[[Model], None]) -> None:
        kind = type(value)
        if kind in _SIMPLE:
            return
        if issubclass(kind, Model):
            visitor(value)
        elif issubclass(kind, list | tuple):
            for each in value:
                visit(each, visitor)
        elif issubclass(kind, dict):
            for key, each in value.items():
                visit(key, visitor)
                visit(each, visitor)
        elif issubclass(kind, HasProps):
            visit_references(value, visitor)
        else:
            plain_value(value, visitor)

    util.visit_immediate_value_references = visit_references
    util.visit_value_and_its_immediate_references = visit
