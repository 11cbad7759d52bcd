"""Operators: the leaves of a diagram, one glyph each. Plain data that refers to values by name.

An operator takes arrays whose leading dimensions are broadcast and whose trailing dimensions are
the axes that it declares. Weights and constants are looked up in ``values`` at evaluation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .arrays import Array, Axis, TermError
from .formula import check_formula, evaluate_formula

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Sparse:
    """A matrix in coordinate format: ``w[k]`` connects ``i[k]`` to ``j[k]``; duplicates are summed.

    shape : flattened sizes of the source axes and of the target axes
    """

    i: np.ndarray
    j: np.ndarray
    w: np.ndarray
    shape: tuple[int, int]

    def apply(self, x: np.ndarray) -> np.ndarray:
        """(..., shape[0]) -> (..., shape[1]), summing in the order of the entries."""
        flat = np.asarray(x).reshape(-1, self.shape[0])
        out = np.zeros((len(flat), self.shape[1]))
        w = np.broadcast_to(np.asarray(self.w, dtype=float), self.i.shape)
        for k, row in enumerate(flat):
            active = np.flatnonzero(row[self.i])
            weights = w[active] * row[self.i[active]]
            out[k] = np.bincount(self.j[active], weights=weights, minlength=self.shape[1])
        return out.reshape(*np.shape(x)[:-1], self.shape[1])


@dataclass(frozen=True)
class Operator:
    """Base class of all operators.

    name    : TeX of the letter or word in the glyph
    inputs  : input arrays without broadcast axes;  outputs : the same for output arrays
    learned : has parameters that were trained or that change during the run; drawn bold
    title   : the name in words, as an alternative to the image
    """

    name: str = ""
    inputs: tuple[Array, ...] = ()
    outputs: tuple[Array, ...] = ()
    learned: bool = False
    title: str = ""

    glyph: ClassVar[str] = "box"
    linear: ClassVar[bool] = False
    # An axis along which it cannot be split; it then runs step by step.
    along: ClassVar[Axis | None] = None

    def apply(self, arrays: list[np.ndarray], values: Values) -> list[np.ndarray]:
        raise NotImplementedError

    @property
    def words(self) -> str:
        return self.title or self.name


@dataclass(frozen=True)
class Linear(Operator):
    """Linear map; ``weight`` is a key of the values: `Sparse`, or dense (in axes, out axes)."""

    weight: str = ""
    sign: str = ""  # "excitatory" or "inhibitory" if known

    glyph: ClassVar[str] = "plate"
    linear: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if len(self.inputs) != 1 or len(self.outputs) != 1:
            raise TermError(f"The linear map {self.words} takes one array and gives one.")

    def apply(self, arrays: list[np.ndarray], values: Values) -> list[np.ndarray]:
        n_in, n_out = len(self.inputs[0].axes), len(self.outputs[0].axes)
        x = np.asarray(arrays[0])
        lead = x.shape[: x.ndim - n_in]
        w = lookup(values, self.weight, self.words)
        if isinstance(w, Sparse):
            y = w.apply(x.reshape(*lead, -1))
            return [y.reshape(*lead, *(a.size or -1 for a in self.outputs[0].axes))]
        shape = [a.size for a in (*self.inputs[0].axes, *self.outputs[0].axes)]
        if list(np.shape(w)) != shape:
            raise TermError(f"The weight {self.weight} has the shape {np.shape(w)}, not {shape}.")
        y = np.tensordot(x.astype(float), w, axes=(range(x.ndim - n_in, x.ndim), range(n_in)))
        return [y.reshape(*lead, *shape[len(shape) - n_out :])]


@dataclass(frozen=True)
class Elementwise(Operator):
    """A function of single numbers: a formula in ``x`` (or ``x0``, ``x1``, ...).

    constants : further names in the formula -> keys of the values
    """

    formula: str = "x"
    constants: tuple[tuple[str, str], ...] = ()

    glyph: ClassVar[str] = "elementwise"

    def __post_init__(self) -> None:
        if any(a.axes for a in (*self.inputs, *self.outputs)) or len(self.outputs) != 1:
            raise TermError(f"{self.words} is elementwise: it takes and gives single numbers.")
        check_formula(self.formula, {*self._names(), *(n for n, _ in self.constants)}, self.words)

    def _names(self) -> list[str]:
        return ["x"] if len(self.inputs) == 1 else [f"x{k}" for k in range(len(self.inputs))]

    def apply(self, arrays: list[np.ndarray], values: Values) -> list[np.ndarray]:
        scope = dict(zip(self._names(), arrays, strict=True))
        scope |= {n: lookup(values, key, self.words) for n, key in self.constants}
        y = np.asarray(evaluate_formula(self.formula, scope))
        shape = np.broadcast_shapes(y.shape, *(np.shape(a) for a in arrays))
        return [np.broadcast_to(y, shape)]


@dataclass(frozen=True)
class Add(Operator):
    """Sum of arrays of one shape, drawn as wires that meet at a plus."""

    glyph: ClassVar[str] = "add"
    linear: ClassVar[bool] = True

    def apply(self, arrays: list[np.ndarray], values: Values) -> list[np.ndarray]:
        total = np.asarray(arrays[0], dtype=float)
        for a in arrays[1:]:
            total = total + a
        return [total]


@dataclass(frozen=True)
class Read(Operator):
    """Identity operator for a re-indexing that several operators share."""

    glyph: ClassVar[str] = "read"

    def apply(self, arrays: list[np.ndarray], values: Values) -> list[np.ndarray]:
        return [np.asarray(arrays[0])]


@dataclass(frozen=True)
class SoftMax(Operator):
    """Softmax: exponentials normalised to a sum of one over its axes."""

    glyph: ClassVar[str] = "softmax"

    def apply(self, arrays: list[np.ndarray], values: Values) -> list[np.ndarray]:
        axes = tuple(range(-len(self.inputs[0].axes), 0))
        e = np.exp(arrays[0] - np.max(arrays[0], axis=axes, keepdims=True))
        return [e / e.sum(axis=axes, keepdims=True)]


@dataclass(frozen=True)
class Normalise(Operator):
    """Divisive normalisation, such as ``x / (sigma^n + mean(x^n))``.

    formula : in ``x`` and ``pool``, the mean of ``pooled`` over its axes
    """

    formula: str = "x/pool"
    pooled: str = "x"
    constants: tuple[tuple[str, str], ...] = ()

    glyph: ClassVar[str] = "circle"

    def __post_init__(self) -> None:
        known = {"x", *(n for n, _ in self.constants)}
        check_formula(self.pooled, known, self.words)
        check_formula(self.formula, known | {"pool"}, self.words)

    def apply(self, arrays: list[np.ndarray], values: Values) -> list[np.ndarray]:
        axes = tuple(range(-len(self.inputs[0].axes), 0))
        scope = {"x": arrays[0]} | {n: lookup(values, k, self.words) for n, k in self.constants}
        pool = np.mean(evaluate_formula(self.pooled, scope), axis=axes, keepdims=True)
        return [evaluate_formula(self.formula, {**scope, "pool": pool})]


@dataclass(frozen=True)
class Constant(Operator):
    """Source of a constant array; ``value`` is its key in the values."""

    value: str = ""

    glyph: ClassVar[str] = "source"

    def __post_init__(self) -> None:
        if self.inputs or len(self.outputs) != 1:
            raise TermError(f"The constant {self.words} takes nothing and gives one array.")

    def apply(self, arrays: list[np.ndarray], values: Values) -> list[np.ndarray]:
        return [np.asarray(lookup(values, self.value, self.words))]


@dataclass(frozen=True)
class Sink(Operator):
    """End of a wire, recorded under ``name``."""

    glyph: ClassVar[str] = "sink"

    def apply(self, arrays: list[np.ndarray], values: Values) -> list[np.ndarray]:
        return []


def lookup(values: Values, key: str, who: str) -> Any:
    """Look up a named value; raises TermError if it is missing."""
    if key not in values:
        raise TermError(f"{who} needs the value {key!r}: pass it in values= when evaluating.")
    return values[key]
