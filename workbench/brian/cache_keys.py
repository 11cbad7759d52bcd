"""Makes the keys of Brian2's caches with less work, and the same.

Brian2 remembers what it found out about code and equations by all variables that the code may use.
To turn these into a key took a third of the time in which a network is built: what kind of thing a
value is was asked for each value. Here it is asked once for each type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import brian2
from brian2.units.fundamentalunits import Dimension
from brian2.utils import caching

from .patches import leave_out, takes

PLAIN = (str, int, float, bool, type(None), type, Dimension)


def quick_keys() -> None:
    """Have Brian2 make its keys this way from now on."""
    slow = getattr(caching, "_hashable", None)
    if slow is None:
        leave_out("cache-keys", "_hashable is missing")
    elif not hasattr(slow, "before"):
        quick = _quick(slow)
        if takes(slow, "obj") and _same(quick, slow):
            caching._hashable = quick
        else:
            leave_out("cache-keys", "_hashable makes other keys")


@contextmanager
def quick_keys_meanwhile() -> Iterator[None]:
    """The same in a process of the user's, up to the end of the block."""
    before = getattr(caching, "_hashable", None)
    quick_keys()
    changed = getattr(caching, "_hashable", None) is not before
    try:
        yield
    finally:
        if changed:  # else another thread or block has, and puts it back itself
            caching._hashable = before


def _same(quick: Callable[[Any], Any], slow: Callable[[Any], Any]) -> bool:
    try:
        return bool(quick(_SAMPLE) == slow(_SAMPLE))
    except TypeError:
        return False


def _quick(slow: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same function as ``slow``, which is asked about types that are none of these."""
    keys: dict[type, Callable[[Any], Any]] = {}

    def plain(value: Any) -> Any:
        return value

    def stateful(value: Any) -> Any:
        return key_of(value._state_tuple)

    def mapping(value: Mapping[Any, Any]) -> Any:
        return frozenset([(key_of(k), key_of(v)) for k, v in value.items()])

    def group(value: set[Any]) -> Any:
        return frozenset([key_of(v) for v in value])

    def sequence(value: list[Any]) -> Any:
        return tuple([key_of(v) for v in value])

    def kind(of: type) -> Callable[[Any], Any]:
        if hasattr(of, "_state_tuple"):
            return stateful
        for base, found in ((Mapping, mapping), (set, group), ((tuple, list), sequence)):
            if issubclass(of, base):
                return found
        return plain if of in PLAIN else slow

    def key_of(value: Any) -> Any:
        of = type(value)
        found = keys.get(of)
        if found is None:
            found = keys[of] = kind(of)
        return found(value)

    key_of.before = slow  # type: ignore[attr-defined]
    return key_of


# One of each kind, in one another.
_SAMPLE = {
    "a": [1, 2.5, True, None, ("b", {"c": {"d", "e"}})],
    "f": brian2.Equations("dv/dt = -v / (10*ms) : volt"),
    "g": 3 * brian2.mV,
}
