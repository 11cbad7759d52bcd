"""Dense projections in a script: a matrix product as a Python function that Brian2 calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

DEFINITION = '''

def row_sums(weights, shape, factors=(), first=0):
    """A function of a row i for Brian2: the sum over its synapses, of which there are all.

    Each weight is multiplied by the factors, variables of the source; without any, by itself.
    weights, factors : variables;  shape : target x source;  first : neuron of the source group
    """

    def sums(i):
        w = np.asarray(weights.get_value(), dtype=float).reshape(shape)
        if not factors:
            return np.einsum("ij,ij->i", w, w)[np.asarray(i, dtype=int)]
        x = 1.0
        for factor in factors:
            x = x * np.asarray(factor.get_value(), dtype=float)[first : first + shape[1]]
        return (w @ x)[np.asarray(i, dtype=int)]

    return b2.Function(
        sums, arg_units=[1], return_unit=1, arg_types=["integer"], return_type="float"
    )


functions = {}
'''


class RowSums:
    """The functions of dense projections that the code of a network uses.

    `take` notes one; `lines` are the statements that make them, after the synapses.
    variable : how the script calls an object
    """

    def __init__(self, variable: Callable[[Any], str]):
        self._variable = variable
        self._found: dict[str, Any] = {}

    def take(self, name: str, function: Any) -> bool:
        """Whether what code calls by this name is the function of a dense projection."""
        dense = getattr(function, "dense", None)
        if dense is not None:
            self._found[name] = dense
        return dense is not None

    @property
    def namespace(self) -> str:
        """The namespace of the run: not that of a group, which a monitor of it would refuse."""
        return "functions" if self._found else "{}"

    def lines(self) -> list[str]:
        made = [DEFINITION] if self._found else []
        for name, (weight, factors, first, shape) in self._found.items():
            arguments = [self._of(weight), repr(tuple(int(n) for n in shape))]
            if factors:
                arguments.append(f"[{', '.join(map(self._of, factors))}]")
            if first:
                arguments.append(str(first))
            made.append(f"functions[{name!r}] = row_sums({', '.join(arguments)})")
        return made

    def _of(self, variable: Any) -> str:
        return f"{self._variable(variable.owner)}.variables[{variable.name!r}]"
