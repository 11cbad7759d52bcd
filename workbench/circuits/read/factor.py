"""Constant factors of the synaptic input in the target's equations, such as J in ``J*from_e``.

If the sum over synapses is a target variable, part of the weight may be such a factor; the
effective weight is its product with the weight of the synapses.
"""

from __future__ import annotations

import ast
import logging
from typing import Any

import numpy as np

from ...errors import ParameterError
from ...model.units import brian_unit
from .effect import increments
from .group_values import GroupState, whole

_log = logging.getLogger(__name__)


def factor(synapses: Any) -> tuple[str, float, Any] | None:
    """``(name, value in SI units, dimensions)`` of the constant; None if there is none.

    The dimensions are those of the constant times the units beside it: of Hz in ``J*rates*Hz``.

    It multiplies the input of one projection only, and has the same value for all neurons.
    """
    summed = {n.removesuffix("_post") for n in getattr(synapses, "summed_updaters", ())}
    summed |= {getattr(synapses, "dense_into", None)} - {None}
    found = {name for name, _ in increments(synapses)}
    if len(found) != 1 or not found <= summed:
        return None
    try:
        return _constant(synapses.target, found.pop())
    except Exception:  # a diagram must never stop a simulation
        _log.debug("the factor of %s cannot be read", synapses.name, exc_info=True)
        return None


def _constant(group: Any, variable: str) -> tuple[str, float, Any] | None:
    from brian2.units.fundamentalunits import DIMENSIONLESS

    group = whole(group)
    trees = [
        ast.parse(str(e.expr).replace("\n", " ").strip(), mode="eval")
        for e in group.equations.values() if e.expr is not None
    ]  # fmt: skip
    names = [n.id for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Name)]
    if names.count(variable) != 1:
        return None
    tree = next(t for t in trees if any(_is(n, variable) for n in ast.walk(t)))
    found: list[tuple[str, Any]] = []
    unit: Any = DIMENSIONLESS
    for f in _factors(tree, variable):
        if not isinstance(f, ast.Name):
            return None
        known = group.variables.get(f.id)
        if known is None and _is_si_unit(f.id):
            unit = unit * getattr(brian_unit(f.id), "dim", DIMENSIONLESS)
            continue  # Hz, with which a number of Hz becomes a rate
        if known is None or not hasattr(known, "get_value") or known.read_only:
            return None  # a function of the state, or mV: not a constant weight
        values = np.atleast_1d(np.asarray(known.get_value(), dtype=float))
        if f.id in group.equations.diff_eq_names or np.ptp(values) > 0:
            return None
        found.append((f.id, known.dim))
    if len(found) != 1 or names.count(found[0][0]) != 1:
        return None
    name, dim = found[0]
    return name, float(GroupState(group).evaluate(name)), dim * unit


def _is_si_unit(name: str) -> bool:
    """Whether a name of an equation is a unit by which no number changes."""
    try:
        return float(brian_unit(name)) == 1
    except ParameterError:
        return False


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _factors(tree: ast.AST, variable: str) -> list[ast.expr]:
    """Factors of a product that contains a variable."""
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    at = next(n for n in ast.walk(tree) if _is(n, variable))
    found: list[ast.expr] = []
    while at in above:
        up = above[at]
        if isinstance(up, ast.BinOp) and isinstance(up.op, ast.Mult):
            found.append(up.right if at is up.left else up.left)
        elif not (isinstance(up, ast.UnaryOp) and isinstance(up.op, ast.USub)):
            break
        at = up
    return found
