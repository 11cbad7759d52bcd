"""Formulas as text: checked when a term is created, evaluated with NumPy only."""

from __future__ import annotations

import ast
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np

from .arrays import TermError


def _exprel(x: Any) -> Any:
    """(exp(x) - 1)/x, and 1 at 0."""
    x = np.asarray(x, dtype=float)
    small = np.abs(x) < 1e-16
    return np.where(small, 1.0, np.expm1(x) / np.where(small, 1.0, x))


def _whole(x: Any) -> Any:
    return np.asarray(x).astype(np.int64)


def _timestep(t: Any, dt: Any) -> Any:
    # A rounding error must not move an integer number of steps to the previous step.
    return np.asarray((t + 1e-3 * dt) / dt).astype(np.int64)


FUNCTIONS: dict[str, Any] = {
    "abs": np.abs, "arccos": np.arccos, "arcsin": np.arcsin, "arctan": np.arctan,
    "ceil": lambda x: _whole(np.ceil(x)), "clip": np.clip, "cos": np.cos, "cosh": np.cosh,
    "exp": np.exp, "expm1": np.expm1, "exprel": _exprel, "floor": lambda x: _whole(np.floor(x)),
    "int": _whole, "log": np.log, "log10": np.log10, "log1p": np.log1p,
    "logical_and": np.logical_and, "logical_not": np.logical_not, "logical_or": np.logical_or,
    "maximum": np.maximum, "minimum": np.minimum, "sign": np.sign, "sin": np.sin,
    "sinh": np.sinh, "sqrt": np.sqrt, "tan": np.tan, "tanh": np.tanh, "timestep": _timestep,
    "where": np.where,
}  # fmt: skip

_ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Name, ast.Load,
    ast.Constant, ast.operator, ast.unaryop, ast.cmpop, ast.IfExp,
)  # fmt: skip


def names_in(formula: str) -> tuple[str, ...]:
    """Names of variables and functions in a formula, in order, without repetition."""
    found = [n for n in ast.walk(_tree(formula)) if isinstance(n, ast.Name)]
    found.sort(key=lambda n: (n.lineno, n.col_offset))
    return tuple(dict.fromkeys(n.id for n in found))


def check_formula(formula: str, known: set[str], who: str) -> None:
    """Raise `TermError` for an invalid formula or a name that is not in ``known``."""
    for node in ast.walk(_tree(formula)):
        if not isinstance(node, _ALLOWED):
            raise TermError(f"The formula {formula!r} of {who} holds a {type(node).__name__}.")
    unknown = sorted(set(names_in(formula)) - known - set(FUNCTIONS))
    if unknown:
        raise TermError(
            f"The formula {formula!r} of {who} uses {unknown[0]!r}; it may use "
            f"{', '.join(sorted(known))} and NumPy's functions."
        )


def evaluate_formula(formula: str, scope: dict[str, Any]) -> Any:
    """Evaluate a checked formula."""
    with np.errstate(all="ignore"):
        return eval(_compiled(formula), {"__builtins__": {}}, {**FUNCTIONS, **scope})


def renamed(formula: str, names: dict[str, str]) -> str:
    """Rename variables of a formula."""
    changed = {a: b for a, b in names.items() if a != b}
    if not changed:
        return formula
    tree = ast.parse(formula.strip(), mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = changed.get(node.id, node.id)
    return ast.unparse(tree)


@lru_cache(maxsize=4096)
def _compiled(formula: str) -> CodeType:
    return compile(_tree(formula), "<formula>", "eval")


@lru_cache(maxsize=4096)
def _tree(formula: str) -> ast.Expression:
    try:
        return ast.parse(formula.strip(), mode="eval")
    except SyntaxError as error:
        raise TermError(f"{formula!r} is no formula: {error.msg}.") from None
