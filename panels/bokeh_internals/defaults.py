"""Values that properties of Bokeh's models have by default, found out once for a class."""

from __future__ import annotations

import functools
from collections import defaultdict
from typing import Any

from bokeh.core.property.descriptors import PropertyDescriptor
from bokeh.core.property.singletons import Undefined
from bokeh.core.property.wrappers import PropertyValueDict, PropertyValueList, PropertyValueSet

from panels.bokeh_internals import patches

# Values that nobody can change in place, and those of which each model gets an empty one.
PLAIN = (type(None), bool, int, float, str, type(Undefined))
EMPTY = (PropertyValueList, PropertyValueDict, PropertyValueSet)
_UNKNOWN: Any = object()

values: defaultdict[type, dict[str, Any]] = defaultdict(dict)  # by class and property; of `PLAIN`


def found_once() -> None:
    """Have Bokeh remember the default of a property where all models of a class have the same."""
    plain: Any = getattr(PropertyDescriptor, "_get_default", None)
    fits = patches.fits("defaults", PropertyDescriptor, PropertyDescriptor)
    if not fits or hasattr(plain, "__wrapped__"):
        return
    empty: defaultdict[type, dict[str, type]] = defaultdict(dict)
    unstable: dict[tuple[type, str], bool] = {}
    looked_up: Any = PropertyDescriptor.has_unstable_default

    @functools.wraps(plain)
    def _get_default(self: Any, obj: Any) -> Any:
        name, model, its = self.name, obj.__class__, obj.__dict__
        themed = its.get("__themed_values__")
        if themed is not None and name in themed:
            return plain(self, obj)
        value = values[model].get(name, _UNKNOWN)
        if value is not _UNKNOWN:
            return value
        own = its["_unstable_default_values"]
        if name in own:
            return own[name]
        kind = empty[model].get(name)
        if kind is not None:
            own[name] = kind()
            own[name]._register_owner(obj, self)
            return own[name]
        value = plain(self, obj)
        if type(value) in PLAIN and not self.has_unstable_default(obj):
            values[model][name] = value
        elif type(value) in EMPTY and not value and value is own.get(name):
            empty[model][name] = type(value)
        return value

    @functools.wraps(looked_up)
    def has_unstable_default(self: Any, obj: Any) -> bool:
        which = (obj.__class__, self.name)
        found = unstable.get(which)
        if found is None:
            found = unstable[which] = looked_up(self, obj)
        return found

    PropertyDescriptor._get_default = _get_default
    PropertyDescriptor.has_unstable_default = has_unstable_default
