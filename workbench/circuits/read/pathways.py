"""Pathways of a ``Synapses``: their effects on the target, and their delays.

Brian2 names them ``pre`` and ``post`` if the code is given as text; a dictionary provides other
names, as in ``on_pre={"fast": "v_post += w", "calcium": "c_post += 1"}``. Each has its own delays.
"""

from __future__ import annotations

import ast
import logging
from typing import Any

import numpy as np

from ...brian import internals
from ..rules import Param, Pathway
from . import weights as params
from .effect import SAMPLE, assignments, dynamic_variables, increments
from .group_values import GroupState, identifiers
from .synapse_values import SynapseState

_log = logging.getLogger(__name__)


def pathways(
    synapses: Any, namespace: dict[str, Any] | None = None, select: np.ndarray | None = None
) -> tuple[Pathway, ...]:
    """Return the pathways, presynaptic ones first, otherwise in the order of the model.

    select : (k,) int, indices of the synapses; None for all
    """
    return tuple(
        Pathway(
            name=name_of(p),
            prepost=p.prepost,
            code=str(p.code).strip(),
            event="" if p.event == "spike" else p.event,
            delay=params.delay(synapses, p, select),
            adds=_added(synapses, p, namespace, select) if p.prepost == "pre" else (),
        )
        for p in sorted(internals.pathways(synapses), key=lambda p: p.prepost != "pre")
    )


def name_of(pathway: Any) -> str:
    """Name in the model, without the prefix that Brian2 adds."""
    return pathway.name.removeprefix(f"{pathway.synapses.name}_")


def joint_delay(found: tuple[Pathway, ...]) -> Param | None:
    """Delay from a presynaptic spike to its effects: of the single pathway, or the range of all.

    None if there is no presynaptic pathway or no synapse.
    """
    given = [p.delay for p in found if p.prepost == "pre" and p.delay is not None]
    different = list(dict.fromkeys(given))
    if len(different) < 2:
        return different[0] if different else None
    low = min(d.low for d in different if d.low is not None)
    high = max(d.high for d in different if d.high is not None)
    return Param("distributed", None, "ms", None, low, high, variable="delay")


def _added(
    synapses: Any, pathway: Any, namespace: dict[str, Any] | None, select: np.ndarray | None
) -> tuple[tuple[str, Param], ...]:
    """Signed increments of target variables by one spike."""
    if internals.is_synapses(synapses.target):
        return ()  # it acts on synapses
    found = []
    for name, expression in increments(synapses, pathway):
        try:
            amount = _amount(synapses, name, expression, namespace, select)
        except Exception:  # a diagram must never stop a simulation
            _log.debug("what %s adds cannot be read", pathway.name, exc_info=True)
            amount = Param("function", text=_short(expression))
        found.append((name, amount))
    return tuple(found)


def _amount(
    synapses: Any, name: str, expression: str, namespace: Any, select: np.ndarray | None
) -> Param:
    """The value, the range of values, or the expression if the values change during a run."""
    text = _short(expression)
    target = GroupState(synapses.target, namespace)
    if not _fixed(synapses, expression):
        return Param("function", text=text)
    state = SynapseState(synapses, target, namespace, select, SAMPLE, literally=True)
    values = np.asarray(state.evaluate(expression), dtype=float)
    if not values.size or state.unknown or not np.all(np.isfinite(values)):
        return Param("function", text=text)
    scale, unit = params.in_unit(values, synapses.target.variables[name].dim)
    low, high = float(values.min()) / scale, float(values.max()) / scale
    mean = float(values.mean()) / scale
    form: Any = "constant" if np.isclose(low, high, rtol=1e-9, atol=0) else "distributed"
    return Param(form, mean, unit, float(values.std()) / scale, low, high, text=text)


def _fixed(synapses: Any, expression: str) -> bool:
    """True if an expression is constant as long as no parameter is changed."""
    changing = set(dynamic_variables(synapses))
    for p in internals.pathways(synapses):
        changing |= {n for n, _ in assignments(str(p.code))}
    for name in identifiers(expression):
        variable = synapses.variables.get(name)
        if name in changing or (variable is None and name in ("rand", "randn", "poisson")):
            return False
        if type(variable).__name__ == "Subexpression":
            if not _fixed(synapses, variable.expr):
                return False
        elif variable is not None and getattr(variable.owner, "name", "") != synapses.name:
            return False  # a state variable of a neuron, or time
    return True


def _short(expression: str) -> str:
    """Normalise an expression: no redundant parentheses, no spaces around ``*``."""
    return ast.unparse(ast.parse(expression.strip(), mode="eval")).replace(" * ", "*")
