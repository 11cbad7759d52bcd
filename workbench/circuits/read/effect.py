"""Effect of a spike on its target: sign, weight and plasticity of a projection, read from the code.

Nothing is inferred from variable names. The code of a pathway determines the change of a target
variable; inserting it into the target's equations shows if dv/dt increases or decreases. This
holds for current-based and conductance-based synapses.
"""

from __future__ import annotations

import ast
import logging
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from ...brian import internals
from ...brian.dense import WEIGHT
from .group_values import GroupState, identifiers
from .synapse_values import SynapseState

_log = logging.getLogger(__name__)

Sign = Literal["excitatory", "inhibitory", "mixed", "unknown"]

SAMPLE = 20_000  # number of synapses examined, sufficient for the sign of a projection
MINORITY = 0.01  # share of weights of the other sign that is ignored
_WEIGHT_NAMES = ("w", "weight", "J", "g")
_NOT_WEIGHTS = ("lastupdate", "delay", "i", "j", "N", "t", "dt", "t_in_timesteps")


def projection_sign(
    synapses: Any, namespace: dict[str, Any] | None = None, select: np.ndarray | None = None
) -> Sign:
    """Determine if a spike increases or decreases dv/dt of the target, in the present state.

    namespace : values of names that the network leaves to ``run(namespace=...)``
    select    : (k,) int, indices of the synapses; None for all
    """
    target = synapses.target
    if not hasattr(target, "N") or internals.is_synapses(target):  # synapses onto synapses
        return "unknown"
    try:
        state = GroupState(target, namespace)
        found: set[str] = set()
        for rising in _rising(synapses, namespace, state, select):
            found |= rising
    except Exception:  # a diagram must never stop a simulation: unreadable signs are unknown
        _log.debug("the sign of %s cannot be read", synapses.name, exc_info=True)
        return "unknown"
    return _name(found)


def input_sign(poisson_input: Any, namespace: dict[str, Any] | None = None) -> Sign:
    """Sign of a ``PoissonInput``."""
    try:
        state = GroupState(internals.driven_by(poisson_input), namespace)
        weight = poisson_input.weight
        step = state.evaluate(weight) if isinstance(weight, str) else float(np.asarray(weight))
        return _name({state.effect(poisson_input.target_var, float(np.median(step)))} - {"none"})
    except Exception:
        _log.debug("the sign of %s cannot be read", poisson_input.name, exc_info=True)
        return "unknown"


def weight_variable(synapses: Any) -> str | None:
    """Synaptic variable that scales the effect of a spike on its target, or None."""
    candidates: list[str] = []
    for _, expression in increments(synapses):
        candidates += _own_names(synapses, expression)
    unique = list(dict.fromkeys(candidates))
    if not unique:
        return None

    def rank(name: str) -> tuple[int, int]:
        if name in _WEIGHT_NAMES:
            return (_WEIGHT_NAMES.index(name), 0)
        likely = name.lower().startswith(("w", "j", "g"))
        traces = set(dynamic_variables(synapses))
        return (10 if likely else 20 if name not in traces else 30, unique.index(name))

    return min(unique, key=rank)


def is_plastic(synapses: Any, others: Sequence[Any] = ()) -> bool:
    """True if the network changes the weight during the run.

    others : the other synapses of the network, some of which may target these
    """
    weight = weight_variable(synapses)
    if weight is None:
        return False
    if weight in dynamic_variables(synapses):
        return True
    codes = [p.code for p in internals.pathways(synapses)]
    codes += [
        o.abstract_code
        for o in synapses.contained_objects
        if type(o).__name__ == "CodeRunner" and isinstance(o.abstract_code, str)
    ]
    if any(name == weight for code in codes for name, _ in assignments(code)):
        return True
    # Synapses onto these call the weight "w_post", or "w" if they have no such variable.
    return any(
        name in (weight, f"{weight}_post") and name in o.variables
        and _owner(o.variables[name]) == synapses.name
        for o in others
        if getattr(o.target, "name", "") == synapses.name
        for p in internals.pathways(o)
        for name, _ in assignments(p.code)
    )  # fmt: skip


def assignments(code: str) -> list[tuple[str, str]]:
    """``(variable, change)`` for each statement of Brian2 code."""
    changes = []
    try:
        # Brian2's code has no blocks, so indentation has no meaning.
        body = ast.parse("\n".join(line.strip() for line in code.splitlines())).body
    except SyntaxError:
        return []
    for line in body:
        if isinstance(line, ast.AugAssign) and isinstance(line.target, ast.Name):
            name, value = line.target.id, ast.unparse(line.value)
            forms = {
                ast.Add: f"({value})",
                ast.Sub: f"-({value})",
                ast.Mult: f"{name}*(({value}) - 1)",
                ast.Div: f"{name}*(1/({value}) - 1)",
            }
            changes.append((name, forms.get(type(line.op), "0")))
        elif isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            name = line.targets[0].id
            changes.append((name, _added(name, line.value)))
    return changes


def _added(name: str, value: ast.expr) -> str:
    """Change of a variable by ``name = value``: ``-w`` for ``v = v - w``, for any v."""
    found: list[str] = []
    rest, sign = value, "+"
    while True:
        if isinstance(rest, ast.Name) and rest.id == name and sign == "+" and found:
            return " ".join(reversed(found)).removeprefix("+ ")
        if not (isinstance(rest, ast.BinOp) and isinstance(rest.op, ast.Add | ast.Sub)):
            return f"({ast.unparse(value)}) - {name}"
        found.append(f"{'+' if isinstance(rest.op, ast.Add) else '-'} ({ast.unparse(rest.right)})")
        rest = rest.left


def _rising(synapses, namespace, state, select):
    """For each statement that changes the target: the set of effects, "rise" and "fall"."""
    # Zeros of a matrix product may be learnt in either direction: they do not count as ones.
    literally = getattr(synapses, "dense_into", None) is not None
    values = SynapseState(synapses, state, namespace, select, SAMPLE, literally)
    summed = {n.removesuffix("_post") for n in getattr(synapses, "summed_updaters", ())}
    for name, expression in increments(synapses):
        change = values.evaluate(expression)
        if name in summed:
            change = values.slope(expression, change)
        change = change[np.isfinite(change) & (change != 0)]
        if not change.size:
            continue
        effects = set()
        for part in (change[change > 0], change[change < 0]):
            if part.size > MINORITY * change.size:
                effects.add(state.effect(name, float(np.median(part))))
        yield effects - {"none"}


def increments(synapses: Any, pathway: Any = None) -> list[tuple[str, str]]:
    """``(target variable, change)`` for every statement that runs at a presynaptic spike.

    A summed variable has no spikes: its change is its own expression.
    pathway : only the statements of this one; None for all, and for summed variables
    """
    found = []
    for p in internals.pathways(synapses):
        if p.prepost != "pre" or pathway not in (None, p):
            continue
        temporary: dict[str, str] = {}
        for name, change in assignments(p.code):
            for short, long in temporary.items():
                change = _substitute(change, short, long)
            if name not in synapses.variables:
                temporary[name] = change.removesuffix(f" - {name}")
            elif (post := _post_name(synapses, name)) is not None:
                found.append((post, change))
    if pathway is not None:
        return found
    for name in getattr(synapses, "summed_updaters", ()):
        post = _post_name(synapses, name)
        if post is not None:
            found.append((post, synapses.variables[f"_summed_{name}"].expr))
    into = getattr(synapses, "dense_into", None)  # summed as a matrix product, see dense.py
    if into is not None:
        found.append((into, WEIGHT))
    return found


def _post_name(synapses: Any, name: str) -> str | None:
    """Name in the target of the variable that synaptic code calls ``name``, or None."""
    variable = synapses.variables.get(name)
    if variable is None or name.endswith("_pre") or _owner(variable) == synapses.name:
        return None
    plain = name.removesuffix("_post")
    return plain if plain in synapses.target.variables else None


def _own_names(synapses: Any, expression: str) -> list[str]:
    """Synaptic variables in an expression, with subexpressions expanded."""
    names = []
    for name in identifiers(expression):
        variable = synapses.variables.get(name)
        if variable is None or _owner(variable) != synapses.name or name in _NOT_WEIGHTS:
            continue
        if type(variable).__name__ == "Subexpression":
            if name in synapses.equations:
                names += _own_names(synapses, variable.expr)
        elif hasattr(variable, "get_value") and not variable.read_only:
            names.append(name)
    return names


def dynamic_variables(synapses: Any) -> tuple[str, ...]:
    """Synaptic variables with a differential equation."""
    names = list(synapses.equations.diff_eq_names)
    if synapses.event_driven is not None:
        names += list(synapses.event_driven.diff_eq_names)
    return tuple(names)


def _owner(variable: Any) -> str | None:
    return getattr(getattr(variable, "owner", None), "name", None)


def _substitute(expression: str, name: str, value: str) -> str:
    class Replace(ast.NodeTransformer):
        def visit_Name(self, node):
            return ast.parse(f"({value})", mode="eval").body if node.id == name else node

    return ast.unparse(Replace().visit(ast.parse(expression, mode="eval")))


def _name(effects: set[str]) -> Sign:
    if effects == {"rise"}:
        return "excitatory"
    if effects == {"fall"}:
        return "inhibitory"
    return "mixed" if effects == {"rise", "fall"} else "unknown"
