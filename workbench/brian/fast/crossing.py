"""Lets a group's state update say in which blocks of neurons one may have crossed the threshold.

The numbers that are compared are at hand there; the thresholder then looks at those blocks only.
What it looks at it tests itself, so a block that is named in vain costs time and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from brian2.codegen.generators.cpp_generator import CPPNodeRenderer
from brian2.core.variables import Constant

from .generator import BLOCK

# What the templates leave open: filled in for a pair, else as without one.
ALONE = {"STRIDE": "_N", "BEFORE": "", "ANY": "", "EACH": "", "AFTER": ""}
_SCALARS = re.compile(r"// what is the same for all:\n(.*?)// and now each\n", re.DOTALL)
_MASK = re.compile(r"// which may be above:\n(.*?)// found\n", re.DOTALL)
_TYPE = re.compile(r"^\s*(\w+) _any = 0;$", re.MULTILINE)
_NAME = re.compile(r"\b[A-Za-z_]\w*\b")
_CALL = re.compile(r"\b(?!if\b)[A-Za-z_]\w*\s*\(")
_ARRAY = re.compile(r"_(?:ptr_)?(array_\w+|dynamic_array_\w+)")
_RUN = re.compile(r"\b_run_(\w+)\)")


def orders(main_queue: Iterable[tuple[str, Any]]) -> list[list[str]]:
    """Of each run of a network, the names of its code objects in the order of a time step."""
    runs = (args for function, args in main_queue if function == "run_network")
    return [_RUN.findall("\n".join(lines)) for _, lines in runs]


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text of a state update with its open places filled in."""
    for name, value in values.items():
        text = text.replace(f"%CROSSING_{name}%", value)
    return text


def joined(
    update: Any, threshold: Any, runs: Sequence[Sequence[str]], others: Mapping[str, str]
) -> dict[str, str] | None:
    """What to fill into a state update, so that it finds out for the thresholder; None: it cannot.

    update, threshold : code objects of one group
    runs              : as `orders` returns them
    others            : name of a code object -> its text
    """
    text = threshold.code.cpp_file
    scalars, mask, kind = _SCALARS.search(text), _MASK.search(text), _TYPE.search(text)
    if not (scalars and mask and kind) or _CALL.search(scalars[1] + mask[1]):
        return None  # what it calls may not be known to the state update
    names = set(_NAME.findall(scalars[1] + mask[1]))
    arrays = {name for name in names if _ARRAY.fullmatch(name)}
    if any("dynamic" in name for name in arrays):
        return None  # it may be somewhere else at every step
    # What the state update does not point to is there under the name that it has everywhere.
    elsewhere = {a for a in arrays if not re.search(rf"\b{a}\b", update.code.cpp_file)}
    read = {found[1] for found in map(_ARRAY.fullmatch, arrays) if found}
    for run in runs:
        if threshold.name not in run:
            continue
        if update.name not in run or run.index(update.name) > run.index(threshold.name):
            return None
        between = run[run.index(update.name) + 1 : run.index(threshold.name)]
        if any(array in others.get(name, array) for name in between for array in read):
            return None  # one of them may write it
    constants = {
        name: CPPNodeRenderer().render_expr(repr(variable.value))
        for name, variable in threshold.variables.items()
        if isinstance(variable, Constant) and name in names
    }

    def own(code: str) -> str:
        """With names that mean nothing else in the state update."""
        code = re.sub(r"\b_lio_", "_crossing_lio_", code)
        code = _NAME.sub(lambda m: f"({constants[m[0]]})" if m[0] in constants else m[0], code)
        return _NAME.sub(lambda m: m[0].replace("_ptr", "") if m[0] in elsewhere else m[0], code)

    group = threshold.owner.name
    return {
        "STRIDE": str(BLOCK),
        "BEFORE": f"""{own(scalars[1])}
    workbench::Refractory& _crossing = workbench::RefractoryOf<workbench::of_{group}>::it;
    _crossing.maybe.resize(_N / {BLOCK} + 1);
    _crossing.looked = true;""",
        "EACH": f"{{ {own(mask[1])} _any |= _cond; }}",
        "ANY": f"{kind[1]} _any = 0;",
        "AFTER": f"_crossing.maybe[_from / {BLOCK}] = _any != 0;",
    }
