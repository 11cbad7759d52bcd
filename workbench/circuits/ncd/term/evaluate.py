"""Evaluate terms with NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .apply import broadcast, einsum, rearrange
from .arrays import Array, Axis, TermError, uids
from .operators import Values
from .stepping import start
from .terms import Block, Broadcast, Compose, Einsum, Iterate, Par, Rearrange, Term

DTYPES = {"real": float, "bool": bool, "int": np.int64}


def evaluate(
    term: Term,
    inputs: Sequence[Any] = (),
    values: Values | None = None,
    sizes: Mapping[str, int] | None = None,
) -> tuple[np.ndarray, ...]:
    """Return the outputs of a term for given inputs.

    inputs : one array for each of ``term.domain``, with dimensions in the order of the axes
    values : weights and constants that the term refers to
    sizes  : axis uid -> length, for axes of unspecified size that no input has
    raises : TermError for inputs of the wrong number, shape or datatype, and for a missing value
    """
    known: dict[str, int] = dict(sizes or {})
    arrays = _checked(term.domain, inputs, known)
    return tuple(_whole(term, arrays, values or {}, known))


def _whole(term: Term, arrays: list[Any], values: Values, sizes: dict[str, int]) -> list[Any]:
    """Evaluate over whole arrays, including time."""
    if isinstance(term, Compose):
        for part in term.terms:
            arrays = _whole(part, arrays, values, sizes)
        return arrays
    if isinstance(term, Par):
        given: list[Any] = []
        for part in term.terms:
            n = len(part.domain)
            given += _whole(part, arrays[:n], values, sizes)
            arrays = arrays[n:]
        return given
    if isinstance(term, Rearrange):
        return rearrange(term, arrays)
    if isinstance(term, Block):
        for _ in range(term.repeat):
            arrays = _whole(term.body, arrays, values, sizes)
        return arrays
    if isinstance(term, Einsum):
        return [einsum(term, arrays, None)]
    if isinstance(term, Iterate):
        return _stepped(term, arrays, values, sizes, term.along)
    assert isinstance(term, Broadcast)
    if term.operator.along is not None:
        return _stepped(term, arrays, values, sizes, term.operator.along)
    return broadcast(term, arrays, values, sizes)


def _stepped(
    term: Term, arrays: list[Any], values: Values, sizes: dict[str, int], along: Axis
) -> list[Any]:
    """Evaluate step by step along one axis and stack the outputs."""
    length = _length(term.domain, arrays, sizes, along)
    stepper = start(term, values, sizes)
    place = [uids(a).index(along.uid) if along.uid in uids(a) else None for a in term.domain]
    made: list[list[Any]] = [[] for _ in term.codomain]
    for k in range(length):
        now = [
            a if p is None else np.take(a, k, axis=p) for a, p in zip(arrays, place, strict=True)
        ]
        for kept, new in zip(made, stepper.step(now), strict=True):
            kept.append(new)
    out = []
    for a, kept in zip(term.codomain, made, strict=True):
        axis = uids(a).index(along.uid)
        shape = tuple(x.size or 0 for x in a.axes if x.uid != along.uid)
        stacked = np.stack(kept) if kept else np.zeros((0, *shape), DTYPES[a.datatype])
        out.append(np.moveaxis(stacked, 0, axis).astype(DTYPES[a.datatype], copy=False))
    return out


def _checked(domain: tuple[Array, ...], inputs: Sequence[Any], sizes: dict[str, int]) -> list[Any]:
    if len(inputs) != len(domain):
        raise TermError(f"The term takes {len(domain)} arrays and was given {len(inputs)}.")
    arrays = []
    for k, (array, given) in enumerate(zip(domain, inputs, strict=True)):
        x = np.asarray(given)
        if array.datatype == "bool" and x.dtype != bool:
            raise TermError(f"Input {k + 1} must be of bool, as {array} says; it is {x.dtype}.")
        if x.ndim != len(array.axes):
            raise TermError(f"Input {k + 1} has {x.ndim} dimensions; {array} has other.")
        for axis, n in zip(array.axes, x.shape, strict=True):
            wanted = axis.size if axis.size is not None else sizes.setdefault(axis.uid, n)
            if n != wanted:
                raise TermError(
                    f"Input {k + 1} has the length {n} along {axis.uid}; it must be {wanted}."
                )
        arrays.append(x.astype(DTYPES[array.datatype], copy=False))
    return arrays


def _length(
    domain: tuple[Array, ...], arrays: list[Any], sizes: Mapping[str, int], along: Axis
) -> int:
    for array, x in zip(domain, arrays, strict=True):
        if along.uid in uids(array):
            return int(np.shape(x)[uids(array).index(along.uid)])
    length = along.size if along.size is not None else sizes.get(along.uid)
    if length is None:
        raise TermError(
            f"How long is the axis {along.uid}? No input has it: pass sizes={{{along.uid!r}: ...}}."
        )
    return length
