"""Keeps on disk how linear equations are integrated; SymPy needs seconds to solve them.

What is kept is text: the abstract code of one step. Its name is a hash of all that it depends on,
the versions of Brian2 and SymPy among it. Equations that call a user's function or a `TimedArray`
are worked out each time, since what such a function does cannot be read from its name.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import brian2
import sympy
from brian2.core.functions import DEFAULT_FUNCTIONS, Function
from brian2.stateupdaters.exact import IndependentStateUpdater, LinearStateUpdater

from ..paths import cache_folder
from .patches import leave_out, takes

ARGUMENTS = ("self", "equations", "variables", "method_options")


def keep_solutions() -> None:
    """Have Brian2 look on disk first, from now on, in this process and in those forked from it."""
    for method in (LinearStateUpdater, IndependentStateUpdater):
        if hasattr(method.__call__, "kept"):
            continue
        if not takes(method.__call__, *ARGUMENTS):
            leave_out("solutions", f"{method.__name__} takes other arguments")
            continue
        method.__call__ = _keeping(method.__call__)


def _keeping(solve: Callable[..., str]) -> Callable[..., str]:
    @functools.wraps(solve)
    def step(self: Any, equations: Any, variables: Any = None, method_options: Any = None) -> str:
        key = key_of(type(self).__name__, equations, variables or {}, method_options)
        if key is None:
            return solve(self, equations, variables, method_options)
        return _kept(key, lambda: solve(self, equations, variables, method_options))

    step.kept = True  # type: ignore[attr-defined]
    return step


def key_of(
    method: str, equations: Any, variables: Mapping[str, Any], method_options: Any
) -> str | None:
    """What the code of a step depends on, as one text; None for what cannot be told."""
    lines = [
        (e.type, e.varname, str(e.expr), repr(e.dim), sorted(e.flags)) for e in equations.ordered
    ]
    about = {}
    for name in sorted(equations.names | equations.identifiers):
        variable = variables.get(name)
        if isinstance(variable, Function):
            if variable is not DEFAULT_FUNCTIONS.get(name):
                return None
            about[name] = "function"
        elif variable is not None:
            about[name] = (
                f"{type(variable).__name__} {variable.dtype} {variable.dim!r} "
                f"{variable.constant} {variable.scalar}"
            )
    options = repr(sorted((method_options or {}).items()))
    return json.dumps([brian2.__version__, sympy.__version__, method, options, lines, about])


def _kept(key: str, new: Callable[[], str]) -> str:
    path = cache_folder() / "equations" / hashlib.sha256(key.encode()).hexdigest()
    with contextlib.suppress(OSError, UnicodeDecodeError):
        found, _, code = path.read_text("utf-8").partition("\n")
        if found == key:  # whole, and no other equations of the same hash
            return code
    code = new()
    with contextlib.suppress(OSError):  # a disk that is full or read-only costs time only
        _write(path, f"{key}\n{code}")
    return code


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, delete=False
    ) as file:  # fmt: skip
        file.write(text)
    Path(file.name).replace(path)
