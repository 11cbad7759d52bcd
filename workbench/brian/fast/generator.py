"""Generates what the templates of the fast device need beside Brian2's scalar and vector code."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from brian2.codegen.generators.cpp_generator import CPPCodeGenerator
from brian2.codegen.statements import Statement
from brian2.core.functions import Function
from brian2.core.variables import ArrayVariable, Variable
from brian2.utils.stringtools import get_identifiers, stripped_deindented_lines

FLAG = "not_refractory"
BLOCK = 128  # neurons that the thresholder compares at once
_EXP = re.compile(r"\bexp\(")


class Unsuitable(Exception):
    """This code is for Brian2's own template; the message says why."""


class FastGenerator(CPPCodeGenerator):
    """Adds keywords for the templates of this package; raises `Unsuitable` where they cannot be."""

    def translate_statement_sequence(
        self, sc_statements: Mapping[Any, Any], ve_statements: Mapping[Any, Any]
    ) -> tuple[Any, Any, dict[str, Any]]:
        scalar, vector, keywords = super().translate_statement_sequence(
            sc_statements, ve_statements
        )
        if self.template_name == "threshold":
            keywords.update(self._threshold(ve_statements[None]))
        elif self.template_name == "stateupdate":
            keywords.update(self._stateupdate(sc_statements[None], ve_statements[None]))
        elif self.template_name == "synapses":
            keywords["one_source"] = {
                here: self._of_one_source(ve_statements[None], f"_{here}synaptic_idx")
                for here in ("pre", "post")
            }
        return self._with_kept_exp(scalar), vector, keywords

    @staticmethod
    def _with_kept_exp(scalar: Mapping[Any, list[str]]) -> dict[Any, list[str]]:
        """What is calculated once for all neurons, where parameters seldom change."""
        return {
            block: [_EXP.sub("WORKBENCH_EXP_AS_BEFORE(", line) for line in lines]
            for block, lines in scalar.items()
        }

    def _threshold(self, statements: list[Statement]) -> dict[str, Any]:
        self._need_pure(statements)
        wide = np.int64 if self._has_double(statements) else np.int32
        widened = []
        for each in statements:
            if each.var == "_cond":  # as wide as what is compared: so the loop vectorises
                each = _copied(each, dtype=wide)
            widened.append(each)
        return {
            "mask_code": self._code(widened),
            "mask_type": self.c_data_type(wide),
            "block_size": BLOCK,
        }

    def _stateupdate(self, scalar: list[Statement], statements: list[Statement]) -> dict[str, Any]:
        tests = [s for s in statements if s.var == FLAG]
        if len(tests) > 1:
            raise Unsuitable("the refractory flag is set more than once")
        limit = self._limit(tests[0], scalar) if tests else ""
        self._need_pure(statements)
        rest = [s for s in statements if s not in tests]
        if tests and any(FLAG in get_identifiers(s.expr) for s in scalar):
            raise Unsuitable("the refractory flag is read before it is tested")
        read, write, _, guarded = self.arrays_helper(rest)
        for name in write:
            if self.variables[name].scalar or self.variable_indices[name] != "_idx":
                raise Unsuitable(f"it writes {name!r}, which is not one value a neuron")
        # What one neuron writes, no other one reads: they may be stepped in any order.
        own = {self.get_array_name(self.variables[name]) for name in write}
        independent = all(
            self.variable_indices[name] == "_idx"
            or self.variables[name].scalar
            or self.get_array_name(self.variables[name]) not in own
            for name in read
        )
        decided = sorted(write & self._decided(rest, guarded)) if tests else []
        if decided and not independent:
            raise Unsuitable("some neurons read what others write, and some are refractory")
        return {
            "limit": self.translate_expression(limit) if limit else "",
            "last_spikes": self.get_array_name(self.variables["lastspike"]) if tests else "",
            "independent": independent,
            "test_code": self._code(tests, keep_flag=True),
            "free_code": self._code(rest),
            "decided_code": self._code(rest, store=False),
            "decided": [
                (self.c_data_type(v.dtype), self.get_array_name(v), name)
                for name, v in ((name, self.variables[name]) for name in decided)
            ],
        }

    def _decided(self, statements: list[Statement], guarded: Mapping[str, str]) -> set[str]:
        """Names of all whose value depends on the refractory flag, directly or through others."""
        found = {FLAG} | {name for name, flag in guarded.items() if flag == FLAG}
        for each in statements:
            used = {*get_identifiers(each.expr), *(each.used_boolean_variables or ())}
            if each.inplace:
                used.add(each.var)
            if used & found:
                found.add(each.var)
        return found

    def _limit(self, test: Statement, scalar: Iterable[Statement]) -> str:
        """Steps of the refractory period, an expression that is the same for all neurons."""
        different = Unsuitable("not every neuron has the same refractory period")
        tree = ast.parse(test.expr, mode="eval").body
        if not (
            isinstance(tree, ast.Compare)
            and isinstance(tree.ops[0], ast.GtE)
            and ast.unparse(tree.left) == "timestep(t - lastspike, dt)"
        ):
            raise different
        limit = ast.unparse(tree.comparators[0])
        once = {s.var for s in scalar}
        for name in get_identifiers(limit):
            variable = self.variables.get(name)
            if name in once or name == "timestep" or getattr(variable, "scalar", False):
                continue
            raise different
        return limit

    def _of_one_source(self, statements: list[Statement], index: str) -> dict[str, Any]:
        """Code for synapses of one neuron, whose index is known: before, for each, and after.

        Of that neuron each value is read and written once, if nothing else may be the same number.
        """
        read, write, indices, guarded = self.arrays_helper(statements)
        read = {n for n in read if n in write or not self.variables[n].scalar}
        arrays = {n: self.get_array_name(self.variables[n]) for n in read | write}
        names_of = Counter(arrays.values())
        once = {n for n in read if self.variable_indices[n] == index and names_of[arrays[n]] == 1}
        others = {
            n: (self.get_array_name(self.variables[n]), self.variable_indices[n])
            for n in sorted(indices - {index})
        }
        listed = [array for array, place in others.values() if place == "_idx"]
        parts = {
            "before": self.translate_to_read_arrays(once, write, set()),
            "each": [
                *self.translate_to_read_arrays(read - once, write, set()),
                *self.translate_to_declarations(read, write, indices),
                *self.translate_to_statements(statements, guarded),
                *self.translate_to_write_arrays(write - once),
            ],
            "after": self.translate_to_write_arrays(write & once),
        }
        code = {key: stripped_deindented_lines("\n".join(lines)) for key, lines in parts.items()}
        # The index of the neuron on the other side, if it is the only one that a synapse has.
        return {
            **code,
            "others": others,
            "scattered": sorted(
                {arrays[n] for n in read | write if self.variable_indices[n] == "_idx"}
            ),
            "listed": listed[0] if len(others) == len(listed) == 1 else "",
        }

    def _need_pure(self, statements: Iterable[Statement]) -> None:
        for each in statements:
            for name in get_identifiers(each.expr):
                variable = self.variables.get(name)
                if isinstance(variable, Function) and (
                    not variable.stateless or variable.auto_vectorise
                ):
                    raise Unsuitable(f"it calls {name}(), of which every call counts")

    def _has_double(self, statements: Iterable[Statement]) -> bool:
        read: set[Variable] = {
            self.variables[n] for s in statements for n in get_identifiers(s.expr)
            if isinstance(self.variables.get(n), ArrayVariable)
        }  # fmt: skip
        return any(np.dtype(v.dtype) == np.float64 for v in read)

    def _code(
        self, statements: list[Statement], keep_flag: bool = False, store: bool = True
    ) -> list[str]:
        """Vector code; the flag is a constant that the template sets, unless it is kept.

        store : write what was calculated into the arrays
        """
        read, write, indices, guarded = self.arrays_helper(statements)
        read = {n for n in read if n in write or not self.variables[n].scalar}
        if not keep_flag:
            read.discard(FLAG)
        lines = [
            *self.translate_to_read_arrays(read, write, indices),
            *self.translate_to_declarations(read, write, indices),
            *self.translate_to_statements(statements, guarded),
            *(self.translate_to_write_arrays(write) if store else ()),
        ]
        return stripped_deindented_lines("\n".join(lines))


def _copied(statement: Statement, **changes: Any) -> Statement:
    copied = Statement.__new__(Statement)
    copied.__dict__.update(statement.__dict__, **changes)
    return copied
