"""Evaluate the code of a projection, synapse by synapse."""

from __future__ import annotations

from typing import Any

import numpy as np

from .group_values import Values, identifiers


class SynapseState(Values):
    """Values of the variables in the code of a ``Synapses``, for a sample of synapses.

    literally : use present values; otherwise zeros that will be learned count as one, so that the
                sign of an effect is visible
    """

    def __init__(self, synapses, target, namespace, select, sample, literally=False):
        chosen = np.arange(len(synapses)) if select is None else np.asarray(select)
        step = max(1, -(-len(chosen) // sample))
        self.chosen = chosen[::step]
        super().__init__(
            {**target.namespace, **(namespace or {}), **(synapses.namespace or {})},
            max(1, len(self.chosen)),
        )
        self.synapses = synapses
        self.literally = literally
        self.target = target
        self.pre = np.asarray(synapses.variables["_synaptic_pre"].get_value())[self.chosen]
        self.post = np.asarray(synapses.variables["_synaptic_post"].get_value())[self.chosen]

    def evaluate(self, expression: str, **fixed: Any) -> np.ndarray:
        """(k,) value for each synapse of the sample."""
        self.unknown = {}
        value = np.asarray(super().evaluate(expression, **fixed), dtype=float)
        if self.unknown and np.any(value):
            # Reject the value if its sign depends on a name known only at the run.
            signs = {np.sign(np.median(value))}
            for _ in range(4):
                self.unknown = {}
                signs.add(np.sign(np.median(super().evaluate(expression, **fixed))))
            if len(signs) > 1:
                return np.empty(0)
        return np.broadcast_to(value, (self.size,)) if value.ndim == 0 else value

    def slope(self, expression: str, value: np.ndarray) -> np.ndarray:
        """(k,) change of an expression for a small increase of its presynaptic variables.

        value : present value of the expression; returned if it has no presynaptic variables
        """
        read = [n for n in self._read(expression) if n.endswith("_pre") and n != "N_pre"]
        if not read:
            return value
        fixed = {}
        for name in read:
            now = np.asarray(self._value(name, {}, frozenset()), dtype=float)
            fixed[name] = now + 1e-3 * np.maximum(np.abs(now).max(), 1e-3)
        return self.evaluate(expression, **fixed) - self.evaluate(expression)

    def _read(self, expression: str) -> list[str]:
        """Array variables that an expression depends on, with subexpressions expanded."""
        found: list[str] = []
        for name in identifiers(expression):
            variable = self.variable(name)
            if type(variable).__name__ == "Subexpression":
                inner = self._read(variable.expr)
                # A subexpression of the source names its own variables without a suffix.
                own = variable.owner is not None and variable.owner.name == self.synapses.name
                found += inner if own else [name]
            elif hasattr(variable, "get_value"):
                found.append(name)
        return found

    def variable(self, name: str) -> Any:
        return self.synapses.variables.get(name)

    def array(self, name: str, variable: Any) -> Any:
        own = getattr(variable.owner, "name", None) == self.synapses.name
        if name.removesuffix("_post") == self.target.membrane and not own:
            return self.target.probes[0]
        value = np.asarray(variable.get_value(), dtype=float)
        if own and not np.any(value) and not self.literally:
            return 1.0  # a weight not yet learned, or a trace at its initial value
        if name.endswith("_pre") and not np.any(value):
            return 1.0  # a rate source that is silent now
        if value.ndim == 0 or value.size == 1 or variable.scalar:
            return float(value.ravel()[0])
        if own and value.size == len(self.synapses):
            return value[self.chosen]
        return value[self.pre if name.endswith("_pre") else self.post]
