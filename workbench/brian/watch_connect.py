"""Notes how ``Synapses.connect`` is called while a network is built."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .patches import leave_out, takes

ARGUMENTS = ("condition", "i", "j", "p", "n", "skip_if_invalid", "namespace", "level")


@contextmanager
def watched(seen: Callable[[Any, dict[str, Any], Mapping[str, Any]], Any]) -> Iterator[None]:
    """While this lasts, ``seen(synapses, arguments, names)`` hears of every ``connect``.

    arguments : name -> value, of all
    names     : what the names in the texts among them may refer to
    """
    from brian2 import Synapses

    original = Synapses.connect
    if not takes(original, "self", *ARGUMENTS):
        leave_out("watch-connect", "connect takes other arguments")
        yield
        return

    def connect(
        self, condition=None, i=None, j=None, p=1.0, n=1, skip_if_invalid=False, namespace=None,
        level=0,
    ):  # fmt: skip
        given = {"condition": condition, "i": i, "j": j, "p": p, "n": n}
        # One frame more lies between Brian2 and the names that its strings may refer to.
        result = original(
            self, **given, skip_if_invalid=skip_if_invalid, namespace=namespace, level=level + 1
        )
        frame = sys._getframe(level + 1)
        around = {**frame.f_globals, **frame.f_locals, **(self.namespace or {})}
        seen(self, given, {**around, **(namespace or {})})
        return result

    Synapses.connect = connect
    try:
        yield
    finally:
        Synapses.connect = original
