"""Projections without spikes that are linear maps of source variables."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..term.formula import FUNCTIONS, evaluate_formula, names_in
from ..term.operators import Sparse
from .actions import Actions, Step


@dataclass(frozen=True)
class Map:
    """``target = weight @ formula(inputs)``.

    inputs : name in the formula -> key;  ``constants``: the same for constant arrays
    start  : first source element that takes part;  ``size``: number of elements
    """

    inputs: tuple[tuple[str, str], ...]
    constants: tuple[tuple[str, Any], ...]
    formula: str
    weight: Any
    target: str
    start: int
    size: int

    @property
    def plain(self) -> bool:
        """True if the map is applied to the source variable itself."""
        return len(self.inputs) == 1 and self.formula == self.inputs[0][0]


def map_of(step: Step, actions: Actions, written: set[str]) -> Map | None:
    """Return the linear map equivalent to a step, or None.

    written : keys that are written anywhere in the network
    """
    a = step.action
    if a.every != 1 or a.draws or a.functions or step.pathway is not None:
        return None
    late_target = a.late and any(
        not other.action.late and (step.writes & other.reads) for other in actions.steps
    )
    if late_target:  # in the first step, the previous value would still count
        return None
    if a.kind == "all" and len(a.products) == 1 and len(a.statements) == 1:
        return _product(step, actions, written)
    if a.kind == "sum" and not a.products:
        return _sum(step, actions, written)
    return None


def _product(step: Step, actions: Actions, written: set[str]) -> Map | None:
    """Matrix-vector product, see `workbench.brian.dense`."""
    (s,) = step.action.statements
    ((name, product),) = step.action.products
    whole = s.ref is not None and not s.ref.index and s.only is None and s.operator == "="
    if not whole or s.ref is None or s.formula.replace(" ", "") != f"{name}(i)":
        return None
    changing = [k for k in product.factors if k in written]
    if product.weight in written or not changing:
        return None
    if product.shape[0] != len(actions.values[s.ref.key]):
        return None
    names = {k: f"x{n}" for n, k in enumerate(dict.fromkeys(product.factors))}
    w = np.asarray(actions.values[product.weight], float).reshape(product.shape)
    constants = tuple(
        (names[k], actions.values[k][product.start : product.start + product.shape[1]])
        for k in names if k not in written
    )  # fmt: skip
    return Map(
        tuple((names[k], k) for k in names if k in written), constants,
        "*".join(names[k] for k in product.factors), np.ascontiguousarray(w.T), s.ref.key,
        product.start, product.shape[1],
    )  # fmt: skip


def _sum(step: Step, actions: Actions, written: set[str]) -> Map | None:
    """Sum over synapses of a weight times a function of source variables."""
    a = step.action
    owner = actions.objects[step.owner]
    pre, post = f"{step.owner}._synaptic_pre", f"{step.owner}._synaptic_post"
    if a.source != post or step.target in step.reads or pre not in actions.values:
        return None
    refs = {n: r for s in a.statements for n, r in s.refs}
    known = {n: r for n, r in refs.items() if r.key not in written}
    if any(refs[n].index != (pre,) for n in refs if n not in known):
        return None
    tree = _substituted(a.statements)
    outer: list[str] = []
    inner: list[str] = []
    constants = dict(a.constants)
    for sign, factor in _factors(tree):
        text = f"1/({ast.unparse(factor)})" if sign < 0 else f"({ast.unparse(factor)})"
        used = set(names_in(text)) - set(FUNCTIONS)
        if used & {"t", "t_in_timesteps"}:
            return None
        (inner if used & (refs.keys() - known.keys()) else outer).append(text)
    used = {n for text in inner for n in names_in(text)} - set(FUNCTIONS)
    changing = [n for n in refs if n in used and n not in known]
    fixed = [n for n in used if n in known]
    if not changing or any(not known[n].scalar and known[n].index != (pre,) for n in fixed):
        return None
    i, j = (np.asarray(actions.values[k]) for k in (pre, post))
    values = actions.values
    scope: dict[str, Any] = {**constants, "dt": a.dt}
    scope |= {n: _of_synapses(r, values) for n, r in known.items()}
    each = np.asarray(evaluate_formula("*".join(outer) or "1.0", scope), dtype=np.float64)
    w = np.broadcast_to(each, i.shape)
    source = owner.source
    start, size = int(getattr(source, "start", 0)), int(source.N)
    formula = "*".join(inner)
    if len(inner) == 1 and len(changing) == 1 and formula == f"({changing[0]})":
        formula = changing[0]
    elements: list[tuple[str, Any]] = []
    for n in sorted(used):
        if n in constants:
            elements.append((n, constants[n]))
        elif n == "dt":
            elements.append((n, a.dt))
        elif n in fixed:
            array = values[known[n].key]
            elements.append((n, array[0] if known[n].scalar else array[start : start + size]))
    shape = (size, len(values[step.target]))
    weight = Sparse(i - start, j, w, shape)
    inputs = tuple((n, refs[n].key) for n in changing)
    return Map(inputs, tuple(elements), formula, weight, step.target, start, size)


def _of_synapses(ref: Any, values: Mapping[str, Any]) -> Any:
    """Value of a name for each synapse."""
    array = values[ref.key]
    if ref.scalar:
        return array[0]
    place: Any = None
    for key in reversed(ref.index):
        place = values[key] if place is None else values[key][place]
    return array if place is None else array[place]


def _substituted(statements: tuple[Any, ...]) -> ast.expr:
    """The last formula, with temporary names replaced by their formulas."""
    known: dict[str, ast.expr] = {}

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return known.get(node.id, node)

    for s in statements:
        known[s.target] = Put().visit(ast.parse(s.formula, mode="eval").body)
    return known["_synaptic_var"]


def _factors(tree: ast.expr) -> list[tuple[int, ast.expr]]:
    """Factors of a product: (1, or -1 for a divisor; factor)."""
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult):
        return [*_factors(tree.left), *_factors(tree.right)]
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div):
        return [*_factors(tree.left), *((-sign, f) for sign, f in _factors(tree.right))]
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        return [(1, ast.Constant(-1.0)), *_factors(tree.operand)]
    return [(1, tree)]
