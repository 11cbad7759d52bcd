"""Resolve the names in Brian2's code, and convert its statements to NumPy syntax."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from workbench.brian import internals

from ..term.arrays import TermError
from ..term.formula import FUNCTIONS, names_in, renamed
from ..term.program import Product, Ref, Statement

_RANDOM = ("rand", "randn", "poisson")
_OPERATORS: dict[type, str] = {ast.Add: "+=", ast.Sub: "-=", ast.Mult: "*=", ast.Div: "/="}


class Names:
    """Looks up variables of a network and collects their values.

    values    : filled with key -> array or function
    namespace : names that the network leaves to ``run(namespace=...)``
    """

    def __init__(self, values: dict[str, Any], namespace: Mapping[str, Any]):
        self.values = values
        self.namespace = dict(namespace)

    def key(self, variable: Any) -> str:
        """Key of an array variable."""
        owner = getattr(variable.owner, "name", "")
        key = f"{owner}.{variable.name}"
        if key not in self.values:
            self.values[key] = np.array(variable.get_value()).reshape(-1)
        return key

    def scope(self, group: Any, extra: Any, runner: str) -> Scope:
        """Scope of names in the code of one object of the network."""
        return Scope(self, group, extra, runner)


class Scope:
    """Converts lines of Brian2's abstract code to `Statement`s.

    draws     : (name in the formulas, name of the random function, index of the call)
    constants : names -> numbers;  functions: names -> keys of the values
    products  : names -> matrix products, for functions that are one
    """

    def __init__(self, names: Names, group: Any, extra: Any, runner: str):
        self.names, self.group, self.extra, self.runner = names, group, extra, runner
        self.draws: list[tuple[str, str, int]] = []
        self.constants: dict[str, float] = {}
        self.functions: dict[str, str] = {}
        self.products: dict[str, Product] = {}
        self.temporary: set[str] = set()

    def statement(self, line: ast.stmt, override: bool) -> list[Statement]:
        """Convert one line of code; its subexpressions become separate lines before it.

        override : write even to refractory neurons
        """
        if isinstance(line, ast.Expr | ast.Pass):
            return []
        if isinstance(line, ast.AugAssign):
            name, operator = _name(line.target), _OPERATORS.get(type(line.op), "")
        elif isinstance(line, ast.Assign):
            name, operator = _name(line.targets[0]), "="
        else:
            operator = ""
        if not operator:
            raise TermError(f"{self.runner}: the statement {ast.unparse(line)!r} is not known.")
        value = line.value  # type: ignore[attr-defined]
        before: list[Statement] = []
        formula, refs = self._formula(value, self.group, self.extra, (), before)
        variable = self._variable(name, self.group, self.extra)
        if variable is None or type(variable).__name__ == "AuxiliaryVariable":
            self.temporary.add(name)
            return [*before, Statement(name, operator, formula, refs)]  # type: ignore[arg-type]
        ref = self._ref(name, variable, self.group, self.extra, ())
        only = None
        condition = getattr(variable, "conditional_write", None)
        if condition is not None and not override:
            only = Ref(self.names.key(condition), ref.index)
        return [*before, Statement(name, operator, formula, refs, ref, only)]  # type: ignore[arg-type]

    def _formula(
        self,
        tree: ast.expr,
        group: Any,
        extra: Any,
        index: tuple[str, ...],
        before: list[Statement],
    ) -> tuple[str, tuple[tuple[str, Ref], ...]]:
        tree = _Draws(self, group, extra).visit(tree)
        text = internals.numpy_source(ast.unparse(tree))
        refs: list[tuple[str, Ref]] = []
        changed: dict[str, str] = {}
        for name in names_in(text):
            if (name in self.temporary and not index) or name.startswith("_drawn_"):
                continue
            if name in ("t", "dt", "t_in_timesteps") and self._is_clock(name, group, extra):
                continue
            variable = self._variable(name, group, extra)
            kind = type(variable).__name__
            if kind == "Subexpression":
                local = self._subexpression(name, variable, group, extra, index, before)
                changed[name] = local
            elif hasattr(variable, "get_value") and kind != "Constant":
                local = name if not index else "_".join(("", variable.owner.name, name))
                changed[name] = local
                refs.append((local, self._ref(name, variable, group, extra, index)))
            else:
                self._outside(name, variable, group)
        return renamed(text, changed), tuple(refs)

    def _subexpression(
        self, name: str, variable: Any, group: Any, extra: Any, index: tuple[str, ...],
        before: list[Statement],
    ) -> str:  # fmt: skip
        """Assign a subexpression to a temporary name, and return that name."""
        owner = variable.owner if variable.owner is not None else group
        mine = self._index(name, group, extra)
        elsewhere = owner.name != group.name
        inner = (*mine, *index) if elsewhere else index
        local = "_".join(("_sub", owner.name, name, *(k.replace(".", "_") for k in inner)))
        local = "".join(c if c.isalnum() or c == "_" else "_" for c in local)
        tree = ast.parse(variable.expr.replace("\n", " ").strip(), mode="eval").body
        own_extra = None if elsewhere else extra
        formula, refs = self._formula(tree, owner, own_extra, inner, before)
        before.append(Statement(local, "=", formula, refs))
        return local

    def _variable(self, name: str, group: Any, extra: Any) -> Any:
        if extra is not None and name in extra:
            return extra[name]
        return group.variables.get(name)

    def _is_clock(self, name: str, group: Any, extra: Any) -> bool:
        from brian2 import Clock

        return isinstance(getattr(self._variable(name, group, extra), "owner", None), Clock)

    def _index(self, name: str, group: Any, extra: Any) -> tuple[str, ...]:
        variables = extra if extra is not None and name in extra else group.variables
        index = variables.indices[name]
        if index in ("_idx", "0"):
            return ()
        table = self._variable(index, group, extra)
        return (self.names.key(table),)

    def _ref(self, name: str, variable: Any, group: Any, extra: Any, index: tuple[str, ...]) -> Ref:
        if variable.scalar:
            return Ref(self.names.key(variable), scalar=True)
        return Ref(self.names.key(variable), (*self._index(name, group, extra), *index))

    def _outside(self, name: str, variable: Any, group: Any) -> None:
        """Resolve a constant or function that is not an array of the network."""
        from brian2.core.functions import Function

        if variable is None:
            if name in FUNCTIONS:
                return
            variable = internals.resolve_external(group, name, self.names.namespace)
        if isinstance(variable, Function):
            if hasattr(variable, "dense"):
                weight, factors, start, shape = variable.dense
                keys = tuple(self.names.key(v) for v in factors)
                self.products[name] = Product(self.names.key(weight), keys, start, shape)
            elif name not in FUNCTIONS:
                key = f"function {name} of {group.name}"
                self.names.values[key] = internals.numpy_function(variable, group)
                self.functions[name] = key
        else:
            value = variable.get_value() if hasattr(variable, "get_value") else variable
            self.constants[name] = np.asarray(value, float).reshape(-1)[0].item()

    def drawn(self, function: str) -> str:
        """Return a name for the random numbers of one call of a random function."""
        number = sum(f == function for _, f, _ in self.draws)
        name = f"_drawn_{function}_{number}"
        self.draws.append((name, function, number))
        return name


class _Draws(ast.NodeTransformer):
    """Replaces every call of a random function by a name."""

    def __init__(self, scope: Scope, group: Any, extra: Any):
        self.scope, self.group, self.extra = scope, group, extra

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        own = self.scope._variable(name, self.group, self.extra)
        kind = type(own if own is not None else (self.group.namespace or {}).get(name)).__name__
        if name in _RANDOM or kind in ("BinomialFunction", "PoissonFunction"):
            return ast.Name(self.scope.drawn(name), ast.Load())
        return self.generic_visit(node)


def _name(target: ast.expr) -> str:
    if not isinstance(target, ast.Name):
        raise TermError(f"{ast.unparse(target)!r} cannot be assigned to.")
    return target.id
